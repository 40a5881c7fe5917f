"""How a recorded run is played, and the demonstrations on the command line."""

import json
import threading
from importlib.resources import files

import pytest
from demos_kit import snapshot

from workstation import demos
from workstation.cli._main import _demo, main
from workstation.demos import NAMES, Request, _trace
from workstation.demos._words import endings, words
from workstation.demos.model import ANSWER, Sampled
from workstation.errors import DemoError
from workstation.units import KIB


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("running", ["autograde", "validate"])
def test_under_nbgrader_a_recorded_run_is_played_within_five_seconds(name, running, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", running)
    monkeypatch.setattr("workstation.demos.engine.Child", pytest.fail)
    monkeypatch.setattr("workstation.demos.engine.REPLAY_SECONDS", 0.2)

    events = list(demos.run(name))
    result = events[-1].result

    assert result.mode == "replay"
    assert isinstance(events[0], demos.Stated)
    assert "It was recorded in November 2026 on" in events[0].plan.text
    assert result.measured is not None
    assert result.lowest_available_bytes >= (result.floor_bytes or 0)
    assert len(result.columns["t_s"]) > 10


@pytest.mark.parametrize("name", NAMES)
def test_no_recorded_run_lasts_longer_than_five_seconds_to_play(name):
    """Played at one pace throughout, so the last moment is due when the replay's time is up."""
    trace = _trace.load_trace(name)
    pace_ = min(1.0, demos.engine.REPLAY_SECONDS / trace.seconds)

    assert trace.seconds * pace_ < 5
    assert list(trace.events) == sorted(trace.events, key=lambda event: event.t_s)


def test_a_replay_stops_when_it_is_told_to(monkeypatch):
    running = demos.run("ram", Request(replay=True), snapshot=snapshot())
    for event in running:
        if isinstance(event, Sampled):
            running.stop()

    assert running.result.ended_by == "stop"


@pytest.mark.parametrize("name", NAMES)
def test_recorded_runs_hold_nobodys_paths(name):
    text = (files("workstation.demos") / "traces" / f"{name}.jsonl").read_text("utf-8")

    assert '"folder"' not in text
    assert len(text) < 64 * KIB


@pytest.mark.parametrize("damage", ["", "{}", '{"schema": "workstation.demo-trace/9"}\n{}', "no json"])
def test_a_damaged_recorded_run_is_a_sentence(damage, monkeypatch):
    monkeypatch.setattr(_trace, "files", lambda _package: FakeFolder(damage))

    with pytest.raises(DemoError, match="missing from this installation or damaged"):
        _trace.load_trace("ram")


class FakeFolder:
    """A folder whose every file holds one text."""

    def __init__(self, text):
        self.text = text

    def __truediv__(self, _name):
        return self

    def read_text(self, encoding):  # noqa: ARG002 - as a path takes it
        """Read."""
        return self.text


def test_every_way_to_end_has_a_sentence_of_its_own():
    assert len(set(endings().values())) == len(endings()) >= 13
    assert all(words(name).limits.endswith(".") for name in NAMES)


def test_the_command_line_lists_the_demonstrations(capsys):
    assert main(["demo"]) == 0
    printed = capsys.readouterr().out

    assert [name for name in NAMES if name not in printed] == []


def test_the_command_line_plays_a_recorded_run_and_compares(capsys, monkeypatch):
    monkeypatch.setattr("workstation.demos.engine.REPLAY_SECONDS", 0.2)
    monkeypatch.setattr(_demo, "_somebody_there", lambda: True)
    answers = iter(["a lot", "2"])
    monkeypatch.setattr("builtins.input", lambda _prompt: next(answers))

    assert main(["demo", "kv-cache", "--replay"]) == 0

    printed = capsys.readouterr().out
    assert printed.index("You asked for the recorded run.") < printed.index("How many GiB will")
    assert "'a lot' is no number" in printed
    assert "You predicted 2 GiB and it was 1 GiB" in printed


def test_the_command_line_gives_one_json_document(capsys, monkeypatch):
    monkeypatch.setattr("workstation.demos.engine.REPLAY_SECONDS", 0.2)

    assert main(["demo", "storage", "--replay", "--json"]) == 0

    document = json.loads(capsys.readouterr().out)
    assert document["mode"] == "replay"
    assert len(document["columns"]["t_s"]) == len(document["columns"]["speed_bytes_per_s"])


@pytest.mark.parametrize("arguments", [["ram"], ["ram", "--json"]])
def test_nothing_live_starts_without_a_yes(arguments, capsys, monkeypatch):
    monkeypatch.setattr("workstation.demos.engine.Child", pytest.fail)
    monkeypatch.setattr("workstation.demos.engine.read_snapshot", lambda _folder: snapshot())

    assert main(["demo", *arguments]) == 2
    assert "Add --yes to start it" in capsys.readouterr().err


@pytest.mark.parametrize("while_", ["drawing", "waiting"])
def test_ctrl_c_stops_a_run_and_its_end_is_told(while_, capsys, monkeypatch):
    """It stops the demonstration, not the program, whatever the program is at when it comes."""
    monkeypatch.setattr("workstation.demos.engine.REPLAY_SECONDS", 60.0)

    def press(*_arguments):
        monkeypatch.undo()
        raise KeyboardInterrupt

    if while_ == "drawing":
        monkeypatch.setattr(_demo._Drawn, "sample", press)
    else:
        monkeypatch.setattr(threading.Event, "wait", press)

    assert main(["demo", "ram", "--replay"]) == 0
    assert "It ended because it was stopped." in capsys.readouterr().out


def test_input_that_ends_at_the_question_starts_nothing(capsys, monkeypatch):
    """Ctrl-D is no yes."""

    def end(_prompt):
        raise EOFError

    monkeypatch.setattr(_demo, "_somebody_there", lambda: True)
    monkeypatch.setattr("builtins.input", end)

    assert main(["demo", "ram", "--replay"]) == 130
    assert "Stopped." in capsys.readouterr().err


def test_the_line_that_changes_writes_figures_as_people_do(capsys):
    drawn = _demo._Drawn(demos.plan("vram", snapshot=snapshot()), 3000.0)
    drawn.sample(Sampled(t_s=3.0, values={ANSWER: 17904.0}))

    assert "so far 17,904 tokens  you said 3,000 tokens" in capsys.readouterr().out


@pytest.mark.parametrize("size", ["2", "many", "-1GiB"])
def test_a_limit_that_is_no_size_ends_with_usage(size, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["demo", "ram", f"--limit={size}"])

    assert "is no size" in capsys.readouterr().err


@pytest.mark.parametrize(("marks", "drawn"), [("▁▂▃▄▅▆▇█", "▁█"), ("_.-=+*%#", "_#")])
def test_bars_go_from_the_lowest_to_the_highest(marks, drawn):
    assert _demo.spark([1.0, 5.0], marks) == drawn
    assert _demo.spark([], marks) == ""
    assert _demo.spark([3.0, 3.0], marks) == marks[0] * 2
