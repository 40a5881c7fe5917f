"""Test the grader before learners meet it: full marks for the model, and each known wrong answer loses what it should.

Two questions are asked. Does the model solution, with its machine, earn every point, and does each mutation of it in
``selftest/<exercise>/mutations.toml`` lose exactly the criteria it names? And would anybody notice if a criterion were
removed from the rubric, or judged the wrong way round? A criterion that no mutation touches would go unnoticed, so it
fails the self-test.
"""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from workstation.answers.draws import document_of, draw_for
from workstation.answers.evidence import evidence_from_documents
from workstation.answers.model import Criterion, Evidence
from workstation.answers.notebook import extract_answers, read_notebook
from workstation.answers.score import score
from workstation.catalog import load_catalog
from workstation.errors import CohortError

USUAL_MACHINE = "constraint-summary"
_LOSING = ("not met", "not attempted")


@dataclass(frozen=True, kw_only=True)
class Case:
    """One answer set with the criteria that it must lose; the model must lose none."""

    id: str
    why: str
    answers: Mapping[str, str]
    evidence: Evidence
    loses: frozenset[str]
    may_lose: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Something that the self-test found."""

    case: str
    criterion: str
    message: str


def _data(exercise: str) -> Traversable:
    folder = files("workstation_grader") / "selftest" / exercise
    if not (folder / "mutations.toml").is_file():
        raise CohortError(f"There is no self-test for {exercise!r}: {folder}/mutations.toml is missing.")
    return folder


def _machine(folder: Traversable) -> dict[str, Any]:
    """Load the machine beside the mutations; an exercise without one of its own takes the first exercise's."""
    own = folder / "inventory.json"
    machine = own if own.is_file() else files("workstation_grader") / "selftest" / USUAL_MACHINE / "inventory.json"
    loaded: dict[str, Any] = json.loads(machine.read_text(encoding="utf-8"))
    return loaded


def _set_path(document: dict[str, Any], dotted: str, value: object) -> None:
    *parents, last = dotted.split(".")
    inner: Any = document
    for name in parents:
        inner = inner[int(name) if isinstance(inner, list) else name]
    if last not in inner:
        raise CohortError(f"the machine has no {dotted!r} to change")
    inner[last] = value


def _mutated_machine(machine: dict[str, Any] | None, changes: Mapping[str, object]) -> dict[str, Any] | None:
    if changes.get("missing") is True or machine is None:
        return None
    changed: dict[str, Any] = json.loads(json.dumps(machine))
    for dotted, value in changes.items():
        _set_path(changed, dotted, None if value == "null" else value)
    return changed


def model_answers(solution: Path, exercise: str) -> dict[str, str]:
    """Read the model answers from the solution notebook, without the markers around them."""
    notebook = read_notebook(solution.read_bytes())
    found = extract_answers(notebook.cells, load_catalog().exercises[exercise])
    return {answer: _without_markers(body) for answer, body in found.answers.items()}


def _without_markers(body: str) -> str:
    return "\n".join(
        line for line in body.splitlines() if "### BEGIN SOLUTION" not in line and "### END SOLUTION" not in line
    )


def load_cases(exercise: str, solution: Path) -> list[Case]:
    """Build the model case and every mutation of it.

    Raises:
        CohortError: a mutation does not change what it says it changes.
    """
    folder = _data(exercise)
    machine, answers = _machine(folder), model_answers(solution, exercise)
    document = tomllib.loads((folder / "mutations.toml").read_text(encoding="utf-8"))
    drawn = model_draw(exercise)
    given = [{"id": "model", "why": "the solution"}, *document["mutation"]]
    return [_case(mutation, answers, machine, drawn) for mutation in given]


def model_draw(exercise: str) -> dict[str, object] | None:
    """Give the draw.json that the model solution answers; `None` where the exercise draws nothing."""
    document = tomllib.loads((_data(exercise) / "mutations.toml").read_text(encoding="utf-8"))
    return document_of(draw_for(document["learner"])) if "learner" in document else None


def _case(
    mutation: Mapping[str, Any],
    answers: Mapping[str, str],
    machine: dict[str, Any],
    drawn: dict[str, object] | None = None,
) -> Case:
    changed = dict(answers)
    changed |= mutation.get("answers", {})
    for answer, swaps in mutation.get("swap", {}).items():
        for old, new in swaps:
            if old not in changed[answer]:
                raise CohortError(f"Self-test {mutation['id']!r}: the answer {answer!r} does not hold {old!r}.")
            changed[answer] = changed[answer].replace(old, new)
    try:
        inventory = _mutated_machine(machine, mutation.get("machine", {}))
    except CohortError as error:
        raise CohortError(f"Self-test {mutation['id']!r}: {error}.") from None
    return Case(
        id=mutation["id"],
        why=mutation["why"],
        answers=changed,
        evidence=evidence_from_documents(inventory=inventory, draw=mutation.get("draw", drawn) or None),
        loses=frozenset(mutation.get("loses", ())),
        may_lose=frozenset(mutation.get("may_lose", ())),
    )


def check_case(case: Case, criteria: list[Criterion]) -> list[Failure]:
    """Compare what a case lost with what it must lose."""
    failures = []
    for criterion in criteria:
        lost = criterion.outcome in _LOSING
        expected = criterion.id in case.loses
        if lost != expected and criterion.id not in case.may_lose:
            verb = "was lost" if lost else f"was not lost ({criterion.outcome})"
            failures.append(Failure(case=case.id, criterion=criterion.id, message=f"{verb}: {criterion.reason}"))
        elif not expected and criterion.outcome == "needs review" and case.id == "model":
            failures.append(Failure(case=case.id, criterion=criterion.id, message=f"needs review: {criterion.reason}"))
    known = {criterion.id for criterion in criteria}
    unknown = sorted(case.loses - known)
    return failures + [
        Failure(case=case.id, criterion=name, message="the rubric has no such criterion") for name in unknown
    ]


def inverted(criteria: list[Criterion], name: str) -> list[Criterion]:
    """Judge one criterion the wrong way round, as a broken judge would."""
    swap = {"met": "not met", "not met": "met", "not attempted": "met", "needs review": "not met"}
    return [
        replace(item, outcome=swap[item.outcome]) if item.id == name else item  # type: ignore[arg-type]  # a Literal by table
        for item in criteria
    ]


def unnoticed(cases: list[Case], results: Mapping[str, list[Criterion]], exercise: str) -> list[Failure]:
    """Remove and invert each criterion in turn; name those where no case would have noticed."""
    failures = []
    for criterion in load_catalog().exercises[exercise].criteria:
        name = criterion.id
        removed = any(name in case.loses for case in cases)
        noticed = any(
            check_case(case, inverted(results[case.id], name)) != check_case(case, results[case.id]) for case in cases
        )
        for change, seen in (("removed", removed), ("inverted", noticed)):
            if not seen:
                failures.append(Failure(case="rubric", criterion=name, message=f"nobody would notice it {change}"))
    return failures


def selftest(exercise: str, solution: Path) -> tuple[int, list[Failure]]:
    """Run every case; give the number of cases and what failed."""
    cases = load_cases(exercise, solution)
    results = {case.id: score(exercise, case.answers, case.evidence) for case in cases}
    failures = [failure for case in cases for failure in check_case(case, results[case.id])]
    return len(cases), failures + unnoticed(cases, results, exercise)
