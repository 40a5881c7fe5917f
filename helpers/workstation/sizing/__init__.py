"""Turn "can this machine run it?" into bytes: weights, KV cache, training, checkpoints, storage and indexes.

Pure and keyword-only; every figure is an `Estimate` with terms that add up, assumptions in words and a tier.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from workstation.errors import SizingError
from workstation.sizing.model import Estimate, ModelShape, Term, combine

if TYPE_CHECKING:  # the same names as in _HOME, for type checkers
    from workstation.sizing._adapters import adapter_parameters as adapter_parameters
    from workstation.sizing._bands import Bands as Bands
    from workstation.sizing._bands import ResourceBand as ResourceBand
    from workstation.sizing._bands import bands as bands
    from workstation.sizing._checkpoints import checkpoint_bytes as checkpoint_bytes
    from workstation.sizing._files import shape_from_file as shape_from_file
    from workstation.sizing._fits import Fit as Fit
    from workstation.sizing._fits import fits as fits
    from workstation.sizing._fits import why_not as why_not
    from workstation.sizing._kv import kv_cache_bytes as kv_cache_bytes
    from workstation.sizing._library import known_models as known_models
    from workstation.sizing._library import shape as shape
    from workstation.sizing._overhead import overhead_bytes as overhead_bytes
    from workstation.sizing._storage import storage_by_month as storage_by_month
    from workstation.sizing._storage import storage_bytes as storage_bytes
    from workstation.sizing._tensors import parameter_count as parameter_count
    from workstation.sizing._training import training_bytes as training_bytes
    from workstation.sizing._vectors import embedding_store_bytes as embedding_store_bytes
    from workstation.sizing._vectors import vector_index_bytes as vector_index_bytes
    from workstation.sizing._weights import bits_per_weight as bits_per_weight
    from workstation.sizing._weights import stored_types as stored_types
    from workstation.sizing._weights import weight_bytes as weight_bytes

_HOME = {
    "Bands": "_bands",
    "Fit": "_fits",
    "ResourceBand": "_bands",
    "adapter_parameters": "_adapters",
    "bands": "_bands",
    "bits_per_weight": "_weights",
    "checkpoint_bytes": "_checkpoints",
    "embedding_store_bytes": "_vectors",
    "fits": "_fits",
    "known_models": "_library",
    "kv_cache_bytes": "_kv",
    "overhead_bytes": "_overhead",
    "parameter_count": "_tensors",
    "shape": "_library",
    "shape_from_file": "_files",
    "storage_by_month": "_storage",
    "storage_bytes": "_storage",
    "stored_types": "_weights",
    "training_bytes": "_training",
    "vector_index_bytes": "_vectors",
    "weight_bytes": "_weights",
    "why_not": "_fits",
}
__all__ = ["Estimate", "ModelShape", "SizingError", "Term", "combine", *_HOME]  # noqa: PLE0604 - the keys are strings


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
