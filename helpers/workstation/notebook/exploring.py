"""Explore sizes on a page: a model against this machine, its bands with all that is on file, a disk that fills up.

Reading and deciding happen elsewhere; here they are put together and shown. Under nbgrader nothing is read or shown.
"""

from collections.abc import Mapping
from uuid import uuid4

from workstation.errors import SizingError
from workstation.inventory import Inventory
from workstation.inventory import inventory as read_machine
from workstation.notebook.boundary import in_words, mode, sheltered
from workstation.notebook.explorer_card import explorer_card, sentence
from workstation.notebook.explorer_model import Explored, Setting, explore, read_setting
from workstation.notebook.growth_card import Growth, growth_of
from workstation.notebook.on_file import read_store, working_copy
from workstation.notebook.theme import show
from workstation.sizing import Bands, bands

__all__ = ["my_bands", "sizing_explorer", "storage_growth"]

NO_BANDS: Bands | None = None
NO_GROWTH: Growth | None = None
BELOW = " Below stands the last answer."


@sheltered(otherwise=None)
def sizing_explorer(
    model: str = "llama-3.1-8b",
    *,
    on: Inventory | None = None,
    quantization: str = "Q4_K_M",
    context_tokens: int = 8192,
    sequences: int = 1,
    cache_type: str = "f16",
) -> None:
    """Try models and settings against this machine, or *on* another: what each part takes and which one decides.

    *model* is a name of the shape library (``ws.sizing.known_models()``) or a number of parameters such as ``"7B"``.
    Where no form can be shown, the card names the plain call, which takes the same settings.
    """
    if mode() != "work":
        return
    machine = read_machine() if on is None else on
    given = {
        "model": model,
        "quantization": quantization,
        "context_tokens": context_tokens,
        "sequences": sequences,
        "cache_type": cache_type,
    }
    first = explore(read_setting({name: str(value) for name, value in given.items()}), machine)
    _show(first, machine)


def _show(first: Explored, machine: Inventory) -> None:
    from workstation.notebook.explorer_form import ExplorerForm  # widgets are slow to load, and only wanted here

    slot, last = uuid4().hex, first

    def typed(fields: Mapping[str, str]) -> str:
        nonlocal last
        setting = _read(fields)
        if setting != last.setting:
            last = explored(setting, machine, last)
            show(*explorer_card(last), slot=slot, again=True)
        return sentence(last)

    ExplorerForm(first.setting, in_words(typed), sentence(first)).show()
    show(*explorer_card(first), slot=slot)


def explored(setting: Setting, machine: Inventory, last: Explored) -> Explored:
    """Work a setting out after another one; a refusal says that the older answer still stands.

    Raises:
        SizingError: a name, a word or a number that is none.
    """
    try:
        return explore(setting, machine, last)
    except SizingError as error:
        raise SizingError(f"{error}{BELOW}") from None


def _read(fields: Mapping[str, str]) -> Setting:
    try:
        return read_setting(fields)
    except SizingError as error:
        raise SizingError(f"{error}{BELOW}") from None


@sheltered(otherwise=NO_BANDS)
def my_bands(workload: str = "quantized-inference") -> Bands | None:
    """Classify this machine for a workload family, with the worksheet and the recordings that are on file.

    The same as `ws.bands` with everything that you have collected handed over: power needs the worksheet, cooling a
    recording of your own work.
    """
    if mode() != "work":
        return None
    found = read_store(working_copy())
    recordings = [kept.recording for kept in found.recordings if kept.recording is not None]
    return bands(read_machine(), found.worksheet, recordings, workload=workload)


@sheltered(otherwise=NO_GROWTH)
def storage_growth(
    months: int = 6,
    *,
    models: tuple[str, ...] | list[str] = ("llama-3.1-8b",),
    quantization: str = "Q4_K_M",
    new_models_per_month: int = 1,
    new_dataset_gb_per_month: float = 0,
    training_runs_per_month: int = 0,
    environments: int = 1,
    containers: int = 0,
    new_containers_per_month: int = 0,
    on: Inventory | None = None,
) -> Growth | None:
    """Show how a project's files grow from month to month, against the room that the project's disk has today.

    *models* are names or numbers of parameters, stored in *quantization*; a training run leaves adapters of the first.
    The sums, and more kinds of files, are those of `ws.sizing.storage_bytes`.
    """
    if mode() != "work":
        return None
    machine = read_machine() if on is None else on
    return growth_of(
        machine,
        months=months,
        models=models,
        quantization=quantization,
        new_models_per_month=new_models_per_month,
        new_dataset_gb_per_month=new_dataset_gb_per_month,
        training_runs_per_month=training_runs_per_month,
        environments=environments,
        containers=containers,
        new_containers_per_month=new_containers_per_month,
    )
