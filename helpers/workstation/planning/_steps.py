"""Read a decision and its target from words: "build a single-GPU desktop", "upgrade (cooling)", "add RAM"."""

from collections.abc import Sequence
from functools import cache
from itertools import pairwise

from workstation.catalog import load_catalog
from workstation.catalog._planning import load_planning_words
from workstation.errors import RuleError
from workstation.planning import _lexicon as lexicon
from workstation.planning._tokens import Token
from workstation.planning.model import Step

__all__ = ["segment_end", "step"]

_LONGEST = 60  # tokens that one decision may take
_DENIAL_REACH = 3  # tokens from "not" to what it denies
_MACHINES = {"desktop", "server"}


class _Hit:
    """A name found: what it means, where, and whether it is denied."""

    __slots__ = ("denied", "first", "last", "means")

    def __init__(self, means: str, first: int, last: int, *, denied: bool) -> None:
        self.means, self.first, self.last, self.denied = means, first, last, denied


def segment_end(tokens: Sequence[Token], start: int) -> int:
    """Find where the words of a decision end: a full stop, the next rule, `otherwise`, a reason."""
    ends = [lexicon.phrases(kind) for kind in ("openers", "otherwise", "because")]
    for place in range(start, min(len(tokens), start + _LONGEST)):
        if tokens[place].kind == "stop" or any(names.at(tokens, place) for names in ends):
            return place
    return min(len(tokens), start + _LONGEST)


def step(text: str, tokens: Sequence[Token], start: int, end: int, *, plain: bool = False) -> Step:
    """Read the step that stands in these tokens; raise `RuleError` where none or more than one does.

    A *plain* one stands in no rule: what is only thought about there ("before any upgrade") is not decided.
    """
    part = tokens[start:end]
    hits = [hit for hit in _hits(part, lexicon.decisions()) if not (plain and _hedged(part, hit))]
    affirmed = _distinct([hit for hit in hits if not hit.denied])
    targets = _targets(part)
    if not affirmed and targets and _buys(part):
        return Step(decision="upgrade", target=_one_target(part, targets))
    if not affirmed and any(hit.denied for hit in hits):
        return Step(decision="keep")
    if not affirmed:
        raise _unknown(text, tokens, start, end)
    decision = _one(part, affirmed, aimed=bool(targets))
    return Step(decision=decision, target=_one_target(part, targets) if decision == "upgrade" else None)


def _hits(part: Sequence[Token], names: lexicon.Names) -> list[_Hit]:
    found, place = [], 0
    while place < len(part):
        hit = names.at(part, place)
        if hit is not None:
            found.append(_Hit(hit[0], place, place + hit[1] - 1, denied=_denied(part, place)))
        place += hit[1] if hit is not None else 1
    return found


def _denied(part: Sequence[Token], place: int) -> bool:
    names = lexicon.phrases("denied")
    for before in range(place - 1, max(-1, place - 1 - _DENIAL_REACH), -1):
        if part[before].kind in {"comma", "stop"}:
            return False
        if names.at(part, before) is not None:
            return True
    return False


def _hedged(part: Sequence[Token], hit: _Hit) -> bool:
    names = lexicon.phrases("hedges")
    around = (*range(max(0, hit.first - _DENIAL_REACH), hit.first), *range(hit.last + 1, hit.last + _DENIAL_REACH))
    return any(names.at(part, place) is not None for place in around)


def _distinct(hits: Sequence[_Hit]) -> list[_Hit]:
    seen: dict[str, _Hit] = {}
    for hit in hits:
        seen.setdefault(hit.means, hit)
    return list(seen.values())


def _one(part: Sequence[Token], hits: list[_Hit], *, aimed: bool) -> str:
    """Make one decision of those named; a list of options is none."""
    named = {hit.means for hit in hits}
    if aimed and "upgrade" in named:
        hits = [hit for hit in hits if hit.means not in _MACHINES]
        named -= _MACHINES
    if len(named) == 1:
        return hits[0].means
    for one, other in pairwise(hits):
        if _or_between(part, one, other):
            raise RuleError(
                f"{one.means} or {other.means}: a rule takes one step. Choose one.",
                start=part[other.first].start,
                end=part[other.last].end,
            )
    return load_planning_words().pairs.get(frozenset(named), hits[0].means)


def _or_between(part: Sequence[Token], one: _Hit, other: _Hit) -> bool:
    return any(lexicon.phrases("or").at(part, place) for place in range(one.last + 1, other.first))


def _targets(part: Sequence[Token]) -> list[_Hit]:
    """Find what an upgrade can be aimed at: parts and resources with an instrument that are not denied."""
    return _distinct([hit for hit in _hits(part, lexicon.targets()) if not hit.denied and hit.means in _upgradable()])


def _one_target(part: Sequence[Token], found: list[_Hit]) -> str | None:
    """Take the first of them; a list of options is none."""
    for one, other in pairwise(found):
        if _or_between(part, one, other):
            message = f"{one.means} or {other.means}: an upgrade is aimed at one of them. Choose one."
            raise RuleError(message, start=part[other.first].start, end=part[other.last].end)
    return found[0].means if found else None


@cache
def _upgradable() -> frozenset[str]:
    return frozenset(entry.id for entry in load_catalog().constraints.values() if entry.has_instrument)


def _buys(part: Sequence[Token]) -> bool:
    return any(not hit.denied for hit in _hits(part, lexicon.phrases("buying")))


def _unknown(text: str, tokens: Sequence[Token], start: int, end: int) -> RuleError:
    if start >= end:
        place = tokens[start].start if start < len(tokens) else len(text)
        options = ", ".join(load_catalog().decisions)
        return RuleError(f"A decision is missing here: one of {options}.", start=place, end=place)
    first, last = tokens[start], tokens[min(end, start + 3) - 1]
    words = [token.word for token in tokens[start : start + 3] if token.kind == "word"]
    tries = (" ".join(words[:length]) for length in range(len(words), 0, -1))
    near = next((found for each in tries if (found := lexicon.nearest(each, lexicon.decisions()))), None)
    hint = f"Did you mean {near}?" if near else f"Decisions are {', '.join(load_catalog().decisions)}."
    return RuleError(f"“{text[first.start : last.end]}” is no decision. {hint}", start=first.start, end=last.end)
