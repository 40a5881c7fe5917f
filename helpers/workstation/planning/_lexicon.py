"""Find the catalogue's words in tokens: metrics, comparisons, units, decisions and targets; the longest name wins."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import cache

from workstation.catalog import load_catalog
from workstation.catalog._planning import load_planning_words
from workstation.catalog._platform import load_platform_rules
from workstation.planning._tokens import Token, fold, words_of

__all__ = ["Names", "decisions", "metrics", "nearest", "phrases", "signs", "signs_after", "targets", "units"]

_NEAR = 0.75  # how alike two spellings must be for one to be offered for the other


class Names:
    """Phrases by what they mean, found word by word from a given place."""

    def __init__(self, phrases_by_id: Mapping[str, Iterable[str]]) -> None:
        """Index the phrases; the first owner of a phrase keeps it."""
        self._owner: dict[tuple[str, ...], str] = {}
        for entry, listed in phrases_by_id.items():
            for phrase in listed:
                self._owner.setdefault(words_of(phrase), entry)
        self._owner.pop((), None)
        self._longest = max(map(len, self._owner), default=0)

    def at(self, tokens: Sequence[Token], place: int) -> tuple[str, int] | None:
        """Give what the longest name at *place* means and how many tokens it takes."""
        words = tuple(token.word for token in tokens[place : place + self._longest])
        for length in range(len(words), 0, -1):
            owner = self._owner.get(words[:length])
            if owner is not None:
                return owner, length
        return None

    def known(self) -> Mapping[str, str]:
        """Give every phrase, folded, with what it means."""
        return {" ".join(words): entry for words, entry in self._owner.items()}


def nearest(text: str, names: Names) -> str | None:
    """Give the entry whose name looks most like *text*, `None` where none is near."""
    known = names.known()
    close = get_close_matches(fold(text), known, n=1, cutoff=_NEAR)
    return known[close[0]] if close else None


@cache
def metrics() -> Names:
    """Name the weekly metrics."""
    return Names({entry.id: (entry.id, entry.name, *entry.aliases) for entry in load_catalog().metrics.values()})


@cache
def decisions() -> Names:
    """Name the decisions."""
    words = {entry.id: [entry.id, *entry.aliases] for entry in load_catalog().decisions.values()}
    words["keep"] += load_planning_words().words["waiting"]
    return Names(words)


@cache
def targets() -> Names:
    """Name what an upgrade can be aimed at: constraints and the parts that lift them."""
    names: dict[str, list[str]] = {}
    for entry in load_catalog().constraints.values():
        names.setdefault(entry.id, []).extend((entry.id, entry.name, *entry.aliases))
    for part in load_platform_rules().upgrades.values():
        names.setdefault(part.constraint, []).extend((part.id, part.name, *part.aliases))
    for target in load_planning_words().targets:
        names.setdefault(target.id, []).extend(target.words)
    return Names(names)


@cache
def signs() -> Names:
    """Name the comparisons that stand before their number."""
    return Names({entry.id: entry.words for entry in load_planning_words().comparators})


@cache
def signs_after() -> Names:
    """Name the comparisons that follow their number."""
    return Names({entry.id: entry.after for entry in load_planning_words().comparators})


@cache
def units(metric_unit: str | None = None) -> Names:
    """Name the units of a metric's unit, or of all."""
    chosen = [unit for unit in load_planning_words().units if metric_unit in {None, unit.of}]
    return Names({unit.id: unit.words for unit in chosen})


@cache
def phrases(kind: str) -> Names:
    """Name the small words of one kind: "openers", "then", "filler"."""
    return Names({kind: load_planning_words().words[kind]})
