"""Show a finished recording: a chart of what mattered, what was found in it, and the same as a table."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from workstation.catalog._diagnosis import GPU, Condition, load_diagnosis_rules
from workstation.diagnosis import Finding, diagnose
from workstation.notebook.binning import points_of
from workstation.notebook.boundary import sheltered
from workstation.notebook.chart import Chart, Limit, Moment, Span
from workstation.notebook.chart_svg import chart_html
from workstation.notebook.diagnosis_card import TELLING, finding_lines, found_html, span_label
from workstation.notebook.recording_words import (
    description,
    end_sentence,
    headline,
    missing_html,
    missing_of,
    seconds_of,
    table_html,
    table_text,
    unit_of,
)
from workstation.notebook.signal_panels import panels_of
from workstation.notebook.signal_values import format_time, format_value
from workstation.notebook.theme import card, show
from workstation.notebook.worksheet_card import Printer
from workstation.recording.model import Recording

TITLE = "Recording"
MOST_MARKS = 10  # named on the chart; all of them are in the file
LONGEST_LABEL = 60


@sheltered(otherwise=None)
def recording_plot(recording: Recording, findings: Sequence[Finding] | None = None) -> None:
    """Show a recording's card, with *findings* marked; by default it is diagnosed first."""
    found = diagnose(recording) if findings is None else findings
    show(plot_html(recording, found), plot_text(recording, found))


def recording_html(recording: Recording) -> str:
    """Render a recording that a cell ends in."""
    return plot_html(recording, diagnose(recording))


def recording_plain(recording: Recording, printer: Printer, _cycle: bool = False) -> None:
    """Print a recording where no card can be shown."""
    printer.text(plot_text(recording, diagnose(recording)))


def plot_html(recording: Recording, findings: Sequence[Finding], status: str | None = None, *, after: str = "") -> str:
    """Render a recording as a card: the chart, what was found, what could not be recorded, and the table.

    *status* is the sentence that it opens with: by default the headline; none where it is empty. *after* is ready HTML
    to follow what was found.
    """
    missing, chart = missing_of(recording), chart_of(recording, findings)
    parts = [
        _problems(recording),
        chart_html(chart) if len(recording.t_s) else "<p>It holds no sample.</p>",
        found_html(findings),
        after,
        _details("The same in words and as a table", f"<p>{escape(chart.description)}</p>\n{table_html(recording)}"),
        _details(f"Not recorded, and why ({len(missing)})", missing_html(missing)) if missing else "",
    ]
    return card(f"{TITLE} {recording.header.name}", "\n".join(filter(None, parts)), _opening(recording, status))


def plot_text(recording: Recording, findings: Sequence[Finding], status: str | None = None) -> str:
    """Write a recording as plain text."""
    lines = [
        *filter(None, [_opening(recording, status)]),
        *recording.problems,
        *finding_lines(findings),
        *table_text(recording),
    ]
    missing = [f"  {names}: {reason}" for reason, names in missing_of(recording)]
    return "\n".join([*lines, *(["Not recorded:", *missing] if missing else [])])


def chart_of(recording: Recording, findings: Sequence[Finding] = ()) -> Chart:
    """Decide what the chart of a recording shows."""
    curves = {signal: points_of(recording.t_s, values) for signal, values in recording.columns.items()}
    spans = _spans(findings)
    return Chart(
        description=describe(recording, spans),
        seconds=seconds_of(recording),
        panels=panels_of(curves, spans=spans, limits=_limits(recording, findings)),
        moments=_moments(recording),
    )


def describe(recording: Recording, spans: Mapping[str, Sequence[Span]]) -> str:
    """Say in words what the chart shows."""
    found = (span for group in spans.values() for span in group)
    named = [f"{span.label}, {format_time(span.from_s)} to {format_time(span.to_s)}." for span in found]
    return description(recording, named)


def _spans(findings: Iterable[Finding]) -> Mapping[str, Sequence[Span]]:
    spans: dict[str, list[Span]] = {}
    for finding in findings:
        if finding.verdict in TELLING and finding.began_s is not None and finding.ended_s is not None:
            span = Span(label=span_label(finding), from_s=finding.began_s, to_s=finding.ended_s)
            spans.setdefault(finding.constraint, []).append(span)
    return spans


def _limits(recording: Recording, findings: Iterable[Finding]) -> Mapping[str, Sequence[Limit]]:
    """Give the levels that matter: what memory there is, and the thresholds that findings passed."""
    machine = recording.header.machine
    limits: dict[str, list[Limit]] = {}
    if machine.ram_usable_bytes is not None:
        label = "this container's limit" if machine.ram_limit_bytes == machine.ram_usable_bytes else "all memory"
        limits["ram_available_bytes"] = [Limit(label=label, level=float(machine.ram_usable_bytes))]
    passed = {finding.rule for finding in findings if finding.verdict in TELLING}
    conditions = [condition for rule in load_diagnosis_rules().rules if rule.id in passed for condition in rule.when]
    for signal in recording.columns:
        levels = [_threshold(signal, condition) for condition in conditions if condition.measure == _measure(signal)]
        limits.setdefault(signal, []).extend(dict.fromkeys(levels))
    return limits


def _measure(signal: str) -> str:
    return f"{GPU}{signal.split('.', 2)[2]}" if signal.startswith("gpus.") else signal


def _threshold(signal: str, condition: Condition) -> Limit:
    level = condition.at_most if condition.at_least is None else condition.at_least
    word = "at most" if condition.at_least is None else "at least"
    return Limit(label=f"threshold: {word} {format_value(level or 0.0, unit_of(signal), signal)}", level=level or 0.0)


def _moments(recording: Recording) -> list[Moment]:
    marks = [Moment(label=mark.label[:LONGEST_LABEL], t_s=mark.t_s) for mark in recording.marks[:MOST_MARKS]]
    end = recording.end
    last = seconds_of(recording) if end is None else end.t_s
    return [*marks, Moment(label=f"end: {end_sentence(end)}", t_s=last, is_end=True)]


def _opening(recording: Recording, status: str | None) -> str:
    return headline(recording) if status is None else status


def _problems(recording: Recording) -> str:
    return "".join(f"<p>{escape(problem)}</p>" for problem in recording.problems)


def _details(summary: str, body: str) -> str:
    return f"<details><summary>{escape(summary)}</summary>\n{body}\n</details>"
