"""Find evidence that several learners handed in: the same file, or copies of the same whole recording.

A file that a fifth of the class has was most likely handed out, as a sample or by a shared machine, and is said so.
"""

from collections import defaultdict
from collections.abc import Sequence

from workstation_grader.insight.model import Cell, Entry, Section, Table
from workstation_grader.insight.words import count, shortened

__all__ = ["shared", "shared_digests"]

HANDED_OUT_SHARE = 0.2
HANDED_OUT_FEWEST = 10
_MOST_NAMED = 12
_NO_EVIDENCE_OF_COPYING = frozenset({"platform.json", "log.jsonl"})  # an empty worksheet is the same for everybody


def shared_digests(entries: Sequence[Entry]) -> list[tuple[str, str, tuple[str, ...]]]:
    """List (file name, digest, learners) of what several learners handed in, the fewest learners first."""
    owners: dict[str, dict[str, str]] = defaultdict(dict)
    for entry in entries:
        for name, digest in entry.digests.items():
            if name not in _NO_EVIDENCE_OF_COPYING:
                owners[digest].setdefault(entry.student, name)
    found = [(min(held.values()), digest, tuple(sorted(held))) for digest, held in owners.items() if len(held) > 1]
    return sorted(found, key=lambda each: (len(each[2]), each))


def shared(entries: Sequence[Entry]) -> Section:
    """Tell which evidence two or more learners handed in."""
    found = shared_digests(entries)
    limit = max(HANDED_OUT_FEWEST, HANDED_OUT_SHARE * len(entries))
    rows = tuple(_row(*each, handed_out=len(each[2]) >= limit) for each in found)
    few = sum(1 for each in found if len(each[2]) < limit)
    lead = (
        f"{count(few, 'evidence file')} came from more than one learner."
        if few
        else "No learner's evidence came twice."
    )
    table = Table(
        name="shared-evidence", caption="Evidence that several learners handed in",
        columns=("File", "Learners", "Who", "Digest", "Remark"), rows=rows, words=frozenset({"File"}),
    )  # fmt: skip
    note = (
        "The digest of a thinned recording is that of the whole one. Two learners at one machine of a lab, or one "
        "sample for all, give the same digest in good faith: ask before you judge."
    )
    return Section(id="evidence", title="Shared evidence", lead=(lead,), tables=(table,) if rows else (), notes=(note,))


def _row(name: str, digest: str, learners: tuple[str, ...], *, handed_out: bool) -> tuple[Cell, ...]:
    more = f" and {len(learners) - _MOST_NAMED} more" if len(learners) > _MOST_NAMED else ""
    who = ", ".join(learners[:_MOST_NAMED]) + more
    return (
        shortened(name, 80),
        len(learners),
        who,
        digest.removeprefix("sha256:")[:16],
        "so many that it was probably handed out" if handed_out else "",
    )
