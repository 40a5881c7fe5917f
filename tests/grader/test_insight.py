"""What insight counts: criteria, wrong constraints, predictions, machines, times, evidence, doubt.

Longer than 300 lines because the parts of one page stand side by side, each with the few entries that it needs.
"""

from datetime import datetime, timedelta

import pytest
from insight_kit import EXERCISE, entry, judged

from workstation.answers.model import Criterion
from workstation.answers.predictions import Prediction
from workstation.catalog import load_catalog
from workstation.catalog._cases import load_cases
from workstation_grader.insight.confusion import NAMELESS, QUIET, confusion, named_in
from workstation_grader.insight.criteria import FEWEST, criteria, items_of
from workstation_grader.insight.files import files
from workstation_grader.insight.machines import OTHER, groups_of, machines
from workstation_grader.insight.model import Cohort, Machine
from workstation_grader.insight.predictions import predictions
from workstation_grader.insight.pseudonyms import GONE, anonymous, pseudonym
from workstation_grader.insight.queue import MOVED, UNREADABLE, queue, waiting_of
from workstation_grader.insight.shared import shared, shared_digests
from workstation_grader.insight.timeline import timeline

DUE = datetime(2026, 11, 20, 18)  # noqa: DTZ001 - the gradebook keeps UTC without saying so
MACHINE = Machine(ram="16 GB", gpu="none", storage="NVMe, over 50 GB free", system="Linux")


def cohort(*entries):
    return Cohort(exercise=EXERCISE, entries=entries)


def item(of, name):
    return next(each for each in items_of(of) if each.id == name)


def mixed(number, outcome="not met"):
    """A class of which every second misses one criterion, and those miss others too."""
    return [
        entry(
            f"s{place}",
            criteria=judged(summary__measured=outcome, workload__family="not met") if place % 2 else judged(),
        )
        for place in range(number)
    ]


def test_outcomes_are_counted_by_criterion():
    of = cohort(
        entry("a"),
        entry("b", criteria=judged(summary__measured="not met")),
        entry("c", criteria=judged(summary__measured="needs review")),
        entry("d", criteria=judged(summary__measured="not attempted")),
        entry("e", criteria=(), readable=False),
    )

    assert dict(item(of, "summary.measured").counts) == {"met": 1, "not met": 1, "needs review": 1, "not attempted": 1}
    assert criteria(of).lead[0] == "4 submissions could be scored."


def test_discrimination_waits_for_thirty_submissions_and_says_how_many_are_missing():
    assert item(cohort(*mixed(FEWEST - 2)), "summary.measured").why_not == "2 decided submissions are missing"
    assert item(cohort(*mixed(FEWEST)), "summary.measured").discrimination == pytest.approx(1.0)
    assert "2 are missing" in criteria(cohort(*mixed(FEWEST - 2))).lead[-1]


def test_a_criterion_against_the_rest_has_negative_discrimination():
    """Those who meet it are those who miss the others."""
    entries = [
        entry(
            f"s{place}",
            criteria=judged(summary__measured="not met") if place % 2 else judged(workload__family="not met"),
        )
        for place in range(40)
    ]

    assert item(cohort(*entries), "summary.measured").discrimination == pytest.approx(-1.0)
    assert any("Hardly tells learners apart" in line for line in criteria(cohort(*entries)).lead)


def test_what_is_in_review_or_wholly_blank_moves_no_discrimination():
    """Sixty empty notebooks would otherwise make every criterion look sharp."""
    blank = tuple(
        Criterion(id=each.id, outcome="not attempted", points=1.0, earned=0.0, reason="", next_step="")
        for each in judged()
    )
    plain, more = mixed(40), [entry(f"b{place}", criteria=blank) for place in range(60)]
    open_ones = [entry(f"r{place}", criteria=judged(summary__measured="needs review")) for place in range(5)]

    first = item(cohort(*plain), "summary.measured")
    second = item(cohort(*plain, *more, *open_ones), "summary.measured")
    assert (second.discrimination, second.decided) == (first.discrimination, 40)


def test_what_all_met_has_no_discrimination_and_says_so():
    assert item(cohort(*mixed(40)), "summary.decision").why_not == "all met it"
    assert item(cohort(*[entry(f"s{place}") for place in range(40)]), "summary.decision").discrimination is None


def test_the_named_bottleneck_stands_against_the_kind_of_work():
    said = named_in(
        EXERCISE, {("workload", "text"): "RAG over recipes until May.", (EXERCISE, "first-bottleneck"): "the VRAM"}
    )
    assert said == {"named": {EXERCISE: "VRAM"}, "family": load_catalog().families["embeddings-rag"].name}
    of = cohort(
        *[entry(f"s{n}", **said, criteria=judged(summary__bottleneck_fits="not met" if n else "met")) for n in range(3)]
    )

    section = confusion(of)

    assert section.tables[0].rows[0][:5] == (said["family"], "VRAM", 3, "100 %", 2)
    assert f"VRAM for {said['family']} (2)" in section.lead[1]


@pytest.mark.parametrize(("text", "name"), [("nothing is short", QUIET), ("hmm, the thing over there", NAMELESS)])
def test_no_constraint_is_named_as_such(text, name):
    assert named_in("symptom-mapping", {("case-1", "constraint"): text})["named"] == {"case-1": name}


def test_the_commonest_wrong_constraint_stands_by_the_symptom_of_the_drawn_case():
    """Two learners drew other cases of the same symptom: the symptom is what counts, not the case's number."""
    first, second = [case for case in load_cases().values() if case.symptom == "fails-with-context-or-batch"][:2]
    quiet = next(case for case in load_cases().values() if case.symptom is None and case.is_quiet)

    def learner(name, case, named, outcome):
        judgement = Criterion(id="case-3.constraint", outcome=outcome, points=1.0, earned=0.0, reason="", next_step="")
        return entry(name, cases={"case-3": case.id}, named={"case-3": named}, criteria=(judgement,))

    of = Cohort(
        exercise="symptom-mapping",
        entries=(
            learner("a", first, "CPU", "not met"), learner("b", second, "CPU", "not met"),
            learner("c", second, "Storage", "not met"), learner("d", first, "VRAM", "met"),
            learner("e", quiet, "VRAM", "not met"), learner("f", first, "CPU", "not attempted"),
        ),
    )  # fmt: skip

    rows = confusion(of).tables[0].rows

    assert rows[0][:6] == (
        load_catalog().symptoms["fails-with-context-or-batch"].name,
        5,
        3,
        "60 %",
        "CPU",
        "CPU 2, Storage 1",
    )
    assert rows[1][0].endswith(QUIET)


def test_an_exercise_without_constraints_has_no_such_part():
    assert confusion(Cohort(exercise="staged-plan", entries=(entry("a"),))) is None


def predicted(value, measured, name="kv", unit="GiB", question="How many GiB?"):
    return Prediction(id=name, question=question, unit=unit, predicted=value, predicted_at="", measured=measured)


def test_predictions_tell_how_far_off_and_to_which_side():
    """Half of the class says four times as much; one wild guess moves the median little."""
    values = [4.0, 4.0, 4.0, 1.05, 0.5, 1e9]
    of = [entry(f"s{n}", predictions=(predicted(value, 1.0),)) for n, value in enumerate(values)]

    row = predictions(of).tables[0].rows[0]

    assert row[:5] == ("How many GiB?", 6, 0, "4 GiB", "1 GiB")
    assert row[5].startswith("4 times")
    assert row[6:9] == (1, 1, 4)


def test_a_question_of_few_is_counted_and_not_shown():
    """Learners ask questions of their own, and few answers would tell who answered."""
    of = [entry(f"s{n}", predictions=(predicted(1.0, 2.0, name="mine"),)) for n in range(4)]

    section = predictions(of)

    assert section.tables[0].rows == ()
    assert section.lead[1] == "1 question that fewer than 5 learners measured is not shown."


def test_choices_have_right_and_wrong_and_temperatures_no_ratio():
    choices = [entry(f"s{n}", predictions=(predicted("ram" if n else "cpu", "ram", unit=None),)) for n in range(5)]
    warm = [entry(f"s{n}", predictions=(predicted(60.0, 90.0, unit="°C"),)) for n in range(5)]

    assert predictions(choices).tables[0].rows[0][3:6] == ("ram", "ram", "80 % right")
    assert predictions(warm).tables[0].rows[0][5:9] == ("", 5, 0, 0)


def test_what_a_learner_forged_into_predictions_stops_nothing():
    """A number where a choice was asked, zero, and no measurement at all."""
    odd = (
        predicted("many", 3.0),
        predicted(0.0, 0.0),
        predicted(-1.0, 0.0, name="below"),
        predicted(1.0, None, name="open"),
    )
    of = [entry(f"s{n}", predictions=odd) for n in range(6)]

    assert {row[1] for row in predictions(of).tables[0].rows} == {6}


@pytest.mark.parametrize(
    ("kinds", "shown"),
    [
        (["a"] * 9 + ["b"] * 6 + ["c"] * 2, {"a": 9, OTHER: 8}),
        (["a"] * 5 + ["b"] * 3 + ["c"] * 2, {"a": 5, OTHER: 5}),
        (["a"] * 5 + ["b"], {OTHER: 6}),
        (["a"] * 5 + ["b"] * 5, {"a": 5, "b": 5}),
        (["a"] * 4, {}),
        ([], {}),
    ],
)  # fmt: skip
def test_no_group_of_fewer_than_five_is_ever_shown(kinds, shown):
    """Nor can it be worked out: a rest of fewer than five takes the smallest shown group in."""
    assert dict(groups_of(kinds)) == shown


def test_machines_are_counted_each_fact_for_itself():
    of = [entry(f"s{n}", machine=MACHINE) for n in range(7)] + [
        entry("rare", machine=Machine(ram="odd", gpu="odd", storage="odd", system="odd"))
    ]

    rows = machines(of).tables[0].rows

    assert {row[:3] for row in rows} == {
        (title, OTHER, 8) for title in ("Memory", "Graphics", "Project's disk", "System")
    }
    assert "nothing is shown" in machines(of[:3]).lead[1]


def test_the_time_line_counts_late_ones_by_each_learners_own_due_date():
    """An hour late is late, unless the learner has an extension."""
    of = [
        entry("a", handed_in=DUE - timedelta(hours=30), due=DUE),
        entry("b", handed_in=DUE + timedelta(minutes=75), due=DUE),
        entry("c", handed_in=DUE + timedelta(hours=1), due=DUE + timedelta(days=2)),
        entry("d", due=DUE),
    ]

    section = timeline(of)

    assert section.lead[0] == "3 submissions with a time stamp, 1 of them late."
    assert section.lead[2] == "1 submission without a time stamp."
    assert section.tables[1].rows == (("b", "2026-11-20 19:15", "2026-11-20 18:00", "1 hour 15 min"),)
    assert sum(row[1] for row in section.tables[0].rows) == 3
    assert 'class="due"' in section.drawing


def test_a_stamp_from_another_century_makes_no_endless_drawing():
    ages = (DUE.replace(year=1), DUE, DUE.replace(year=9999))
    of = [entry(f"s{n}", handed_in=stamp) for n, stamp in enumerate(ages)]

    section = timeline(of)

    assert section.drawing.count("<rect") < 70
    assert sum(row[1] for row in section.tables[0].rows) == 3


def test_evidence_that_two_handed_in_is_found_under_whatever_name():
    of = [
        entry("a", digests={"run.recording.jsonl": "sha256:11", "inventory.json": "sha256:aa"}),
        entry(
            "b",
            digests={"mine.recording.jsonl": "sha256:11", "inventory.json": "sha256:bb", "platform.json": "sha256:cc"},
        ),
        entry("c", digests={"platform.json": "sha256:cc"}),
    ]

    assert shared_digests(of) == [("mine.recording.jsonl", "sha256:11", ("a", "b"))]
    assert shared(of).lead == ("1 evidence file came from more than one learner.",)


def test_what_a_fifth_of_the_class_has_was_handed_out():
    of = [entry(f"s{n:02d}", digests={"sample.recording.jsonl": "sha256:11"}) for n in range(30)]

    section = shared(of)

    assert section.lead == ("No learner's evidence came twice.",)
    assert "probably handed out" in section.tables[0].rows[0][-1]


def test_the_queue_is_ordered_by_doubt():
    """Unreadable first; then where the odds are even; a criterion that nearly all meet comes last."""
    review = {"waiting": frozenset({"check-constraint-summary-1", "check-workload-1"})}
    crowd = [entry(f"s{n}", criteria=judged(summary__measured="not met" if n % 2 else "met")) for n in range(20)]
    torn = entry(
        "torn",
        criteria=judged(summary__measured="needs review", workload__family="not met"),
        waiting=frozenset(cells("summary.measured")),
    )
    sure = entry(
        "sure", criteria=judged(workload__horizon="needs review"), waiting=frozenset(cells("workload.horizon"))
    )
    lost = entry("lost", criteria=(), readable=False, pending={"check-workload-1": 5.0}, **review)

    found = waiting_of(cohort(*crowd, sure, torn, lost))

    assert [each.student for each in found] == ["lost", "torn", "sure"]
    assert (found[0].words, found[1].what, found[1].words) == (
        UNREADABLE,
        "summary.measured",
        "“words” decided summary.measured.",
    )
    assert queue(cohort(torn)).tables[0].rows[0][-1] == "/formgrader/submissions/key-torn/"


def cells(*names):
    return {
        f"check-{each.answer}-{each.group}" for each in load_catalog().exercises[EXERCISE].criteria if each.id in names
    }


def test_what_a_person_settled_does_not_wait_and_what_moved_does():
    """The gradebook says what waits: a criterion in review that a person has judged is done."""
    settled = entry("done", criteria=judged(summary__measured="needs review"))
    moved = entry("moved", waiting=frozenset({"check-workload-1"}), pending={"check-workload-1": 2.0})

    assert [(each.student, each.words) for each in waiting_of(cohort(settled, moved))] == [("moved", MOVED)]
    assert queue(cohort(settled)).lead == ("Nothing waits for a person.",)


def test_pseudonyms_are_stable_and_need_the_courses_key():
    of = cohort(
        entry(
            "ada",
            criteria=(
                Criterion(id="x", outcome="met", points=1.0, earned=1.0, reason="“Ada did” and adapted", next_step=""),
            ),
        )
    )

    hidden = anonymous(of, "key")

    assert hidden.entries[0].student == pseudonym("ada", "key") == anonymous(of, "key").entries[0].student
    assert hidden.entries[0].student != pseudonym("ada", "another key")
    assert hidden.entries[0].criteria[0].reason == f"“{GONE} did” and adapted"


def test_damaged_files_are_counted_and_named():
    of = [
        entry("a", copy=False, damage="file-missing"),
        entry("b", copy=False, damage="file-missing"),
        entry("c", problems=("test-cell-changed",)),
        entry("d"),
    ]

    section = files(of)

    assert section.lead[0].startswith("2 submissions could not be read")
    assert section.tables[0].rows == (
        ("the graded copy is not there: grade again", 2, "a, b"),
        ("test-cell-changed", 1, "c"),
    )
