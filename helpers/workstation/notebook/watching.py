"""``ws.watch`` and ``%%watch``: record a stretch of work, follow it in the notebook, and show what it came to.

The recorder itself knows nothing of notebooks; its watch is dressed here with a live view and with the cards of a
finished recording. Outside a notebook nothing is shown. Under nbgrader nothing is recorded: the recording that is there
is loaded and shown.
"""

from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from typing import Any, Self

from IPython.core.interactiveshell import InteractiveShell

from workstation.errors import RecordingError, WorkstationError
from workstation.inventory import inventory, to_document
from workstation.notebook.boundary import mode, sheltered, show_refusal
from workstation.notebook.crash_card import crash_html, crash_text
from workstation.notebook.diagnosis_card import Findings
from workstation.notebook.live_view import Final, LiveView
from workstation.notebook.recording_chart import plot_html, plot_text, recording_plot
from workstation.notebook.recording_words import headline
from workstation.notebook.theme import show
from workstation.notebook.worksheet_card import Printer
from workstation.recording import Watch
from workstation.recording import last_crash as find_crash
from workstation.recording import watch_pid as record_pid

NO_WATCH: Watch | None = None
UNRECORDED = "Nothing is recorded, and the work goes on all the same."
NO_CRASH = (
    "To find out next time: write %%watch NAME as the first line of the cell that ends badly, run it, "
    "and after the restart ask ws.last_crash() again."
)


class Watched(Watch):
    """A recording while it is made, and afterwards what it shows: ``rec.plot()``, ``rec.diagnose()``."""

    def plot(self) -> None:
        """Show the recording's chart, with what was found in it."""
        _plot(self)

    def diagnose(self) -> Findings:
        """Say what held the work up: a list of findings, shown as a card."""
        return Findings(self.recording)

    def why_not(self, about: str) -> str:
        """Say in a sentence why something ("vram", "gpu memory") is not named, or that it is."""
        return self.diagnose().why_not(about)

    def __enter__(self) -> Self:
        """Begin; where the recorder cannot, say so and let the work go on."""
        if self._only_load:
            _show_what_is_there(self)
            return self
        try:
            return super().__enter__()
        except RecordingError as error:
            self.problem = str(error)
            show_refusal(f"{error} {UNRECORDED}")
            return self

    def _repr_html_(self) -> str:
        return _final(self)[1]

    def _repr_pretty_(self, printer: Printer, _cycle: bool) -> None:
        printer.text(_final(self)[2])


def watch(name: str, **options: Any) -> Watched:
    """Record what the machine does while a ``with`` block runs, under *name*, and follow it in the notebook.

    Raises:
        RecordingError: the name cannot be a file's.
    """
    return _with_view(Watched(name, inventory=_machine(), only_load=mode() != "work", **options))


@sheltered(otherwise=NO_WATCH)
def watch_pid(pid: int, name: str | None = None) -> Watch | None:
    """Record another process of this machine until it ends, or until `stop` is called on what is given back."""
    if mode() != "work":
        _show_what_is_there(Watched(name or f"process-{pid}", only_load=True))
        return None
    rec = record_pid(pid, name=name, inventory=_machine())
    if has_page():
        view = LiveView(rec.name, rec.path, lambda: _final(rec), to_the_end=True)
        rec.finished.append(lambda _rec: view.finish())
        view.start()
    return rec


def watched(name: str) -> Watched:
    """Give the recording that was made under *name*, to plot and diagnose it again.

    Raises:
        RecordingError: there is none of that name; the message says what to do.
    """
    found = Watched(name, only_load=True)
    found.recording  # noqa: B018 - loads it, or says what is wrong
    return found


@sheltered(otherwise=None)
def last_crash() -> None:
    """Answer "why did my kernel die?": show the newest recording that ended badly, what it shows, and what to try."""
    try:
        crash = find_crash()
    except RecordingError:
        show_refusal(f"No recording here ended badly. {NO_CRASH}")
        return
    findings = Findings(crash.recording)
    show(crash_html(crash, findings), crash_text(crash, findings))


def has_page() -> bool:
    """Tell whether a kernel runs this, so that a page may be there to follow."""
    return InteractiveShell.initialized() and getattr(InteractiveShell.instance(), "kernel", None) is not None


# Cells


class _Cell:
    """The recording of the cell that runs now."""

    rec: Watched | None = None


def begin_cell(line: str) -> None:
    """Record from here to the end of the cell, under the name in *line*."""
    ipython = InteractiveShell.instance()
    end_cell()
    try:
        rec = watch(line.strip().strip("\"'") or "cell")
    except WorkstationError as error:
        show_refusal(f"{error} {UNRECORDED}")
        return
    _Cell.rec = rec
    ipython.events.register("post_run_cell", _cell_is_done)
    rec.__enter__()


def end_cell(error: BaseException | None = None) -> None:
    """End the recording of the cell, if there is one."""
    rec, _Cell.rec = _Cell.rec, None
    if rec is not None:
        rec.__exit__(type(error) if error is not None else None, error, None)


def _cell_is_done(result: Any) -> None:
    ipython = InteractiveShell.instance()
    with suppress(ValueError):
        ipython.events.unregister("post_run_cell", _cell_is_done)
    end_cell(result.error_before_exec or result.error_in_exec)


# What is shown


def _with_view(rec: Watched) -> Watched:
    """Hook a live view into a watch, where a page can show it."""
    if has_page():
        view = LiveView(rec.name, rec.path, lambda: _final(rec))
        rec.started.append(lambda _rec: view.start())
        rec.finished.append(lambda _rec: view.finish())
    return rec


def _final(rec: Watch) -> Final:
    """Give what stands in the end: a sentence, and the card of the recording in HTML and in words."""
    try:
        recording = rec.recording
    except RecordingError as error:
        said = " ".join(filter(None, [rec.problem, str(error)]))
        return Final(said, "", said)
    findings = Findings(recording)
    where = f"It is kept in {rec.path.parent.name}/{rec.path.name}."
    older = f"The older one of that name is now {rec.kept.name}." if rec.kept is not None else ""
    said = " ".join(filter(None, [headline(recording), rec.problem, where, older]))
    return Final(said, plot_html(recording, findings, status=""), plot_text(recording, findings, status=""))


@sheltered(otherwise=None)
def _plot(rec: Watched) -> None:
    recording_plot(rec.recording)


@sheltered(otherwise=None)
def _show_what_is_there(rec: Watched) -> None:
    if InteractiveShell.initialized():
        recording = rec.recording
        note = "This is the recording that is there; nothing is measured now."
        status = f"{note} {headline(recording)}"
        findings = Findings(recording)
        show(plot_html(recording, findings, status), plot_text(recording, findings, status))


@cache
def _machine() -> Mapping[str, Any] | None:
    """Read this machine once for a kernel: what a recording keeps of it does not change."""
    try:
        return to_document(inventory())
    except WorkstationError:
        return None
