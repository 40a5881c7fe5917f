"""Turn "can this machine run it?" into bytes: weights, KV cache, training, checkpoints, storage and indexes.

Pure and keyword-only; every figure is an `Estimate` with terms that add up, assumptions in words and a tier.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from workstation.errors import SizingError
from workstation.sizing.model import Estimate, ModelShape, Term, combine

if TYPE_CHECKING:  # the same names as in _HOME, for type checkers
    from workstation.sizing._kv import kv_cache_bytes as kv_cache_bytes
    from workstation.sizing._library import known_models as known_models
    from workstation.sizing._library import shape as shape
    from workstation.sizing._weights import bits_per_weight as bits_per_weight
    from workstation.sizing._weights import weight_bytes as weight_bytes

_HOME = {
    "bits_per_weight": "_weights",
    "known_models": "_library",
    "kv_cache_bytes": "_kv",
    "shape": "_library",
    "weight_bytes": "_weights",
}
__all__ = ["Estimate", "ModelShape", "SizingError", "Term", "combine", *_HOME]  # noqa: PLE0604 - the keys are strings


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
