"""Measure how many planted copies `insight` finds, and how many other pairs it flags, by the size of the class.

Usage: python benchmarks/insight.py [--sizes 300 1000 5000]

Classes of up to 160 are drawn from the labelled answers; larger ones are made of them: fields of different ones, half
the words exchanged, figures drawn anew. Copies are planted in the labelled answers, one kind at a time. A flagged pair
that was not planted counts as false, also where a labelled answer was in truth made from another.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from insight_kit import (  # noqa: E402 - the path is set above
    Texts,
    cohort_of,
    edited,
    labelled,
    long_enough,
    pool_of,
    reworded,
    rewritten,
)

from workstation_grader.insight.alike import Compared, compare  # noqa: E402 - likewise

DRAWS = 20
Rewording = Callable[[tuple[str, ...], random.Random], tuple[str, ...]]


def flagged(found: Compared) -> set[frozenset[str]]:
    """Give every flagged pair; a group of the same words counts by its pairs with the first."""
    same = {frozenset((group[0], other)) for group in found.same for other in group[1:]}
    return same | {frozenset((pair.left, pair.right)) for pair in found.pairs}


def false_alarms(base: Texts, size: int) -> None:
    """Print what is flagged in classes of a size, without any copy planted."""
    rng, pairs, alarms = random.Random(size), 0, 0  # noqa: S311 - the same classes every time
    draws = 1 if size >= len(base) else DRAWS
    for _ in range(draws):
        found = compare({name: base[name] for name in rng.sample(sorted(base), min(size, len(base)))})
        pairs += found.compared * (found.compared - 1) // 2
        alarms += len(flagged(found))
    print(f"{size:>6} learners: {alarms / draws:8.2f} false pairs a class, {100 * alarms / pairs:.4f} % of pairs")


def planted(base: Texts, name: str, how: Rewording) -> None:
    """Print how many copies of a kind are found: one of every answer that can be compared, ten at a time."""
    rng, hit, number = random.Random(5), 0, 0  # noqa: S311 - the same copies every time
    nameless = set(compare(base).too_common)
    able = [each for each in long_enough(base) if each not in nameless]
    for first in range(0, len(able), 10):
        chosen = able[first : first + 10]
        close = flagged(compare(base | {f"copy-{each}": how(base[each], rng) for each in chosen}))
        hit += sum(frozenset((each, f"copy-{each}")) in close for each in chosen)
        number += len(chosen)
    print(f"{name:<34} {hit:>4} of {number} found ({100 * hit / number:.1f} %)")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="*", default=[300, 1000, 5000])
    sizes, base = parser.parse_args().sizes, labelled()
    pool, told = pool_of(base), reworded()
    planted(base, "word for word", lambda own, _: own)
    planted(base, "lightly edited", edited)
    for share in (0.3, 0.5, 0.6):
        planted(
            base, f"{100 * share:.0f} % of the words replaced", lambda own, rng, s=share: rewritten(own, rng, pool, s)
        )
    close = flagged(compare(base | {f"copy-{each}": own for each, own in told.items()}))
    print(
        f"{'told anew by hand':<34} {sum(frozenset((n, f'copy-{n}')) in close for n in told):>4} of {len(told)} found"
    )
    for size in (20, 40, 80, len(base)):
        false_alarms(base, size)
    for size in sizes:
        made = cohort_of(size)
        began = time.perf_counter()
        false_alarms(made, size)
        print(f"{'':>16} compared in {time.perf_counter() - began:.1f} s")


if __name__ == "__main__":
    main()
