"""Models of about the same size: what an estimate rests on when only a parameter count is known."""

from functools import cache
from statistics import median
from typing import NamedTuple

from workstation.catalog._sizing import KnownShape, load_sizing_facts
from workstation.sizing.model import ModelShape

ALIKE = 2.0  # a peer has at most so many times the parameters, or as many times fewer
FEWEST, MOST_NAMED, NEAREST = 5, 3, 7


class Spread(NamedTuple):
    """Lowest, middle and highest among the peers, and who they are."""

    low: float
    likely: float
    high: float
    names: str


@cache
def peers(parameters: int) -> tuple[KnownShape, ...]:
    """Return library models of about this size, nearest first: decoders with one set of weights for all tokens."""
    known = [
        each
        for each in load_sizing_facts().shapes.values()
        if each.role == "decoder" and each.experts is None and each.kv_lora_rank is None
    ]
    ordered = sorted(known, key=lambda each: _apart(each.parameters, parameters))
    near = [each for each in ordered if _apart(each.parameters, parameters) <= ALIKE]
    return tuple(near if len(near) >= FEWEST else ordered[:FEWEST])


def standin(shape: ModelShape) -> KnownShape:
    """Return a library model of about that size for activations, when the architecture is unknown.

    Of the nearest in size the one with the middle vocabulary: logits depend on it most.
    """
    nearest = sorted(peers(shape.parameters or 0)[:NEAREST], key=lambda each: each.vocabulary)
    return nearest[len(nearest) // 2]


def kv_bytes_per_token_of_peers(parameters: int) -> Spread:
    """Return how many KV elements a token takes in all layers of models of this size.

    Outside the library's sizes the figure grows with the square root of the parameters, as width times depth does.
    """
    alike = peers(parameters)
    figures = [
        2 * each.layers * each.kv_heads * each.head_dim * max(1.0, (parameters / each.parameters) ** 0.5)
        for each in alike
    ]
    return Spread(min(figures), median(figures), max(figures), names_of(alike))


def names_of(alike: tuple[KnownShape, ...]) -> str:
    """Name a few of them."""
    first = ", ".join(each.name for each in alike[:MOST_NAMED])
    return f"{first} and {len(alike) - MOST_NAMED} more" if len(alike) > MOST_NAMED else first


def _apart(one: int, other: int) -> float:
    more, less = max(one, other, 1), max(min(one, other), 1)
    return more / less
