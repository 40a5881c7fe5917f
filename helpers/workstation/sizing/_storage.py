"""What fills a disk over months: models, datasets, indexes, environments, containers and checkpoints."""

from collections.abc import Sequence

from workstation.errors import SizingError
from workstation.sizing._inputs import count, counted
from workstation.sizing._ranges import ranged
from workstation.sizing.model import Estimate, Term, make_estimate, ranging

MOST_MONTHS = 120
LARGEST_BYTES = 10**18
Size = Estimate | int


def storage_bytes(
    *,
    months: int = 6,
    models: Sequence[Size] = (),
    new_models_per_month: int = 0,
    dataset_bytes: int = 0,
    new_dataset_bytes_per_month: int = 0,
    indexes: Sequence[Size] = (),
    environments: int = 1,
    new_environments_per_month: int = 0,
    containers: int = 0,
    new_containers_per_month: int = 0,
    checkpoints: Sequence[Size] = (),
    training_runs_per_month: int = 0,
) -> Estimate:
    """Estimate what a project's artefacts take after *months*, if nothing is thrown away.

    Each kind is ``what is there + months x what comes in a month``. A new model counts like the mean of *models*, a
    training run leaves what *checkpoints* take; datasets stand several times (download, cache, processed copy).
    Environments and images are ranges, since they differ most: look at yours with ``du`` and replace them.
    Sources: the ranges of the catalogue's `sizing.toml`.

    Raises:
        SizingError: a count or a size that is none.
    """
    span = count("months", months, least=0, most=MOST_MONTHS)
    runs = span * count("training_runs_per_month", training_runs_per_month, least=0, most=10_000)
    raw = _size("dataset_bytes", dataset_bytes) + span * _size(
        "new_dataset_bytes_per_month", new_dataset_bytes_per_month
    )
    pythons = _after("environments", environments, new_environments_per_month, span)
    images = _after("containers", containers, new_containers_per_month, span)
    terms = [
        _models(models, span * count("new_models_per_month", new_models_per_month, least=0, most=10_000)),
        ranged("datasets", "dataset-copies", raw, "raw bytes x the copies that stand about"),
        _indexes(indexes),
        ranged("environments", "environment", pythons, counted(pythons, "environment")),
        ranged("containers", "container", images, counted(images, "image")),
        _times("checkpoints", checkpoints, max(runs, 1) if checkpoints else 0, "what one run leaves x runs"),
    ]
    return make_estimate(
        f"storage after {counted(span, 'month')}", terms, ["nothing is thrown away in between"], "band"
    )


def storage_by_month(*, months: int = 6, **what: object) -> tuple[Estimate, ...]:
    """Return `storage_bytes` for each month from now (0) to *months*: what a chart of growth is drawn from.

    Raises:
        SizingError: as `storage_bytes`.
    """
    span = count("months", months, least=0, most=MOST_MONTHS)
    return tuple(storage_bytes(months=month, **what) for month in range(span + 1))  # type: ignore[arg-type]  # handed on


def _after(name: str, now: object, each_month: object, span: int) -> int:
    first = count(name, now, least=0, most=10_000)
    return first + span * count(f"new_{name}_per_month", each_month, least=0, most=10_000)


def _size(name: str, size_bytes: object) -> int:
    return count(name, size_bytes, least=0, most=LARGEST_BYTES)


def _figures(sizes: Sequence[Size]) -> tuple[int, int, int]:
    """Add up estimates and plain bytes."""
    low = likely = high = 0
    for each in sizes:
        if isinstance(each, Estimate):
            low, likely, high = low + each.low_bytes, likely + each.likely_bytes, high + each.high_bytes
        else:
            size = _size("a size", each)
            low, likely, high = low + size, likely + size, high + size
    return low, likely, high


def _models(models: Sequence[Size], new: int) -> Term:
    several = len(models)
    share = 1 + new / several if several else 0.0
    low, likely, high = _figures(models)
    if new and not several:
        raise SizingError("new_models_per_month needs the size of one: give models=[weight_bytes(shape('7B'))].")
    formula = counted(several + new, "model")
    return ranging("models", low * share, likely * share, high * share, formula)


def _indexes(indexes: Sequence[Size]) -> Term:
    low, likely, high = _figures(indexes)
    return ranging("indexes", low, likely, 2 * high, "as estimated; an index that is rebuilt stands twice for a while")


def _times(name: str, sizes: Sequence[Size], times: int, formula: str) -> Term:
    low, likely, high = _figures(sizes)
    return ranging(name, low * times, likely * times, high * times, formula)
