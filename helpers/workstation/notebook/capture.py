"""Put the machine's facts on file: once for the course, once beside the exercise that hands them in.

Captured on the learner's machine only. Under nbgrader the file that is there is shown and nothing is measured.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from workstation.catalog import load_catalog
from workstation.errors import DocumentError, UnknownExercise
from workstation.inventory import Inventory, load_inventory
from workstation.inventory import inventory as read_machine
from workstation.materials import working_copy_of
from workstation.notebook.boundary import mode, sheltered
from workstation.notebook.inventory_card import show_inventory

EVIDENCE = "evidence"
FILE = "inventory.json"
NONE_HERE = (
    "There is no inventory beside this notebook. On your own machine, run the capture cell, save, and hand in again."
)


@sheltered(otherwise=None)
def capture_evidence(exercise: str = "constraint-summary", *, inventory: Inventory | None = None) -> None:
    """Record this machine's facts as evidence for an exercise, and show them.

    They are kept in the course folder's ``evidence`` and copied beside the exercise, which is what is handed in. An
    older inventory is kept under the time at which it was written. For a machine that is not this one, pass an
    *inventory* that was saved there: ``ws.load_inventory(path)``.
    """
    folder = Path.cwd()
    _require_exercise(exercise)
    if mode() != "work":
        show_inventory(handed_in(folder), "This is the inventory that was handed in.")
        return
    found = inventory or read_machine(folder)
    kept = store(found, folder=folder)
    show_inventory(found, _where(folder, kept))


def handed_in(folder: Path) -> Inventory:
    """Load the inventory that travels with the exercise in *folder*.

    Raises:
        DocumentError: there is none, or it cannot be read.
    """
    path = folder / EVIDENCE / FILE
    if not path.is_file():
        raise DocumentError(NONE_HERE)
    return load_inventory(path)


def store(found: Inventory, *, folder: Path) -> list[Path]:
    """Write an inventory to the course's store and beside the exercise; return the older ones that were kept."""
    root = working_copy_of(folder)
    targets = list(dict.fromkeys([root / EVIDENCE / FILE, folder / EVIDENCE / FILE]))
    for target in targets:
        _make_folder(target.parent)
    kept = [path for target in targets for path in _keep_older(target, store=root / EVIDENCE)]
    for target in targets:
        found.save(target)
    return kept


def _keep_older(target: Path, *, store: Path) -> Iterator[Path]:
    """Copy an inventory that is about to be replaced to the store, unless it is there already."""
    if not target.is_file():
        return
    older = target.read_bytes()
    written = datetime.fromtimestamp(target.stat().st_mtime, UTC)
    kept = store / f"inventory-{written:%Y%m%dT%H%M%SZ}.json"
    number = 2
    while kept.exists() and kept.read_bytes() != older:
        kept = store / f"inventory-{written:%Y%m%dT%H%M%SZ}-{number}.json"
        number += 1
    if not kept.exists():
        kept.write_bytes(older)
        yield kept


def _where(folder: Path, kept: list[Path]) -> str:
    """Say where the facts are now, in paths that name no home folder: the notebook is handed in."""
    root = working_copy_of(folder)
    places = f"in {EVIDENCE}/{FILE} beside this notebook"
    if root != folder:
        places += " (handed in with it) and in the course's own evidence folder"
    older = f" The older one is kept there as {kept[0].name}." if kept else ""
    return f"Saved {places}.{older}"


def _require_exercise(name: str) -> None:
    known = list(load_catalog().exercises)
    if name not in known:
        raise UnknownExercise(name, known=known)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DocumentError(
            f"Making the folder {folder.name} failed: {error.strerror}. Check that you may write to the course folder."
        ) from None
