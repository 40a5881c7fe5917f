"""Read a decision and its target from words: "build a single-GPU desktop", "upgrade (cooling)", "add RAM"."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from workstation.catalog import load_catalog
from workstation.catalog._planning import load_planning_words
from workstation.errors import RuleError
from workstation.planning import _lexicon as lexicon
from workstation.planning._actions import (
    MACHINES,
    Hit,
    affirmed,
    denied_any,
    hits,
    joined,
    or_between,
    purchases,
    targets,
)
from workstation.planning._tokens import Token
from workstation.planning.model import Step

__all__ = ["segment_end", "step"]

_LONGEST = 60  # tokens that one decision may take


def segment_end(tokens: Sequence[Token], start: int) -> int:
    """Find where the words of a decision end: a full stop, the next rule, `otherwise`, a reason."""
    ends = [lexicon.phrases(kind) for kind in ("openers", "otherwise", "because", "exceptions")]
    for place in range(start, min(len(tokens), start + _LONGEST)):
        if tokens[place].kind == "stop" or any(names.at(tokens, place) for names in ends):
            return place
    return min(len(tokens), start + _LONGEST)


def step(text: str, tokens: Sequence[Token], start: int, end: int, *, plain: bool = False, aside: bool = False) -> Step:
    """Read the step that stands in these tokens; raise `RuleError` where none does, or a choice is left open.

    A *plain* one stands in no rule: what is only thought about there ("before any upgrade") is not decided.
    One *aside* follows a decision: there, too, only what a verb buys is decided.
    Several that are all taken ("RAM and a GPU") are one step with others beside it.
    """
    part = tokens[start:end]
    found = hits(part, lexicon.decisions())
    named = affirmed(part, found, plain=plain)
    moves = _moves(part, found, named, plain=plain, aside=aside)
    if not moves and not named and not plain:
        moves = _tended(part)
    if moves:
        return _together(part, moves, keeps=any(hit.means == "keep" for hit in named))
    if any(hit.means == "keep" for hit in named) or denied_any(part, found):
        return Step(decision="keep")
    raise _unknown(text, tokens, start, end)


class _Move:
    """A step that is not keeping, and the words that name it."""

    __slots__ = ("hit", "step")

    def __init__(self, hit: Hit, decision: str, target: str | None = None) -> None:
        """Note a step and where it is named."""
        self.hit, self.step = hit, Step(decision=decision, target=target)


def _moves(
    part: Sequence[Token], found: Sequence[Hit], named: Sequence[Hit], *, plain: bool, aside: bool
) -> list[_Move]:
    """List what would be done, from left to right, each once; raise for alternatives."""
    keeps = aside or any(hit.means == "keep" for hit in named)
    aims = targets(part, found)
    bought = purchases(part, found, aims, plain=plain)
    upgrades = [hit for hit in named if hit.means == "upgrade"]
    if plain and keeps:  # beside keeping, only what is bought by a verb or named with the upgrade
        upgrades = []
    aimed = _aimed(part, aims, bought, upgrades, alone=not named and not aside)
    moves = [_Move(hit, "upgrade", hit.means) for hit in aimed]
    if upgrades and not aimed:
        moves.append(_Move(upgrades[0], "upgrade"))
    moves.extend(_Move(hit, hit.means) for hit in named if _acts(hit, bought, keeps=keeps))
    moves = sorted(moves, key=lambda move: move.hit.first)
    _refuse_choice(part, sorted([*(move.hit for move in moves), *_kept(named)], key=lambda hit: hit.first))
    return _without_asides(part, moves, bought)


def _acts(hit: Hit, bought: Sequence[Hit], *, keeps: bool) -> bool:
    """Tell whether a decision other than an upgrade is taken; beside keeping, a machine must be bought by a verb."""
    return hit.means not in {"keep", "upgrade"} and (hit.means not in MACHINES or hit in bought or not keeps)


def _kept(named: Sequence[Hit]) -> list[Hit]:
    return [hit for hit in named if hit.means == "keep"]


def _aimed(
    part: Sequence[Token], aims: Sequence[Hit], bought: Sequence[Hit], upgrades: Sequence[Hit], *, alone: bool
) -> list[Hit]:
    """Find what is upgraded: the first part named, those joined to it, and whatever a verb buys."""
    verbs = hits(part, lexicon.phrases("buying"))
    loose = upgrades or (alone and any(not verb.denied for verb in verbs))
    first = next(iter(aims), None) if loose and not any(hit in bought for hit in aims) else None
    chosen: list[Hit] = []
    for hit in aims:
        linked = bool(chosen) and _linked(part, chosen[-1], hit)
        if hit is first or linked or (hit in bought and (not chosen or joined(part, chosen[-1], hit))):
            chosen.append(hit)
    return chosen


def _linked(part: Sequence[Token], one: Hit, other: Hit) -> bool:
    """Tell whether one list holds both: a comma, `and` or `or` between them, and nothing that speaks of figures."""
    lists = any(
        part[at].kind == "comma" or any(lexicon.phrases(kind).at(part, at) for kind in ("both", "or"))
        for at in range(one.last + 1, other.first)
    )
    stops = any(
        lexicon.phrases("watching").at(part, at) or lexicon.decisions().at(part, at) in _KEEPS
        for at in range(one.last + 1, min(len(part), other.last + 2))
    )
    return lists and not stops


_KEEPS = {("keep", length) for length in range(1, 8)}


def _refuse_choice(part: Sequence[Token], listed: Sequence[Hit]) -> None:
    """Refuse "RAM or a GPU", also where a comma comes first: "RAM, storage or a GPU"."""
    for one, other in pairwise(listed):
        if one.means != other.means and or_between(part, one, other):
            what = "an upgrade is aimed at one of them" if one.means in _parts() else "a rule takes one step"
            raise _choose(part, one, other, what)


def _parts() -> frozenset[str]:
    return frozenset(load_catalog().constraints)


def _choose(part: Sequence[Token], one: Hit, other: Hit, what: str) -> RuleError:
    message = f"{one.means} or {other.means}: {what}. Choose one."
    return RuleError(message, start=part[other.first].start, end=part[other.last].end)


def _without_asides(part: Sequence[Token], moves: Sequence[_Move], bought: Sequence[Hit]) -> list[_Move]:
    """Leave out what only describes: the desktop of "upgrade the desktop's RAM", the RAM of "a desktop with RAM"."""
    kept: list[_Move] = []
    for place, move in enumerate(moves):
        beside = [each for each in moves if each is not move and each.step.decision != move.step.decision]
        near = [*moves[max(0, place - 1) : place], *moves[place + 1 : place + 2]]
        listed = any(_side_by_side(part, *sorted((move.hit, each.hit), key=lambda hit: hit.first)) for each in near)
        if move.step.decision in MACHINES and move.hit not in bought and beside and not listed:
            continue
        if all(each.step != move.step for each in kept):
            kept.append(move)
    return kept


def _side_by_side(part: Sequence[Token], one: Hit, other: Hit) -> bool:
    """Tell whether nothing but a comma, a joint and small words stands between two names."""
    small = [lexicon.phrases(kind) for kind in ("both", "or", "filler")]
    places = range(one.last + 1, other.first)
    return bool(places) and all(part[at].kind == "comma" or any(names.at(part, at) for names in small) for at in places)


def _together(part: Sequence[Token], moves: Sequence[_Move], *, keeps: bool) -> Step:
    """Make one step of those named; a list without `and` is a list of options."""
    named = {move.step.decision for move in moves} | ({"keep"} if keeps else set())
    made = load_planning_words().pairs.get(frozenset(named))
    if made is not None and made not in {"upgrade", *MACHINES}:
        return Step(decision=made)
    taken = [moves[0]]
    for one, other in pairwise(moves):
        last = other is moves[-1]
        if joined(part, one.hit, other.hit) or _listed_to_the_end(part, moves):
            taken.append(other)
        elif _comma_between(part, one.hit, other.hit) or not last:
            raise _choose(part, one.hit, other.hit, "the list does not say which")
    return replace(taken[0].step, also=tuple(move.step for move in taken[1:]))


def _listed_to_the_end(part: Sequence[Token], moves: Sequence[_Move]) -> bool:
    """Tell "RAM, storage and a GPU", where `and` stands before the last alone."""
    return joined(part, moves[-2].hit, moves[-1].hit) and all(
        _comma_between(part, one.hit, other.hit) or joined(part, one.hit, other.hit) for one, other in pairwise(moves)
    )


def _comma_between(part: Sequence[Token], one: Hit, other: Hit) -> bool:
    return any(part[at].kind == "comma" for at in range(one.last + 1, other.first))


def _tended(part: Sequence[Token]) -> list[_Move]:
    """Find a first step on what is there: "clean the fans"."""
    if not any(not hit.denied for hit in hits(part, lexicon.phrases("tending"))):
        return []
    return [_Move(hit, "upgrade", hit.means) for hit in targets(part, ())[:1]]


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
