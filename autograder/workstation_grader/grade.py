"""Grade one submission: read its answers as data, score them, and write the scores into a clean copy.

Pure: bytes and evidence in, a `Graded` out. No kernel is started and no line of the learner's code is run.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from workstation import __version__
from workstation.answers.draws import settled
from workstation.answers.html import criteria_html, criteria_text
from workstation.answers.model import Criterion, Evidence, Problem
from workstation.answers.notebook import extract_answers, read_notebook
from workstation.answers.parse import strip_magic
from workstation.answers.score import TestCell, cell_points, score
from workstation.catalog import Exercise, load_catalog
from workstation.errors import NotebookError
from workstation_grader.beside import cases_beside, with_cases
from workstation_grader.clean import MAX_FOREIGN_CELLS, rebuild, shown_line
from workstation_grader.master import Master, grade_id_of, is_grade, nbgrader_metadata, source_of
from workstation_grader.submission import Submission

SCHEMA = "workstation.graded/1"
MAX_PROBLEMS = 50
_SETTINGS = ("grade", "points", "solution", "locked")


@dataclass(frozen=True, kw_only=True)
class CellScore:
    """What one test cell earned, and whether a person has to look at it."""

    grade_id: str
    earned: float
    points: float
    needs_review: bool
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True, kw_only=True)
class Graded:
    """One graded submission: the clean notebook, the scores of its test cells, and what was odd about it."""

    student: str
    exercise: str
    notebook: dict[str, Any]
    scores: tuple[CellScore, ...]
    answered: Mapping[str, bool]
    problems: tuple[Problem, ...]
    readable: bool

    @property
    def earned(self) -> float:
        """The points earned, without what a person may add in review."""
        return sum(cell.earned for cell in self.scores)


@dataclass(frozen=True, kw_only=True)
class Rebuilt:
    """A submission put back on its master: the clean notebook and the bodies of its answers."""

    notebook: dict[str, Any]
    answers: Mapping[str, str]
    problems: tuple[Problem, ...]
    readable: bool


def rebuild_submission(raw: bytes | None, master: Master, problems: Sequence[Problem] = ()) -> Rebuilt:
    """Put a submitted notebook back on its master; an unreadable one leaves the master with a note for the grader."""
    found = list(problems)
    answers: dict[str, str] = {}
    submitted: Sequence[Mapping[str, Any]] = ()
    readable = False
    if raw is not None:
        try:
            notebook = read_notebook(raw)
        except NotebookError as error:
            found.append(Problem(code="notebook-unreadable", message=str(error)))
        else:
            extracted = extract_answers(notebook.cells, load_catalog().exercises[master.exercise])
            found += [*notebook.problems, *extracted.problems, *test_cell_problems(notebook.cells, master)]
            found += settings_problems(notebook.cells, master)
            answers, submitted, readable = dict(extracted.answers), notebook.cells, True
    sources = {answer: f"%%answer {answer}\n{body}" for answer, body in answers.items()}
    rebuilt = rebuild(master, submitted, sources)
    found += _own_cells(len(rebuilt["cells"]) - len(master.cells))
    return Rebuilt(
        notebook=rebuilt,
        answers=answers,
        problems=tuple(found[:MAX_PROBLEMS]),
        readable=readable,
    )


def settings_problems(cells: Sequence[Mapping[str, Any]], master: Master) -> list[Problem]:
    """Name the cells whose points, locks or roles were changed; the master's own are used instead."""
    released = {grade_id_of(cell): nbgrader_metadata(cell) for cell in master.cells if grade_id_of(cell)}
    changed = {
        grade_id
        for cell in cells
        if (own := released.get(grade_id := grade_id_of(cell))) is not None
        and any(nbgrader_metadata(cell).get(key) != own.get(key) for key in _SETTINGS)
    }
    if not changed:
        return []
    named = ", ".join(repr(grade_id) for grade_id in sorted(changed)[:3])
    message = f"The points, lock or role of {len(changed)} cells ({named}) were changed; the released ones were used."
    return [Problem(code="cell-settings-changed", message=message)]


def _own_cells(count: int) -> list[Problem]:
    """Say how many cells are the learner's own, or were the exercise's and were changed."""
    if count < 1:
        return []
    many = f"at least {count}" if count == MAX_FOREIGN_CELLS else str(count)
    message = (
        f"Cells that are not the exercise's own: {many}. They are shown below it as text; nothing of them was run."
    )
    return [Problem(code="cells-added", message=message)]


def test_cell_problems(cells: Sequence[Mapping[str, Any]], master: Master) -> list[Problem]:
    """Name the test cells that a learner deleted, retyped, repeated or edited; the master's own are used instead."""
    problems = []
    for cell in filter(is_grade, master.cells):
        grade_id = grade_id_of(cell)
        copies = [other for other in cells if grade_id_of(other) == grade_id]
        if not copies:
            fault = "is missing"
        elif len(copies) > 1:
            fault = f"appears {len(copies)} times"
        elif copies[0].get("cell_type") != cell["cell_type"]:
            fault = "has another cell type"
        elif source_of(copies[0]).strip() != source_of(cell).strip():
            fault = "was edited"
        else:
            continue
        message = f"The test cell {grade_id!r} {fault}; the released one was used."
        problems.append(Problem(code="test-cell-changed", message=message))
    return problems


def _score_cell(grade_id: str, cell: TestCell, criteria: list[Criterion], exercise: str) -> CellScore:
    wanted = {
        item.id
        for item in load_catalog().exercises[exercise].criteria
        if item.answer == cell.answer and item.group == cell.group
    }
    own = tuple(criterion for criterion in criteria if criterion.id in wanted)
    earned = cell_points(criteria, exercise, cell.answer, cell.group, "autograde")
    return CellScore(
        grade_id=grade_id,
        earned=min(max(float(earned), 0.0), cell.points),
        points=cell.points,
        needs_review=any(criterion.outcome == "needs review" for criterion in own),
        criteria=own,
    )


def only(exercise: str, criteria: Sequence[Criterion]) -> Exercise:
    """Narrow an exercise to the criteria of one test cell, so that its card names no other's."""
    whole, wanted = load_catalog().exercises[exercise], {criterion.id for criterion in criteria}
    return replace(whole, criteria=tuple(entry for entry in whole.criteria if entry.id in wanted))


def _outputs(cell: CellScore, exercise: str) -> list[dict[str, Any]]:
    """Give a test cell the outputs that running it would give: the card, then the float."""
    criteria, part = list(cell.criteria), only(exercise, cell.criteria)
    card = {"text/html": criteria_html(criteria, part), "text/plain": criteria_text(criteria, part)}
    return [
        {"output_type": "display_data", "data": card, "metadata": {}},
        {
            "output_type": "execute_result",
            "data": {"text/plain": repr(cell.earned)},
            "metadata": {},
            "execution_count": 1,
        },
    ]


def _unreadable(master: Master) -> tuple[CellScore, ...]:
    """Leave every test cell to a person where nothing of the submission could be read."""
    return tuple(
        CellScore(grade_id=grade_id, earned=0.0, points=cell.points, needs_review=True, criteria=())
        for grade_id, cell in master.test_cells.items()
    )


def _with_scores(notebook: Mapping[str, Any], scores: Sequence[CellScore], exercise: str) -> dict[str, Any]:
    """Give the notebook with each test cell's outputs and criteria; what has none is shared, not copied."""
    by_id = {cell.grade_id: cell for cell in scores}
    return {**notebook, "cells": [_scored(cell, by_id.get(grade_id_of(cell)), exercise) for cell in notebook["cells"]]}


def _scored(cell: dict[str, Any], own: CellScore | None, exercise: str) -> dict[str, Any]:
    if own is None:
        return cell
    criteria = {"criteria": [asdict(criterion) for criterion in own.criteria]}
    metadata = {**cell["metadata"], "workstation": criteria}
    return {**cell, "outputs": _outputs(own, exercise), "execution_count": 1, "metadata": metadata}


def versions() -> dict[str, str]:
    """Name the versions that a grade depends on."""
    catalog = load_catalog()
    return {"package": __version__, "catalog": catalog.version, "rubric": catalog.rubric_version}


def score_rebuilt(
    rebuilt: Rebuilt, master: Master, evidence: Evidence, *, student: str, digest: str, seed: str | None = None
) -> Graded:
    """Score a rebuilt submission against the rubric and write scores, reasons and versions into its notebook.

    *seed* draws the weeks that plans are tried on; it decides, and stands nowhere in what comes out.
    """
    evidence = settled(evidence, master.exercise, student)
    problems = tuple(
        replace(problem, message=shown_line(problem.message)) for problem in (*rebuilt.problems, *evidence.problems)
    )
    if rebuilt.readable:
        criteria = [
            replace(criterion, reason=shown_line(criterion.reason), next_step=shown_line(criterion.next_step))
            for criterion in score(master.exercise, rebuilt.answers, evidence, seed=seed)
        ]
        scores = tuple(
            _score_cell(grade_id, cell, criteria, master.exercise) for grade_id, cell in master.test_cells.items()
        )
    else:
        scores = _unreadable(master)
    notebook = with_cases(_with_scores(rebuilt.notebook, scores, master.exercise), evidence.draw)
    about = {
        "schema": SCHEMA,
        "exercise": master.exercise,
        "readable": rebuilt.readable,
        "submission_sha256": digest,
        "versions": versions(),
        "problems": [asdict(problem) for problem in problems],
        **({"cases": cases_beside(evidence.draw, master.answer_sources)} if evidence.draw is not None else {}),
    }
    notebook["metadata"] = {**notebook["metadata"], "workstation": about}
    return Graded(
        student=student,
        exercise=master.exercise,
        notebook=notebook,
        scores=scores,
        answered=_answered(rebuilt.answers, master),
        problems=problems,
        readable=rebuilt.readable,
    )


def _answered(answers: Mapping[str, str], master: Master) -> dict[str, bool]:
    """Tell of each answer cell whether its text differs from the released one."""
    return {
        answer: strip_magic(answers.get(answer, "")).strip() not in ("", strip_magic(released).strip())
        for answer, released in master.answer_sources.items()
    }


def grade_submission(submission: Submission, master: Master, seed: str | None = None) -> Graded:
    """Grade what one learner handed in; damaged input becomes a named problem, never an exception."""
    rebuilt = rebuild_submission(submission.notebook, master, submission.problems)
    return score_rebuilt(
        rebuilt, master, submission.evidence, student=submission.student, digest=submission.digest, seed=seed
    )


def to_json(notebook: Mapping[str, Any]) -> bytes:
    """Write a notebook as the bytes of its file, a line a cell: json writes that ten times as fast as with indents."""
    cells = ",\n".join(json.dumps(cell, ensure_ascii=False) for cell in notebook["cells"])
    rest = json.dumps({key: value for key, value in notebook.items() if key != "cells"}, ensure_ascii=False)
    return f'{{"cells": [\n{cells}\n],\n{rest[1:]}\n'.encode("utf-8", "replace")
