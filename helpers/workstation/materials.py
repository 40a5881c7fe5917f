"""Find the lessons and the released exercises: those of a checkout, else the ones that travel inside the package."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from workstation.errors import MaterialsError

__all__ = [
    "course_root",
    "exercise_names",
    "exercises_root",
    "lesson_names",
    "materials_root",
    "shipped_files",
    "working_copy_of",
]

MARKER = Path(".workstation", "manifest.json")  # `workstation lab` puts it at the root of a working copy
_PACKAGE = Path(__file__).resolve().parent
_NOT_SHIPPED = frozenset(
    {"README.md", "evidence", "submissions", "__pycache__"}
)  # an author's own, made by trying things


def materials_root(package: Path = _PACKAGE) -> Path:
    """Return the folder that holds ``course/`` and ``exercises/``.

    A checkout wins over the packaged copy: what an author edits is what opens.

    Raises:
        MaterialsError: neither is there; the installation is damaged.
    """
    checkout = package.parent.parent
    places = [checkout] if package == checkout / "helpers" / "workstation" else []
    for place in (*places, package / "_materials"):
        if (place / "course").is_dir():
            return place
    raise MaterialsError(
        f"The lessons are not where they should be (looked in {', '.join(map(str, places)) or package}). "
        "Install the course again: python3 start.py setup in a checkout, else pip install --force-reinstall."
    )


def course_root() -> Path:
    """Return the folder of the lesson notebooks."""
    return materials_root() / "course"


def exercises_root() -> Path:
    """Return the folder of the released exercises, a folder for each."""
    return materials_root() / "exercises"


def lesson_names() -> list[str]:
    """Name the lessons in reading order: ``00-start-here``, ..."""
    return sorted(path.stem for path in course_root().glob("*.ipynb"))


def exercise_names() -> list[str]:
    """Name the released exercises, in the order of the alphabet."""
    return sorted(path.parent.name for path in exercises_root().glob("*/*.ipynb") if path.stem == path.parent.name)


def shipped_files(root: Path | None = None) -> dict[str, Path]:
    """Map where each file belongs in a working copy (``course/00-start-here.ipynb``) to where its pristine copy is."""
    root = root or materials_root()
    found = (path for top in ("course", "exercises") for path in _files(root / top))
    return {PurePosixPath(path.relative_to(root)).as_posix(): path for path in found}


def working_copy_of(folder: Path) -> Path:
    """Find the root of the working copy that *folder* is in; the folder itself where there is none."""
    return next((place for place in (folder, *folder.parents) if (place / MARKER).is_file()), folder)


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.name in _NOT_SHIPPED or path.name.startswith("."):
            continue
        if path.is_dir():
            yield from _files(path)
        else:
            yield path
