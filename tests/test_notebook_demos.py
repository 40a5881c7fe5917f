"""Demonstrations in a notebook: panels, hearts, one axis, and sentences where there is no page."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest
from notebook_kit import ipython_shell

from workstation.demos.model import ANSWER, Event, Finished, Line, Noted, Plan, Question, Result, Sampled, Stated
from workstation.materials import MARKER
from workstation.notebook import demo_panel, demonstrating
from workstation.notebook.demo_panel import DemoPanel, Heart
from workstation.notebook.demo_progress import MEASURED, PREDICTED, Progress
from workstation.notebook.forms import number_form

GIB = 1024**3
LIMIT_SECONDS = 60
PLAN = Plan(
    name="ram", title="Memory filling up", mode="live", why_replay=None, stand_in=None, mechanism="Pages are written.",
    takes="A child takes 1 GiB.", stops=("It stops at the floor.",), notes=("Half is left.",),
    question=Question(id="demo-ram", text="By how many GiB will it fall?", unit="GiB"), limits="It shows no swapping.",
    lines=(
        Line(key="ram_available_bytes", name="Available memory", unit="GiB", divisor=float(GIB)),
        Line(key="memory_stall_full_percent", name="Waited", unit="%"),
    ),
    ceiling_bytes=GIB, floor_bytes=2 * GIB, step_bytes=GIB // 64, grow_seconds=8, seconds=20,
)  # fmt: skip


def result(mode: str = "live") -> Result:
    return Result(
        name="ram", mode=mode, stand_in=None, question=PLAN.question, measured=1.0, ended_by="ceiling",
        ended="It ended at its ceiling.", verdict="Available memory fell by 1 GiB.", limits=PLAN.limits, columns={},
        lowest_available_bytes=7 * GIB, floor_bytes=2 * GIB, ceiling_bytes=GIB, seconds=2.0, release_seconds=0.1,
        source="Recorded on a laptop." if mode == "replay" else None,
    )  # fmt: skip


SAMPLES = (
    Sampled(t_s=1.0, values={"ram_available_bytes": 8.0 * GIB, ANSWER: 0.5}),
    Noted(t_s=1.5, text="Holding it"),
    Sampled(t_s=2.0, values={"ram_available_bytes": 7.0 * GIB, ANSWER: 1.0, "memory_stall_full_percent": 3.0}),
)


class FakeRun:
    """A run whose events come when the test lets them, and which ends when it is stopped."""

    def __init__(self, *, held: bool = False, plan: Plan = PLAN) -> None:
        self.plan = plan
        self.stopped, self.closed, self.go_on = threading.Event(), threading.Event(), threading.Event()
        if not held:
            self.go_on.set()
        self._events = self._all()

    def __iter__(self) -> Iterator[Event]:
        return self

    def __next__(self) -> Event:
        return next(self._events)

    def _all(self) -> Iterator[Event]:
        yield Stated(plan=self.plan)
        yield SAMPLES[0]
        while not self.go_on.wait(0.01):
            if self.stopped.is_set():
                break
            yield SAMPLES[0]
        yield from SAMPLES
        yield Finished(result=result(self.plan.mode))

    def stop(self) -> None:
        """End it."""
        self.stopped.set()

    def close(self) -> None:
        """End it for good."""
        self.closed.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working copy of the course; the learner is in its folder of lessons."""
    root = tmp_path / "copy"
    (root / MARKER).parent.mkdir(parents=True)
    (root / MARKER).write_text("{}", encoding="utf-8")
    (root / "course").mkdir()
    monkeypatch.chdir(root / "course")
    return root


@pytest.fixture
def shell(course: Path):
    del course
    with ipython_shell() as started:
        started.run("import workstation as ws")
        yield started


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> list[FakeRun]:
    """Take the engine's place; give the runs that were started."""
    runs: list[FakeRun] = []

    def plan(_name: str, request: object) -> Plan:
        from dataclasses import replace

        return replace(PLAN, mode="replay", why_replay="A recorded run.") if request.replay else PLAN

    def run(name: str, request: object) -> FakeRun:
        runs.append(FakeRun(plan=plan(name, request)))
        return runs[-1]

    monkeypatch.setattr(demonstrating, "plan_demo", plan)
    monkeypatch.setattr(demonstrating, "run_demo", run)
    return runs


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> list[DemoPanel]:
    """Pretend that a page is there; give the panels that it shows."""
    shown: list[DemoPanel] = []
    monkeypatch.setattr(demonstrating, "has_page", lambda: True)

    def remember(panel: DemoPanel) -> None:
        shown.append(panel)

    monkeypatch.setattr(DemoPanel, "show", remember)
    return shown


def done(panel: DemoPanel) -> str:
    """Wait for a panel's run to end, and give what its live region says."""
    assert panel.thread is not None
    panel.thread.join(LIMIT_SECONDS)
    assert not panel.thread.is_alive()
    return panel.said.value


# The heart


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


def beating(gap_s: float, beats: int = 10) -> tuple[Heart, Clock]:
    clock = Clock()
    heart = Heart(clock)
    for _ in range(beats):
        clock.now += gap_s
        heart.beat()
    return heart, clock


def test_a_page_that_falls_silent_is_noticed_in_less_than_two_seconds():
    heart, clock = beating(0.3)
    clock.now += 1.4
    assert not heart.stopped
    clock.now += 0.2
    assert heart.stopped


def test_a_slow_page_is_given_more_time():
    """A tab in the background beats once a second; a class's server may be slow."""
    heart, clock = beating(1.0)
    clock.now += 2.9
    assert not heart.stopped
    clock.now += 0.2
    assert heart.stopped


def test_a_page_that_never_answers_is_given_up():
    heart, clock = beating(0.3, beats=0)
    clock.now += 3.9
    assert not heart.stopped
    clock.now += 0.2
    assert heart.stopped


def test_while_another_cell_runs_no_beat_is_missed():
    heart, clock = beating(0.3)
    heart.deafen()
    clock.now += 60
    assert not heart.stopped
    heart.listen()
    assert not heart.stopped
    clock.now += 1.6
    assert heart.stopped


# One axis


def test_prediction_and_measurement_share_an_axis_that_holds_both():
    progress = Progress(PLAN)
    for event in SAMPLES:
        progress.take(event)
    panel = progress.chart(4.0).panels[0]

    assert [curve.label for curve in panel.curves] == [MEASURED]
    assert [(limit.label, limit.level) for limit in panel.limits] == [(PREDICTED, 4.0)]
    assert panel.top >= 4.0
    assert [point.mean for point in panel.curves[0].points] == [0.5, 1.0]


def test_lines_of_one_unit_share_a_panel_and_the_floor_is_drawn():
    progress = Progress(PLAN)
    for event in SAMPLES:
        progress.take(event)
    chart = progress.chart(None)

    assert [panel.title for panel in chart.panels] == ["What was asked, in GiB", "In GiB", "In %"]
    assert [(limit.label, limit.level) for limit in chart.panels[1].limits] == [("floor", 2.0)]
    assert "Measured so far: 1 GiB." in chart.description


# The panel


def test_a_run_from_start_to_verdict(shell, engine, page, course):
    shell.run('ws.predict("demo-ram", "?", unit="GiB", value=4)')
    shell.run("ws.demo.ram()")
    page[0].start.click()
    said = done(page[0])

    assert "It ended at its ceiling." in said
    assert shell.text.startswith("Available memory fell by 1 GiB.")
    assert 'aria-live="polite"' in said
    assert "You predicted 4 GiB and it was 1 GiB" in shell.text
    assert engine[0].closed.is_set()
    kept = [json.loads(line) for line in (course / "evidence/predictions.jsonl").read_text("utf-8").splitlines()]
    assert [(line["predicted"], line["measured"]) for line in kept] == [(4.0, None), (4.0, 1.0)]


def test_the_plan_comes_first_and_nothing_has_begun(shell, engine, page):
    shell.run("ws.demo.ram()")

    plan = shell.cards[0]["text/plain"]
    assert all(sentence in plan for sentence in ("A child takes 1 GiB.", "It stops at the floor.", "Half is left."))
    assert engine == []
    assert page[0].thread is None


def test_starting_twice_starts_once(shell, engine, page, monkeypatch):
    monkeypatch.setattr(demonstrating, "run_demo", lambda *_: engine.append(FakeRun(held=True)) or engine[-1])
    shell.run("ws.demo.ram()")
    page[0].start.click()
    page[0].start.click()
    page[0].replay.click()

    assert demo_panel.ALREADY in page[0].said.value
    assert len(engine) == 1
    engine[0].go_on.set()
    done(page[0])


def test_stop_stops_and_the_result_still_comes(shell, engine, page, monkeypatch):
    monkeypatch.setattr(demonstrating, "run_demo", lambda *_: engine.append(FakeRun(held=True)) or engine[-1])
    shell.run("ws.demo.ram()")
    page[0].stop.click()
    assert demo_panel.NOT_RUNNING in page[0].said.value
    page[0].start.click()
    page[0].stop.click()

    assert "It ended at its ceiling." in done(page[0])
    assert engine[0].stopped.is_set()
    assert engine[0].closed.is_set()


def test_a_page_that_is_gone_ends_the_run(shell, engine, page, monkeypatch):
    monkeypatch.setattr(demonstrating, "run_demo", lambda *_: engine.append(FakeRun(held=True)) or engine[-1])
    monkeypatch.setattr(demo_panel, "FIRST_PATIENCE_SECONDS", 0.0)
    shell.run("ws.demo.ram()")
    page[0].start.click()

    assert demo_panel.PAGE_GONE in done(page[0])
    assert engine[0].stopped.is_set()
    assert demo_panel.PAGE_GONE in shell.text


def test_the_beats_of_the_page_keep_it_alive(shell, engine, page, monkeypatch):
    monkeypatch.setattr(demonstrating, "run_demo", lambda *_: engine.append(FakeRun(held=True)) or engine[-1])
    shell.run("ws.demo.ram()")
    page[0].start.click()
    assert page[0].beats.playing
    before = page[0].heart._gaps
    page[0].beats.value += 1
    engine[0].go_on.set()

    assert page[0].heart._gaps == before + 1
    assert demo_panel.PAGE_GONE not in done(page[0])
    assert not page[0].beats.playing


def test_a_recorded_run_is_not_held_against_a_prediction_about_this_machine(shell, engine, page, course):
    shell.run('ws.predict("demo-ram", "?", unit="GiB", value=4)')
    shell.run("ws.demo.ram()")
    page[0].replay.click()
    done(page[0])

    assert demonstrating.OTHER_QUESTION in shell.text
    assert "Recorded on a laptop." in shell.text
    assert len((course / "evidence/predictions.jsonl").read_text("utf-8").splitlines()) == 1


def test_the_form_keeps_a_prediction(shell, engine, page, course):
    shell.run("ws.demo.ram()")
    form = page[0].whole.children[1]
    form.children[1].value = "2.5"
    form.children[2].click()

    assert json.loads((course / "evidence/predictions.jsonl").read_text("utf-8"))["predicted"] == 2.5


def test_a_run_that_cannot_start_is_a_sentence(page, shell, monkeypatch, engine):
    from workstation.errors import DemoError

    def refuse(*_: object) -> FakeRun:
        raise DemoError("No room here. Close something.")

    monkeypatch.setattr(demonstrating, "run_demo", refuse)
    shell.run("ws.demo.ram()")
    page[0].start.click()

    assert "No room here. Close something." in page[0].said.value
    assert page[0].thread is None


def test_a_fault_while_it_runs_is_owned_up_to_and_the_run_is_closed(shell, engine, page, monkeypatch):
    monkeypatch.setattr(demonstrating, "result_card", lambda *_: 1 / 0)
    shell.run("ws.demo.ram()")
    page[0].start.click()

    assert "not your mistake" in done(page[0])
    assert engine[0].closed.is_set()


# Without a page, and under nbgrader


def test_without_a_page_a_recorded_run_is_told(shell, engine):
    shell.run("ws.demo.ram()")

    assert engine[0].plan.mode == "replay"
    assert shell.text.startswith("Available memory fell by 1 GiB.")
    assert "Recorded on a laptop." in shell.text


@pytest.mark.parametrize("running", ["autograde", "validate"])
def test_under_nbgrader_a_recorded_run_is_shown_and_nothing_is_asked_or_written(
    shell, engine, page, monkeypatch, course, running
):
    monkeypatch.setenv("NBGRADER_EXECUTION", running)
    shell.run("ws.demo.ram(run=True)")

    assert page == []
    assert [run.plan.mode for run in engine] == ["replay"]
    assert not (course / "evidence").exists()


def test_run_does_it_in_the_cell_and_interrupt_ends_it(shell, engine, monkeypatch):
    class Interrupted(FakeRun):
        def __next__(self) -> Event:
            raise KeyboardInterrupt

    started = Interrupted()
    monkeypatch.setattr(demonstrating, "run_demo", lambda *_: started)
    shell.run("ws.demo.ram(run=True)")

    assert demonstrating.INTERRUPTED in shell.text
    assert started.stopped.is_set()
    assert started.closed.is_set()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ('ws.demo.ram(limit="lots")', "is no size"),
        ("ws.demo.ram(limit=True)", "is no size"),
        ('ws.demo.ram(seconds="soon")', "is no number of seconds"),
        ("ws.demo.ram(speed=3)", "limit, seconds, replay, run; found 'speed'"),
        ('ws.demo("bitcoin")', "There is no demonstration 'bitcoin'"),
        ('ws.demo.ram(limit="0 GiB")', "leaves nothing to show"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_in_a_sentence(shell, call, said):
    shell.run(call)

    assert said in shell.text


def test_the_form_and_the_buttons_can_be_named_by_a_screen_reader():
    panel = DemoPanel(
        PLAN,
        number_form("By how many?", "GiB", "", button="Keep", save=lambda _: ""),
        start=lambda _: FakeRun(),
        draw=lambda _: None,
        finish=lambda *_: "",
    )

    assert [button.description for button in (panel.start, panel.stop, panel.replay)] == [
        "Start",
        "Stop",
        "Play a recorded run",
    ]
