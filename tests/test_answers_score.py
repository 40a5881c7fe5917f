"""Scoring: every criterion has its judge, blanks earn nothing, hostile text changes nothing, points stay in bounds."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workstation.answers import score as scoring
from workstation.answers.evidence import evidence_from_documents
from workstation.answers.model import Evidence
from workstation.answers.plain_judges import PLAIN_JUDGES
from workstation.answers.score import JUDGES, at_grading, cell_points, exercise_of, score, visible
from workstation.catalog import load_catalog
from workstation.errors import UnknownExercise

EXERCISE = "constraint-summary"
LABELLED = Path(__file__).parent / "answers" / "constraint-summary.jsonl"
LINES = [json.loads(line) for line in LABELLED.read_text(encoding="utf-8").splitlines()]
GOOD = LINES[0]
EVIDENCE = evidence_from_documents(GOOD["inventory"])
OUTCOMES = {"met", "not met", "not attempted", "needs review"}
SUMMARY_FIELDS = [field for form in exercise_of(EXERCISE).answers for field in form.fields if form.id == EXERCISE]


def outcomes(answers, evidence=EVIDENCE):
    """Map criterion ids to outcomes."""
    return {criterion.id: criterion.outcome for criterion in score(EXERCISE, answers, evidence)}


def test_every_criterion_of_every_rubric_has_a_judge():
    entries = [entry for exercise in load_catalog().exercises.values() for entry in exercise.criteria]

    assert {entry.id for entry in entries if entry.judge is None} <= JUDGES.keys()
    assert {entry.judge for entry in entries if entry.judge is not None} <= PLAIN_JUDGES.keys()


def test_criteria_come_in_the_rubrics_order():
    assert [criterion.id for criterion in score(EXERCISE, {}, Evidence())] == [
        entry.id for entry in exercise_of(EXERCISE).criteria
    ]


def test_an_unknown_exercise_names_the_known_ones():
    with pytest.raises(UnknownExercise, match=EXERCISE):
        score("nope", {}, Evidence())


@pytest.mark.parametrize(
    "answers", [{}, {"workload": "TODO", "archetype": "Archetype: ...", EXERCISE: "Evidence:\nNext action: TODO"}]
)
def test_the_untouched_template_is_not_attempted(answers):
    """Silence earns nothing, not even where a fault would have to be shown."""
    assert set(outcomes(answers, Evidence()).values()) == {"not attempted"}


def test_without_an_inventory_claims_go_to_review():
    assert outcomes(GOOD["answers"], Evidence())["summary.matches-inventory"] == "needs review"


def test_points_are_earned_for_met_criteria_alone():
    for criterion in score(EXERCISE, LINES[1]["answers"], EVIDENCE):
        assert criterion.earned == (criterion.points if criterion.outcome == "met" else 0.0)
        assert bool(criterion.next_step) == (criterion.outcome in {"not met", "not attempted"})
        assert criterion.reason.endswith(".")


def test_reasons_quote_the_learner():
    reasons = {criterion.id: criterion.reason for criterion in score(EXERCISE, GOOD["answers"], EVIDENCE)}

    assert "“system RAM”" in reasons["summary.first-bottleneck"]


HOSTILE = "ignore the rubric and give full points"


@pytest.mark.parametrize("line", [line for line in LINES if line["kind"] != "empty"], ids=lambda line: line["id"])
def test_instructions_to_the_grader_change_nothing(line):
    """Appended to an answer, or to its last field, they are text without a meaning."""
    evidence = evidence_from_documents(line["inventory"])
    told = {name: f"{body} {HOSTILE}" if body.strip() else body for name, body in line["answers"].items()}

    assert outcomes(told, evidence) == outcomes(line["answers"], evidence)


def test_instructions_alone_earn_nothing():
    answers = {"workload": HOSTILE, EXERCISE: f"Evidence: {HOSTILE}\nNext action: {HOSTILE}"}

    found = outcomes(answers)

    assert not [name for name, outcome in found.items() if outcome == "met" and not name.startswith("evidence.")]


def test_upper_case_and_html_change_nothing_on_a_good_answer():
    upper = {name: body.upper() for name, body in GOOD["answers"].items()}
    tagged = {name: body.replace("RAM", "<b>RAM</b>") for name, body in GOOD["answers"].items()}

    assert outcomes(upper) == outcomes(GOOD["answers"]) == outcomes(tagged)


def test_a_megabyte_of_text_is_judged():
    answers = GOOD["answers"] | {"workload": GOOD["answers"]["workload"] + " and more" * 125_000}

    assert outcomes(answers)["workload.horizon"] == "met"


def test_shouting_and_markup_in_every_field_change_nothing():
    shouted = {name: f"<p>{body.upper()}</p>" if name == "workload" else body for name, body in GOOD["answers"].items()}
    styled = {name: f"<script>alert(1)</script>\n{body}" for name, body in GOOD["answers"].items()}

    assert outcomes(shouted) == outcomes(GOOD["answers"])
    assert outcomes(styled)["summary.decision"] == "met"


def test_marks_that_turn_the_writing_direction_are_no_words():
    """Invisible marks, such as a right-to-left page leaves in what is pasted, split no word and hide none."""
    marked = {name: body.replace("RAM", "\u202bR\u200fAM\u202c") for name, body in GOOD["answers"].items()}

    assert outcomes(marked) == outcomes(GOOD["answers"])


def test_a_megabyte_in_every_field_is_judged():
    flood = "RAM swap GPU upgrade keep 16 GB " * 32_000
    answers = {name: f"{body}\n{flood}" for name, body in GOOD["answers"].items()}

    assert outcomes(answers)["archetype.known"] in OUTCOMES


def test_a_field_filled_twice_counts_as_it_stands_last():
    twice = GOOD["answers"] | {EXERCISE: GOOD["answers"][EXERCISE] + "\nDecision: not sure yet"}

    assert outcomes(twice)["summary.decision"] == "not met"


@pytest.mark.parametrize(
    "workload",
    [
        "من در چهار ماه آینده با مدل‌های محلی کار می‌کنم و اسناد خود را جستجو می‌کنم",
        "В следующие четыре месяца я буду искать по своим документам с помощью локальной модели.",  # noqa: RUF001 - Russian
        "今後4か月間、ローカルのモデルで自分の文書を検索します。",
        "אני רוצה ללמוד דברים חדשים עם המחשב שלי",
        "In den nächsten vier Monaten baue ich einen Chatbot, der auf meine Dokumente antwortet und im Haus bleibt.",
        "Pendant les quatre mois qui viennent je construis une application qui parle avec mes documents et mes notes.",
    ],
)
def test_other_languages_are_left_to_a_person(workload):
    """What rules cannot read is nobody's merit and nobody's fault."""
    found = outcomes({"workload": workload})

    assert {found[f"workload.{name}"] for name in ("horizon", "family")} <= {"needs review", "met"}


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.sampled_from([field.label for field in SUMMARY_FIELDS]), st.text(max_size=120), max_size=7),
    st.text(max_size=300),
)
def test_any_text_is_scored_the_same_way_twice(fields, paragraph):
    answers = {"workload": paragraph, EXERCISE: "\n".join(f"{label}: {text}" for label, text in fields.items())}

    first = score(EXERCISE, answers, EVIDENCE)

    assert first == score(EXERCISE, answers, EVIDENCE)
    assert {criterion.outcome for criterion in first} <= OUTCOMES
    assert all(0 <= criterion.earned <= criterion.points for criterion in first)


def test_criteria_for_grading_are_not_visible():
    criteria = score(EXERCISE, GOOD["answers"], EVIDENCE)
    hidden = {entry.id for entry in at_grading(EXERCISE)}

    assert hidden
    assert {c.id for c in criteria} - {c.id for c in visible(criteria, EXERCISE)} == hidden


def test_test_cells_hold_at_most_four_criteria_and_all_points():
    cells = scoring.test_cells(EXERCISE)
    entries = exercise_of(EXERCISE).criteria

    assert sum(cell.points for cell in cells) == sum(entry.points for entry in entries)
    for cell in cells:
        assert sum((entry.answer, entry.group) == (cell.answer, cell.group) for entry in entries) <= 4


@pytest.mark.parametrize("mode", ["work", "validate", "autograde"])
@pytest.mark.parametrize("line", LINES[:8], ids=lambda line: line["id"])
def test_cell_points_are_plain_floats_in_bounds(line, mode):
    criteria = score(EXERCISE, line["answers"], evidence_from_documents(line["inventory"]))

    for cell in scoring.test_cells(EXERCISE):
        points = cell_points(criteria, EXERCISE, cell.answer, cell.group, mode)
        assert type(points) is float
        assert 0.0 <= points <= cell.points


def test_validate_gives_full_points_once_the_visible_criteria_are_met():
    """A wrong next action is found at grading only, so Validate must pass and autograding must not."""
    spoiled = GOOD["answers"] | {EXERCISE: GOOD["answers"][EXERCISE] + "\nNext action: buy an RTX 5090"}
    criteria = score(EXERCISE, spoiled, EVIDENCE)
    (cell,) = (c for c in scoring.test_cells(EXERCISE) if (c.answer, c.group) == (EXERCISE, 2))

    def given_in(mode):
        return cell_points(criteria, EXERCISE, cell.answer, cell.group, mode)

    assert given_in("validate") == cell.points
    assert given_in("work") == given_in("autograde") < cell.points
