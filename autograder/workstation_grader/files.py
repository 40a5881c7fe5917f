"""Write a course folder's files so that nobody ever meets half of one, and clear up where a run was killed."""

import contextlib
import itertools
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from workstation.errors import CohortError

__all__ = ["SCRATCH", "clear_leftovers", "replace_folder", "write_atomically"]

SCRATCH = ".unpacking-"  # how the names of folders begin that only live while a command runs
_PARTIAL, _OLD = ".partial", ".old"
_PARTIALS = f".*{_PARTIAL}"


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that a reader, or a crash, meets the old one or the new one, never half of one.

    Raises:
        CohortError: the disk is full, or takes no file there; the old one stays.
    """
    partial = path.with_name(f".{path.name}{_PARTIAL}")
    with _removing(partial), told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(content)
        partial.replace(path)


@contextlib.contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn what the system says about writing *path* into a sentence.

    Raises:
        CohortError: names the file, the reason, and what to do.
    """
    try:
        yield
    except OSError as error:
        raise CohortError(
            f"{path} could not be written ({error.strerror or error}). What was finished before stays. Make room or "
            "give this user access, and run the same command again: it goes on from there."
        ) from error


@contextlib.contextmanager
def _removing(partial: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise


def replace_folder(fresh: Path, target: Path) -> None:
    """Put a folder in the place of another of the same disk; killed in between, `clear_leftovers` mends it."""
    old = target.with_name(f".{target.name}{_OLD}")
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        if old.exists():
            shutil.rmtree(old)
        target.replace(old)
    fresh.replace(target)
    shutil.rmtree(old, ignore_errors=True)


def clear_leftovers(root: Path, *, written: Iterable[Path], replaced: Iterable[Path]) -> None:
    """Clear up after a killed run.

    Args:
        root: the course folder; its scratch folders go.
        written: folders that `write_atomically` wrote in; halves of files go.
        replaced: folders of learners whose exercises `replace_folder` replaced; an old one without a successor is put
            back, any other goes.
    """
    for scratch in root.glob(f"{SCRATCH}*"):
        shutil.rmtree(scratch, ignore_errors=True)
    for partial in itertools.chain(root.glob(_PARTIALS), *(folder.rglob(_PARTIALS) for folder in written)):
        partial.unlink(missing_ok=True)
    for old in itertools.chain(*(folder.glob(f"*/.*{_OLD}") for folder in replaced)):
        _settle(old, old.with_name(old.name.removeprefix(".").removesuffix(_OLD)))


def _settle(old: Path, target: Path) -> None:
    if target.exists():
        shutil.rmtree(old, ignore_errors=True)
    else:
        old.replace(target)
