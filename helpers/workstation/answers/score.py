"""Score an exercise: answers and evidence in, one judged criterion after the other out.

The one scoring function behind the feedback card, the grader and the feedback page. Pure: nothing is read, run or kept.

It is longer than 300 lines because the table of judges stands beside what they may look at.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from typing import Literal

from workstation.answers.criteria import (
    actions,
    archetypes,
    choices,
    claims,
    constraints,
    families,
    files,
    fit,
    hardware,
    horizon,
    measurements,
    priorities,
    verdicts,
)
from workstation.answers.criteria.language import UNREAD, is_unread_language, says_nothing, unread_among
from workstation.answers.criteria.text import quote, read
from workstation.answers.criteria.verdict import Verdict, review
from workstation.answers.model import Criterion, Evidence
from workstation.answers.parse import PARAGRAPH, is_blank, is_declined, parse_fields, strip_magic, unlabelled
from workstation.answers.plain_judges import named_judge
from workstation.answers.plan_judges import PLAN_JUDGES
from workstation.answers.statement_judges import STATEMENT_JUDGES
from workstation.answers.symptom_judges import CONSTRAINT, SYMPTOM_JUDGES
from workstation.answers.wording import Runs, own_words, wording_of
from workstation.catalog import AnswerForm, Archetype, Exercise, Priority, RubricCriterion, load_catalog
from workstation.errors import CatalogError, UnknownExercise

__all__ = ["JUDGES", "Mode", "TestCell", "at_grading", "cell_points", "exercise_of", "score", "test_cells", "visible"]

Mode = Literal["work", "validate", "autograde"]
SUMMARY = "constraint-summary"
STUMBLED = "The rules met a fault of their own over these words."  # tests hold that no answer of theirs ends here
_STUMBLES = (ArithmeticError, AttributeError, LookupError, RuntimeError, StopIteration, TypeError, ValueError)
_MANY_TOKENS = 12  # so long a text outside the labels may answer anything


@dataclass(frozen=True, slots=True)
class Stray:
    """Text outside every label of an answer, while fields are blank, and what to say of a blank field."""

    text: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Submission:
    """What a judge may look at: the fields of every answer by (answer id, field id), blank ones as ``""``."""

    fields: Mapping[tuple[str, str], str]
    evidence: Evidence
    copied: Mapping[tuple[str, str], str]  # as written, where the exercise's own words are in it
    stray: Mapping[str, "Stray"]  # by answer id, where text stands outside every label
    seed: str | None = None  # of the weeks that a plan is tried on; None: the open ones
    looked_at: list[tuple[str, str]] = dataclass_field(default_factory=list)  # fields that a judge has asked for

    def get(self, answer: str, name: str = PARAGRAPH) -> str:
        """Give a field's text; ``""`` where it is blank or missing."""
        self.looked_at.append((answer, name))
        return self.fields.get((answer, name), "")

    def summary(self, *names: str) -> tuple[str, ...]:
        """Give several fields of the constraint summary."""
        return tuple(self.get(SUMMARY, name) for name in names)


@dataclass(frozen=True, slots=True, kw_only=True)
class TestCell:
    """One test cell of an exercise: a group of at most four criteria of one answer."""

    __test__ = False  # no test case, whatever its name says

    answer: str
    group: int
    points: float


Judge = Callable[[Submission], Verdict]
WITH_OPTIONS = ("archetype", "my-archetype")  # answers of which two fields are choices from a list

JUDGES: Mapping[str, Judge] = {
    "evidence.inventory": lambda sub: files.judge_inventory(sub.evidence),
    "evidence.resources": lambda sub: files.judge_resources(sub.evidence),
    "evidence.project-disk": lambda sub: files.judge_project_disk(sub.evidence),
    "evidence.gpu-tooling": lambda sub: files.judge_gpu_tooling(sub.evidence),
    "evidence.unknowns": lambda sub: files.judge_unknowns(sub.evidence),
    "workload.horizon": lambda sub: horizon.judge_horizon(sub.get("workload"), captured_at=_captured_at(sub)),
    "workload.family": lambda sub: families.judge_family(sub.get("workload")),
    "workload.before-hardware": lambda sub: hardware.judge_before_hardware(sub.get("workload")),
    "sentence.horizon": lambda sub: horizon.judge_horizon(sub.get("workload-sentence")),
    "sentence.family": lambda sub: families.judge_family(sub.get("workload-sentence")),
    "sentence.before-hardware": lambda sub: hardware.judge_before_hardware(sub.get("workload-sentence")),
    "archetype.known": lambda sub: archetypes.judge_archetype(sub.get("archetype", "archetype")),
    "archetype.because": lambda sub: archetypes.judge_reason(
        sub.get("archetype", "because"), sub.get("archetype", "archetype")
    ),
    "archetype.priority": lambda sub: priorities.judge_priority(sub.get("archetype", "matters-most")),
    "setup.known": lambda sub: archetypes.judge_archetype(sub.get("my-archetype", "archetype")),
    "setup.because": lambda sub: archetypes.judge_reason(
        sub.get("my-archetype", "because"), sub.get("my-archetype", "archetype")
    ),
    "setup.priority": lambda sub: priorities.judge_priority(sub.get("my-archetype", "matters-most")),
    "summary.first-bottleneck": lambda sub: constraints.judge_first_bottleneck(*sub.summary("first-bottleneck")),
    "summary.bottleneck-fits": lambda sub: fit.judge_fit(
        sub.get(SUMMARY, "first-bottleneck"),
        (sub.get("workload"), sub.get(SUMMARY, "workload")),
        sub.get(SUMMARY, "evidence"),
    ),
    "summary.measured": lambda sub: measurements.judge_measured(*sub.summary("evidence")),
    "summary.matches-inventory": lambda sub: claims.judge_claims(
        sub.summary("archetype", "first-bottleneck", "evidence", "second-bottleneck"), sub.evidence.inventory
    ),
    "summary.second-bottleneck": lambda sub: constraints.judge_second_bottleneck(
        *sub.summary("second-bottleneck", "first-bottleneck")
    ),
    "summary.decision": lambda sub: choices.judge_decision(*sub.summary("decision", "next-action")),
    "summary.next-action": lambda sub: actions.judge_next_action(
        *sub.summary("next-action", "first-bottleneck", "second-bottleneck", "decision")
    ),
    "summary.no-verdict": lambda sub: verdicts.judge_no_verdict(
        sub.summary(
            "workload", "archetype", "first-bottleneck", "evidence", "second-bottleneck", "decision", "next-action"
        )
    ),
    **STATEMENT_JUDGES,
    **SYMPTOM_JUDGES,
    **PLAN_JUDGES,
}


def score(
    exercise: str,
    answers: Mapping[str, str],
    evidence: Evidence,
    *,
    wording: Runs | None = None,
    seed: str | None = None,
    at_work: bool = False,
) -> list[Criterion]:
    """Judge every criterion of *exercise*, in the rubric's order.

    *answers* maps answer ids to cell bodies; a missing one is blank. What rules cannot judge is ``needs review`` and
    earns nothing for now. *wording* is the exercise's own text (`wording.runs_of`), which is no answer; by default that
    of the released exercise. *seed* draws the weeks that a plan is tried on; by default they are the open ones.
    *at_work* leaves out what is judged at grading only: a learner's card does not wait for it.

    Raises:
        UnknownExercise: the catalogue has no exercise of that name.
    """
    form = exercise_of(exercise)
    read_as = _submission(form, answers, evidence, wording_of(form.id) if wording is None else wording)
    submission = replace(read_as, seed=seed)
    return [
        _criterion(entry, _judged(entry, submission)) for entry in form.criteria if not (at_work and entry.at_grading)
    ]


def exercise_of(name: str) -> Exercise:
    """Look up an exercise, or a lesson's practice, by its id.

    Raises:
        UnknownExercise: the catalogue has no exercise of that name.
    """
    tasks = load_catalog().tasks
    if name not in tasks:
        raise UnknownExercise(name, known=sorted(tasks))
    return tasks[name]


def visible(criteria: list[Criterion], exercise: str) -> list[Criterion]:
    """Leave out the criteria that are judged at grading only."""
    hidden = {entry.id for entry in exercise_of(exercise).criteria if entry.at_grading}
    return [criterion for criterion in criteria if criterion.id not in hidden]


def at_grading(exercise: str) -> list[RubricCriterion]:
    """List the rubric entries that are judged at grading only."""
    return [entry for entry in exercise_of(exercise).criteria if entry.at_grading]


def test_cells(exercise: str) -> list[TestCell]:
    """List the test cells of an exercise in the rubric's order, with the most points that each can give."""
    points: dict[tuple[str, int], float] = {}
    for entry in exercise_of(exercise).criteria:
        place = (entry.answer, entry.group)
        points[place] = points.get(place, 0.0) + entry.points
    return [TestCell(answer=answer, group=group, points=total) for (answer, group), total in points.items()]


def cell_points(criteria: list[Criterion], exercise: str, answer: str, group: int, mode: Mode) -> float:
    """Give what a test cell ends in: a plain float between 0 and its points.

    At work, what the visible criteria earned; under Validate, all points once every visible one is met; under
    autograding, what all criteria earned.
    """
    entries = {
        entry.id: entry for entry in exercise_of(exercise).criteria if (entry.answer, entry.group) == (answer, group)
    }
    judged = [criterion for criterion in criteria if criterion.id in entries]
    shown = [criterion for criterion in judged if not entries[criterion.id].at_grading]
    if mode == "validate" and all(criterion.outcome == "met" for criterion in shown):
        return float(sum(entry.points for entry in entries.values()))
    counted = judged if mode == "autograde" else shown
    return float(sum(criterion.earned for criterion in counted))


def _judge(entry: RubricCriterion) -> Judge:
    if entry.judge is not None:
        return named_judge(entry)
    try:
        return JUDGES[entry.id]
    except KeyError:
        raise CatalogError("rubric.toml", entry.id, "id", "no judge is written for this criterion") from None


def _judged(entry: RubricCriterion, submission: Submission) -> Verdict:
    """Judge, and leave to a person what a judge stumbles over: one learner's words must not end a class's grading."""
    try:
        return _verdict(entry, submission)
    except _STUMBLES:
        return review(STUMBLED)


def _verdict(entry: RubricCriterion, submission: Submission) -> Verdict:
    """Judge what is the learner's own; where copied words would have decided, a person looks at the mixture."""
    asked = replace(submission, looked_at=[])
    verdict = _judge(entry)(asked)
    verdict = _explained(entry, asked, _readable(asked, verdict))
    copied = [place for place in dict.fromkeys(asked.looked_at) if place in submission.copied]
    if not copied or verdict.outcome in {"met", "needs review"}:
        return verdict
    as_written = _judge(entry)(replace(submission, fields={**submission.fields, **submission.copied}))
    if as_written == verdict:
        return verdict
    words = quote(submission.copied[copied[0]])
    if all(not submission.fields[place] for place in copied):
        return Verdict(verdict.outcome, f"{words} is the exercise's own text, and no answer yet.", verdict.next_step)
    return review(f"{words} repeats the exercise's own text.")


def _readable(submission: Submission, verdict: Verdict) -> Verdict:
    """Leave a refusal to a person where what was judged is in a language that the rules do not read."""
    if verdict.outcome != "not met":
        return verdict
    texts = [submission.fields.get(place, "") for place in dict.fromkeys(submission.looked_at)]
    unread = next(filter(is_unread_language, texts[:1]), "") or unread_among(texts)
    return review(f"{quote(unread)} {UNREAD}") if unread else verdict


def _explained(entry: RubricCriterion, submission: Submission, verdict: Verdict) -> Verdict:
    """Say what stands beside the labels where a field is blank for want of one; a person looks at what may answer."""
    blank = not any(submission.fields.get(place) for place in submission.looked_at)
    stray = submission.stray.get(entry.answer)
    if verdict.outcome != "not attempted" or not blank or stray is None:
        return verdict
    return review(stray.verdict.reason) if _may_answer(entry, submission, stray.text) else stray.verdict


def _may_answer(entry: RubricCriterion, submission: Submission, text: str) -> bool:
    """Tell whether *text* could answer a criterion: its judge finds something in it, or it is long."""
    if says_nothing(text):
        return False
    places = {place: text for place in submission.looked_at if place[0] == entry.answer}
    there = _judge(entry)(replace(submission, fields={**submission.fields, **places}))
    return there.outcome in {"met", "needs review"} or len(read(text).tokens) >= _MANY_TOKENS


def _criterion(entry: RubricCriterion, verdict: Verdict) -> Criterion:
    earned = float(entry.points) if verdict.outcome == "met" else 0.0
    hint = entry.hints[0] if entry.hints else ""
    return Criterion(
        id=entry.id,
        outcome=verdict.outcome,
        points=float(entry.points),
        earned=earned,
        reason=verdict.reason,
        next_step="" if verdict.outcome in {"met", "needs review"} else verdict.next_step or hint,
    )


def _submission(form: Exercise, answers: Mapping[str, str], evidence: Evidence, wording: Runs) -> Submission:
    """Read the fields of all answers: what is blank, a placeholder or the exercise's own text becomes ``""``."""
    written = _fields(form, answers)
    own = {place: own_words(text, wording, _options(*place)) for place, text in written.items()}
    copied = {place: text for place, text in written.items() if own[place] != text}
    fields = {place: "" if place in copied and not read(text) else text for place, text in own.items()}
    stray = {
        entry.id: found
        for entry in form.answers
        if (found := _stray(entry, answers.get(entry.id, ""), fields, wording))
    }
    return Submission(fields, evidence, copied, stray)


def _stray(form: AnswerForm, answer: str, fields: Mapping[tuple[str, str], str], wording: Runs) -> Stray | None:
    """Show a learner the text that no label leads, and the labels, where a field is blank."""
    missing = [entry.label for entry in form.fields if not fields[form.id, entry.id]]
    text = own_words(unlabelled(strip_magic(answer), form), wording) if missing else ""
    if not text or is_blank(text):
        return None
    labels = ", ".join(f"“{entry.label}:”" for entry in form.fields)
    verdict = Verdict(
        "not attempted",
        f"No label was found for {_listed(missing)}, and {quote(text)} stands outside every label.",
        f"Begin each line with its label as it was given: {labels}.",
    )
    return Stray(text, verdict)


def _options(answer: str, name: str) -> tuple[str, ...]:
    """Name the options of a field that is a choice from the exercise's own list; none for the others."""
    catalog = load_catalog()
    by_field: Mapping[str, Iterable[Archetype | Priority]] = {
        "archetype": catalog.archetypes.values(),
        "matters-most": catalog.priorities.values(),
    }
    entries = by_field.get(name, ()) if answer in WITH_OPTIONS else ()
    return tuple(entry.name.partition(":")[0] for entry in entries)


def _listed(labels: list[str]) -> str:
    quoted = [f"“{label}”" for label in labels]
    return " and ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)


def _fields(form: Exercise, answers: Mapping[str, str]) -> dict[tuple[str, str], str]:
    """Cut all answers into their fields."""
    found: dict[tuple[str, str], str] = {}
    for answer in form.answers:
        body = strip_magic(answers.get(answer.id, ""))
        values = parse_fields(body, answer)
        for field, value in values.items():
            found[answer.id, field] = "" if is_blank(value, form) and not _says_none(field, values, form) else value
    return found


def _says_none(field: str, values: Mapping[str, str], form: Exercise) -> bool:
    """Tell "n/a" in the field of a constraint, with an act beside it, from a form that nobody filled in."""
    others = (value for name, value in values.items() if name != field)
    answered = any(not is_blank(value, form) for value in others)
    return field == CONSTRAINT and is_declined(values[field]) and answered


def _captured_at(submission: Submission) -> str | None:
    inventory = submission.evidence.inventory
    return inventory.captured_at if inventory is not None else None
