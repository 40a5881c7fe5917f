"""Read and write files so that nothing is half written and every failure is a sentence."""

import hashlib
import itertools
import os
import secrets
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

from workstation import outputs
from workstation.errors import MaterialsError

__all__ = ["digest_of", "free_name", "make_folder", "sentences", "utc_stamp", "write_atomically"]


def sentences(tried: str) -> AbstractContextManager[None]:
    """Turn an operating system's refusal about the working copy into a `MaterialsError`."""
    return outputs.sentences(tried, option="--dir", error=MaterialsError)


def digest_of(content: bytes) -> str:
    """Return the SHA-256 of *content* in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def utc_stamp() -> str:
    """Return the time now for use in a file's name: ``20261123T190225Z``."""
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")


def free_name(path: Path) -> Path:
    """Return *path*, or the first of ``name-2``, ``name-3``, ... that does not exist yet."""
    numbered = (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in itertools.count(2))
    return next(candidate for candidate in itertools.chain([path], numbered) if not os.path.lexists(candidate))


def make_folder(folder: Path, *, below: Path) -> None:
    """Make *folder* and the folders between *below* and it; each must be a real folder, not a link out of the copy.

    Raises:
        MaterialsError: a file or a link stands where a folder should be, or it cannot be made.
    """
    for part in [below.joinpath(*folder.relative_to(below).parts[:depth]) for depth in _depths(folder, below)]:
        if part.is_symlink():
            raise MaterialsError(
                f"{part} is a link, and a real folder is needed there. Move the link aside, try again."
            )
        if part.exists() and not part.is_dir():
            raise MaterialsError(f"{part} is a file, and a folder is needed there. Move the file aside, try again.")
    with sentences(f"Making the folder {folder}"):
        folder.mkdir(parents=True, exist_ok=True)


def _depths(folder: Path, below: Path) -> range:
    return range(1, len(folder.relative_to(below).parts) + 1)


def write_atomically(path: Path, content: bytes, *, scratch: Path) -> None:
    """Write *content* to *path* whole or not at all; *scratch* is a folder on the same disk for the unfinished file.

    Raises:
        MaterialsError: the disk is full, the place cannot be written, ...
    """
    unfinished = scratch / f"unfinished-{os.getpid()}-{secrets.token_hex(4)}"
    with sentences(f"Writing {path}"):
        try:
            with unfinished.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
