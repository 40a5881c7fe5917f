"""Compare what a plan did with what a careful engineer would have done."""

from collections.abc import Sequence

from workstation.planning._print import print_step
from workstation.planning.model import Act, Label, Step
from workstation.planning.outcome import Taken, Verdict

__all__ = ["is_rent", "judge", "matches", "needless_rents"]

_HARMLESS = "keep"
_NEEDLESS_RENTS = 2  # rents without need that are a mistake and no habit
_PURCHASES = frozenset({"upgrade", "desktop", "server"})


def judge(taken: Sequence[Taken], label: Label | None, painful_weeks: Sequence[int] = ()) -> tuple[Verdict, str]:
    """Give the verdict and one sentence for it; without a label there is none.

    Renting by the cloud rule buys nothing, so it is wrong only where it goes on in weeks that do not hurt.
    """
    if label is None:
        return "not judged", "Nobody has said what was right here: these are your own weeks."
    moves = [each for each in taken if each.step.decision != _HARMLESS]
    right = [(each, act) for each in moves for act in label.acts if matches(each.step, act.step)]
    needless = needless_rents(moves, painful_weeks)
    excused = [] if len(needless) > _NEEDLESS_RENTS else [each for each in moves if is_rent(each)]
    wrong = [each for each in moves if each not in excused and (each in needless or not _accepted(each.step, label))]
    if not label.acts:
        return _kept(wrong)
    if wrong and (not right or wrong[0].week < right[0][0].week or _buys_more(wrong)):
        return _wrong(wrong[0], label, bought_too=bool(right))
    if not right:
        return "underbought", f"Nothing was done; {_wanted(label)} was right. {label.why}".strip()
    return _timed(*min(right, key=lambda pair: abs(_off(*pair))))


def is_rent(taken: Taken) -> bool:
    """Tell whether a step rents a machine for one week's job, rather than change how the work is done."""
    return taken.checkpoint == "cloud" and taken.step.decision in {"cloud", "hybrid"}


def needless_rents(taken: Sequence[Taken], painful_weeks: Sequence[int]) -> list[Taken]:
    """List the weeks' rents in which nothing hurt."""
    return [each for each in taken if is_rent(each) and each.week not in painful_weeks]


def matches(step: Step, wanted: Step) -> bool:
    """Tell whether a step is the wanted one; an upgrade that names no part is not one that does."""
    return step.decision == wanted.decision and (wanted.target is None or step.target == wanted.target)


def _accepted(step: Step, label: Label) -> bool:
    return step.decision in label.allowed or any(matches(step, act.step) for act in label.acts)


def _buys_more(wrong: Sequence[Taken]) -> bool:
    return any(each.step.decision in _PURCHASES for each in wrong)


def _kept(wrong: Sequence[Taken]) -> tuple[Verdict, str]:
    if wrong:
        first = wrong[0]
        return (
            "overbought",
            f"{print_step(first.step)} in week {first.week}, and nothing kept hurting: keeping was right.",
        )
    return "right in time", "Nothing was bought, and nothing kept hurting."


def _wrong(first: Taken, label: Label, *, bought_too: bool) -> tuple[Verdict, str]:
    if bought_too:
        return "overbought", f"{print_step(first.step)} in week {first.week} was not needed: {_wanted(label)} was."
    return (
        "wrong step",
        f"{print_step(first.step)} in week {first.week} does not lift what hurt: {_wanted(label)} would.",
    )


def _timed(taken: Taken, act: Act) -> tuple[Verdict, str]:
    name, when = print_step(taken.step), f"weeks {act.first_week} to {act.last_week}"
    if taken.week < act.first_week:
        return "early", f"{name} in week {taken.week}, before there was evidence for it ({when} were right)."
    if taken.week > act.last_week:
        return "late", f"{name} in week {taken.week}, after it had hurt for long ({when} were right)."
    return "right in time", f"{name} in week {taken.week} ({when} were right)."


def _off(taken: Taken, act: Act) -> int:
    """How many weeks a step lies outside its weeks; below 0 is early."""
    return min(0, taken.week - act.first_week) or max(0, taken.week - act.last_week)


def _wanted(label: Label) -> str:
    return " or ".join(dict.fromkeys(print_step(act.step) for act in label.acts))
