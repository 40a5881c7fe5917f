"""Log a week: what its recordings show and what a learner answers become a row, shown before it is kept.

The row goes to the end of the working copy's ``evidence/log.jsonl``; the last row of a week counts. Under nbgrader
nothing is asked, measured or written.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from uuid import uuid4

from workstation.catalog import load_catalog
from workstation.errors import PlanningError, WorkstationError
from workstation.inventory import inventory as read_machine
from workstation.notebook.boundary import in_words, mode, sheltered
from workstation.notebook.capture import EVIDENCE
from workstation.notebook.on_file import Kept, read_store, working_copy
from workstation.notebook.theme import Fragment, card, show
from workstation.planning import LOG_FILE, LogRow, append_row, iso_week, of_week, questions
from workstation.planning import log_week as make_row
from workstation.planning._log import monday
from workstation.units import GIB

SHOW, KEEP = "Show the row", "Keep this row"
TWIN = (
    "This page cannot show the form. Answer with a call: ws.log_week(local_inference_days=3, rag_days=1), which shows "
    "the row; add keep=True to keep it."
)
NOT_KEPT = "Not kept yet. Look the row over, then press “{keep}”, or add keep=True to the call."
HEAD = ("What is logged", "This week", "Where it comes from")
NOTHING_KNOWN = "Nothing of this week is known yet. Answer a question above, or record a run."
Line = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A row with where each figure comes from."""

    row: LogRow
    origins: Mapping[str, str]
    recordings: int
    unread: tuple[str, ...]


@sheltered(otherwise=None)
def log_week(*, week: str | None = None, keep: bool = False, **answers: str | float | None) -> None:
    """Show this week's row of the log, from its recordings and your answers; keep it when you say so.

    Without answers a form asks what no recording can tell. *answers* are weekly metrics by name
    (``local_inference_days=3``); *week* is an ISO week such as ``"2026-W48"``, by default this one. A blank stays
    unknown, and a week can be logged again: its last row counts.
    """
    if mode() != "work":
        return
    root = working_copy()
    name = _lived(week or iso_week(datetime.now(UTC).date()))
    if answers or keep:
        found = row_of(root, name, answers or _answered_before(root, name))
        said = _keep(root, found.row) if keep else NOT_KEPT.format(keep=KEEP)
        show(*row_card(found, said))
        return
    slot = uuid4().hex
    before = _answered_before(root, name)
    _show_form(root, name, before, slot)
    show(*row_card(row_of(root, name, before), NOT_KEPT.format(keep=KEEP)), slot=slot)


def _lived(week: str) -> str:
    """Refuse a week that is none or has not begun.

    Raises:
        PlanningError: so it is.
    """
    if monday(week) > datetime.now(UTC).date() + timedelta(days=1):  # east of Greenwich it begins earlier
        raise PlanningError(f"Week {week} has not begun yet. Log weeks that you have lived, such as this one.")
    return week


def row_of(root: Path, week: str, answers: Mapping[str, str | float | None]) -> Shown:
    """Make a week's row of what is on file, what this machine shows now, and *answers*.

    Raises:
        PlanningError: a week or an answer that is none; every wrong answer is named.
    """
    kept = read_store(root).recordings
    readable = {each.name: each for each in kept if each.recording is not None}
    own = of_week([each.recording for each in readable.values() if each.recording is not None], week)
    findings = [finding for each in readable.values() if each.recording in own for finding in each.findings]
    now = _disk_now(week)
    row = make_row(own, {**now, **answers}, week=week, findings=findings)
    measured = make_row(own, {}, week=week, findings=findings).metrics
    return Shown(
        row=row, origins=_origins(row, measured, now, answers), recordings=len(own), unread=tuple(_unread(kept))
    )


def row_card(found: Shown, said: str) -> Fragment:
    """Show a row before or after it is kept: every figure, and why the others are not there."""
    lines = list(_lines(found))
    known = [line for line in lines if line[0] in found.origins]
    missing = [line for line in lines if line[0] not in found.origins]
    of = f"{found.recordings} recording{'s' if found.recordings != 1 else ''} of that week"
    status = f"Week {found.row.week}, from {of} and your answers. {said}"
    notes = "".join(f"<p>{escape(note)}</p>\n" for note in found.unread)
    body = (_table(known) if known else f"<p>{NOTHING_KNOWN}</p>\n") + _folded(missing)
    text = [status, *found.unread]
    text += [f"  {name} ({metric}): {figure} ({origin})" for metric, name, figure, origin in (*known, *missing)]
    return Fragment(card("A week of the log", f"{notes}{body}", status), "\n".join(text))


def _lines(found: Shown) -> Iterator[Line]:
    """Give a line for each metric: its id, its name, the figure and where that comes from, or why there is none."""
    for metric, entry in load_catalog().metrics.items():
        value = found.row.metrics.get(metric)
        figure = "not known" if value is None else f"{value:g} {entry.unit}"
        yield metric, entry.name, figure, found.origins.get(metric) or found.row.why_missing.get(metric, "")


def _table(lines: Sequence[Line]) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in HEAD)
    body = "".join(
        f'<tr><th scope="row">{escape(name)} <code>{escape(metric)}</code></th>'
        f"<td>{escape(figure)}</td><td>{escape(origin)}</td></tr>\n"
        for metric, name, figure, origin in lines
    )
    return f"<table><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table>\n"


def _folded(lines: Sequence[Line]) -> str:
    """List what is not known by its reason, behind a line that opens: a week without recordings has little else."""
    reasons = dict.fromkeys(origin for *_, origin in lines)
    items = "".join(
        f"<li>{escape(reason)}: {escape(', '.join(name for _, name, _, origin in lines if origin == reason))}</li>"
        for reason in reasons
    )
    return f"<details><summary>Not known yet ({len(lines)})</summary>\n<ul>{items}</ul></details>" if lines else ""


def _show_form(root: Path, week: str, before: Mapping[str, str | float | None], slot: str) -> None:
    from workstation.notebook.fields_form import FieldsForm  # widgets are slow to load, and only wanted here

    @in_words
    def look(values: Mapping[str, str]) -> str:
        show(*row_card(row_of(root, week, values), NOT_KEPT.format(keep=KEEP)), slot=slot, again=True)
        return "The row stands below; nothing is kept yet."

    @in_words
    def keep(values: Mapping[str, str]) -> str:
        found = row_of(root, week, values)
        said = _keep(root, found.row)
        show(*row_card(found, said), slot=slot, again=True)
        return said

    labels = dict(questions())
    typed = {name: "" if before.get(name) is None else f"{before[name]}" for name in labels}
    FieldsForm(f"Week {week}", labels, typed, {SHOW: look, KEEP: keep}, TWIN).show()


def _keep(root: Path, row: LogRow) -> str:
    if all(value is None for value in row.metrics.values()):
        return "Nothing of this week is known, so nothing was kept. Answer a question, or record a run first."
    append_row(root / EVIDENCE / LOG_FILE, row)
    return f"Kept in {EVIDENCE}/{LOG_FILE}."


def _answered_before(root: Path, week: str) -> dict[str, str | float | None]:
    """Give what was answered when this week was logged before, so that logging again loses nothing."""
    rows = {row.week: row for row in read_store(root).log.rows}
    old = rows[week].metrics if week in rows else {}
    return {name: f"{value:g}" for name in questions() if (value := old.get(name)) is not None}


def _disk_now(week: str) -> dict[str, float]:
    """Take the project disk's room from the machine itself, for the week that it is now."""
    if week != iso_week(datetime.now(UTC).date()):
        return {}
    try:
        project = read_machine(Path.cwd()).storage.project
    except WorkstationError:
        return {}
    if project.free_bytes is None:
        return {}
    found = {"disk_free_gib": round(project.free_bytes / GIB, 1)}
    if project.total_bytes:
        found["disk_free_percent"] = round(100 * project.free_bytes / project.total_bytes, 1)
    return found


def _origins(
    row: LogRow,
    measured: Mapping[str, float | None],
    now: Mapping[str, float],
    answers: Mapping[str, str | float | None],
) -> dict[str, str]:
    found = {}
    for metric, value in row.metrics.items():
        if value is None:
            continue
        is_answer = answers.get(metric) is not None and str(answers[metric]).strip()
        if measured.get(metric) == value:
            found[metric] = "recorded"
        elif is_answer:
            found[metric] = "your answer"
        else:
            found[metric] = "read from this machine now" if metric in now else "recorded"
    return found


def _unread(kept: tuple[Kept, ...]) -> Iterator[str]:
    for each in kept:
        if each.problem is not None:
            yield f"The recording {each.name} was left out: {each.problem}"
