"""``kv_cache``: what a conversation's keys and values take, measured on arrays of the real shape beside the formula."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from workstation.demos._budget import memory_budget, pace
from workstation.demos._columns import column, last
from workstation.demos._fill import Filler
from workstation.demos._guard import Guard
from workstation.demos._planning import make_plan
from workstation.demos._read import resident_bytes
from workstation.demos._words import Model, models, rules
from workstation.demos.model import ANSWER, Conclusion, Ending, Plan, Request, Sampled, Snapshot
from workstation.sizing import kv_cache_bytes
from workstation.units import GIB, KIB, format_memory

USUAL = "llama-3.1-8b"
_SIZES = ((4, 8192), (2, 8192), (1, 8192), (1, 4096), (1, 2048), (1, 1024))  # sequences, tokens: the largest that fits
_SMALLER = ("llama-3.1-8b", "qwen2.5-7b", "qwen2-1.5b")
_CLOSE_PERCENT = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cache:
    """A cache to fill: whose shape, for how many sequences of how many tokens."""

    model: Model
    sequences: int
    context_tokens: int

    @property
    def tokens(self) -> int:
        """Tokens of all sequences together."""
        return self.sequences * self.context_tokens

    @property
    def size_bytes(self) -> int:
        """By the formula, in 16 bits."""
        estimate = kv_cache_bytes(self.model.shape, context_tokens=self.context_tokens, sequences=self.sequences)
        return estimate.likely_bytes


def plan(snapshot: Snapshot, request: Request) -> Plan:
    """Decide whose cache, and how much of it."""
    budget = memory_budget(snapshot, request.limit_bytes)
    cache = largest(budget.ceiling_bytes)
    kept = replace(budget, ceiling_bytes=cache.size_bytes)
    steps = pace(cache.size_bytes, request)
    per_token = cache.size_bytes // cache.tokens
    step_tokens = max(1, steps.step_bytes // per_token)
    return make_plan(
        "kv_cache", snapshot, request, budget=kept, pace=replace(steps, step_bytes=step_tokens * per_token),
        figures={"model": cache.model.name, "context": f"{cache.context_tokens:,}",
                 "sequences": "one sequence" if cache.sequences == 1 else f"{cache.sequences} sequences",
                 "tokens": f"{cache.tokens:,}"},
        settings={"model": cache.model.id, "sequences": cache.sequences, "context_tokens": cache.context_tokens,
                  "tokens": cache.tokens, "step_tokens": step_tokens, "formula_bytes_per_token": per_token},
        stand_in=_smaller(cache),
    )  # fmt: skip


def largest(ceiling_bytes: int) -> Cache:
    """Choose the largest cache that goes under the ceiling; a smaller model's where there is little room."""
    known = {model.id: model for model in models()}
    choices = [
        Cache(model=known[name], sequences=sequences, context_tokens=tokens)
        for name in _SMALLER
        for sequences, tokens in _SIZES
    ]
    fitting = (cache for cache in choices if cache.size_bytes <= ceiling_bytes)
    found = next(fitting, None)
    if found is not None:
        return found
    smallest = known[_SMALLER[-1]]
    per_token = kv_cache_bytes(smallest.shape, context_tokens=1).likely_bytes
    return Cache(model=smallest, sequences=1, context_tokens=max(1, ceiling_bytes // per_token))


def _smaller(cache: Cache) -> str | None:
    if cache.model.id == USUAL:
        return None
    return f"For an 8-billion-parameter Llama there is no room under this ceiling: the shape is {cache.model.name}'s."


def work(plan: Plan, guard: Guard) -> Ending:
    """Fill block after block, as a server with paged attention does; runs in the child."""
    import numpy as np
    from numpy.typing import NDArray

    model = next(model for model in models() if model.id == plan.settings["model"])
    total, step_tokens = _count(plan, "tokens"), _count(plan, "step_tokens")
    per_token, filler, blocks = _count(plan, "formula_bytes_per_token"), Filler(), list[NDArray[np.float16]]()
    guard.sample({"tokens": 0}, now=True)
    base, tokens = resident_bytes() or 0, 0
    while tokens < total:
        block_tokens = min(step_tokens, total - tokens)
        met = guard.pause_until(plan.grow_seconds * tokens / total) or guard.blocked(block_tokens * per_token)
        if met is not None:
            return Ending(by=met)
        block = np.empty((2, model.layers, block_tokens, model.kv_heads, model.head_dim), dtype=np.float16)
        filler.fill(memoryview(block.reshape(-1).view(np.uint8).data))
        blocks.append(block)
        tokens += block_tokens
        grown = max(0, (resident_bytes() or 0) - base)
        guard.sample(_measured(tokens, grown, tokens * per_token))
    guard.sample(now=True)
    return Ending(by=guard.pause_until(guard.t_s + rules().hold_seconds) or "finished")


def _measured(tokens: int, grown_bytes: int, formula_bytes: int) -> dict[str, float]:
    return {
        "tokens": tokens,
        "resident_growth_bytes": grown_bytes,
        "formula_bytes": formula_bytes,
        ANSWER: round(grown_bytes / GIB, 4),
    }


def _count(plan: Plan, key: str) -> int:
    value = plan.settings[key]
    return value if isinstance(value, int) else 0


def slope(tokens: Sequence[float], grown: Sequence[float]) -> float | None:
    """Fit a line by least squares; give its bytes a token.

    >>> slope([0, 1, 2], [5, 105, 205])
    100.0
    """
    count = len(tokens)
    if count < 2:  # noqa: PLR2004 - a line needs two points
        return None
    mean_x, mean_y = sum(tokens) / count, sum(grown) / count
    spread = sum((x - mean_x) ** 2 for x in tokens)
    together = sum((x - mean_x) * (y - mean_y) for x, y in zip(tokens, grown, strict=True))
    return together / spread if spread else None


def conclude(plan: Plan, samples: Sequence[Sampled], ending: Ending) -> Conclusion:
    """Hold the measured slope against the formula's."""
    del ending
    grown = column(samples, "resident_growth_bytes")
    tokens = [sample.values["tokens"] for sample in samples if "resident_growth_bytes" in sample.values]
    per_token, by_formula = slope(tokens, grown), _count(plan, "formula_bytes_per_token")
    if per_token is None:
        return Conclusion(measured=None, verdict="It ended before a line could be drawn.")
    off = 100 * (per_token / by_formula - 1)
    size, at = last(samples, "resident_growth_bytes") or 0, round(tokens[-1])
    close = "as good as the same" if abs(off) <= _CLOSE_PERCENT else f"{abs(off):.1f} % {'more' if off > 0 else 'less'}"
    whole = at >= _count(plan, "tokens")
    verdict = (
        f"Each token took {per_token / KIB:.1f} KiB, and the formula says {by_formula / KIB:.1f} KiB: {close}. "
        f"{at:,} tokens took {format_memory(round(size))}; twice the context or twice the sequences take twice that."
    )
    return Conclusion(measured=round(size / GIB, 4) if whole else None, verdict=verdict)
