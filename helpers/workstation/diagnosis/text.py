"""Show findings in a terminal: a table of verdicts, then a paragraph for each that says something."""

import textwrap
from collections.abc import Iterator, Sequence

from workstation.diagnosis.model import Finding
from workstation.recording.model import Recording

__all__ = ["render_findings"]

WIDTH = 80
_NAME, _VERDICT = 16, 13
_TELLING = frozenset({"bottleneck", "watch"})


def render_findings(recording: Recording, findings: Sequence[Finding]) -> str:
    """Return what a recording says as text: verdicts first, then the sentences with their counter-test."""
    lines = [*_head(recording), "", *(_row(finding) for finding in findings)]
    for title, wanted in (("What was found", True), ("What is clear or cannot be told", False)):
        chosen = [finding for finding in findings if (finding.verdict in _TELLING) is wanted]
        if chosen:
            lines += ["", title, *(line for finding in chosen for line in _paragraph(finding, full=wanted))]
    if recording.problems:
        lines += ["", "What could not be read", *(line for each in recording.problems for line in _wrapped(each))]
    return "\n".join(lines) + "\n"


def _head(recording: Recording) -> Iterator[str]:
    header = recording.header
    yield from textwrap.wrap(f"{_printable(header.name)}: {_printable(header.label)}", WIDTH, max_lines=2)
    seconds = float(recording.t_s[-1]) if recording.t_s.size else 0.0
    thinned = f", each for {recording.thinned} taken" if recording.thinned > 1 else ""
    yield from textwrap.wrap(f"{recording.t_s.size} samples in {seconds:.0f} s{thinned}; {_end(recording)}", WIDTH)


def _end(recording: Recording) -> str:
    end = recording.end
    if end is None:
        return "how it ended is not known"
    words = {"exit": "ended by itself", "error": "ended with an error", "killed": "was killed"}
    said = words.get(end.how, "the recorder was stopped")
    extra = [f"exit code {end.exit_code}" if end.exit_code else "", end.signal or "", end.error or ""]
    details = ", ".join(_printable(each) for each in extra if each)
    return f"{said} ({details})" if details else said


def _row(finding: Finding) -> str:
    lasting = "" if not finding.seconds else f"{finding.seconds:.0f} s"
    place = "" if finding.began_s is None or not finding.seconds else f"from {finding.began_s:.0f} s"
    return f"  {finding.name:<{_NAME}} {finding.verdict:<{_VERDICT}} {place:<12}{lasting}".rstrip()


def _paragraph(finding: Finding, *, full: bool) -> Iterator[str]:
    yield from _wrapped(f"{finding.name}: {_printable(finding.statement)}")
    if full:
        yield from _wrapped(f"What would change this: {_printable(finding.would_change_it)}", indent="    ")


def _wrapped(text: str, *, indent: str = "  ") -> list[str]:
    return textwrap.wrap(_printable(text), WIDTH, initial_indent=indent, subsequent_indent="    ")


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
