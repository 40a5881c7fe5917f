"""A demonstration as a panel: predict, start, watch, stop; worked by keyboard alone, and gone when its page is gone.

The run itself is a child process; here a thread passes on what it reports. While it runs, the page sends a beat every
third of a second. When the beats stop, because the tab was closed or the machine is too busy to answer, the run is
stopped: nothing may go on that nobody sees. A closed page is noticed in 1.4 seconds, and all is given back
within two, where the last beats came at most half a second apart; a slower page, and one that has just begun, is given
more time. A tab in the background beats about once a second, and so goes on; one that the browser puts to sleep
(Chromium: after five minutes) is stopped. A kernel that is busy with another cell cannot hear the beats, so none are
missed then; the run's own limits hold all the same.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from html import escape
from itertools import chain, islice

import ipywidgets as widgets  # type: ignore[import-untyped]  # it ships none
from IPython.core.getipython import get_ipython
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display

from workstation.demos import Event, Plan, Run
from workstation.notebook.boundary import attempted
from workstation.notebook.demo_progress import Progress
from workstation.notebook.forms import CLASS, STYLE, VIEW, Form
from workstation.notebook.live_view import SPOKEN_EVERY_SECONDS, Pace

START, STOP, REPLAY = "Start", "Stop", "Play a recorded run"
BEAT_MILLISECONDS = 300
SHORTEST_PATIENCE_SECONDS = 1.4
GAPS_OF_PATIENCE = 2.5
FIRST_PATIENCE_SECONDS = 4.0  # until two beats have come
MANY_GAPS = 1
RECENT_GAPS = 10
LOOK_SECONDS = 0.1
PAGE_GONE = "The page no longer answered, so the demonstration was stopped."
STOPPING = "Stopping. Everything is given back."
NOT_RUNNING = "Nothing is running."
ALREADY = "It is running already. Press Stop first."


class Heart:
    """Tell whether the page that shows the panel still answers."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self.start()

    def start(self) -> None:
        """Begin to listen."""
        with self._lock:
            self._last_s, self._deaf, self.beats = self._clock(), False, 0
            self._gaps_s: deque[float] = deque(maxlen=RECENT_GAPS)

    def beat(self) -> None:
        """Take in that the page has answered."""
        with self._lock:
            now = self._clock()
            if self.beats:  # before the first one the page had to be told to begin
                self._gaps_s.append(now - self._last_s)
            self._last_s, self.beats = now, self.beats + 1

    def deafen(self) -> None:
        """From now on the kernel is busy and hears nothing."""
        with self._lock:
            self._deaf = True

    def listen(self) -> None:
        """The kernel hears again; what was missed does not count."""
        with self._lock:
            self._deaf, self._last_s = False, self._clock()

    @property
    def stopped(self) -> bool:
        """The page has been silent for much longer than it ever was."""
        with self._lock:
            if self._deaf:
                return False
            return self._clock() - self._last_s > self._patience_s()

    def _patience_s(self) -> float:
        if len(self._gaps_s) < MANY_GAPS:
            return FIRST_PATIENCE_SECONDS
        return max(SHORTEST_PATIENCE_SECONDS, GAPS_OF_PATIENCE * max(self._gaps_s))


class DemoPanel:
    """Prediction, buttons, a line that says how it goes; the chart and the result are shown in a place of their own."""

    def __init__(
        self,
        plan: Plan,
        form: Form,
        *,
        start: Callable[[bool], Run],
        draw: Callable[[Progress], None],
        finish: Callable[[Progress, str], str],
    ) -> None:
        self.plan, self._start_run, self._draw, self._finish = plan, start, draw, finish
        self.heart = Heart()
        self.start = _button(START)
        self.stop = _button(STOP)
        self.replay = _button(REPLAY)
        self.said = widgets.HTML(value=_said(""))
        self.beats = widgets.Play(interval=BEAT_MILLISECONDS, max=2**31 - 1, layout=widgets.Layout(display="none"))
        shown = [self.stop, self.replay] if plan.mode == "replay" else [self.start, self.stop, self.replay]
        self.whole = widgets.VBox(
            [widgets.HTML(value=STYLE), form.whole, widgets.HBox(shown), self.said, self.beats], _dom_classes=[CLASS]
        )
        self.start.on_click(lambda _button: self._begin(replay=False))
        self.replay.on_click(lambda _button: self._begin(replay=True))
        self.stop.on_click(lambda _button: self._stop_pressed())
        self.beats.observe(lambda _change: self.heart.beat(), "value")
        self.thread: threading.Thread | None = None
        self._run: Run | None = None
        self._events: Iterator[Event] = iter(())
        self._why = ""

    def show(self) -> None:
        """Show the panel where a front end can be there to show it."""
        if not InteractiveShell.initialized():
            return
        view = {"version_major": 2, "version_minor": 0, "model_id": self.whole.model_id}
        twin = {"text/plain": self.plan.question.text, "text/html": f"<p>{escape(self.plan.question.text)}</p>"}
        display({VIEW: view, **twin}, raw=True)  # type: ignore[no-untyped-call]  # it has no types

    def _begin(self, *, replay: bool) -> None:
        if self.thread is not None and self.thread.is_alive():
            self._say(ALREADY)
            return
        self._why = ""
        done = attempted(self._started)(replay)
        self._say(done.sentence)
        if done.well and self._run is not None:
            self.thread = threading.Thread(target=self._follow, args=[self._run], name="demonstration", daemon=True)
            self.thread.start()

    def _started(self, replay: bool) -> str:
        """Start the child here, in the kernel's main thread: on Linux its life is tied to the thread that starts it."""
        self._run = run = self._start_run(replay)
        self._events = chain(list(islice(run, 2)), run)  # the second is the first that the child says
        self.heart.start()
        self.beats.playing = True
        _hear(self.heart)
        return f"{run.plan.title}: it has begun."

    def _stop_pressed(self) -> None:
        running = self.thread is not None and self.thread.is_alive()
        self._say(STOPPING if running else NOT_RUNNING)
        self._end("")

    def _end(self, why: str) -> None:
        self._why = self._why or why
        if self._run is not None:
            self._run.stop()

    def _follow(self, run: Run) -> None:
        over = threading.Event()
        threading.Thread(target=self._mind_the_page, args=[over], name="demonstration-page", daemon=True).start()
        done = attempted(self._passed_on)(Progress(run.plan))
        over.set()
        run.close()
        self.beats.playing = False
        _hear_no_more(self.heart)
        self._say(done.sentence)

    def _mind_the_page(self, over: threading.Event) -> None:
        """Stop a run whose page is gone, however seldom the run itself has something to say."""
        while not over.wait(LOOK_SECONDS):
            if self.heart.stopped:
                self._end(PAGE_GONE)
                return

    def _passed_on(self, progress: Progress) -> str:
        pace, spoken_at = Pace(), time.monotonic()
        for event in self._events:
            progress.take(event)
            if not pace.is_time():
                continue
            self._draw(progress)
            pace.rest()
            if time.monotonic() - spoken_at >= SPOKEN_EVERY_SECONDS:
                spoken_at = time.monotonic()
                self._say(progress.sentence)
        return self._finish(progress, self._why)

    def _say(self, sentence: str) -> None:
        self.said.value = _said(sentence)


def _button(label: str) -> widgets.Button:
    return widgets.Button(description=label)


def _said(sentence: str) -> str:
    return f'<p role="status" aria-live="polite">{escape(sentence)}</p>'


def _hear(heart: Heart) -> None:
    shell = get_ipython()
    if shell is not None:
        shell.events.register("pre_execute", heart.deafen)
        shell.events.register("post_execute", heart.listen)


def _hear_no_more(heart: Heart) -> None:
    shell = get_ipython()
    if shell is not None:
        shell.events.unregister("pre_execute", heart.deafen)
        shell.events.unregister("post_execute", heart.listen)
