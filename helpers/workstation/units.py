"""Say sizes in the field's own units: GiB for memory, GB for disks, and never one for the other."""

import re

KIB, MIB, GIB, TIB = 1024, 1024**2, 1024**3, 1024**4
KB, MB, GB, TB = 10**3, 10**6, 10**9, 10**12

_FACTORS: dict[str, int] = {
    "b": 1,
    "kib": KIB, "mib": MIB, "gib": GIB, "tib": TIB,
    "kb": KB, "mb": MB, "gb": GB, "tb": TB,
}  # fmt: skip
_SIZE = re.compile(r"\s*(\d+(?:[.,]\d+)?)\s*([kmgt]?i?b)\s*", re.IGNORECASE)
_THOUSANDS = re.compile(r"\s*[+-]?[1-9]\d{0,2}(?:,\d{3})+(?!\d)")


def gib(size_bytes: float) -> float:
    """Convert bytes to GiB (2^30), the unit of memory.

    >>> gib(16 * 1024**3)
    16.0
    """
    return size_bytes / GIB


def gb(size_bytes: float) -> float:
    """Convert bytes to GB (10^9), the unit on a disk's box.

    >>> gb(512_110_190_592)
    512.110190592
    """
    return size_bytes / GB


def format_memory(size_bytes: int | None) -> str:
    """Write a memory size in GiB, or in MiB below one GiB; unknown stays unknown.

    >>> format_memory(16_541_302_784), format_memory(512 * 1024**2), format_memory(None)
    ('15.4 GiB', '512 MiB', 'unknown')
    """
    if size_bytes is None:
        return "unknown"
    return f"{size_bytes / GIB:.1f} GiB" if size_bytes >= GIB else f"{size_bytes / MIB:.0f} MiB"


def format_disk(size_bytes: int | None) -> str:
    """Write a disk size in decimal GB, in TB from 1,000 GB up, in MB below one GB.

    >>> format_disk(512_110_190_592), format_disk(2_000_398_934_016), format_disk(None)
    ('512 GB', '2.0 TB', 'unknown')
    """
    if size_bytes is None:
        return "unknown"
    if size_bytes >= TB:
        return f"{size_bytes / TB:.1f} TB"
    return f"{size_bytes / GB:.0f} GB" if size_bytes >= GB else f"{size_bytes / MB:.0f} MB"


def reads_two_ways(text: str) -> bool:
    """Tell whether a number's comma may mark thousands as well as decimals: "18,000" is 18 or 18000, never guessed at.

    >>> reads_two_ways("18,000"), reads_two_ways("0,125"), reads_two_ways("1,5")
    (True, False, False)
    """
    return _THOUSANDS.match(text) is not None


def parse_size(text: str) -> int | None:
    """Read "2GiB", "500 MB" or "1,5 GB" as bytes; `None` where the text is no size.

    >>> parse_size("2GiB"), parse_size("1,5 GB"), parse_size("many")
    (2147483648, 1500000000, None)
    """
    match = _SIZE.fullmatch(text)
    if match is None:
        return None
    return round(float(match[1].replace(",", ".")) * _FACTORS[match[2].lower()])
