"""Walk through the decision framework: a pure state machine in which an answer without evidence does not count.

walk = begin("For 4 months I will run local models and a small RAG system")
walk = answer(walk, "no", Evidence(kind="recording", reference="ctx-16k", says="out of memory at 16k tokens"))
question(walk).question        # the next one
ending(walk)                   # None, until the walk has come to an end
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

from workstation.catalog._walk import EvidenceKind, WalkChoice, WalkQuestion, load_walk
from workstation.errors import PlanningError
from workstation.planning.model import Step

__all__ = [
    "Answer",
    "Ending",
    "Evidence",
    "Walk",
    "answer",
    "back",
    "begin",
    "collecting",
    "ending",
    "question",
    "walk_text",
]

TEXT_CHARS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What an answer rests on: its kind, which one (a recording's name, a week, a dotted path), and what it says."""

    kind: EvidenceKind
    reference: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer; without evidence that can carry it, it is an opinion and the walk waits."""

    question: str
    choice: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """Where a walk has come to. `available` are the kinds of evidence that exist; `None`: whatever is cited."""

    workload: str
    answers: tuple[Answer, ...] = ()
    available: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """Where a walk ends: the step, the path, what should wait and when to look again."""

    step: Step
    means: str
    waits: str
    revisit: str
    path: tuple[str, ...]


def begin(workload: str, *, available: Collection[EvidenceKind] | None = None) -> Walk:
    """Start a walk from the work of the next 3 to 6 months, in one sentence.

    Raises:
        PlanningError: there is no sentence; hardware is not judged without work.
    """
    sentence = " ".join(workload.split())[:TEXT_CHARS]
    if not sentence:
        raise PlanningError("The walk starts from your work: say the next 3 to 6 months in one sentence first.")
    return Walk(workload=sentence, available=None if available is None else frozenset(available))


def question(walk: Walk) -> WalkQuestion | None:
    """Give the question that is open, `None` at the end. One whose answer lacks evidence stays open."""
    questions = load_walk().questions
    if not walk.answers:
        return next(iter(questions.values()))
    last = walk.answers[-1]
    if collecting(walk) is not None:
        return questions[last.question]
    goes_to = _choice(last).goes_to
    return questions[goes_to] if goes_to is not None else None


def answer(walk: Walk, choice: str, *evidence: Evidence) -> Walk:
    """Answer the open question and give the walk after it.

    Raises:
        PlanningError: the walk has ended, or the question has no such choice.
    """
    asked = question(walk)
    if asked is None:
        raise PlanningError("The walk has come to its end. Go back one answer, or begin again.")
    if choice not in {each.id for each in asked.choices}:
        choices = ", ".join(each.id for each in asked.choices)
        raise PlanningError(f"{choice[:60]!r} is no answer to “{asked.question}” Answers: {choices}.")
    before = walk.answers[:-1] if collecting(walk) is not None else walk.answers
    return replace(walk, answers=(*before, Answer(question=asked.id, choice=choice, evidence=evidence)))


def back(walk: Walk) -> Walk:
    """Take back the last answer."""
    return replace(walk, answers=walk.answers[:-1])


def collecting(walk: Walk) -> str | None:
    """Say what to collect first, and how, where the last answer has no evidence that can carry it."""
    if not walk.answers:
        return None
    last = walk.answers[-1]
    choice = _choice(last)
    if any(_carries(each, choice, walk) for each in last.evidence):
        return None
    return f"Collect it first ({' or '.join(choice.evidence)}). {choice.collect}"


def ending(walk: Walk) -> Ending | None:
    """Give the end of the walk, `None` while a question is open."""
    if not walk.answers or question(walk) is not None:
        return None
    end = load_walk().ends[_choice(walk.answers[-1]).ends_in or ""]
    target = next((choice.target for choice in map(_choice, walk.answers) if choice.target is not None), None)
    return Ending(
        step=Step(decision=end.decision, target=target if end.decision == "upgrade" else None),
        means=end.means,
        waits=end.waits,
        revisit=end.revisit,
        path=tuple(_path_line(each) for each in walk.answers),
    )


def walk_text(walk: Walk) -> str:
    """Write a walk as a plain list: path, then the open question with its choices, or the end."""
    lines = [f"Work: {walk.workload}", *(_path_line(each) for each in walk.answers)]
    end, missing, asked = ending(walk), collecting(walk), question(walk)
    if missing is not None:
        lines.append(missing)
    if asked is not None:
        lines += [f"{asked.question} ({asked.why})", *(f"  {each.id}: {each.text}" for each in asked.choices)]
    if end is not None:
        target = f" {end.step.target}" if end.step.target else ""
        lines += [
            f"Decision: {end.step.decision}{target}. {end.means}",
            f"What waits: {end.waits}",
            f"Look again: {end.revisit}.",
        ]
    return "\n".join(lines)


def _carries(evidence: Evidence, choice: WalkChoice, walk: Walk) -> bool:
    exists = walk.available is None or evidence.kind in walk.available
    return exists and evidence.kind in choice.evidence and bool(evidence.reference.strip() and evidence.says.strip())


def _choice(given: Answer) -> WalkChoice:
    asked = load_walk().questions[given.question]
    return next(each for each in asked.choices if each.id == given.choice)


def _path_line(given: Answer) -> str:
    asked = load_walk().questions[given.question]
    cited = "; ".join(f"{each.kind} {_short(each.reference)}: {_short(each.says)}" for each in given.evidence)
    return f"{asked.question} {_choice(given).text} [{cited or 'no evidence yet'}]"


def _short(text: str) -> str:
    return " ".join(text.split())[:TEXT_CHARS]
