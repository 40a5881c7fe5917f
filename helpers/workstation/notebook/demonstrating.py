"""``ws.demo``: live demonstrations in a notebook, with plan, prediction, buttons, chart and verdict.

In a notebook each shows a panel. Where no page can show one (a terminal, a script) and under nbgrader a recorded run is
played instead, in words. ``run=True`` runs it in the cell at once; the kernel's Interrupt then stops it.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TypedDict, Unpack
from uuid import uuid4

from IPython.core.interactiveshell import InteractiveShell

from workstation.answers.calibration import calibration, comparison, first_counts
from workstation.answers.prediction_store import PREDICTIONS_FILE, append, load, now
from workstation.answers.predictions import Asked, Prediction
from workstation.demos import Plan, Request, Result, Run
from workstation.demos import plan as plan_demo
from workstation.demos import run as run_demo
from workstation.errors import DemoError
from workstation.notebook.boundary import mode, sheltered
from workstation.notebook.demo_card import plan_card, question_of, result_card, running_card
from workstation.notebook.demo_progress import Progress
from workstation.notebook.live_view import Pace
from workstation.notebook.predicting import KEEP, KEPT, keep, store_path
from workstation.notebook.theme import show
from workstation.units import parse_size

INTERRUPTED = "It was interrupted and has given everything back."
OTHER_QUESTION = "This was a recorded run on another machine: your prediction is about this one."


class Options(TypedDict, total=False):
    """What every demonstration takes."""

    limit: str | int | None  # at most so much: "2GiB"
    seconds: float | None
    replay: bool  # play the recorded run
    run: bool  # do it in this cell at once, without a panel


class Demonstrations:
    """The demonstrations by name, as methods and as a call: ``ws.demo.ram()``, ``ws.demo("ram")``.

    What they take stands in `Options`.
    """

    def __call__(self, name: str, **asked: Unpack[Options]) -> None:
        """Show the demonstration called *name*."""
        demonstrate(name, **asked)

    def ram(self, **asked: Unpack[Options]) -> None:
        """Show available memory falling down to the floor."""
        demonstrate("ram", **asked)

    def ram_crash(self, **asked: Unpack[Options]) -> None:
        """Show a process that meets its limit and dies, while this kernel lives."""
        demonstrate("ram_crash", **asked)

    def kv_cache(self, **asked: Unpack[Options]) -> None:
        """Show predicted against measured size of a model's cache."""
        demonstrate("kv_cache", **asked)

    def vram(self, **asked: Unpack[Options]) -> None:
        """Show what fits on a graphics card, what fits shorter, and what does not."""
        demonstrate("vram", **asked)

    def storage(self, **asked: Unpack[Options]) -> None:
        """Show loading cold against loading warm."""
        demonstrate("storage", **asked)

    def thermals(self, **asked: Unpack[Options]) -> None:
        """Show what is left of full speed after a while."""
        demonstrate("thermals", **asked)


demo = Demonstrations()


@sheltered(otherwise=None)
def demonstrate(name: str, **asked: Unpack[Options]) -> None:
    """Show a demonstration: a panel in a notebook, else a recorded run in words."""
    request, at_once = request_of(asked), bool(asked.get("run"))
    if mode() != "work" or not (has_page() or at_once):
        request = replace(request, replay=True)
    decided = plan_demo(name, request)
    if mode() == "work":
        show(*plan_card(decided, on_a_page=not (at_once or request.replay)))
    if at_once or request.replay:
        _run_here(decided, lambda: run_demo(name, request))
    else:
        _show_panel(decided, request)


def request_of(asked: Options) -> Request:
    """Understand what was asked for.

    Raises:
        DemoError: something of it is not understood.
    """
    unknown = sorted(asked.keys() - Options.__annotations__.keys())
    if unknown:
        raise DemoError(f"A demonstration takes {', '.join(Options.__annotations__)}; found {unknown[0]!r}.")
    limit, seconds = asked.get("limit"), asked.get("seconds")
    size = parse_size(limit) if isinstance(limit, str) else limit
    if limit is not None and type(size) is not int:
        raise DemoError(f'The limit {limit!r} is no size. Write it like this: limit="2GiB".')
    if seconds is not None and type(seconds) not in {int, float}:
        raise DemoError(f"{seconds!r} is no number of seconds. Write it like this: seconds=20.")
    return Request(limit_bytes=size, seconds=seconds, replay=bool(asked.get("replay")))


def has_page() -> bool:
    """Tell whether a kernel runs this, so that a page may be there to show buttons."""
    return InteractiveShell.initialized() and getattr(InteractiveShell.instance(), "kernel", None) is not None


def predicted_for(plan: Plan) -> Prediction | None:
    """Give the prediction that is kept for a plan's question, if it is a number."""
    kept = load(store_path(PREDICTIONS_FILE)).latest.get(question_of(plan).id)
    return kept if kept is not None and not isinstance(kept.predicted, str) else None


def _run_here(plan: Plan, start: Callable[[], Run]) -> None:
    """Run it in this cell, and show in one place how it goes and what it came to."""
    place = _Place(plan)
    place.begin()
    progress, pace = Progress(plan), Pace()
    with start() as run:
        try:
            for event in run:
                progress.take(event)
                if has_page() and pace.is_time():
                    place.draw(progress)
                    pace.rest()
        except KeyboardInterrupt:
            run.stop()
    place.finish(progress)


def _show_panel(plan: Plan, request: Request) -> None:
    from workstation.notebook.demo_panel import DemoPanel  # widgets are slow to load, and only wanted here
    from workstation.notebook.forms import number_form

    question = question_of(plan)
    asked = Asked(id=question.id, question=question.text, unit=question.unit, choices={})

    def save(answer: str) -> str:
        keep(store_path(PREDICTIONS_FILE), asked, answer)
        return KEPT

    kept = predicted_for(plan)
    typed = f"{kept.predicted:g}" if kept is not None else ""
    place = _Place(plan)

    def start(replay: bool) -> Run:
        return run_demo(plan.name, replace(request, replay=True) if replay else request)

    form = number_form(question.text, question.unit, typed, button=KEEP, save=save)
    DemoPanel(plan, form, start=start, draw=place.draw, finish=place.finish).show()
    place.begin()


class _Place:
    """Where the chart and the result of a panel stand: below it, and kept with the notebook."""

    def __init__(self, plan: Plan) -> None:
        self._plan, self._slot = plan, uuid4().hex

    def begin(self) -> None:
        """Take the place."""
        if InteractiveShell.initialized():
            said = "The chart appears here once it runs."
            show(f"<p>{said}</p>", said, slot=self._slot)

    def draw(self, progress: Progress) -> None:
        """Show it as far as it has come."""
        title = f"Demonstration {progress.plan.name}"
        show(*running_card(title, progress.chart(_number(self._kept(progress)))), slot=self._slot, again=True)

    def finish(self, progress: Progress, why: str = "") -> str:
        """Show what it came to, hold the prediction against it, and say it in a sentence."""
        result = progress.result
        if result is None:
            show(f"<p>{INTERRUPTED}</p>", INTERRUPTED, slot=self._slot, again=True)
            return why or INTERRUPTED
        kept = self._kept(progress)
        lessons = held_against(kept, result) if kept is not None else []
        if kept is None and predicted_for(self._plan) is not None:
            lessons = [OTHER_QUESTION]
        card = result_card(result, progress.chart(_number(kept)), _number(kept), [*filter(None, [why]), *lessons])
        show(*card, slot=self._slot, again=True)
        return " ".join(filter(None, [result.ended, why]))

    def _kept(self, progress: Progress) -> Prediction | None:
        """Give the prediction if it was about the run that is shown."""
        return predicted_for(self._plan) if progress.plan.mode == self._plan.mode else None


def held_against(kept: Prediction, result: Result) -> list[str]:
    """Hold a prediction against what was measured, keep that, and say how predictions turn out so far."""
    if result.measured is None:
        return []
    path = store_path(PREDICTIONS_FILE)
    entry = kept
    if kept.measured != result.measured:
        entry = replace(kept, measured=result.measured, measured_at=now())
        if mode() == "work":
            append(path, entry)
    log = load(path).with_entry(entry)
    counted = log.counted[entry.id]
    return [comparison(counted), *first_counts(counted, entry), *calibration(log.counted.values())]


def _number(kept: Prediction | None) -> float | None:
    return None if kept is None or isinstance(kept.predicted, str) else float(kept.predicted)
