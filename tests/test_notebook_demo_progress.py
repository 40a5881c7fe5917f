"""What a demonstration's panel decides: whether its page is still there, and what shares an axis."""

from demo_panel_kit import PLAN, SAMPLES

from workstation.notebook.demo_panel import Heart
from workstation.notebook.demo_progress import MEASURED, PREDICTED, Progress

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
    clock.now += 1.35
    assert not heart.stopped
    clock.now += 0.2
    assert heart.stopped


def test_a_slow_page_is_given_more_time():
    """A tab in the background beats once a second; a class's server may be slow."""
    heart, clock = beating(1.0)
    clock.now += 2.4
    assert not heart.stopped
    clock.now += 0.2
    assert heart.stopped


def test_a_tab_that_is_put_into_the_background_goes_on():
    """A browser lets its timers pass once a second: the first beat there comes up to 1.3 seconds late."""
    heart, clock = beating(0.3)
    for gap_s in (1.3, 1.0, 1.0, 1.0):
        clock.now += gap_s
        assert not heart.stopped
        heart.beat()


def test_a_tab_that_the_browser_puts_to_sleep_is_given_up():
    """After minutes in the background its timers pass once a minute."""
    heart, clock = beating(1.0, beats=300)
    clock.now += 59
    assert heart.stopped


def test_one_slow_answer_is_forgotten_and_a_slow_beginning_does_not_count():
    """So that closing the page is noticed as soon afterwards as ever."""
    heart, clock = beating(3.0, beats=1)
    for gap_s in (1.4, *[0.3] * 10):
        clock.now += gap_s
        heart.beat()
    clock.now += 1.6
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
