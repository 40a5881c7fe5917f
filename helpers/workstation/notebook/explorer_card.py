"""Show what a setting takes on a machine: three parts on one axis, the verdict, and the same in plain words."""

from collections.abc import Iterator
from html import escape

from workstation.notebook.explorer_model import Explored
from workstation.notebook.figures import FIGURE_STYLE, Range, range_html
from workstation.notebook.sizing_card import SIGNS, TABLE_STYLE
from workstation.notebook.theme import Fragment, card
from workstation.sizing import Term
from workstation.sizing.model import TIERS
from workstation.units import GIB, MIB, format_memory

TITLE = "Sizing explorer"
HEAD = ("Part", "Low", "Likely", "High", "What it is")
CALL = "The same as a plain call, for a page without a form"
COLUMNS = (12, 12, 12, 12)


def explorer_card(found: Explored) -> Fragment:
    """Render one setting: verdict and reason, the figure, the table of parts, what there is, the call."""
    facts = list(_facts(found))
    told = "".join(f"<p><strong>{escape(name)}</strong> {escape(words)}</p>\n" for name, words in facts)
    sign = f'<span class="ws-symbol" aria-hidden="true">{SIGNS[found.fit.verdict]}</span>'
    assumed = "".join(f"<li>{escape(words)}</li>" for words in found.fit.needs.assumptions)
    count = len(found.fit.needs.assumptions)
    parts = [
        f"<p>{sign}{escape(found.fit.reason)}</p>",
        FIGURE_STYLE,
        range_html(figure(found)),
        told,
        _table(found),
        f"<p>How sure: {escape(TIERS[found.fit.needs.tier])}.</p>",
        f"<details><summary>What was assumed ({count})</summary><ul>{assumed}</ul></details>",
        f"<details><summary>{CALL}</summary><p><code>{escape(found.setting.call)}</code></p></details>",
    ]
    return Fragment(card(TITLE, "\n".join(parts)), explorer_text(found))


def explorer_text(found: Explored) -> str:
    """Write the same as plain text."""
    rows = ["  ".join(cell.ljust(width) for cell, width in zip(row, COLUMNS, strict=False)) for row in _rows(found)]
    facts = [f"{name} {words}" for name, words in list(_facts(found))[1:]]  # the sentence has the first already
    return "\n".join(
        [sentence(found), found.fit.reason, *(row.rstrip() for row in rows), *facts, CALL, found.setting.call]
    )


def sentence(found: Explored) -> str:
    """Say in one sentence what came of the setting: the verdict, and the part that decides."""
    fit, setting = found.fit, found.setting
    several = f", {setting.sequences:,} sequences at once" if setting.sequences > 1 else ""
    what = f"{fit.needs.what[:1].upper()}{fit.needs.what[1:]}"
    how = f"{what}, {setting.context_tokens:,} tokens of context{several}"
    if fit.verdict == "unknown":
        return f"{how}: needs about {format_memory(fit.needs.likely_bytes)}; whether it fits cannot be said yet."
    return f"{how}: it {fit.verdict}. What decides: {_deciding(found)}."


def figure(found: Explored) -> Range:
    """Decide what the figure shows: the parts, from where to where they may reach, and where the room ends."""
    needs, has = found.fit.needs, found.fit.has_bytes
    top = max(needs.high_bytes, has or 0) * 1.05
    labels = [
        f"Upper bar, from the left: {', '.join(f'{_word(part)} {_size(part)}' for part in found.parts)}",
        f"Lower bar: all of it may take {format_memory(needs.low_bytes)} to {format_memory(needs.high_bytes)}",
    ]
    if has is not None:
        labels.append(f"Dashed line: {found.fit.where} has {format_memory(has)}")
    return Range(
        description=f"{sentence(found)} {'. '.join(labels)}.",
        parts=[part.likely_bytes for part in found.parts],
        low=needs.low_bytes,
        high=needs.high_bytes,
        limit=has,
        top=top,
        labels=labels,
        ends=("0", format_memory(round(top))),
    )


def _deciding(found: Explored) -> str:
    name = found.fit.decided_by
    part = next((each for each in found.parts if each.name.lower() == name.lower()), found.parts[-1])
    share = part.likely_bytes / max(found.fit.needs.likely_bytes, 1)
    return f"{name}, {format_memory(part.likely_bytes)} or {share:.0%} of it"


def _facts(found: Explored) -> Iterator[tuple[str, str]]:
    yield ("What decides:", f"{_deciding(found)}.")
    if found.changes and found.before is not None:
        pairs = zip(found.parts, found.before.parts, strict=True)
        moved = [
            f"{_word(now)} {format_memory(then.likely_bytes)} to {format_memory(now.likely_bytes)}"
            for now, then in pairs
            if now.name in found.changes
        ]
        yield ("Since the last answer:", f"{', '.join(moved)}.")
    if found.fit.change:
        yield ("The smallest change that would turn it:", found.fit.change)
    yield ("What there is:", f"{_what_there_is(found)}.")
    for words in found.fit.missing:
        yield ("Still to be found out:", f"{words}.")


def _what_there_is(found: Explored) -> str:
    room, ram = found.room, found.room.ram_bytes
    main = f"main memory {'unknown' if ram is None else format_memory(ram)} besides what the system keeps"
    if room.kind == "processor":
        return f"no GPU memory that a model could use; {main}"
    fast = "unknown" if room.fast_bytes is None else format_memory(room.fast_bytes)
    return f"{room.name} {fast}{' of the shared memory' if room.kind == 'unified' else ' of VRAM'}; {main}"


def _rows(found: Explored) -> list[tuple[str, ...]]:
    needs = found.fit.needs
    unit, size, digits = ("GiB", GIB, 2) if needs.likely_bytes >= GIB else ("MiB", MIB, 1)
    whole = Term(
        name="In all",
        low_bytes=needs.low_bytes,
        likely_bytes=needs.likely_bytes,
        high_bytes=needs.high_bytes,
        formula="the sum of the parts",
    )
    return [
        (
            each.name,
            *(f"{part / size:,.{digits}f} {unit}" for part in (each.low_bytes, each.likely_bytes, each.high_bytes)),
            each.formula,
        )
        for each in (*found.parts, whole)
    ]


def _table(found: Explored) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in HEAD)
    *parts, total = (
        f'<tr><th scope="row">{escape(name)}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in cells)}</tr>\n'
        for name, *cells in _rows(found)
    )
    return (
        f'{TABLE_STYLE}\n<table class="ws-sizes"><caption>The parts add up (rounded)</caption>'
        f"<thead><tr>{head}</tr></thead>\n<tbody>{''.join(parts)}</tbody>\n<tfoot>{total}</tfoot></table>"
    )


def _word(part: Term) -> str:
    """Write a part's name inside a sentence."""
    return part.name if part.name.startswith("KV") else part.name.lower()


def _size(part: Term) -> str:
    return format_memory(part.likely_bytes)
