"""Read the headers of safetensors files: names, types and shapes of tensors, never the tensors."""

import json
import math
from pathlib import Path
from typing import NamedTuple

from workstation.errors import SizingError
from workstation.sizing.model import StoredTensor

MOST_HEADER_BYTES = 64 * 1024**2
MOST_INDEX_BYTES = 64 * 1024**2
MOST_SHARDS = 1000
BITS = {
    "F64": 64, "F32": 32, "F16": 16, "BF16": 16, "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8, "F4": 4,
    "I64": 64, "I32": 32, "I16": 16, "I8": 8, "U64": 64, "U32": 32, "U16": 16, "U8": 8, "BOOL": 8,
}  # fmt: skip
FLOATS = frozenset({"F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2"})


class Stored(NamedTuple):
    """All tensors of a model, and what to call it."""

    name: str
    tensors: tuple[StoredTensor, ...]

    @property
    def parameters(self) -> int | None:
        """The elements, unless most are packed (several numbers in one integer) and the count would be wrong."""
        floats = sum(each.stored_bytes for each in self.tensors if each.type in FLOATS)
        if 2 * floats < sum(each.stored_bytes for each in self.tensors):
            return None
        return sum(each.elements for each in self.tensors)

    @property
    def quantization(self) -> str | None:
        """The type that most bytes are in, where it is a plain one."""
        sizes: dict[str, int] = {}
        for each in self.tensors:
            sizes[each.type] = sizes.get(each.type, 0) + each.stored_bytes
        most = max(sizes, key=lambda name: sizes[name], default="")
        return most if most in {"F32", "F16", "BF16"} else None


def read_safetensors(path: Path) -> Stored:
    """Read one file, or all that an index names.

    Raises:
        SizingError: a file is missing, damaged or foreign.
    """
    if path.name.endswith(".index.json"):
        shards = _shards(path)
        return Stored(path.parent.name or path.name, tuple(each for shard in shards for each in _tensors(shard)))
    return Stored(path.name, _tensors(path))


def _shards(index: Path) -> list[Path]:
    with index.open("rb") as stream:
        data = stream.read(MOST_INDEX_BYTES + 1)
    try:
        names = set(json.loads(data)["weight_map"].values())
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise SizingError(
            f"{index.name} is no index of safetensors files. Give the folder that holds the model."
        ) from None
    plain = [name for name in names if isinstance(name, str) and Path(name).name == name]
    if len(plain) != len(names) or not 0 < len(plain) <= MOST_SHARDS:
        raise SizingError(f"{index.name} names files in other places, or none. Give the folder that holds the model.")
    return [index.with_name(name) for name in sorted(plain)]


def _tensors(path: Path) -> tuple[StoredTensor, ...]:
    from safetensors import SafetensorError, safe_open  # late: only a file needs it

    _check_length(path)
    try:
        with safe_open(path, framework="np") as opened:
            slices = [(name, opened.get_slice(name)) for name in opened.keys()]  # noqa: SIM118 - not a dict
            return tuple(_tensor(name, each.get_dtype(), each.get_shape()) for name, each in slices)
    except SafetensorError as problem:
        raise SizingError(f"{path.name} is damaged ({str(problem)[:80]}). Download it again.") from None


def _check_length(path: Path) -> None:
    """Look at the announced length before anything of that length is read."""
    try:
        with path.open("rb") as stream:
            head = stream.read(9)
    except FileNotFoundError:
        raise SizingError(f"{path.name} is missing. Put all files of the model in one folder.") from None
    size = int.from_bytes(head[:8], "little")
    if len(head) < 9 or head[8:9] != b"{":  # noqa: PLR2004 - eight bytes of length and a brace
        raise SizingError(f"{path.name} is no safetensors file. Give a .safetensors, a .gguf or a config.json.")
    if size > min(MOST_HEADER_BYTES, path.stat().st_size):
        raise SizingError(f"The header of {path.name} is damaged: it announces {size:,} bytes. Download it again.")


def _tensor(name: str, kind: str, dims: list[int]) -> StoredTensor:
    elements = math.prod(dims)
    bits = BITS.get(kind)
    if bits is None:
        raise SizingError(f"Tensor {ascii(name)[:60]} is of type {ascii(kind)[:20]}, which is not known here.")
    return StoredTensor(name=name, type=kind, elements=elements, stored_bytes=-(-elements * bits // 8))
