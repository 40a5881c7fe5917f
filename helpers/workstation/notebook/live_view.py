"""Follow a recording in a notebook while it is made: a compact chart, and a sentence for those who do not see it.

A thread of its own reads the end of the recording's file twice a second and changes what is displayed in place. It
samples nothing and the watched cell never waits for it. What drawing costs sets how often it draws: on a machine that
struggles, the chart falls behind before the work does.
"""

import threading
import time
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from workstation.notebook.chart import Chart, Limit
from workstation.notebook.chart_svg import chart_html
from workstation.notebook.recording_tail import GrowingRecording
from workstation.notebook.signal_panels import LIVE, panels_of
from workstation.notebook.signal_values import format_time, format_value
from workstation.notebook.theme import card, show

PERIOD_SECONDS = 0.5
SPOKEN_EVERY_SECONDS = 10.0
REST = 20  # times what a drawing took: it may cost a twentieth of one core
PATIENCE_SECONDS = 5.0  # for the last drawing to be done
_WATCHED = frozenset(signal for layout in LIVE for signal, _ in layout.signals)
_SPOKEN = (
    ("ram_available_bytes", "bytes", "{} of memory available"),
    ("process_resident_bytes", "bytes", "{} held by what is watched"),
    ("swap_used_bytes", "bytes", "{} of swap in use"),
    ("cpu_used_percent", "percent", "processors {} in use"),
    ("gpus.0.memory_used_bytes", "bytes", "{} of GPU memory in use"),
)


class Pace:
    """When to draw again: twice a second, and less often where drawing itself takes long."""

    def __init__(self) -> None:
        self.pause_seconds = PERIOD_SECONDS
        self._began = self._rested = time.perf_counter()

    def is_time(self) -> bool:
        """Tell whether to draw now, and if so, begin to measure that."""
        self._began = time.perf_counter()
        return self._began - self._rested >= self.pause_seconds

    def rest(self) -> None:
        """The drawing is done: rest in proportion to what it took."""
        self._rested = time.perf_counter()
        self.pause_seconds = max(PERIOD_SECONDS, REST * (self._rested - self._began))


class Final(NamedTuple):
    """What stands in the end: a sentence to be read out, and what takes the chart's place."""

    sentence: str
    html: str
    text: str


class LiveView:
    """One recording's place in an output: first a chart that moves, in the end what *final* gives.

    With *to_the_end* it finds out by itself when the recording has its last line; else its owner says so.
    """

    def __init__(self, name: str, path: Path, final: Callable[[], Final], *, to_the_end: bool = False) -> None:
        self._name, self._final, self._to_the_end = name, final, to_the_end
        self._growing = GrowingRecording(path, _WATCHED)
        self._sentence_slot, self._chart_slot = uuid4().hex, uuid4().hex
        self._over = threading.Event()
        self._drawing, self._finishing = threading.Lock(), threading.Lock()
        self._spoken_at = 0.0
        self._thread = threading.Thread(target=self._follow, name=f"live view of {name}", daemon=True)

    def start(self) -> None:
        """Show the chart's place at once, and follow from then on."""
        self._speak(f"Recording {self._name!r}. The chart below follows it; a table comes with the end.", again=False)
        show(*self._waiting(), slot=self._chart_slot)
        self._thread.start()

    def finish(self) -> None:
        """Stop following and show for good what came of it; a second call changes nothing."""
        with self._finishing:
            if self._over.is_set():
                return
            self._over.set()
        if self._thread is not threading.current_thread():
            self._thread.join(PATIENCE_SECONDS)
        final = self._final()
        with self._drawing:
            self._speak(final.sentence)
            show(final.html, final.text, slot=self._chart_slot, again=True)

    def _follow(self) -> None:
        pace = Pace()
        while not self._over.wait(pace.pause_seconds):
            pace.is_time()
            if self._growing.read_on() and self._growing.curves:
                self._draw()
            if self._to_the_end and self._growing.has_ended:
                self.finish()
            pace.rest()

    def _draw(self) -> None:
        text = self._sentence()
        chart = chart_html(live_chart(self._name, self._growing))
        with self._drawing:
            if self._over.is_set():
                return
            show(card(f"Recording {self._name}", chart), text, slot=self._chart_slot, again=True)
            if time.monotonic() - self._spoken_at >= SPOKEN_EVERY_SECONDS:
                self._speak(text)

    def _waiting(self) -> tuple[str, str]:
        said = "Waiting for the first sample."
        return card(f"Recording {self._name}", f"<p>{said}</p>"), said

    def _sentence(self) -> str:
        return f"Recording {self._name!r}, {spoken(self._growing)}."

    def _speak(self, sentence: str, *, again: bool = True) -> None:
        self._spoken_at = time.monotonic()
        show(spoken_html(sentence), sentence, slot=self._sentence_slot, again=again)


def spoken_html(sentence: str) -> str:
    """Put a sentence where a screen reader reads it out once it changes."""
    return f'<p role="status" aria-live="polite">{escape(sentence)}</p>'


def spoken(growing: GrowingRecording) -> str:
    """Say how a growing recording stands: how long, and what the main signals read now."""
    now = [
        words.format(format_value(growing.newest[signal], unit))
        for signal, unit, words in _SPOKEN
        if signal in growing.newest
    ]
    return ", ".join([format_time(growing.seconds), *now])


def live_chart(name: str, growing: GrowingRecording) -> Chart:
    """Decide what the chart of a growing recording shows."""
    size = growing.ram_usable_bytes
    limits = {} if size is None else {"ram_available_bytes": [Limit(label="all memory", level=size)]}
    curves = {signal: curve.points for signal, curve in growing.curves.items()}
    return Chart(
        description=f"Recording {name}, {spoken(growing)}.",
        seconds=growing.seconds,
        panels=panels_of(curves, layouts=LIVE, limits=limits),
    )
