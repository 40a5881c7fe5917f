"""Check answers: while a learner works, when nbgrader validates, and when it grades.

Under nbgrader only the notebook on disk and the evidence beside it are read. Nothing is measured, and nothing that was
run in this kernel counts.
"""

from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

from workstation.answers.evidence import load_evidence
from workstation.answers.model import Criterion, Evidence
from workstation.answers.parse import answer_id_of, strip_magic
from workstation.answers.score import cell_points, score
from workstation.catalog import Exercise, load_catalog
from workstation.errors import UnknownAnswer
from workstation.notebook.boundary import Mode, mode, sheltered, show_refusal, show_unknown_answer
from workstation.notebook.feedback import part_of, say_what_is_open, show_feedback
from workstation.notebook.first_line import likely_answers
from workstation.notebook.places import answers_now, exercise_of
from workstation.notebook.practice import beside
from workstation.notebook.session import SESSION
from workstation.notebook.theme import NOTHING, Fragment

EVIDENCE = "evidence"
NO_GROUP = 'There is no group {group!r} of {answer!r}. Its groups: {groups}. `ws.check("{answer}")` shows all of it.'
NOT_SAVED = (
    "This card reads the saved notebook. If your answer stands in its cell already, save the notebook (Ctrl-S, on a "
    "Mac Cmd-S) or run that cell, then run this one again."
)
UNSAVED = Fragment(f"\n<p>{NOT_SAVED}</p>", f"\n{NOT_SAVED}")
SAMPLE = "For four months I run models in 8 GiB of RAM."  # text, so that every judge sets itself up


@sheltered(otherwise=0.0)
def check(answer: str, group: int | None = None) -> float:
    """Score an answer, or one group of its criteria, and show the reasons; the points come back as a plain float.

    At work and in nbgrader's Validate the criteria that are looked at when grading are named and not judged.
    """
    now, answer = mode(), str(answer)
    groups = groups_of(exercise_of(answer, folder=Path.cwd()), answer)
    if group is not None and group not in groups:
        listed = f"1 to {len(groups)}" if len(groups) > 1 else "1"
        show_refusal(NO_GROUP.format(group=group, answer=answer, groups=listed))
        return 0.0
    with _silence():
        exercise = exercise_of(answer, folder=Path.cwd())
        criteria = judge(exercise)
        part = part_of(exercise, answer, group)
        points = _points(criteria, part, answer, now)
    unsaved = _is_nowhere(criteria, part, answer) if now == "work" else False
    show_feedback(criteria, part, answer=answer, mode=now, beside=UNSAVED if unsaved else NOTHING)
    if now == "validate" and points < sum(item.points for item in part.criteria):
        say_what_is_open(criteria, part)
    return points


@sheltered(otherwise=None)
def answer(line: str, text: str) -> None:
    """Take in an answer cell that was just run, and give feedback on all of it.

    Args:
        line: what follows ``%%answer`` on the first line: the answer's id.
        text: the lines below.
    """
    answer_id = answer_id_of(f"%%answer {line}") or ""
    try:
        exercise = exercise_of(answer_id, folder=Path.cwd())
    except UnknownAnswer:
        show_unknown_answer(answer_id, likely_answers(answer_id, text, folder=Path.cwd()))
        return
    SESSION.remember(exercise.id, answer_id, strip_magic(text))
    part = part_of(exercise, answer_id, None)
    show_feedback(judge(exercise), part, answer=answer_id, mode=mode(), beside=beside(answer_id, strip_magic(text)))


def groups_of(exercise: Exercise, answer: str) -> list[int]:
    """List the groups that an answer's criteria stand in."""
    return sorted({item.group for item in exercise.criteria if item.answer == answer})


def get_ready() -> None:
    """Load what a first card needs and what takes longest: the catalogue, the words of the judges, the histories."""
    for exercise in load_catalog().exercises.values():
        for form in exercise.answers:
            lines = [f"{field.label}: {SAMPLE}" for field in form.fields]
            body = "\n".join(lines) or SAMPLE
            score(exercise.id, {form.id: body}, Evidence())
            beside(form.id, body)


def judge(exercise: Exercise) -> list[Criterion]:
    """Judge an exercise on what stands in the notebook and its evidence now; all criteria only where it is graded."""
    folder = Path.cwd()
    answers = answers_now(exercise, mode=mode(), folder=folder, session=SESSION)
    return score(exercise.id, answers, load_evidence(folder / EVIDENCE), at_work=mode() != "autograde")


def _is_nowhere(criteria: list[Criterion], part: Exercise, answer: str) -> bool:
    """Tell whether an answer is neither in the saved notebook nor was run: it may stand in a cell all the same."""
    own = {item.id for item in load_catalog().tasks[part.id].criteria if item.answer == answer}
    written = any(form.id == answer and (form.has_text or form.fields) for form in part.answers)
    blank = all(criterion.outcome == "not attempted" for criterion in criteria if criterion.id in own)
    return written and blank and answer not in SESSION.all_of(part.id)


def _points(criteria: list[Criterion], part: Exercise, answer: str, now: Mode) -> float:
    """Add up the points of a part's groups, never below 0 and never above what they are worth."""
    earned = sum(cell_points(criteria, part.id, answer, group, now) for group in groups_of(part, answer))
    return float(min(max(earned, 0.0), sum(item.points for item in part.criteria)))


@contextmanager
def _silence() -> Iterator[None]:
    """Keep warnings and stray prints out of a test cell: nbgrader gives no points once anything is on stderr."""
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        yield
