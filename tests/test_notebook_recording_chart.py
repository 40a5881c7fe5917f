"""The chart of a recording: nothing lost by binning, nothing large, nothing that only colour or only sight can tell."""

import math
import re

import numpy as np
import pytest
from chart_kit import GIB, recording

from workstation.notebook import signal_panels
from workstation.notebook.binning import points_of
from workstation.notebook.chart import MOST_POINTS, Chart, Curve, Growing, Moment, Panel, Point, Span
from workstation.notebook.chart_svg import CHART_STYLE, chart_html
from workstation.notebook.recording_chart import chart_of, plot_html, plot_text
from workstation.notebook.recording_words import end_sentence, missing_of
from workstation.recording.model import End, Mark

LARGEST_CARD_CHARS = 150_000  # ten such cards still make a small notebook
EVERY_SIGNAL = [signal.replace("gpu.", "gpus.0.") for layout in signal_panels.LAYOUTS for signal, _ in layout.signals]


def flat(value: float) -> list[Point]:
    return [Point(0.0, value, value, value), Point(10.0, value, value, value)]


def drawn(html: str) -> str:
    """Leave out the style sheets."""
    return re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)


# Binning


def test_twenty_thousand_samples_keep_their_single_peak_and_their_single_dip():
    values = np.full(20_000, 50.0)
    values[12_345], values[6_789] = 99.0, 1.0

    points = points_of(np.arange(20_000) / 10, values)

    assert len(points) <= MOST_POINTS
    assert max(point.high for point in points) == 99.0
    assert min(point.low for point in points) == 1.0


def test_few_samples_are_drawn_as_they_are():
    assert points_of(np.array([0.0, 1.0]), np.array([3.0, 4.0])) == [Point(0, 3, 3, 3), Point(1, 4, 4, 4)]


def test_a_gap_stays_a_gap():
    """Half an hour without a reading must not become a straight line."""
    values = np.ones(20_000)
    values[5_000:15_000] = np.nan

    html = chart_html(
        Chart(
            description="",
            seconds=2000,
            panels=[
                Panel(
                    title="t",
                    unit="percent",
                    top=100,
                    curves=[Curve(label="c", points=points_of(np.arange(20_000) / 10, values))],
                )
            ],
        )
    )

    assert re.search(r'class="ws-c0" d="M[^M]+M[^M]+"', html)


def test_times_out_of_order_and_missing_times_are_put_right():
    points = points_of(np.array([2.0, np.nan, 1.0]), np.array([20.0, 5.0, 10.0]))

    assert [(point.t_s, point.mean) for point in points] == [(1.0, 10.0), (2.0, 20.0)]


def test_a_growing_curve_stays_small_and_keeps_its_peak_and_its_mean():
    growing = Growing(most=50)
    for place in range(10_000):
        growing.add(place / 10, 100.0 if place == 7_777 else 1.0)

    assert 50 <= len(growing.points) <= 100
    assert max(point.high for point in growing.points) == 100.0
    assert growing.points[0].mean == 1.0
    assert growing.points[-1].t_s <= 999.9


# Drawing


def test_the_chart_is_an_image_with_words_and_its_drawing_is_kept_from_screen_readers():
    html = chart_html(Chart(description='Memory "fell" & rose', seconds=1, panels=[]))

    assert 'role="img" aria-label="Memory &quot;fell&quot; &amp; rose"' in html


def test_curves_differ_by_pattern_not_only_by_colour():
    """The first is solid; each other one has a dash pattern that no other has."""
    patterns = re.findall(r"\.ws-c\d \{[^}]*stroke-dasharray: ([\d. ]+);", CHART_STYLE)

    assert len(patterns) == len(set(patterns)) == 3


def test_the_chart_never_names_a_colour_of_its_own():
    """A colour that we chose would be wrong in one of the two themes."""
    assert not re.search(r"#[0-9a-f]{3,8}\b|rgba?\(|hsl", CHART_STYLE)


def test_without_styles_no_stray_labels_are_left():
    """A notebook that is not trusted drops drawings, styles and labels; letters among them would stay as litter."""
    html = chart_html(
        Chart(
            description="said",
            seconds=10,
            panels=[Panel(title="Memory", unit="bytes", top=GIB, curves=[Curve(label="available", points=flat(5))])],
            moments=[Moment(label="load", t_s=2)],
        )
    )

    assert re.sub(r"<[^>]*>", "", drawn(html)).strip() == ""
    assert 'data-l="available"' in html


def test_a_value_beyond_the_axis_stays_inside_the_drawing():
    html = chart_html(
        Chart(
            description="",
            seconds=10,
            panels=[
                Panel(
                    title="t", unit="percent", top=100, curves=[Curve(label="c", points=flat(1e300))],
                    spans=[Span(label="s", from_s=-5, to_s=1e9)],
                )
            ],
        )
    )  # fmt: skip

    assert 'd="M0 0 1000 0"' in html
    assert '<rect class="ws-span" x="0" y="0" width="1000"' in html


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", '"><img src=x onerror=y>'])
def test_names_and_marks_are_escaped(hostile):
    html = plot_html(
        recording(name=hostile, marks=(Mark(t_s=1.0, label=hostile),), end=End(how="error", t_s=2, error=hostile)), []
    )

    assert "<script" not in html
    assert "<img" not in html


# Cards


def test_a_card_of_a_full_day_with_every_signal_stays_small():
    noise = np.random.default_rng(1).uniform(0, 100, 864_000)
    full = recording(dict.fromkeys(EVERY_SIGNAL, noise), seconds=86_400)

    assert len(plot_html(full, [])) < LARGEST_CARD_CHARS


def test_what_is_seen_is_said_too():
    """Start, lowest, when, and the end of memory; the marks; the end."""
    html = plot_html(
        recording(marks=(Mark(t_s=4.2, label="checkpoint"),), end=End(how="killed", t_s=10, signal="SIGKILL")), []
    )

    label = re.search(r'role="img" aria-label="([^"]*)"', html)[1]
    assert "Available memory: 8.0 GiB at the start, lowest 4.0 GiB at 5.0 s, 6.0 GiB at the end." in label
    assert "checkpoint at 4.2 s" in label
    assert "it was killed (SIGKILL) at 10.0 s" in label


def test_the_table_and_the_text_twin_have_every_signal():
    found = recording({"ram_available_bytes": [8 * GIB, 4 * GIB], "gpus.1.power_watts": [30, 250]})

    for shown in (plot_html(found, []), plot_text(found, [])):
        assert "Available memory" in shown
        assert "Power of the GPU (GPU 1)" in shown
        assert "250 W" in shown


def test_what_was_not_recorded_is_named_with_its_reason():
    found = recording()

    assert missing_of(found) == [
        ("this kernel has no pressure stall information", "Time in which some work waited for memory")
    ]
    assert "this kernel has no pressure stall information" in plot_html(found, [])
    assert "this kernel has no pressure stall information" in plot_text(found, [])


@pytest.mark.parametrize(
    ("end", "said"),
    [
        (None, "it was cut off"),
        (End(how="exit", t_s=3, exit_code=0), "it came to its end at 3.0 s"),
        (End(how="exit", t_s=3, exit_code=2), "exit code 2"),
        (End(how="error", t_s=3, error="MemoryError"), "MemoryError"),
        (End(how="killed", t_s=3, signal="SIGKILL", oom_killer=True), "out-of-memory killer"),
        (End(how="recorder-stopped", t_s=3, error="disk full"), "disk full"),
    ],
)
def test_the_end_is_told(end, said):
    assert said in end_sentence(end)


@pytest.mark.parametrize("columns", [{}, {"ram_available_bytes": []}, {"ram_available_bytes": [math.nan, math.nan]}])
def test_an_empty_recording_is_a_card_too(columns):
    assert "ws-card" in plot_html(recording(columns), [])


def test_a_signal_that_the_catalogue_does_not_know_is_shown_by_its_id():
    assert "tomorrows_signal" in plot_text(recording({"tomorrows_signal": [1.0, 2.0]}), [])


def test_two_gpus_are_told_apart():
    found = chart_of(recording({f"gpus.{n}.memory_used_bytes": [GIB, 2 * GIB] for n in range(2)}))

    panel = next(panel for panel in found.panels if panel.title == "GPU memory")
    assert [curve.label for curve in panel.curves] == ["in use, GPU 0", "in use, GPU 1"]
