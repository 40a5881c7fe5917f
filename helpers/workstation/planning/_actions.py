"""Find what a piece of text would do: decisions by name, and purchases by a verb and what is bought."""

from collections.abc import Callable, Sequence
from functools import cache

from workstation.catalog import load_catalog
from workstation.planning import _lexicon as lexicon
from workstation.planning._tokens import Token

__all__ = [
    "MACHINES",
    "Hit",
    "affirmed",
    "denied_any",
    "hits",
    "joined",
    "or_between",
    "purchases",
    "targets",
]

MACHINES = frozenset({"desktop", "server"})
_DENIAL_REACH = 3  # tokens from "not" to what it denies
_VERB_REACH = 6  # tokens from "buy" to what is bought


class Hit:
    """A name found: what it means, where, and whether it is denied."""

    __slots__ = ("denied", "first", "last", "means")

    def __init__(self, means: str, first: int, last: int, *, denied: bool) -> None:
        """Note a name at the tokens *first* to *last*."""
        self.means, self.first, self.last, self.denied = means, first, last, denied


def hits(part: Sequence[Token], names: lexicon.Names) -> list[Hit]:
    """Find all names of a kind, from left to right."""
    found, place = [], 0
    while place < len(part):
        hit = names.at(part, place)
        if hit is not None:
            last = place + hit[1] - 1
            found.append(Hit(hit[0], place, last, denied=_denied(part, place, last)))
        place += hit[1] if hit is not None else 1
    return found


def _denied(part: Sequence[Token], place: int, last: int) -> bool:
    if lexicon.phrases("nothing").at(part, last + 1) is not None:  # "upgrade nothing"
        return True
    names = lexicon.phrases("denied")
    for before in range(place - 1, max(-1, place - 1 - _DENIAL_REACH), -1):
        if part[before].kind in {"comma", "stop"} or lexicon.phrases("but").at(part, before) is not None:
            return False
        if names.at(part, before) is not None:
            return True
    return False


def denied_any(part: Sequence[Token], decisions: Sequence[Hit]) -> bool:
    """Tell whether a step or a purchase is refused here: "no cloud", "I will not buy anything"."""
    return any(hit.denied for hit in (*decisions, *hits(part, lexicon.phrases("verbs"))))


def affirmed(part: Sequence[Token], found: Sequence[Hit], *, plain: bool) -> list[Hit]:
    """Leave out what is denied and, in a plain sentence, what is only thought about."""
    return [hit for hit in found if not hit.denied and not (plain and hit.means != "keep" and _hedged(part, hit))]


def _hedged(part: Sequence[Token], hit: Hit) -> bool:
    names = lexicon.phrases("hedges")
    around = (*range(max(0, hit.first - _DENIAL_REACH), hit.first), *range(hit.last + 1, hit.last + _DENIAL_REACH))
    return any(names.at(part, place) is not None for place in around)


def targets(part: Sequence[Token], decisions: Sequence[Hit]) -> list[Hit]:
    """Find what an upgrade can be aimed at; the GPU of "rent a GPU" and "single-GPU desktop" is none of it."""
    other = [hit for hit in decisions if hit.means != "upgrade"]
    found = [hit for hit in hits(part, lexicon.targets()) if not hit.denied and hit.means in _upgradable()]
    return [hit for hit in found if not any(each.first <= hit.first <= each.last for each in other)]


@cache
def _upgradable() -> frozenset[str]:
    return frozenset(entry.id for entry in load_catalog().constraints.values() if entry.has_instrument)


def purchases(part: Sequence[Token], decisions: Sequence[Hit], aims: Sequence[Hit], *, plain: bool) -> list[Hit]:
    """Find what a verb buys: "but order 32 GB of RAM", "and build a desktop"; a name alone is no purchase."""
    verbs = hits(part, lexicon.phrases("verbs"))
    machines = [hit for hit in decisions if hit.means in MACHINES]
    found = []
    for hit in sorted((*aims, *machines), key=lambda each: each.first):
        verb = _verb_of(part, hit, verbs, decisions) or _named_with(hit, decisions)
        if verb is None or hit.denied or verb.denied or _watched(part, hit):
            continue
        if not (plain and (_hedged(part, hit) or _hedged(part, verb))):
            found.append(hit)
    return found


def _named_with(hit: Hit, decisions: Sequence[Hit]) -> Hit | None:
    """Find the upgrade that names this part itself: "more RAM", "a RAM upgrade"."""
    found = (each for each in decisions if each.means == "upgrade" and each.first <= hit.first <= each.last)
    return next((each for each in found if each.last > each.first), None)


def _verb_of(part: Sequence[Token], hit: Hit, verbs: Sequence[Hit], decisions: Sequence[Hit]) -> Hit | None:
    """Find the verb that buys this: inside its name, or shortly before it with no other step between."""
    for verb in reversed(verbs):
        if hit.first <= verb.first <= hit.last:
            return verb
        if verb.first > hit.last or hit.first - verb.last > _VERB_REACH:
            continue
        if hit.means not in MACHINES and lexicon.phrases("building").at(part, verb.first) is not None:
            continue
        other = [
            each
            for each in decisions
            if each is not hit and each.means != "upgrade" and verb.first <= each.last < hit.first
        ]
        if other or _between(verb, hit, lambda at: lexicon.phrases("watching").at(part, at) is not None):
            return None
        return verb
    return None


def _watched(part: Sequence[Token], hit: Hit) -> bool:
    """Tell whether a figure is meant, not the part: "add RAM figures to the log"."""
    return lexicon.phrases("watching").at(part, hit.last + 1) is not None


def _between(one: Hit, other: Hit, wanted: Callable[[int], bool]) -> bool:
    """Tell whether a token between two names is a wanted one."""
    return any(wanted(place) for place in range(one.last + 1, other.first))


def or_between(part: Sequence[Token], one: Hit, other: Hit) -> bool:
    """Tell whether two names are alternatives."""
    return _between(one, other, lambda at: lexicon.phrases("or").at(part, at) is not None)


def joined(part: Sequence[Token], one: Hit, other: Hit) -> bool:
    """Tell whether two names are done both: "and", "plus", "+"."""
    return _between(one, other, lambda at: lexicon.phrases("both").at(part, at) is not None)
