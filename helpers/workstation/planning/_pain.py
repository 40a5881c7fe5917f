"""Which weeks hurt, by the thresholds of `planning.toml`, and which of them a plan's steps spared."""

from collections.abc import Iterator, Sequence

from workstation.catalog._planning import Pain, load_planning_words
from workstation.planning._judge import is_rent
from workstation.planning.model import History, Week
from workstation.planning.outcome import Taken

__all__ = ["hurts", "painful_weeks", "pains_of", "suffered_weeks"]


def hurts(pain: Pain, value: float | None) -> bool:
    """Tell whether a figure is one that stops the work; a missing one is not known to."""
    if value is None:
        return False
    return value <= pain.hurts if pain.is_low else value >= pain.hurts


def pains_of(week: Week) -> Iterator[Pain]:
    """Give what hurt in a week."""
    for pain in load_planning_words().pains.values():
        if pain.kind == "strain" and hurts(pain, week.value(pain.id)):
            yield pain


def painful_weeks(history: History) -> tuple[int, ...]:
    """List the weeks in which something hurt."""
    return tuple(week.number for week in history.weeks if next(pains_of(week), None) is not None)


def suffered_weeks(history: History, taken: Sequence[Taken]) -> tuple[int, ...]:
    """List the weeks that still hurt: those before a step that lifts what hurt in them."""
    return tuple(
        week.number for week in history.weeks if any(not _lifted(pain, week.number, taken) for pain in pains_of(week))
    )


def _lifted(pain: Pain, week: int, taken: Sequence[Taken]) -> bool:
    return any(pain.of in _lifts(each) for each in taken if _works(each, week))


def _works(taken: Taken, week: int) -> bool:
    """A purchase helps from the week after it on; renting for one job helps in its own week."""
    return taken.week == week if is_rent(taken) else taken.week < week


def _lifts(taken: Taken) -> set[str]:
    lifted = set(load_planning_words().lifts[taken.step.decision])
    if taken.step.target is not None:
        lifted |= {taken.step.target} | ({"memory"} if taken.step.target in {"ram", "vram"} else set())
    return lifted
