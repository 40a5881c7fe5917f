"""The decision framework: no answer without evidence, and every way leads to an end."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workstation.catalog._walk import load_walk
from workstation.errors import PlanningError
from workstation.planning import Evidence, answer, back, begin, collecting, ending, question, walk_text

WORK = "For 4 months I will run local models and a small retrieval system."


def cite(kind="log", says="vram_used_percent 98 in weeks 9 to 11"):
    return Evidence(kind=kind, reference="2026-W48", says=says)


def go(*answers):
    walk = begin(WORK)
    for choice, kind in answers:
        walk = answer(walk, choice, cite(kind))
    return walk


@pytest.mark.parametrize(
    ("answers", "decision", "target"),
    [
        ([("yes", "inventory")], "keep", None),
        ([("no", "recording"), ("once", "log")], "keep", None),
        ([("no", "recording"), ("ram", "log"), ("yes", "worksheet")], "upgrade", "ram"),
        ([("no", "recording"), ("workload-scale", "log"), ("rare", "log")], "cloud", None),
        ([("no", "recording"), ("vram", "log"), ("no", "worksheet"), ("daily-local", "prices")], "hybrid", None),
        (
            [("no", "recording"), ("vram", "log"), ("no", "worksheet"), ("constant", "prices"), ("runs", "log")],
            "desktop",
            None,
        ),
        ([("no", "log"), ("operations", "log"), ("serves", "log"), ("yes", "log")], "server", None),
    ],
)
def test_the_framework_ends_in_each_decision(answers, decision, target):
    end = ending(go(*answers))

    assert (end.step.decision, end.step.target) == (decision, target)
    assert end.waits
    assert len(end.path) == len(answers)


def test_an_answer_without_evidence_does_not_count_and_says_how_to_get_it():
    walk = answer(begin(WORK), "no")

    assert question(walk).id == "teaches"
    assert "Collect it first (recording or log)" in collecting(walk)
    assert "ws.watch" in collecting(walk)


@pytest.mark.parametrize("evidence", [cite("inventory"), cite("recording", says="  ")])
def test_evidence_of_another_kind_or_without_words_carries_nothing(evidence):
    assert collecting(answer(begin(WORK), "no", evidence)) is not None


def test_evidence_that_does_not_exist_carries_nothing():
    assert collecting(answer(begin(WORK, available={"inventory"}), "no", cite("recording"))) is not None
    assert collecting(answer(begin(WORK, available={"recording"}), "no", cite("recording"))) is None


def test_an_answer_can_be_given_again_with_evidence():
    walk = answer(answer(begin(WORK), "no"), "no", cite("recording"))

    assert question(walk).id == "bottleneck"
    assert len(walk.answers) == 1


def test_going_back_takes_one_answer():
    assert question(back(go(("no", "recording")))).id == "teaches"
    assert question(back(begin(WORK))).id == "teaches"


def test_hardware_is_not_judged_without_work():
    with pytest.raises(PlanningError, match="3 to 6 months"):
        begin("  \n")


def test_an_unknown_answer_lists_those_there_are():
    with pytest.raises(PlanningError, match="Answers: yes, no"):
        answer(begin(WORK), "perhaps")
    with pytest.raises(PlanningError, match="come to its end"):
        answer(go(("yes", "inventory")), "yes")


def test_a_walk_reads_as_a_plain_list_at_every_place():
    open_text, missing_text = walk_text(begin(WORK)), walk_text(answer(begin(WORK), "no"))
    end_text = walk_text(go(("no", "recording"), ("ram", "log"), ("yes", "worksheet")))

    assert WORK in open_text
    assert "yes: " in open_text
    assert "Collect it first" in missing_text
    assert "Decision: upgrade ram" in end_text
    assert "What waits: " in end_text


def test_every_question_and_every_end_can_be_reached():
    walk = load_walk()
    reached, stack = set(), [next(iter(walk.questions))]
    while stack:
        current = stack.pop()
        reached.add(current)
        for choice in walk.questions[current].choices if current in walk.questions else ():
            following = choice.goes_to or choice.ends_in
            if following not in reached:
                stack.append(following)

    assert reached == {*walk.questions, *walk.ends}
    assert {end.decision for end in walk.ends.values()} == {"keep", "upgrade", "cloud", "desktop", "server", "hybrid"}


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 20), min_size=8, max_size=8))
def test_every_walk_comes_to_an_end(picks):
    walk = begin(WORK)
    for pick in picks:
        asked = question(walk)
        if asked is None:
            break
        choice = asked.choices[pick % len(asked.choices)]
        walk = answer(walk, choice.id, cite(choice.evidence[0]))

    assert ending(walk) is not None
