"""The live view: it follows a growing file, speaks seldom, costs little, and gives way to the end."""

import json
import threading

import pytest
from chart_kit import GIB, lines_of, write_lines
from notebook_kit import ipython_shell

from workstation.notebook import live_view
from workstation.notebook.chart import Growing
from workstation.notebook.live_view import Final, LiveView, live_chart, spoken
from workstation.notebook.recording_tail import MOST_BYTES, GrowingRecording, Tail

SIGNALS = live_view._WATCHED
LIMIT_SECONDS = 60
FINAL = Final("It is over.", "<p>final</p>", "final")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "x.recording.jsonl"


def test_whole_lines_only_are_taken_and_none_twice(path):
    tail = Tail(path)
    assert list(tail.lines()) == []

    path.write_bytes(b"one\ntw")
    assert list(tail.lines()) == [b"one"]
    path.write_bytes(b"one\ntwo\nthree\n")
    assert list(tail.lines()) == [b"two", b"three"]
    assert list(tail.lines()) == []


def test_a_line_that_no_recorder_writes_is_stepped_over(path):
    path.write_bytes(b"x" * (2 * MOST_BYTES) + b"\nlast\n")
    tail = Tail(path)

    assert [line for _ in range(4) for line in tail.lines()][-1] == b"last"


def test_header_samples_and_gpus_are_understood(path):
    write_lines(path, lines_of(30))
    growing = GrowingRecording(path, SIGNALS)

    assert growing.read_on()
    assert not growing.read_on()
    assert growing.ram_usable_bytes == 16 * GIB
    assert growing.seconds == 2.9
    assert set(growing.curves) == {"ram_available_bytes", "gpus.0.memory_used_bytes"}


@pytest.mark.parametrize(
    "line",
    [
        b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"t_s": "soon"}', b'{"t_s": NaN, "ram_available_bytes": 1}',
        b'{"t_s": true}', b"[" * 100_000, b'{"t_s": 1, "mark": "load"}', b'{"end": {"how": "exit", "t_s": 1}}',
        b'{"t_s": 1' + b"0" * 400 + b"}", b'{"schema": "x", "machine": 3}',
        b'{"t_s": 1, "gpus": 7}', b'{"t_s": 1, "gpus": [null, {"memory_used_bytes": "much"}]}',
    ],
)  # fmt: skip
def test_lines_of_any_kind_do_no_harm(path, line):
    path.write_bytes(line + b"\n")
    growing = GrowingRecording(path, SIGNALS)
    growing.read_on()

    assert growing.curves == {}


def test_a_long_recording_stays_bounded(path):
    write_lines(path, lines_of(5_000))
    growing = GrowingRecording(path, SIGNALS)
    while growing.read_on():
        pass

    assert all(len(curve.points) < 200 for curve in growing.curves.values())
    assert growing.seconds == 499.9


def test_the_live_chart_has_words(path):
    write_lines(path, lines_of(3))
    growing = GrowingRecording(path, SIGNALS)
    growing.read_on()

    assert spoken(growing) == "0.2 s, 8.0 GiB of memory available, 1.0 GiB of GPU memory in use"
    assert spoken(growing) in live_chart("x", growing).description


# In a shell


@pytest.fixture
def shell():
    with ipython_shell() as started:
        yield started


def places(shell) -> list[str]:
    """Name the display each output went to, in order."""
    return [output["transient"]["display_id"] for output in shell.published.outputs]


def wait_for(condition) -> None:
    """Wait until *condition* holds; the live view's own pace decides when."""
    tick = threading.Event()
    for _ in range(LIMIT_SECONDS * 100):
        if condition():
            return
        tick.wait(0.01)
    pytest.fail("it never came")


def test_it_follows_the_file_and_the_end_replaces_it(shell, path, monkeypatch):
    monkeypatch.setattr(live_view, "PERIOD_SECONDS", 0.01)
    view = LiveView("x", path, lambda: FINAL)
    view.start()
    write_lines(path, lines_of(20))
    wait_for(lambda: "1.9 s" in shell.text)
    view.finish()
    count = len(shell.published.outputs)

    assert shell.html == "<p>final</p>"
    assert len(set(places(shell))) == 2
    assert [output["update"] for output in shell.published.outputs[:2]] == [False, False]
    assert all(output["update"] for output in shell.published.outputs[2:])
    assert not view._thread.is_alive()
    assert len(shell.published.outputs) == count


def test_the_live_region_speaks_at_the_start_and_at_the_end_and_not_with_every_drawing(shell, path, monkeypatch):
    monkeypatch.setattr(live_view, "PERIOD_SECONDS", 0.01)
    view = LiveView("x", path, lambda: FINAL)
    view.start()
    sentence_slot = places(shell)[0]
    for end in range(10):
        write_lines(path, lines_of(5)[1:])
        wait_for(lambda end=end: sum(1 for place in places(shell) if place != sentence_slot) > end + 1)
    view.finish()

    said = [card["text/html"] for card, place in zip(shell.cards, places(shell), strict=True) if place == sentence_slot]
    moving = [
        card["text/html"] for card, place in zip(shell.cards, places(shell), strict=True) if place != sentence_slot
    ]
    assert len(said) == 2
    assert "It is over." in said[1]
    assert all('aria-live="polite"' in html for html in said)
    assert not any("aria-live" in html for html in moving)


def test_it_speaks_again_once_ten_seconds_have_passed(shell, path, monkeypatch):
    monkeypatch.setattr(live_view, "PERIOD_SECONDS", 0.01)
    monkeypatch.setattr(live_view, "SPOKEN_EVERY_SECONDS", 0.0)
    view = LiveView("x", path, lambda: FINAL)
    view.start()
    sentence_slot = places(shell)[0]
    write_lines(path, lines_of(5))
    wait_for(lambda: places(shell).count(sentence_slot) > 1)
    view.finish()

    assert any("8.0 GiB of memory available" in card["text/plain"] for card in shell.cards)


def test_a_recording_that_never_comes_is_no_trouble(shell, path):
    view = LiveView("x", path, lambda: FINAL)
    view.start()
    view.finish()

    assert not view._thread.is_alive()
    assert json.dumps(shell.cards).count("Waiting for the first sample.") == 2


def test_it_finds_the_end_by_itself_where_nobody_tells(shell, path, monkeypatch):
    """A watched process ends when it does; the cell is long done."""
    monkeypatch.setattr(live_view, "PERIOD_SECONDS", 0.01)
    view = LiveView("x", path, lambda: FINAL, to_the_end=True)
    view.start()
    write_lines(path, [*lines_of(5), {"end": {"how": "exit", "t_s": 0.5}}])
    view._thread.join(LIMIT_SECONDS)
    view.finish()

    assert not view._thread.is_alive()
    assert [card["text/plain"] for card in shell.cards].count("final") == 1


def test_joining_keeps_the_weights():
    """Ten samples of 0 and ten of 10 are 5 in the middle, however they were joined."""
    growing = Growing(most=1)
    for place in range(16):
        growing.add(place, 10.0 * (place >= 8))

    assert sum(point.mean for point in growing.points) / len(growing.points) == 5.0
