"""Size what AI work takes, from formulas: pure functions of a model's shape, in integers of bytes."""

from workstation.sizing._kv import CACHE_TYPES, kv_cache_bytes
from workstation.sizing._model import Estimate, ModelShape

__all__ = ["CACHE_TYPES", "Estimate", "ModelShape", "kv_cache_bytes"]
