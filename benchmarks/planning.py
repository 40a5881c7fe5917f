"""Does grading's draw decide who passes, and what does judging a plan cost? Fair and bad plans over many draws.

Run ``.venv/bin/python benchmarks/planning.py [DRAWS]``; without a number, 200 draws. Beside the whole (a plan read and
simulated on one draw of every history) stands the reading alone, in the same run.
"""

import sys
import time
import tomllib
from collections import Counter
from pathlib import Path

from workstation.planning import histories, history, parse_plan, simulate, variants

PLANS = tomllib.loads((Path(__file__).parents[1] / "tests" / "histories" / "plans.toml").read_text("utf-8"))


def fields(kind: str, name: str) -> dict[str, str]:
    """Give a reference plan's fields."""
    return {label: text for label, text in PLANS[kind][name].items() if label != "verdicts"}


def agreement(draws: int) -> None:
    """Count the draws on which a plan fares otherwise than on the history that they are drawn from."""
    drawn = [variants(seed) for seed in range(draws)]
    for kind, named in PLANS.items():
        for name in named:
            plan = parse_plan(fields(kind, name))
            expected = {each: simulate(plan, history(each)).verdict for each in histories()}
            found = [(each.id.partition("~")[0], simulate(plan, each).verdict) for draw in drawn for each in draw]
            moved = Counter(history_id for history_id, verdict in found if verdict != expected[history_id])
            print(
                f"{kind:5} {name:18} {len(found) - sum(moved.values()):6} of {len(found)} as on the base {dict(moved)}"
            )


def cost(rounds: int = 50) -> None:
    """Time the reading of a plan, and its walk over one draw."""
    named = [(kind, name) for kind in PLANS for name in PLANS[kind]]
    drawn = variants("cost")
    start = time.perf_counter()
    plans = [parse_plan(fields(kind, name)) for _ in range(rounds) for kind, name in named]
    read = time.perf_counter()
    for plan in plans:
        for each in drawn:
            simulate(plan, each)
    walked = time.perf_counter()
    reading, walking = ((later - earlier) / len(plans) * 1000 for earlier, later in ((start, read), (read, walked)))
    print(f"one plan: {reading:.2f} ms to read, {walking:.2f} ms over {len(drawn)} histories of 26 weeks")


def main() -> None:
    """Print both."""
    agreement(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
    cost()


if __name__ == "__main__":
    main()
