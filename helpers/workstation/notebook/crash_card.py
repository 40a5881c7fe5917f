"""Answer "why did my kernel die?": what the newest recording that ended badly shows, and what to try."""

from collections.abc import Iterator
from datetime import datetime
from html import escape

from workstation.catalog import load_catalog
from workstation.notebook.diagnosis_card import Findings
from workstation.notebook.recording_chart import plot_html, plot_text
from workstation.recording import Crash
from workstation.recording.model import Recording

NEXT = "What to try"
NOTHING_NAMED = (
    "Nothing in the recording is named as what held the work up. Record it again with marks around its steps, "
    "rec.mark('load'), to see which step it dies in."
)


def crash_html(crash: Crash, findings: Findings) -> str:
    """Render the answer as a card: the sentence, what to try, then the recording itself."""
    tries = "".join(f"<li>{escape(line)}</li>" for line in what_to_try(findings))
    advice = f"<p><strong>{NEXT}</strong></p>\n<ul>{tries}</ul>"
    return plot_html(crash.recording, findings, status_of(crash), after=advice)


def crash_text(crash: Crash, findings: Findings) -> str:
    """Write the answer as plain text."""
    tries = (f"  {line}" for line in what_to_try(findings))
    return "\n".join([plot_text(crash.recording, findings, status_of(crash)), f"{NEXT}:", *tries])


def status_of(crash: Crash) -> str:
    """Say what happened and when."""
    return f"{crash.sentence} Recorded {_when(crash.recording)}."


def what_to_try(findings: Findings) -> Iterator[str]:
    """Give the first fixes that the catalogue knows for what was found, the cheapest first."""
    named = [finding for finding in findings if finding.verdict == "bottleneck"]
    if not named:
        yield NOTHING_NAMED
    for constraint in dict.fromkeys(finding.constraint for finding in named):
        for symptom in load_catalog().symptoms.values():
            if constraint in symptom.constraint:
                yield f"{symptom.constraint_text}: {', or '.join(symptom.first_fixes)}"


def _when(recording: Recording) -> str:
    try:
        return f"{datetime.fromisoformat(recording.header.started_at):%Y-%m-%d %H:%M} UTC"
    except ValueError:
        return recording.header.started_at[:40]
