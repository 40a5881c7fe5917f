"""Keep every zip that came in: a learner's earlier ones beside the one that counts, and those that are nobody's yet."""

import json
import shutil
from dataclasses import dataclass
from datetime import datetime
from hashlib import file_digest
from pathlib import Path

from workstation_grader.files import write_atomically

__all__ = ["Waiting", "keep", "kept_folder", "quarantine", "quarantine_folder", "release_from_quarantine", "waiting"]

KEPT, QUARANTINE = ".zips", "quarantine"
SCHEMA = "workstation.quarantine/1"
DIGEST_CHARACTERS = 16


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A file that is nobody's yet: the name it came with, why, and where it is."""

    name: str
    why: str
    path: Path


def kept_folder(root: Path, exercise: str) -> Path:
    """Say where the zips of an exercise are kept, a folder a learner."""
    return root / KEPT / exercise


def keep(root: Path, exercise: str, student: str, archive: Path, stamp: datetime) -> Path:
    """Keep a copy of a learner's zip, once, under its time and its digest."""
    place = kept_folder(root, exercise) / student / f"{stamp:%Y%m%dT%H%M%SZ}-{_digest(archive)}.zip"
    if not place.exists():
        _copy(archive, place)
    return place


def quarantine_folder(root: Path, exercise: str) -> Path:
    """Say where files that are nobody's wait."""
    return root / QUARANTINE / exercise


def quarantine(root: Path, exercise: str, name: str, archive: Path, why: str) -> None:
    """Keep a copy of a file that is nobody's, with the name that it came with and the reason."""
    folder, digest = quarantine_folder(root, exercise), _digest(archive)
    document = {"schema": SCHEMA, "name": name, "why": why}
    write_atomically(folder / f"{digest}.json", json.dumps(document, indent=1).encode())  # first: a file has its name
    if not (folder / f"{digest}.zip").exists():
        _copy(archive, folder / f"{digest}.zip")


def waiting(root: Path, exercise: str) -> list[Waiting]:
    """List the files that are nobody's, by the names they came with."""
    folder = quarantine_folder(root, exercise)
    found = []
    for path in sorted(folder.glob("*.zip")) if folder.is_dir() else ():
        told = _told(path.with_suffix(".json"))
        found.append(Waiting(name=told.get("name") or path.name, why=told.get("why", ""), path=path))
    return sorted(found, key=lambda each: each.name)


def release_from_quarantine(root: Path, exercise: str, archive: Path) -> None:
    """Take a file out of quarantine that turned out to be somebody's; its bytes are kept with that learner's."""
    place = quarantine_folder(root, exercise) / f"{_digest(archive)}.zip"
    place.unlink(missing_ok=True)
    place.with_suffix(".json").unlink(missing_ok=True)


def _digest(archive: Path) -> str:
    with archive.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()[:DIGEST_CHARACTERS]


def _copy(archive: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    partial = place.with_name(f".{place.name}.partial")
    shutil.copyfile(archive, partial)
    partial.replace(place)


def _told(path: Path) -> dict[str, str]:
    """Read the name that a file came with; without it the file goes by its digest, and is not lost."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return {field: str(document[field]) for field in ("name", "why")} if document["schema"] == SCHEMA else {}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}
