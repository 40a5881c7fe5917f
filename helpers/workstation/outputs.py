"""Write the files that somebody asked for by name: one rule for every command that takes a place to write to.

Folders that are missing are made; what stands there already is never replaced; every failure is a sentence.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workstation.errors import OutputError, WorkstationError

__all__ = ["new_file", "sentences", "write_new"]

_ASK = "Ask its owner for the right to use it, or choose another place with {option}."
_NEXT_STEPS = {
    errno.ENOSPC: "Free some space on that disk, or choose another place with {option}.",
    errno.EDQUOT: "Free some of your quota, or choose another place with {option}.",
    errno.EROFS: "That disk cannot be written; choose another place with {option}.",
    errno.EACCES: _ASK,
    errno.EPERM: _ASK,
    errno.ENAMETOOLONG: "Choose a shorter name with {option}.",
    errno.ENOTDIR: "A file stands where a folder is needed; choose another place with {option}.",
}


@contextmanager
def sentences(tried: str, *, option: str, error: type[WorkstationError] = OutputError) -> Iterator[None]:
    """Turn an operating system's refusal into *error*, which says what was tried and what to do next."""
    try:
        yield
    except OSError as problem:
        step = _NEXT_STEPS.get(problem.errno or 0, "Look at that place, or choose another with {option}.")
        where = f" ({problem.filename})" if problem.filename else ""
        reason = problem.strerror or problem
        raise error(f"{tried} failed: {reason}{where}. {step.format(option=option)}") from problem


def new_file(path: Path, *, option: str) -> Path:
    """Return *path*, absolute, as a place where a file can be written: its folder is made, nothing stands there yet.

    Asked before long work, so that nobody waits for a file that could never be written.

    Raises:
        OutputError: something is there already, or its folder cannot be made; *option* is what names the place.
    """
    place = _at_home(path, option)
    if place.is_dir():
        raise OutputError(f"{place} is a folder. Name a file with {option}.")
    if os.path.lexists(place):
        raise OutputError(
            f"{place} exists already, and is left as it is. Name another file with {option}, or move that one away."
        )
    if place.parent.exists() and not place.parent.is_dir():
        raise OutputError(f"{place.parent} is a file, and a folder is needed there. Name another with {option}.")
    with sentences(f"Making the folder {place.parent}", option=option):
        place.parent.mkdir(parents=True, exist_ok=True)
    return place


def write_new(path: Path, content: bytes, *, option: str) -> Path:
    """Write a file that does not exist yet and return where it is; what could not be written whole is taken away.

    Raises:
        OutputError: something is there already, the disk is full, the place cannot be written, ...
    """
    place = new_file(path, option=option)
    with sentences(f"Writing {place}", option=option):
        file = place.open("xb")
        whole = False
        try:
            with file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            whole = True
        finally:
            if not whole:
                place.unlink(missing_ok=True)
    return place


def _at_home(path: Path, option: str) -> Path:
    try:
        return path.expanduser().absolute()
    except RuntimeError as problem:  # ~ of somebody without a home folder
        raise OutputError(f"{path} cannot be found: {problem} Choose another place with {option}.") from problem
