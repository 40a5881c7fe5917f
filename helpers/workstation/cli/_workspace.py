"""The learner's working copy: bring what is new, refresh what is untouched, never overwrite what a learner wrote.

``.workstation/manifest.json`` records the digest of each shipped file as it was copied. A file that still has that
digest is untouched; any other is the learner's.
"""

import difflib
import hashlib
import json
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from workstation import __version__, materials
from workstation.cli._files import digest_of, free_name, make_folder, sentences, utc_stamp, write_atomically
from workstation.errors import MaterialsError

__all__ = ["SCHEMA", "Action", "Reset", "Synced", "WorkingCopy", "decide"]

SCHEMA = "workstation.workingcopy/1"
MAX_MANIFEST_BYTES = 4 * 1024**2
_LITTER = frozenset({".DS_Store", "Thumbs.db", "desktop.ini", "lost+found"})  # what systems leave in an empty folder

Action = Literal["add", "refresh", "leave", "keep", "keep-though-newer"]


def decide(*, actual: str | None, recorded: str | None, pristine: str) -> Action:
    """Decide what to do with one file from three digests: as it is (`None`: gone), as copied, as shipped now."""
    if actual is None:
        return "add"
    if actual == pristine:
        return "leave"
    if actual == recorded:
        return "refresh"
    return "keep" if recorded == pristine else "keep-though-newer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Synced:
    """What happened to each file of the course, by its place in the working copy."""

    actions: Mapping[str, Action]
    handed_out: tuple[str, ...] = ()  # exercises that the class's exchange hands out instead

    def having(self, *actions: Action) -> list[str]:
        """List the files that met one of *actions*."""
        return [path for path, action in self.actions.items() if action in actions]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """A pristine lesson or exercise, and where the old one was put (`None`: there was nothing of the learner's)."""

    path: Path
    kept: Path | None


class WorkingCopy:
    """One learner's copy of the course in the folder *root*."""

    def __init__(self, root: Path) -> None:
        try:
            self.root = root.expanduser().absolute()
        except RuntimeError as problem:  # ~ of a system without a home folder
            raise MaterialsError(f"The folder {root} cannot be found: {problem} Choose one with --dir.") from problem
        self.own = self.root / ".workstation"

    @property
    def is_ours(self) -> bool:
        """Whether the folder carries the mark of a working copy."""
        return self.own.is_dir()

    def check(self) -> None:
        """Refuse a folder that neither is a working copy nor can become one; nothing is written.

        Raises:
            MaterialsError: it is the course's source, a file, or a folder with somebody else's files in it.
        """
        if not self.root.exists():
            return
        if self.root.resolve() == materials.materials_root().resolve():
            raise MaterialsError(f"{self.root} is the course's source; choose another folder for your copy with --dir.")
        if not self.root.is_dir():
            raise MaterialsError(f"{self.root} is a file; choose a folder with --dir.")
        with sentences(f"Looking into the folder {self.root}"):
            found = sorted(path.name for path in self.root.iterdir() if path.name not in _LITTER)
        if found and not os.path.lexists(self.own):  # in this order: another start may be making the copy now
            raise MaterialsError(
                f"{self.root} holds other things ({_some(found)}) and is no working copy of the course: nothing was "
                "written there. Choose an empty folder, or one that does not exist yet, with --dir."
            )

    def sync(self, *, handed_out: Collection[str] = ()) -> Synced:
        """Bring the working copy up to date; exercises named in *handed_out* are left to the class's exchange.

        Raises:
            MaterialsError: the folder cannot be used; the message says why and what to do.
        """
        self._make()
        recorded = self._recorded()
        left_out = tuple(f"exercises/{name}/" for name in handed_out)
        actions: dict[str, Action] = {}
        for place, source in materials.shipped_files().items():
            if not place.startswith(left_out):
                actions[place], recorded[place] = self._bring(place, source, recorded.get(place))
        self._record({place: digest for place, digest in recorded.items() if digest is not None})
        return Synced(actions=actions, handed_out=tuple(sorted(handed_out)))

    def reset(self, name: str) -> Reset:
        """Make a lesson or an exercise pristine again; the old one stays beside it under a name with a time stamp.

        Raises:
            MaterialsError: there is no such lesson or exercise; the message names the nearest.
        """
        places = self._places_of(name)
        self._refuse_if_fetched(_name_of(min(places)))
        self._make()
        top = self.root.joinpath(*_common(places).split("/"))
        kept = self._set_aside(top) if self._is_changed(places) or self._has_more(top, places) else None
        recorded = self._recorded()
        for place, source in places.items():
            recorded[place] = self._bring(place, source, recorded.get(place))[1]
        self._record({place: digest for place, digest in recorded.items() if digest is not None})
        return Reset(path=top, kept=kept)

    def exercise_folder(self, name: str) -> Path:
        """Find an exercise: where the course put it, else where nbgrader's Assignment List fetched it.

        Raises:
            MaterialsError: it is nowhere in this working copy.
        """
        places = (self.root / "exercises" / name, self.root / name, *sorted(self.root.glob(f"*/{name}")))
        for place in places:
            if (place / f"{name}.ipynb").is_file():
                return place
        raise MaterialsError(
            f"There is no notebook of the exercise {name!r} in {self.root}. {self._exercises_here(name)}"
        )

    def _refuse_if_fetched(self, name: str) -> None:
        fetched = self.root / name
        if (fetched / f"{name}.ipynb").is_file() and not (self.root / "exercises" / name).exists():
            raise MaterialsError(
                f"{fetched} was fetched from your class. To start it again, rename that folder, then fetch it again: "
                "in JupyterLab, Nbgrader > Assignment List."
            )

    def _exercises_here(self, wanted: str) -> str:
        if not self.is_ours:
            return (
                "That folder is no working copy of the course: run `workstation lab` first, or name yours with --dir."
            )
        if wanted in materials.exercise_names():
            return f"Start `workstation lab`, or run `workstation reset {wanted}`: both bring it."
        return f"Exercises: {', '.join(materials.exercise_names())}."

    def _make(self) -> None:
        self.check()
        with sentences(f"Making the folder {self.root}"):
            self.root.mkdir(parents=True, exist_ok=True)
        for folder in (self.own, self.root / "evidence"):
            make_folder(folder, below=self.root)

    def _bring(self, place: str, source: Path, recorded: str | None) -> tuple[Action, str | None]:
        target = self.root.joinpath(*place.split("/"))
        with sentences(f"Reading {source}"):
            content = source.read_bytes()
        pristine = digest_of(content)
        action = decide(actual=_actual(target), recorded=recorded, pristine=pristine)
        if action in {"add", "refresh"}:
            make_folder(target.parent, below=self.root)
            write_atomically(target, content, scratch=self.own)
        return action, recorded if action in {"keep", "keep-though-newer"} else pristine

    def _is_changed(self, places: Mapping[str, Path]) -> bool:
        for place, source in places.items():
            actual = _actual(self.root.joinpath(*place.split("/")))
            if actual is not None and actual != digest_of(source.read_bytes()):
                return True
        return False

    def _has_more(self, top: Path, places: Collection[str]) -> bool:
        """Tell whether an exercise's folder holds what the course did not put there, such as captured evidence."""
        files = (path.relative_to(self.root).as_posix() for path in top.rglob("*") if not path.is_dir())
        return any(file not in places and "/." not in file for file in files)

    def _set_aside(self, path: Path) -> Path:
        kept = free_name(path.with_name(f"{path.stem}.kept-{utc_stamp()}{path.suffix}"))
        with sentences(f"Keeping {path} as {kept.name}"):
            return path.rename(kept)

    def _places_of(self, name: str) -> dict[str, Path]:
        wanted = name.replace("\\", "/").removesuffix(".ipynb").rstrip("/").rpartition("/")[2]
        shipped = materials.shipped_files()
        found = {place: path for place, path in shipped.items() if _name_of(place) == wanted}
        if not found:
            known = [*materials.lesson_names(), *materials.exercise_names()]
            raise MaterialsError(f"There is no lesson or exercise {name!r}. {_nearest(wanted, known)}")
        return found

    def _recorded(self) -> dict[str, str | None]:
        """Read the digests of the last copy; of a lost or damaged record, none: every change is then the learner's."""
        try:
            with (self.own / "manifest.json").open("rb") as file:
                document = json.loads(file.read(MAX_MANIFEST_BYTES))
        except (OSError, ValueError, RecursionError):
            return {}
        files = document.get("files") if isinstance(document, dict) and document.get("schema") == SCHEMA else None
        return {k: v for k, v in files.items() if isinstance(v, str)} if isinstance(files, dict) else {}

    def _record(self, digests: Mapping[str, str]) -> None:
        document = {"schema": SCHEMA, "version": __version__, "files": dict(sorted(digests.items()))}
        content = json.dumps(document, indent=1).encode()
        write_atomically(self.own / "manifest.json", content, scratch=self.own)


def _some(names: list[str], most: int = 3) -> str:
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def _actual(target: Path) -> str | None:
    """Digest what stands at *target*; a link is the learner's own, whatever it leads to."""
    if target.is_symlink():
        return "a link"
    with sentences(f"Reading {target}"):
        if not target.exists():
            return None
        if not target.is_file():
            raise MaterialsError(f"{target} is no file, and the course has one there. Move it aside, then try again.")
        with target.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def _name_of(place: str) -> str:
    """Name the lesson or exercise that a shipped file belongs to: the notebook's stem, or the exercise's folder."""
    top, _, rest = place.partition("/")
    return rest.partition("/")[0] if top == "exercises" else rest.removesuffix(".ipynb")


def _common(places: Collection[str]) -> str:
    """Return the lesson's file or the exercise's folder among *places*."""
    first = min(places)
    return "/".join(first.split("/")[:2])


def _nearest(wanted: str, known: list[str]) -> str:
    near = difflib.get_close_matches(wanted, known, n=3, cutoff=0.4)
    begins = [name for name in known if wanted and wanted.casefold() in name.casefold()]
    names = list(dict.fromkeys([*begins, *near]))
    return f"Did you mean {' or '.join(names)}?" if names else f"There are: {', '.join(known)}."
