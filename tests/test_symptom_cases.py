"""The bank of cases and the draw: every learner gets every kind of case, as hard as anybody's, and always the same."""

import shutil
from collections import Counter
from pathlib import Path

import pytest

from workstation import catalog
from workstation.answers.draws import (
    DRAW_PROBLEMS,
    EXERCISE,
    SCHEMA,
    case_of,
    digest_of,
    document_of,
    draw_for,
    read_draw,
    settled,
)
from workstation.answers.model import Evidence, Problem
from workstation.catalog import load_catalog
from workstation.catalog._cases import load_cases, load_cases_from, slots
from workstation.errors import CatalogError

FOLDER = Path(catalog.__file__).parent
IDS = [f"learner-{number}" for number in range(2_000)]


@pytest.fixture(scope="module")
def drawn():
    """What two thousand learners draw."""
    return {learner: draw_for(learner) for learner in IDS}


def cases(draw):
    return [load_cases()[name] for name in draw.cases]


def test_the_bank_holds_at_least_24_cases_and_three_for_each_slot():
    assert len(load_cases()) >= 24
    assert min(map(len, slots(load_cases()).values())) >= 3
    assert len(slots(load_cases())) == 8


def test_every_draw_has_one_case_of_each_slot(drawn):
    wanted = set(slots(load_cases()))

    assert all({case.slot for case in cases(draw)} == wanted and len(draw.cases) == 8 for draw in drawn.values())


def test_every_draw_covers_every_row_of_the_symptom_table(drawn):
    rows = set(load_catalog().symptoms)

    assert [learner for learner, draw in drawn.items() if not rows <= {case.symptom for case in cases(draw)}] == []


def test_every_draw_holds_a_machine_that_is_short_of_nothing(drawn):
    assert all(any(case.is_quiet for case in cases(draw)) for draw in drawn.values())


def test_every_draw_holds_two_look_alikes_with_one_complaint_and_two_causes(drawn):
    for draw in drawn.values():
        alike = [case for case in cases(draw) if case.kind == "look-alike"]
        assert len(alike) == 2
        assert len({case.complaint for case in alike}) == 1
        assert not set(alike[0].accepts) & set(alike[1].accepts)


def test_every_draw_holds_at_least_three_recordings_to_read(drawn):
    assert min(sum(case.recording is not None for case in cases(draw)) for draw in drawn.values()) >= 3


def test_no_draw_is_harder_than_another(drawn):
    assert len({tuple(sorted(case.difficulty for case in cases(draw))) for draw in drawn.values()}) == 1


def test_cases_and_places_are_spread_evenly(drawn):
    """Within five standard deviations of what chance gives: a lean towards one case would be seen."""
    counts = Counter(name for draw in drawn.values() for name in draw.cases)
    for inside in slots(load_cases()).values():
        share = 1 / len(inside)
        spread = 5 * (len(IDS) * share * (1 - share)) ** 0.5
        assert all(abs(counts[case.id] - len(IDS) * share) < spread for case in inside)
    first = Counter(load_cases()[draw.cases[0]].slot for draw in drawn.values())
    assert all(abs(count - len(IDS) / 8) < 5 * (len(IDS) * 7 / 64) ** 0.5 for count in first.values())


def test_neighbours_draw_different_cases(drawn):
    """Copying shows: nearly nobody has the cases of somebody else in the same order."""
    assert len({draw.cases for draw in drawn.values()}) > 0.99 * len(IDS)


def test_a_draw_is_stable():
    """Whoever changes how cases are drawn changes it for learners at work."""
    assert draw_for("ada").cases == draw_for(" ADA ").cases
    assert draw_for("ada").cases == (
        "lecture-notes",
        "one-long-talk",
        "long-slot",
        "list-of-models",
        "longer-window",
        "once-a-quarter",
        "one-cell",
        "nine-minutes-of-questions",
    )


def test_a_new_case_moves_few_draws(tmp_path, monkeypatch, drawn):
    """Each case has a number of its own: one more in a slot of four takes a fifth of that slot, and nothing else."""
    text = (FOLDER / "cases.toml").read_text("utf-8")
    block = text[text.index('[[case]]\nid = "long-slot"') : text.index('[[case]]\nid = "field-season"')]
    (tmp_path / "cases.toml").write_text(f"{text}\n{block.replace('long-slot', 'brand-new')}", encoding="utf-8")
    larger = load_cases_from(tmp_path)
    monkeypatch.setattr("workstation.answers.draws.load_cases", lambda: larger)

    moved = [learner for learner in IDS[:500] if set(draw_for(learner).cases) != set(drawn[learner].cases)]

    assert 0.1 < len(moved) / 500 < 0.3
    assert all("brand-new" in draw_for(learner).cases for learner in moved)


def test_the_digest_holds_no_id_and_forgives_spelling():
    assert "lovelace" not in str(document_of(draw_for("ada.lovelace")))
    assert digest_of("Ada") == digest_of(" ada ") != digest_of("ada2")


def test_a_document_is_read_back_as_it_was_written():
    assert read_draw(document_of(draw_for("ada"))).draw == draw_for("ada")


def changed(**fields):
    return document_of(draw_for("ada")) | fields


def swapped(name):
    """Ada's draw with its first case replaced."""
    return changed(cases=[name, *draw_for("ada").cases[1:]])


REFUSED = {
    "nothing": (None, "draw-damaged"),
    "a list": ([], "draw-damaged"),
    "another schema": (changed(schema="workstation.draw/9"), "draw-damaged"),
    "no cases": ({"schema": SCHEMA}, "draw-damaged"),
    "cases of another kind": (changed(cases=[1, 2]), "draw-damaged"),
    "no case at all": (changed(cases=[]), "draw-forged"),
    "an unknown case": (swapped("no-such-case"), "draw-forged"),
    "one case only": (changed(cases=["long-chapter"] * 8), "draw-forged"),
    "a case twice": (changed(cases=[*draw_for("ada").cases[:7], draw_for("ada").cases[0]]), "draw-forged"),
    "too many": (changed(cases=list(load_cases())), "draw-forged"),
    "look-alikes that do not belong together": (
        changed(
            cases=[
                next(c.id for c in load_cases().values() if c.slot == load_cases()[name].slot and c.id != name)
                if load_cases()[name].slot == "alike-two"
                else name
                for name in draw_for("ada").cases
            ]
        ),
        "draw-forged",
    ),
}


@pytest.mark.parametrize(("document", "code"), REFUSED.values(), ids=list(REFUSED))
def test_what_nobody_can_have_drawn_counts_as_no_draw_and_says_so(document, code):
    found = read_draw(document)

    assert found.draw is None
    assert found.problem.code == code


def evidence(document):
    found = read_draw(document)
    return Evidence(draw=found.draw, problems=(found.problem,) if found.problem else ())


def codes(found):
    return [problem.code for problem in found.problems]


def test_ones_own_draw_is_graded_without_a_word():
    found = settled(evidence(document_of(draw_for("ada"))), EXERCISE, "Ada")

    assert (found.draw.cases, found.draw.is_assumed, codes(found)) == (draw_for("ada").cases, False, [])


def test_somebody_elses_draw_is_graded_as_it_stands_and_flagged():
    found = settled(evidence(document_of(draw_for("bob"))), EXERCISE, "ada")

    assert (found.draw.cases, codes(found)) == (draw_for("bob").cases, ["draw-of-another"])


def test_cases_that_the_digest_does_not_draw_are_graded_as_they_stand_and_flagged():
    chosen = changed(cases=list(draw_for("bob").cases))

    found = settled(evidence(chosen), EXERCISE, "ada")

    assert (found.draw.cases, codes(found)) == (draw_for("bob").cases, ["draw-changed"])


def test_a_draw_from_an_older_bank_is_not_called_changed():
    old = changed(cases=list(draw_for("bob").cases), versions={"catalog": "0.9", "rubric": "0.9"})

    assert codes(settled(evidence(old), EXERCISE, "ada")) == []


def test_without_a_draw_the_submitters_own_is_assumed():
    found = settled(Evidence(), EXERCISE, "ada")

    assert (found.draw.cases, found.draw.is_assumed, codes(found)) == (draw_for("ada").cases, True, ["draw-missing"])


def test_a_forged_draw_is_flagged_once_and_the_own_one_assumed():
    found = settled(evidence(swapped("no-such-case")), EXERCISE, "ada")

    assert (found.draw.is_assumed, codes(found)) == (True, ["draw-forged"])


def test_without_a_draw_and_a_submitter_there_are_no_cases():
    assert settled(Evidence(), EXERCISE, None).draw is None


def test_other_exercises_hear_nothing_of_draws():
    both = Evidence(
        draw=draw_for("ada"),
        problems=(Problem(code="draw-damaged", message="x"), Problem(code="evidence-missing", message="y")),
    )

    found = settled(both, "constraint-summary", "ada")

    assert (found.draw, codes(found)) == (None, ["evidence-missing"])
    assert set(DRAW_PROBLEMS) == {"draw-missing", "draw-damaged", "draw-forged", "draw-changed", "draw-of-another"}


@pytest.mark.parametrize("answer", ["case-0", "case-9", "case-", "trade-off", "case-1x", "evidence", "case-²"])
def test_an_answer_that_is_no_case_has_none(answer):
    assert case_of(draw_for("ada"), answer) is None


def test_no_id_or_recording_name_tells_what_is_behind_a_case():
    names = {name for case in load_cases().values() for name in (case.id, case.recording or "")}
    telling = ("ram", "swap", "memory", "disk", "heat", "hot", "vram", "thermal", "quiet", "none", "slow", "scale")

    assert [name for name in names for word in name.split("-") if word in telling] == []


BROKEN = {
    "an unknown constraint": ('accepts = ["vram"]', 'accepts = ["vrm"]', "accepts"),
    "an unknown row": ('symptom = "part-does-not-fit"', 'symptom = "no-such-row"', "symptom"),
    "an unknown recording": ('recording = "page-index"', 'recording = "no-such"', "recording"),
    "a slot that is harder in places": ("difficulty = 1", "difficulty = 3", "difficulty"),
    "a slot with too few": ('slot = "read-the-run"', 'slot = "lonely"', "slot"),
    "a complaint that is not made": ('complaint = "My notebook is sluggish."', 'complaint = "Woe."', "complaint"),
    "a pair of three": ('pair = "slower-answers"', 'pair = "crawling-index"', "pair"),
    "a misspelt key": ("why = ", "wy = ", "wy"),
}


@pytest.mark.parametrize(("old", "new", "field"), BROKEN.values(), ids=list(BROKEN))
def test_a_fault_in_the_bank_is_named(old, new, field, tmp_path):
    shutil.copy(FOLDER / "cases.toml", tmp_path)
    text = (tmp_path / "cases.toml").read_text("utf-8")
    assert old in text
    (tmp_path / "cases.toml").write_text(text.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(CatalogError, match=f"cases.toml.*{field}"):
        load_cases_from(tmp_path)
