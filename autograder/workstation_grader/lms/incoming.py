"""Find the zips to collect: in a folder of downloads, in a platform's own bulk download, or waiting in quarantine."""

import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from workstation.errors import CohortError
from workstation_grader.lms.names import readings_of

__all__ = ["Source", "open_source"]

MAX_BULK_ENTRIES = 50_000
MAX_MEMBER_BYTES = 130_000_001  # one more than a submission may have, so that it is seen to be too large
HOW_NAMED = "named ID__anything.zip, or as Canvas or Moodle name them"


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where zips come from: their names at once, and each as a file while it is looked at."""

    names: tuple[str, ...]
    others: tuple[str, ...]  # files that are no zips, and look like work
    place: Path
    bulk: bool = False
    members: dict[str, zipfile.ZipInfo] = field(default_factory=dict)
    archive: zipfile.ZipFile | None = None  # the bulk download, while it is open

    @contextmanager
    def opened(self) -> Iterator["Source"]:
        """Keep a bulk download open, so that its long list of files is read once and not for each zip."""
        if not self.bulk:
            yield self
            return
        with zipfile.ZipFile(self.place) as archive:
            yield replace(self, archive=archive)

    @contextmanager
    def take(self, name: str) -> Iterator[Path]:
        """Give one zip as a file; out of a bulk download, which must be open, it is unpacked for the time being.

        Raises:
            zipfile.BadZipFile: it could not be unpacked.
        """
        if self.archive is None:
            yield self.place / name
            return
        with tempfile.TemporaryDirectory() as scratch:
            target = Path(scratch) / "member.zip"
            _unpack(self.archive, self.members[name], target)
            yield target


def _unpack(bulk: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    try:
        with bulk.open(member) as source, target.open("wb") as file:
            left = MAX_MEMBER_BYTES
            while left > 0 and (chunk := source.read(min(left, 1_000_000))):
                file.write(chunk)
                left -= len(chunk)
    except (zlib.error, EOFError, RuntimeError, NotImplementedError, ValueError) as error:
        raise zipfile.BadZipFile(str(error)) from error
    _date(target, member)


def _date(target: Path, member: zipfile.ZipInfo) -> None:
    """Give a file the time that the bulk download has for it: the platform's, in whatever zone it packs."""
    try:
        moment = datetime(*member.date_time).timestamp()  # noqa: DTZ001 - a zip's times have no zone
    except (ValueError, OverflowError, OSError):
        return
    os.utime(target, (moment, moment))


def open_source(place: Path, exercise: str) -> Source:
    """Look into a folder of downloads, or into a platform's bulk download.

    Raises:
        CohortError: there is neither, or no zip in it.
    """
    if place.is_dir():
        found = _folder(place, exercise)
    elif place.is_file():
        found = _bulk(place, exercise)
    else:
        raise CohortError(
            f"There is no folder {place}. Name with --zips the one that holds the learners' zips, {HOW_NAMED}; "
            "or a platform's bulk download."
        )
    if not found.names and not found.others:
        raise CohortError(f"No zip in {place}. Put the learners' zips there, {HOW_NAMED}.")
    return found


def _folder(place: Path, exercise: str) -> Source:
    """List what lies in a folder, and in the folders that Moodle makes for its learners."""
    inside = list(place.iterdir())
    for folder in list(inside):
        if folder.is_dir() and not folder.is_symlink() and _is_moodles(folder.name, exercise):
            inside += [path for path in folder.rglob("*") if path.is_file()]
    return _sorted_out([path.relative_to(place).as_posix() for path in inside], place, exercise)


def _is_moodles(folder: str, exercise: str) -> bool:
    return any(named.platform == "moodle" for named in readings_of(folder, exercise))


def _sorted_out(names: list[str], place: Path, exercise: str) -> Source:
    zips = tuple(sorted(name for name in names if name.lower().endswith(".zip")))
    notebooks = (name for name in names if name.lower().endswith(".ipynb") and readings_of(name, exercise))
    return Source(names=zips, others=tuple(sorted(notebooks)), place=place)


def _bulk(place: Path, exercise: str) -> Source:
    """List what a bulk download holds."""
    try:
        with zipfile.ZipFile(place) as bulk:
            entries = [entry for entry in bulk.infolist() if not entry.is_dir()]
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise CohortError(
            f"{place} could not be read as a zip ({error}). Download it again, or name a folder of zips."
        ) from error
    if len(entries) > MAX_BULK_ENTRIES:
        raise CohortError(f"{place} holds {len(entries)} files, over {MAX_BULK_ENTRIES}. Nothing was collected.")
    members = {entry.filename.replace("\\", "/"): entry for entry in entries}
    return replace(_sorted_out(list(members), place, exercise), bulk=True, members=members)
