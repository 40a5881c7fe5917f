"""Take memory that really is memory: every page written, with content that cannot be squeezed or shared."""

import mmap
import os
import random
from collections.abc import Callable

from workstation.units import MIB

_POOL_BYTES = 4 * MIB


class Filler:
    """Writes random bytes at the speed of a copy.

    They are taken from one pool at an offset that is chosen anew for every MiB, so that hardly two pages are alike.
    """

    def __init__(self) -> None:
        self._pool = memoryview(os.urandom(_POOL_BYTES))

    def fill(self, target: memoryview) -> None:
        """Overwrite all of *target*."""
        for start in range(0, len(target), MIB):
            size = min(MIB, len(target) - start)
            offset = random.randrange(_POOL_BYTES - size + 1)  # noqa: S311 - no secret
            target[start : start + size] = self._pool[offset : offset + size]


def take_pages(size_bytes: int) -> mmap.mmap:
    """Ask the system for memory of this process's own, which goes straight back when it is closed."""
    if os.name == "nt":
        return mmap.mmap(-1, size_bytes)
    return mmap.mmap(-1, size_bytes, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)


class Held:
    """Memory that a demonstration holds, given back as a whole."""

    def __init__(self) -> None:
        self._take: Callable[[int], mmap.mmap | bytearray] = take_pages
        self._blocks, self._filler = list[mmap.mmap | bytearray](), Filler()
        self.held_bytes = 0

    def take_by(self, take: Callable[[int], bytearray]) -> None:
        """Take from somewhere else from now on, such as from behind a wall."""
        self._take = take

    def take(self, size_bytes: int) -> None:
        """Hold *size_bytes* more.

        Raises:
            MemoryError: the system refuses.
        """
        block = self._take(size_bytes)
        self._filler.fill(memoryview(block))
        self._blocks.append(block)
        self.held_bytes += size_bytes

    def give_back(self) -> None:
        """Let go of all of it."""
        for block in self._blocks:
            if isinstance(block, mmap.mmap):
                block.close()
        self._blocks.clear()
        self.held_bytes = 0
