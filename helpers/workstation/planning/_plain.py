"""Read a plain decision, one that stands in no rule: "Keep the laptop.", "No cloud unless a job does not fit."."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from workstation.errors import RuleError
from workstation.planning import _lexicon as lexicon
from workstation.planning._actions import hits
from workstation.planning._steps import segment_end, step
from workstation.planning._tokens import Token
from workstation.planning.model import Problem, Step

__all__ = ["plain_step"]

_RENTS = frozenset({"cloud", "hybrid"})


def plain_step(text: str, tokens: Sequence[Token]) -> tuple[Step | None, tuple[Problem, ...]]:
    """Give the decision of the first sentence that has one, with what later sentences buy, or why there is none."""
    taken: Step | None = None
    problems: list[Problem] = []
    for first, end in _segments(tokens):
        if taken is not None and not _begins_sentence(tokens, first):
            continue
        try:
            found = step(text, tokens, first, end, plain=True, aside=taken is not None)
            if taken is None and found.decision == "keep":
                found = _with_exception(text, tokens, first, end) or found
        except RuleError as error:
            if _names_step(tokens[first:end]):
                problems.append(Problem(message=error.message, start=error.start, end=error.end))
            continue
        taken = found if taken is None else _with_purchases(taken, found)
    return taken, () if taken is not None else tuple(problems)


def _segments(tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    place = 0
    while place < len(tokens):
        end = max(segment_end(tokens, place), place + 1)
        yield place, end
        place = end


def _names_step(part: Sequence[Token]) -> bool:
    """Tell whether a decision is named at all: then why it is none is worth telling."""
    return bool(hits(part, lexicon.decisions()))


def _begins_sentence(tokens: Sequence[Token], place: int) -> bool:
    """Tell whether a thought of its own begins here; what follows "if" or "because" is none."""
    behind = place if tokens[place].kind == "stop" else place - 1
    return behind < 0 or tokens[behind].kind == "stop"


def _with_purchases(taken: Step, found: Step) -> Step:
    """Add what a later sentence buys: "Keep the laptop. Buy a GPU." buys one."""
    bought = [each for each in found.parts if each.decision not in {"keep", *_RENTS} and each not in taken.parts]
    if not bought:
        return taken
    parts = [each for each in taken.parts if each.decision != "keep"] + bought
    return replace(parts[0], also=tuple(parts[1:]))


def _with_exception(text: str, tokens: Sequence[Token], first: int, end: int) -> Step | None:
    """Read "no cloud unless a job does not fit": renting, for what the exception names; raise where it names nothing.

    An exception from not buying is no purchase: what is bought needs a rule.
    """
    if end >= len(tokens) or lexicon.phrases("exceptions").at(tokens, end) is None:
        return None
    stop = next((at for at in range(end, len(tokens)) if tokens[at].kind == "stop"), len(tokens))
    rents = [hit for hit in hits(tokens[first:stop], lexicon.decisions()) if hit.means in _RENTS]
    if not rents:
        return None
    if any(lexicon.phrases("too_large").at(tokens, at) for at in range(end, stop)):
        return Step(decision=rents[0].means)
    message = "An exception stands here, and it names no job. Write a rule, such as “if large_jobs >= 1 then cloud”."
    raise RuleError(message, start=tokens[end].start, end=tokens[stop - 1].end if stop > end else len(text))
