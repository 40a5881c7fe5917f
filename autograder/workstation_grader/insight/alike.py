"""Find suspiciously alike answers in a class of any size, without holding every text against every other.

Each submission becomes the set of its own uncommon words, cut to their beginnings, and of its figures; the exercise's
own text is gone before (`own_words`). Words are weighed by how few learners use them, and two submissions are as alike
as the cosine of their weights. What survives rewording is what counts: rare words and figures, in any order, case and
inflection.

An index from word to submissions finds the pairs, so no text is held against another; a word that more than a tenth of
the class uses is left out.
"""

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["THRESHOLD", "Compared", "Pair", "compare", "pieces", "shared_words"]

THRESHOLD = 0.4  # measured on the labelled answers by benchmarks/insight.py
FEWEST_PIECES = 25  # a shorter answer says too little to be copied
MOST_PAIRS = 5_000
COMMON_SHARE = 0.1  # of the class; a word that so many use tells nothing
COMMON_FEWEST = 10
_FIGURE_WEIGHT = 1.5  # a figure is rarely hit upon by chance, and rarely reworded
_STEM_CHARS = 5
_PIECE = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two submissions that are more alike than two people's work usually is."""

    left: str
    right: str
    score: float  # 0 to 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What comparing found: the same words, alike pairs, and what could not be compared."""

    same: tuple[tuple[str, ...], ...]  # groups of learners whose own words are the same, piece by piece
    pairs: tuple[Pair, ...]  # the most alike first; of a group of the same words, its first learner stands for all
    compared: int
    too_short: int
    too_common: tuple[str, ...]  # whose words a tenth of the class uses: one text handed round, or the course's own
    left_off: int = 0  # pairs over the threshold beyond `MOST_PAIRS`


def pieces(texts: Iterable[str]) -> list[str]:
    """Cut texts into word beginnings and figures, as they are compared.

    >>> pieces(["Naïve caching: 14,1 GiB of RAM, 3x"])
    ['naive', 'cachi', '14.1', 'gib', 'of', 'ram', '3', 'x']
    """
    return [_piece(found) for text in texts for found in _PIECE.findall(_plain(text))]


def _plain(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in apart if not unicodedata.combining(char))


def _piece(found: str) -> str:
    return found.replace(",", ".") if found[0].isdigit() else found[:_STEM_CHARS]


def compare(texts: Mapping[str, Sequence[str]], threshold: float = THRESHOLD) -> Compared:
    """Compare the own words of a class, by learner; pairs from *threshold* up are reported."""
    cut = {name: pieces(own) for name, own in texts.items()}
    long_enough = {name: found for name, found in cut.items() if len(set(found)) >= FEWEST_PIECES}
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name in sorted(long_enough):
        groups[tuple(long_enough[name])].append(name)
    first = {names[0]: frozenset(found) for found, names in groups.items()}
    index = _Index(first)
    pairs = index.pairs(threshold)
    return Compared(
        same=tuple(sorted(tuple(names) for names in groups.values() if len(names) > 1)),
        pairs=tuple(pairs[:MOST_PAIRS]),
        compared=len(long_enough),
        too_short=len(cut) - len(long_enough),
        too_common=tuple(index.too_common),
        left_off=max(0, len(pairs) - MOST_PAIRS),
    )


class _Index:
    """Uncommon pieces by submission, submissions by piece, and what each piece weighs."""

    def __init__(self, submissions: Mapping[str, frozenset[str]]) -> None:
        number = len(submissions)
        most = max(COMMON_FEWEST, int(COMMON_SHARE * number))
        owners = Counter(piece for found in submissions.values() for piece in found)
        self._weights = {
            piece: math.log((number + 1) / held) * (_FIGURE_WEIGHT if _tells(piece) else 1.0)
            for piece, held in owners.items()
            if held <= most
        }
        kept = {name: [piece for piece in found if piece in self._weights] for name, found in submissions.items()}
        self.too_common = [name for name, found in kept.items() if len(found) < FEWEST_PIECES // 2]
        left_out = set(self.too_common)
        self._names = [name for name in kept if name not in left_out]
        self._pieces = [kept[name] for name in self._names]
        self._lengths = np.array([math.hypot(*(self._weights[piece] for piece in found)) for found in self._pieces])
        holders: dict[str, list[int]] = defaultdict(list)
        for place, found in enumerate(self._pieces):
            for piece in found:
                holders[piece].append(place)
        self._holders = {piece: np.array(held) for piece, held in holders.items() if len(held) > 1}

    def pairs(self, threshold: float) -> list[Pair]:
        """List the pairs from *threshold* up, the most alike first."""
        found = [pair for place in range(len(self._names)) for pair in self._alike(place, threshold)]
        return sorted(found, key=lambda pair: (-pair.score, pair.left, pair.right))

    def _alike(self, place: int, threshold: float) -> Iterable[Pair]:
        """Give the pairs of one submission with later ones."""
        shared = [piece for piece in self._pieces[place] if piece in self._holders]
        if not shared:
            return
        scores = self._products(shared) / (self._lengths * self._lengths[place])
        for other in np.flatnonzero(scores >= threshold):
            if other > place:
                yield Pair(left=self._names[place], right=self._names[other], score=min(1.0, float(scores[other])))

    def _products(self, shared: Sequence[str]) -> NDArray[np.float64]:
        holders = [self._holders[piece] for piece in shared]
        weights = np.repeat([self._weights[piece] ** 2 for piece in shared], [len(held) for held in holders])
        found = np.bincount(np.concatenate(holders), weights=weights, minlength=len(self._names))
        return found.astype(np.float64, copy=False)


def _tells(piece: str) -> bool:
    """Tell a figure that says something from "1" and "2", which everybody writes."""
    return piece[0].isdigit() and len(piece) > 1


def shared_words(left: Sequence[str], right: Sequence[str], common: Mapping[str, int], most: int = 10) -> list[str]:
    """Give what two submissions share, the rarest first, spelled as *left* does; *common* counts users of a piece."""
    theirs = set(pieces(right))
    spelled = {_piece(found): found for text in left for found in _PIECE.findall(_plain(text))}
    both = sorted(theirs & set(spelled), key=lambda piece: (common.get(piece, 0), not _tells(piece), piece))
    return [spelled[piece] for piece in both[:most]]
