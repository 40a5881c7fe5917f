"""Show how a project's files grow over months against the room on its disk, with the same in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from workstation.errors import SizingError
from workstation.inventory import Inventory
from workstation.notebook.figures import FIGURE_STYLE, Line, Lines, lines_html, round_top
from workstation.notebook.theme import card
from workstation.notebook.worksheet_card import Printer
from workstation.planning._prices import is_number
from workstation.sizing import Estimate, checkpoint_bytes, shape, storage_by_month, weight_bytes
from workstation.units import GB, format_disk

TITLE = "Files over the months"
HEAD = ("Month", "Low", "Likely", "High")
MOST_MODELS, MOST_GB = 50, 1e6
COUNTED = "Counted as if none of it were on the disk yet, and as if nothing were ever thrown away."


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """What `ws.storage_growth()` gives: an estimate for each month from now on, and the room there is."""

    by_month: tuple[Estimate, ...]
    free_bytes: int | None

    @property
    def full_in_month(self) -> int | None:
        """The first month in which the likely figure is more than the room there is; `None` where none is."""
        if self.free_bytes is None:
            return None
        over = (month for month, each in enumerate(self.by_month) if each.likely_bytes > (self.free_bytes or 0))
        return next(over, None)

    def _repr_html_(self) -> str:
        return growth_html(self)

    def _repr_pretty_(self, printer: Printer, _cycle: bool) -> None:
        printer.text(growth_text(self))


def growth_of(
    machine: Inventory,
    *,
    months: int,
    models: Sequence[str],
    quantization: str,
    new_models_per_month: int,
    new_dataset_gb_per_month: float,
    training_runs_per_month: int,
    **kinds: int,
) -> Growth:
    """Work the months out; *kinds* are what `storage_bytes` counts besides.

    Raises:
        SizingError: a name, a count or a size that is none.
    """
    shapes = [shape(name) for name in _named(models)]
    if not is_number(new_dataset_gb_per_month) or not 0 <= new_dataset_gb_per_month <= MOST_GB:
        raise SizingError(f"new_dataset_gb_per_month must be a number of GB from 0 to {MOST_GB:,.0f}.")
    runs = [checkpoint_bytes(shapes[0], method="lora")] if training_runs_per_month else []
    estimates = storage_by_month(
        months=months,
        models=[weight_bytes(each, quantization=quantization) for each in shapes],
        new_models_per_month=new_models_per_month,
        new_dataset_bytes_per_month=round(new_dataset_gb_per_month * GB),
        checkpoints=runs,
        training_runs_per_month=training_runs_per_month,
        **kinds,
    )
    return Growth(by_month=estimates, free_bytes=machine.storage.project.free_bytes)


def _named(models: object) -> Sequence[str]:
    names = [models] if isinstance(models, str) else models
    if not isinstance(names, list | tuple) or not 1 <= len(names) <= MOST_MODELS:
        raise SizingError(f'models must be a list of 1 to {MOST_MODELS} names, such as ["llama-3.1-8b", "3B"].')
    return names


def growth_sentence(growth: Growth) -> str:
    """Say in one sentence what the last month takes, and whether the disk holds it."""
    last = growth.by_month[-1]
    span = len(growth.by_month) - 1
    takes = (
        f"After {span} month{'' if span == 1 else 's'} these files take about {format_disk(last.likely_bytes)} "
        f"({format_disk(last.low_bytes)} to {format_disk(last.high_bytes)})"
    )
    if growth.free_bytes is None:
        return f"{takes}; how much room the disk has is not known."
    room = f"the {format_disk(growth.free_bytes)} that are free on the project's disk today"
    if growth.full_in_month is not None:
        when = f"in month {growth.full_in_month}" if growth.full_in_month else "at once"
        return f"{takes}; {room} would be used up {when}."
    return f"{takes}; {room} hold that."


def growth_html(growth: Growth) -> str:
    """Render the growth as a card."""
    head = "".join(f'<th scope="col">{name}</th>' for name in HEAD)
    body = "".join(
        f'<tr><th scope="row">{name}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in cells)}</tr>\n'
        for name, *cells in _rows(growth)
    )
    parts = "".join(f"<li>{escape(words)}</li>" for words in _parts(growth))
    table = f"<table><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table>"
    made_of = f"<p>What the last month is made of (likely):</p><ul>{parts}</ul>"
    months = f"<details><summary>Month by month</summary>{table}</details>"
    whole = [FIGURE_STYLE, lines_html(figure(growth)), f"<p>{escape(COUNTED)}</p>", made_of, months]
    return card(TITLE, "\n".join(whole), growth_sentence(growth))


def growth_text(growth: Growth) -> str:
    """Write the growth as plain text."""
    rows = [f"month {month}: {likely} ({low} to {high})" for month, low, likely, high in _rows(growth)]
    return "\n".join([growth_sentence(growth), *rows, *_parts(growth), COUNTED])


def figure(growth: Growth) -> Lines:
    """Decide what the figure shows: likely and highest, and the room there is where that is in view."""
    months, last = growth.by_month, growth.by_month[-1]
    room = growth.free_bytes
    in_view = room is not None and room <= 4 * max(last.high_bytes, 1)
    top = round_top(max(last.high_bytes, room or 0 if in_view else 0) / GB)
    kinds = {"likely": "likely_bytes", "at most": "high_bytes", "at least": "low_bytes"}
    lines = [
        Line(label=label, points=[(month, getattr(each, name) / GB) for month, each in enumerate(months)])
        for label, name in kinds.items()
    ]
    far = "" if in_view or room is None else f" The {format_disk(room)} that are free lie far above."
    return Lines(
        description=f"{growth_sentence(growth)}{far}",
        title=f"GB on the disk, month by month{f' (free: {format_disk(room)}, far above)' if far else ''}",
        lines=lines,
        first=0,
        last=max(1, len(months) - 1),
        top=top,
        top_label=f"{top:,g} GB",
        along=["now", f"month {len(months) - 1}"],
        limits=[(f"free today: {format_disk(room)}", room / GB)] if in_view and room is not None else [],
    )


def _rows(growth: Growth) -> Iterator[tuple[str, ...]]:
    for month, each in enumerate(growth.by_month):
        figures = (each.low_bytes, each.likely_bytes, each.high_bytes)
        yield (str(month), *(format_disk(size) for size in figures))


def _parts(growth: Growth) -> list[str]:
    return [f"{term.name}: {format_disk(term.likely_bytes)}, {term.formula}" for term in growth.by_month[-1].terms]
