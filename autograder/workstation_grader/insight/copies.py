"""Tell which answers are suspiciously alike, and what could not be compared."""

from collections import Counter
from collections.abc import Sequence

from workstation_grader.insight.alike import FEWEST_PIECES, Compared, compare, pieces, shared_words
from workstation_grader.insight.model import Cell, Entry, Section, Table
from workstation_grader.insight.words import count, shortened

__all__ = ["copies"]

_NEARLY_THE_SAME, _LIGHTLY_EDITED = 0.85, 0.65
_MOST_NAMED = 12
_NOTE = (
    "Compared are the learners' own words without the exercise's text: uncommon words and figures, in any order, case "
    "and inflection, weighed by how few of the class use them. 1.00 is all the same. Two learners who shared a machine "
    "or a sample share its figures in good faith: read both answers before you speak to anybody."
)


def copies(entries: Sequence[Entry]) -> Section:
    """Tell who wrote suspiciously alike."""
    texts = {entry.student: entry.own for entry in entries if entry.own}
    found = compare(texts)
    used = Counter(piece for own in texts.values() for piece in set(pieces(own)))
    rows: list[tuple[Cell, ...]] = [(_who(group), len(group), "1.00", "the same words", "") for group in found.same]
    for pair in found.pairs:
        words = ", ".join(shared_words(texts[pair.left], texts[pair.right], used))
        rows.append((f"{pair.left}, {pair.right}", 2, f"{pair.score:.2f}", _kind(pair.score), shortened(words)))
    columns = ("Learners", "How many", "Alike", "What it looks like", "Rarest words and figures in both")
    table = Table(
        name="alike", caption="Suspiciously alike answers, the most alike first", columns=columns, rows=tuple(rows),
        words=frozenset({columns[-1]}),
    )  # fmt: skip
    return Section(
        id="alike", title="Alike answers", lead=tuple(_lead(found)), tables=(table,) if rows else (), notes=(_NOTE,)
    )


def _who(group: Sequence[str]) -> str:
    more = f" and {len(group) - _MOST_NAMED} more" if len(group) > _MOST_NAMED else ""
    return ", ".join(group[:_MOST_NAMED]) + more


def _kind(score: float) -> str:
    if score >= _NEARLY_THE_SAME:
        return "nearly the same words"
    return "lightly edited" if score >= _LIGHTLY_EDITED else "reworded, the same facts"


def _lead(found: Compared) -> list[str]:
    every = found.compared * (found.compared - 1) // 2
    said = [f"{count(found.compared, 'submission')} compared, {count(every, 'pair')}."]
    listed = [*([count(len(found.same), "group") + " with the same words"] if found.same else [])]
    listed += [f"{count(len(found.pairs) + found.left_off, 'pair')} alike"] if found.pairs else []
    said.append(f"Found: {' and '.join(listed)}." if listed else "None is suspiciously alike.")
    if found.left_off:
        said.append(f"The {len(found.pairs):,} most alike are listed.")
    if found.too_short:
        said.append(
            f"{count(found.too_short, 'submission')} with fewer than {FEWEST_PIECES} words could not be compared."
        )
    if found.too_common:
        said.append(
            f"{count(len(found.too_common), 'submission')} could not be compared either, for want of words that fewer "
            f"than a tenth of the class use: {_who(found.too_common)}."
        )
    return said
