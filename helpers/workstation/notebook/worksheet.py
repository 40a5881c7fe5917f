"""Fill in the platform worksheet, by form or by call, and ask it whether a part fits.

The worksheet lives in the working copy's evidence store as ``platform.json``, and beside an exercise that is worked on,
where it is handed in. Under nbgrader the file that is there is shown, and nothing is asked, read or written.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from workstation.catalog import load_catalog
from workstation.errors import DocumentError
from workstation.inventory import (
    Inventory,
    Platform,
    UpgradeCheck,
    check_upgrade,
    fill_in,
    load_inventory,
    load_platform,
)
from workstation.inventory import inventory as read_machine
from workstation.inventory._worksheet_prefill import start_worksheet
from workstation.materials import working_copy_of
from workstation.notebook.boundary import in_words, mode, sheltered
from workstation.notebook.capture import EVIDENCE
from workstation.notebook.capture import FILE as INVENTORY_FILE
from workstation.notebook.worksheet_card import show_worksheet, typed

FILE = "platform.json"
NO_VERDICT: UpgradeCheck | None = None
NONE_HERE = (
    "There is no worksheet beside this notebook. On your own machine, run ws.platform_worksheet() and fill it in."
)


@sheltered(otherwise=None)
def platform_worksheet(**answers: object) -> None:
    """Ask what no program can read of this machine, with a form; or take *answers* at once and keep them.

    ``ws.platform_worksheet(psu_watts=650, memory_max_gib=64)`` adds to what is on file; `None` takes an answer back.
    What a program could read is filled in already. The worksheet is kept in the course's evidence folder.
    """
    folder = Path.cwd()
    if mode() != "work":
        show_worksheet(_handed_in(folder), "This is the worksheet that was handed in.")
        return
    platform, note = _current(folder)
    if answers:
        platform = fill_in(platform, answers)
        show_worksheet(platform, _keep(platform, folder, note))
        return
    slot = uuid4().hex
    _show_form(platform, folder, slot, note)
    show_worksheet(platform, f"{note}{_progress(platform)}", slot=slot)


@sheltered(otherwise=NO_VERDICT)
def upgrade_check(part: str, **needs: object) -> UpgradeCheck | None:
    """Say whether a part ("ram", "gpu", "nvme", "psu", "cooling") fits this machine, with every reason.

    *needs* are figures from the part's own data sheet, by the worksheet's names:
    ``ws.upgrade_check("gpu", psu_watts=750, gpu_length_mm=320)``. Without them, what is usual for such a part counts.
    """
    folder = Path.cwd()
    if mode() != "work":
        return check_upgrade(part, _handed_in(folder), None, needs)
    return check_upgrade(part, _current(folder)[0], _inventory(folder), needs)


def _places(folder: Path) -> list[Path]:
    """Name the worksheet's files: the course's own first, then the exercise's, if this is one."""
    root = working_copy_of(folder)
    beside = [folder] if folder.name in load_catalog().exercises else []
    return [place / EVIDENCE / FILE for place in dict.fromkeys([root, *beside])]


def _handed_in(folder: Path) -> Platform:
    path = folder / EVIDENCE / FILE
    if not path.is_file():
        raise DocumentError(NONE_HERE)
    return load_platform(path)


def _current(folder: Path) -> tuple[Platform, str]:
    """Load the worksheet on file, or start one from the inventory; a damaged one is moved aside, with a note."""
    path = _places(folder)[0]
    if not path.is_file():
        return start_worksheet(_machine(folder)), ""
    try:
        return load_platform(path), ""
    except DocumentError as error:
        aside = _set_aside(path)
        return start_worksheet(_machine(folder)), f"{error} It is kept as {aside.name}, and a new one begins. "


def _set_aside(path: Path) -> Path:
    aside = next(
        place
        for number in range(1, 10_000)
        if not (place := path.with_name(f"platform-damaged-{number}.json")).exists()
    )
    try:
        return path.rename(aside)
    except OSError as error:
        raise DocumentError(
            f"Moving the damaged {path.name} aside failed: {error.strerror}. Check that you may write to that folder."
        ) from None


def _inventory(folder: Path) -> Inventory:
    """Take the inventory on file, as the learner's own record of the machine; else read this one."""
    with suppress(DocumentError):
        return load_inventory(working_copy_of(folder) / EVIDENCE / INVENTORY_FILE)
    return read_machine(folder)


def _machine(folder: Path) -> Inventory:
    """Take the inventory on file unless it is of this very machine, which tells more when it is asked itself."""
    here, kept = read_machine(folder), _inventory(folder)
    same = (here.cpu.model, here.memory.total_bytes) == (kept.cpu.model, kept.memory.total_bytes)
    return here if same else kept


def _keep(platform: Platform, folder: Path, note: str = "") -> str:
    for path in _places(folder):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DocumentError(
                f"Making the folder {EVIDENCE} failed: {error.strerror}. Check that you may write to the course folder."
            ) from None
        platform.save(path)
    return f"{note}Saved in {EVIDENCE}/{FILE}. {_progress(platform)}"


def _progress(platform: Platform) -> str:
    missing = len(platform.unknowns)
    known = len(platform.answers())
    answers = "1 answer" if known == 1 else f"{known} answers"
    if not missing:
        return f"The worksheet is complete: {answers}."
    return f"The worksheet has {answers}; {missing} {'is' if missing == 1 else 'are'} not known yet."


def _show_form(platform: Platform, folder: Path, slot: str, note: str) -> None:
    from workstation.notebook.worksheet_form import WorksheetForm  # widgets are slow to load, and only wanted here

    WorksheetForm(platform, _saver(platform, folder, slot, note)).show()


def _saver(platform: Platform, folder: Path, slot: str, note: str) -> Callable[[Mapping[str, str]], str]:
    """Make what the form's button calls; what was left as a program filled it in stays the program's word."""
    last = platform

    @in_words
    def save(values: Mapping[str, str]) -> str:
        nonlocal last
        last = fill_in(last, {name: value for name, value in values.items() if value.strip() != typed(last, name)})
        said = _keep(last, folder, note)
        show_worksheet(last, said, slot=slot, again=True)
        return said

    return save
