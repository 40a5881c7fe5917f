"""Tell the size of memory on the box from what the system sees: firmware and graphics keep some of it."""

from workstation.catalog._facts import load_surprise_limits
from workstation.units import GIB


def boxed_gib(total_bytes: int | None) -> int | None:
    """Return the size that such a machine is sold with; `None` where no box has it.

    >>> boxed_gib(int(15.3 * GIB)), boxed_gib(int(20 * GIB)), boxed_gib(None)
    (16, None, None)
    """
    if not total_bytes:
        return None
    limits = load_surprise_limits()
    least = 1 - limits.box_shortfall_percent / 100
    return next((size for size in limits.boxed_gib if size * least <= total_bytes / GIB <= size), None)
