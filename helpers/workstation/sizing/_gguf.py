"""Read the header of a GGUF file, and nothing but the header: names, numbers and types, never the weights.

The `gguf` library names the keys and types. Its own reader maps the file and trusts the counts in it, so that a file
of four lines can keep it busy for ever; what is read here is bounded before it is read.
"""

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from workstation.errors import SizingError
from workstation.sizing.model import StoredTensor
from workstation.units import format_disk

MAGIC = b"GGUF"
VERSIONS = (2, 3)
MOST_HEADER_BYTES = 64 * 1024**2  # the largest vocabularies fill about 20 MiB
MOST_FIELDS, MOST_TENSORS, MOST_DIMENSIONS = 100_000, 200_000, 8
MOST_NAME_BYTES, MOST_TEXT_BYTES, MOST_KEPT_ITEMS = 65_535, 16 * 1024**2, 20_000
MOST_TEXTS = 2_000_000  # the largest vocabularies have a quarter of a million
MOST_ELEMENTS, MOST_PARTS = 10**15, 1000
ALIGNMENT = 32
OTHER_FILES = {
    b"PK\x03\x04": "a zip archive: unpack it and give the .gguf inside",
    b"PK\x05\x06": "an empty zip archive",
    b"\x1f\x8b": "a gzip archive: unpack it first",
    b"7z\xbc\xaf": "a 7z archive: unpack it first",
    b"vers": "a Git LFS pointer and not the model: run git lfs pull, or download the file itself",
    b"<!DO": "a web page: the download went to a log-in or an error page",
    b"<htm": "a web page: the download went to a log-in or an error page",
    b"tjgg": "of llama.cpp's first format (ggjt), which was given up in 2023: download a .gguf",
    b"lmgg": "of llama.cpp's first format (ggml), which was given up in 2023: download a .gguf",
    b"fmgg": "of llama.cpp's first format (ggmf), which was given up in 2023: download a .gguf",
}
_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_TEXT, _ARRAY = 8, 9
_PART = re.compile(r"(.+)-(\d{5})-of-(\d{5})\.gguf", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a GGUF file says of itself; long lists are kept as their length, in `lengths`."""

    name: str
    fields: Mapping[str, Any]
    lengths: Mapping[str, int]
    tensors: tuple[StoredTensor, ...]
    shapes: Mapping[str, tuple[int, ...]]
    note: str | None = None  # such as "cut off"


def read_headers(path: Path) -> Header:
    """Read a GGUF file's header; of a model in several files, all of them.

    Raises:
        SizingError: no GGUF file, a damaged one, or a part of one that is missing.
    """
    first = read_header(path)
    part = _PART.fullmatch(path.name)
    if part is None or int(part[3]) <= 1:
        return first
    stem, several = part[1], int(part[3])
    if several > MOST_PARTS:
        raise SizingError(f"{path.name} says that it is one of {several} files. That is no model's number of files.")
    headers = [_sibling(path, f"{stem}-{number:05d}-of-{several:05d}.gguf") for number in range(1, several + 1)]
    return Header(
        name=f"{stem} ({several} files)",
        fields=headers[0].fields,
        lengths=headers[0].lengths,
        tensors=tuple(tensor for each in headers for tensor in each.tensors),
        shapes={name: dims for each in headers for name, dims in each.shapes.items()},
        note=next((each.note for each in headers if each.note), None),
    )


def _sibling(path: Path, name: str) -> Header:
    try:
        return read_header(path.with_name(name))
    except FileNotFoundError:
        raise SizingError(
            f"{path.name} is part of a model in several files, and {name} is missing beside it. Put all in one folder."
        ) from None


def read_header(path: Path) -> Header:
    """Read one file's header.

    Raises:
        SizingError: it is no GGUF file, or a damaged one.
        FileNotFoundError: it is not there.
    """
    size = path.stat().st_size
    with path.open("rb") as stream:
        try:
            return _parse(_Reader(stream, path.name, size), size)
        except (struct.error, UnicodeDecodeError, OverflowError) as problem:
            raise SizingError(f"The header of {path.name} is damaged: {problem}. Download the file again.") from None


class _Reader:
    """Take numbers and texts from the start of a stream, never further than a header may reach."""

    def __init__(self, stream: BinaryIO, name: str, size: int) -> None:
        self._stream, self.name, self._limit = stream, name, min(size, MOST_HEADER_BYTES)
        self.at, self.order = 0, "<"

    def damaged(self, what: str) -> SizingError:
        """Make the error for a header that cannot be right."""
        return SizingError(f"The header of {self.name} is damaged: {what}. Download the file again.")

    def take(self, size: int) -> bytes:
        """Read *size* bytes."""
        self._reach(size)
        data = self._stream.read(size)
        self.at += size
        if len(data) < size:
            raise self.damaged("the file ends in the middle of it")
        return data

    def skip(self, size: int) -> None:
        """Pass over *size* bytes."""
        self._reach(size)
        self._stream.seek(size, 1)
        self.at += size

    def number(self, code: str) -> Any:
        """Read one number of a `struct` code."""
        return struct.unpack(self.order + code, self.take(struct.calcsize(self.order + code)))[0]

    def text(self, most: int) -> str:
        """Read one text of at most *most* bytes."""
        size = self.number("Q")
        if size > most:
            raise self.damaged(f"a text of {size:,} bytes where {most:,} are the most")
        return self.take(size).decode("utf-8", "replace")

    def _reach(self, size: int) -> None:
        if self.at + size > self._limit:
            where = "the file ends before it does" if self._limit < MOST_HEADER_BYTES else "it has no end"
            raise self.damaged(where)


def _parse(reader: _Reader, size: int) -> Header:
    _check_magic(reader)
    tensor_count, field_count = reader.number("Q"), reader.number("Q")
    if tensor_count > MOST_TENSORS or field_count > MOST_FIELDS:
        raise reader.damaged(f"it announces {tensor_count:,} tensors and {field_count:,} fields")
    fields: dict[str, Any] = {}
    lengths: dict[str, int] = {}
    for _ in range(field_count):
        key = reader.text(MOST_NAME_BYTES)
        fields[key] = _value(reader, reader.number("I"), lengths, key)
    tensors, shapes, ends = _tensors(reader, tensor_count)
    alignment = fields.get("general.alignment", ALIGNMENT)
    step = alignment if isinstance(alignment, int) and 0 < alignment <= MOST_NAME_BYTES else ALIGNMENT
    needed = -(-reader.at // step) * step + max(ends, default=0)
    return Header(
        name=reader.name, fields=fields, lengths=lengths, tensors=tensors, shapes=shapes, note=_cut_off(size, needed)
    )


def _cut_off(size: int, needed: int) -> str | None:
    if size >= needed:
        return None
    return f"cut off: the file has {format_disk(size)} of {format_disk(needed)}, download it again"


def _check_magic(reader: _Reader) -> None:
    magic = reader.take(4)
    if magic != MAGIC:
        known = next((words for start, words in OTHER_FILES.items() if magic.startswith(start)), None)
        what = f"is {known}" if known else f"begins with {magic!a}, not with GGUF"
        raise SizingError(f"{reader.name} is no GGUF file: it {what}.")
    version = reader.number("I")
    if version & 0xFFFF == 0:
        reader.order, version = ">", version >> 24
    if version not in VERSIONS:
        raise SizingError(f"{reader.name} is GGUF of version {version}; this release reads versions 2 and 3.")


def _value(reader: _Reader, kind: int, lengths: dict[str, int], key: str) -> Any:
    if kind in _SCALARS:
        return reader.number(_SCALARS[kind])
    if kind == _TEXT:
        return reader.text(MOST_TEXT_BYTES)
    if kind == _ARRAY:
        return _items(reader, lengths, key)
    raise reader.damaged(f"field {ascii(key)[:60]} is of an unknown kind ({kind})")


def _items(reader: _Reader, lengths: dict[str, int], key: str) -> tuple[Any, ...] | None:
    kind, several = reader.number("I"), reader.number("Q")
    lengths[key] = several
    if kind == _TEXT:
        if several > MOST_TEXTS:
            raise reader.damaged(f"list {ascii(key)[:60]} announces {several:,} texts")
        for _ in range(several):
            reader.skip(reader.number("Q"))
        return None
    if kind not in _SCALARS:
        raise reader.damaged(f"list {ascii(key)[:60]} is of an unknown kind ({kind})")
    width = struct.calcsize("<" + _SCALARS[kind])
    if several > MOST_KEPT_ITEMS:
        reader.skip(several * width)
        return None
    return struct.unpack(f"{reader.order}{several}{_SCALARS[kind]}", reader.take(several * width))


def _tensors(reader: _Reader, several: int) -> tuple[tuple[StoredTensor, ...], dict[str, tuple[int, ...]], list[int]]:
    sizes = _type_sizes()
    tensors: list[StoredTensor] = []
    shapes: dict[str, tuple[int, ...]] = {}
    ends: list[int] = []
    for _ in range(several):
        name, count = reader.text(MOST_NAME_BYTES), reader.number("I")
        if count > MOST_DIMENSIONS:
            raise reader.damaged(f"tensor {ascii(name)[:60]} has {count:,} dimensions")
        dims = tuple(reader.number("Q") for _ in range(count))
        kind, offset = reader.number("I"), reader.number("Q")
        tensor = _tensor(reader, name, dims, sizes, kind)
        tensors.append(tensor)
        shapes[name] = dims
        ends.append(offset + tensor.stored_bytes)
    return tuple(tensors), shapes, ends


def _tensor(
    reader: _Reader, name: str, dims: tuple[int, ...], sizes: Mapping[int, tuple[str, int, int]], kind: int
) -> StoredTensor:
    elements = 1
    for each in dims:
        elements *= each
        if elements > MOST_ELEMENTS:
            raise reader.damaged(f"tensor {ascii(name)[:60]} has more elements than any model")
    if kind not in sizes:
        raise SizingError(
            f"{reader.name} holds tensors of type {kind}, which this gguf library does not know. Update the course."
        )
    label, block, block_bytes = sizes[kind]
    return StoredTensor(name=name, type=label, elements=elements, stored_bytes=elements * block_bytes // block)


@cache
def _type_sizes() -> Mapping[int, tuple[str, int, int]]:
    from gguf.constants import GGML_QUANT_SIZES  # late: half a second that only a file needs

    return {kind.value: (kind.name, block, size) for kind, (block, size) in GGML_QUANT_SIZES.items()}


@cache
def file_type_name(number: int) -> str | None:
    """Name a file's quantisation by the number in its header: 15 is Q4_K_M."""
    from gguf.constants import LlamaFileType

    names: Mapping[int, str] = {each.value: each.name for each in LlamaFileType}
    name = names.get(number)
    return name.removeprefix("MOSTLY_").removeprefix("ALL_") if name else None
