"""Demonstrations in a notebook: panels from plan to verdict, and sentences where there is no page."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from demo_panel_kit import LIMIT_SECONDS, PLAN, SAMPLES, FakeRun, result
from notebook_kit import ipython_shell

from workstation.demos.model import Event, Finished, Plan, Stated
from workstation.materials import MARKER
from workstation.notebook import demo_card, demo_panel, demonstrating
from workstation.notebook.demo_panel import DemoPanel
from workstation.notebook.forms import number_form


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


def test_the_plan_says_what_closing_or_hiding_the_page_does(shell, engine, page):
    shell.run("ws.demo.ram()")

    assert any(demo_card.ON_A_PAGE in card["text/plain"] for card in shell.cards)


def test_a_page_that_is_gone_ends_the_run(shell, engine, page, monkeypatch):
    monkeypatch.setattr(demonstrating, "run_demo", lambda *_: engine.append(FakeRun(held=True)) or engine[-1])
    monkeypatch.setattr(demo_panel, "FIRST_PATIENCE_SECONDS", 0.0)
    shell.run("ws.demo.ram()")
    page[0].start.click()

    assert demo_panel.PAGE_GONE in done(page[0])
    assert engine[0].stopped.is_set()
    assert demo_panel.PAGE_GONE in shell.text


def test_a_page_that_is_gone_ends_a_run_that_says_nothing_meanwhile(shell, engine, page, monkeypatch):
    """Heat is counted once a second, and a disk may take longer to answer."""

    class Silent(FakeRun):
        def _all(self) -> Iterator[Event]:
            yield from (Stated(plan=self.plan), *SAMPLES)
            assert self.stopped.wait(LIMIT_SECONDS)
            yield Finished(result=result())

    monkeypatch.setattr(demonstrating, "run_demo", lambda *_: engine.append(Silent()) or engine[-1])
    monkeypatch.setattr(demo_panel, "FIRST_PATIENCE_SECONDS", 0.0)
    shell.run("ws.demo.ram()")
    page[0].start.click()

    assert demo_panel.PAGE_GONE in done(page[0])
    assert engine[0].stopped.is_set()


def test_the_beats_of_the_page_keep_it_alive(shell, engine, page, monkeypatch):
    monkeypatch.setattr(demonstrating, "run_demo", lambda *_: engine.append(FakeRun(held=True)) or engine[-1])
    shell.run("ws.demo.ram()")
    page[0].start.click()
    assert page[0].beats.playing
    before = page[0].heart.beats
    page[0].beats.value += 1
    engine[0].go_on.set()

    assert page[0].heart.beats == before + 1
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
