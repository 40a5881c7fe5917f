"""Say which submissions were damaged or odd: counted here, and fatal nowhere."""

from collections import Counter
from collections.abc import Sequence

from workstation.answers.evidence import INVENTORY_FILE
from workstation_grader.insight.model import Entry, Section, Table
from workstation_grader.insight.words import count, shortened

__all__ = ["files"]

_WORDS = {
    "file-missing": "the graded copy is not there: grade again",
    "copy-damaged": "the graded copy cannot be read: grade again",
    "unreadable": "the learner's notebook could not be read",
}
_MOST_NAMED = 12


def files(entries: Sequence[Entry]) -> Section:
    """Tell what was wrong with which files, the commonest first."""
    found: dict[str, list[str]] = {}
    for entry in entries:
        for what in _faults(entry):
            found.setdefault(what, []).append(entry.student)
    numbers = Counter({what: len(who) for what, who in found.items()})
    rows = tuple((what, number, _named(found[what])) for what, number in numbers.most_common())
    damaged = sum(1 for entry in entries if not entry.copy or not entry.readable)
    lead = (
        f"{count(damaged, 'submission')} could not be read and {'is' if damaged == 1 else 'are'} in no figure above."
        if damaged
        else "Every submission could be read."
    )
    table = Table(name="files", caption="Damaged and odd files", columns=("What", "Submissions", "Who"), rows=rows)
    return Section(id="files", title="Damaged and odd files", lead=(lead,), tables=(table,) if rows else ())


def _faults(entry: Entry) -> list[str]:
    if not entry.copy:
        return [_WORDS.get(entry.damage, f"the graded copy: {entry.damage}")]
    problems = [shortened(code, 60) for code in entry.problems]
    told = any(code.startswith("evidence-") for code in entry.problems)
    names = [name for name in entry.unread if not (told and name == INVENTORY_FILE)]
    unread = [f"evidence that could not be read: {shortened(name, 60)}" for name in names]
    return list(dict.fromkeys([*([] if entry.readable or problems else [_WORDS["unreadable"]]), *problems, *unread]))


def _named(who: Sequence[str]) -> str:
    return ", ".join(who[:_MOST_NAMED]) + (f" and {len(who) - _MOST_NAMED} more" if len(who) > _MOST_NAMED else "")
