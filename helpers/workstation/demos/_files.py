"""Write and read a file that has no name, so that nothing is left of it however this process ends."""

import contextlib
import ctypes
import mmap
import os
import tempfile
from pathlib import Path

_F_NOCACHE = 48  # macOS
CHUNK_BYTES = 4 * 1024**2


def open_nameless(folder: Path) -> int:
    """Open a new file on the folder's disk for writing and reading, without a name if the system can.

    Linux makes one that never had a name; elsewhere its name is taken away at once, or by the system when it is closed.
    """
    if hasattr(os, "O_TMPFILE"):
        with contextlib.suppress(OSError):  # a file system that cannot
            return os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
    if os.name == "nt":
        binary, temporary = getattr(os, "O_BINARY", 0), getattr(os, "O_TEMPORARY", 0)
        name = folder / f".workstation-demo-{os.getpid()}"
        return os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL | binary | temporary, 0o600)
    descriptor, path = tempfile.mkstemp(prefix=".workstation-demo-", dir=folder)
    Path(path).unlink()
    return descriptor


def free_bytes(descriptor: int) -> int:
    """Say how much an ordinary user can still write there."""
    found = os.fstatvfs(descriptor)
    return found.f_bavail * found.f_frsize


def keep_out_of_memory(descriptor: int) -> None:
    """Ask macOS not to keep what is written and read here in its file cache; elsewhere there is no such switch."""
    _set_no_cache(descriptor, on=True)


def let_into_memory(descriptor: int) -> None:
    """Undo `keep_out_of_memory`."""
    _set_no_cache(descriptor, on=False)


def _set_no_cache(descriptor: int, *, on: bool) -> None:
    if hasattr(os, "posix_fadvise"):
        return
    import fcntl

    with contextlib.suppress(OSError):
        fcntl.fcntl(descriptor, _F_NOCACHE, int(on))


def drop_from_memory(descriptor: int) -> None:
    """Write out what is waiting, then ask the system to forget the file's pages."""
    os.fsync(descriptor)
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


def cached_percent(descriptor: int, size_bytes: int) -> float | None:
    """Ask Linux how much of the file is in memory; `None` where nobody tells."""
    if not hasattr(os, "posix_fadvise") or not size_bytes:
        return None
    pages = -(-size_bytes // mmap.PAGESIZE)
    seen = (ctypes.c_ubyte * pages)()
    with mmap.mmap(descriptor, size_bytes, flags=mmap.MAP_SHARED, prot=mmap.PROT_READ | mmap.PROT_WRITE) as view:
        start = ctypes.addressof(ctypes.c_char.from_buffer(view))
        code = ctypes.CDLL(None).mincore(ctypes.c_void_p(start), ctypes.c_size_t(size_bytes), seen)
    return None if code else 100 * sum(page & 1 for page in seen) / pages
