"""Decide which of the course's success criteria a working copy shows, from what is saved there and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from workstation.answers.evidence import load_evidence
from workstation.answers.model import Criterion
from workstation.answers.score import score
from workstation.catalog import Exercise, load_catalog
from workstation.catalog._success import SuccessCriterion, Way, load_success
from workstation.errors import WorkstationError
from workstation.notebook.capture import EVIDENCE
from workstation.notebook.capture import FILE as INVENTORY_FILE
from workstation.notebook.decision_card import decided
from workstation.notebook.decision_file import load_walk_on_file
from workstation.notebook.on_file import citable, read_store
from workstation.notebook.saved_work import saved_work
from workstation.planning import ending

__all__ = ["State", "Success", "Told", "gather_success"]

State = Literal["shown", "open", "not yet"]
WALK_OPEN = "the decision walk is not at its end"
NOTHING_SAVED = "nothing of it is saved yet in {exercise}"
MOST_REASONS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One criterion: whether it shows, by what, and else what is missing and where it comes from."""

    id: str
    says: str
    state: State  # open: the rules could not tell, a person would have to
    by: str = ""
    missing: tuple[str, ...] = ()
    how: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Success:
    """All criteria in order; `problems` are sentences about files that are there and could not be read."""

    told: tuple[Told, ...]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taken:
    """What one way of showing a criterion came to."""

    way: Way
    state: State
    missing: tuple[str, ...]
    met: int
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What is on file: judged criteria by exercise and id, and where the walk ended."""

    judged: Mapping[str, Mapping[str, Criterion]]
    walk_end: str | None


def gather_success(root: Path) -> Success:
    """Look at the working copy at *root*."""
    problems: list[str] = []
    judged = {task.id: _judged(root, task, problems) for task in load_catalog().exercises.values()}
    found = _Found(judged=judged, walk_end=_walk_end(root, problems))
    told = tuple(_told(criterion, found) for criterion in load_success().values())
    return Success(told=told, problems=tuple(dict.fromkeys(problems)))


def _judged(root: Path, task: Exercise, problems: list[str]) -> Mapping[str, Criterion]:
    """Judge a saved exercise with the evidence beside it, or else with that of the course."""
    saved = saved_work(root, task)
    if saved.problem:
        problems.append(saved.problem)
    beside = saved.path.parent / EVIDENCE if saved.path is not None else root / EVIDENCE
    folder = beside if (beside / INVENTORY_FILE).is_file() else root / EVIDENCE
    return {entry.id: entry for entry in score(task.id, saved.answers, load_evidence(folder))}


def _walk_end(root: Path, problems: list[str]) -> str | None:
    try:
        available = frozenset(item.kind for item in citable(read_store(root)))
        walk = load_walk_on_file(root, available=available)
    except WorkstationError as error:
        problems.append(str(error))
        return None
    end = ending(walk) if walk is not None else None
    return decided(end) if end is not None else None


def _told(criterion: SuccessCriterion, found: _Found) -> Told:
    """Take the ways in order; the first that shows it counts, else the one that comes nearest is told."""
    ways = [_taken(way, found) for way in criterion.ways if way.walk or way.exercise in found.judged]
    shown = next((taken for taken in ways if taken.state == "shown"), None)
    if shown is not None:
        return Told(id=criterion.id, says=criterion.says, state="shown", by=shown.by)
    nearest = max(ways, key=lambda taken: (taken.state == "open", taken.met), default=None)
    state: State = nearest.state if nearest is not None else "not yet"
    missing = nearest.missing if nearest is not None else ()
    return Told(id=criterion.id, says=criterion.says, state=state, missing=missing, how=criterion.how)


def _taken(way: Way, found: _Found) -> _Taken:
    if way.walk:
        ended = found.walk_end is not None
        by = f"{way.shown_by}: {found.walk_end}" if ended else ""
        return _Taken(way=way, state="shown" if ended else "not yet", missing=(WALK_OPEN,), met=0, by=by)
    judged = [found.judged[way.exercise or ""][name] for name in way.criteria]
    left = [entry for entry in judged if entry.outcome != "met"]
    if not left:
        return _Taken(way=way, state="shown", missing=(), met=len(judged), by=way.shown_by)
    state: State = "open" if all(entry.outcome == "needs review" for entry in left) else "not yet"
    return _Taken(way=way, state=state, missing=_missing(way, left), met=len(judged) - len(left))


def _missing(way: Way, left: list[Criterion]) -> tuple[str, ...]:
    """Say what each criterion that is not met asks, and what was found; one sentence where nothing is there."""
    if len(left) == len(way.criteria) and all(entry.outcome == "not attempted" for entry in left):
        return (NOTHING_SAVED.format(exercise=f"exercises/{way.exercise}"),)
    titles = {entry.id: entry.title for entry in load_catalog().exercises[way.exercise or ""].criteria}
    return tuple(f"{titles[entry.id]}: {entry.reason or entry.outcome}" for entry in left[:MOST_REASONS])
