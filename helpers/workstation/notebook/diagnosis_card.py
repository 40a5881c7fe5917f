"""Show findings: each with its verdict in a word and a sign, its sentence, its numbers, and what would refute it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from workstation.diagnosis import Finding, Verdict, diagnose, why_not
from workstation.notebook.theme import card
from workstation.notebook.worksheet_card import Printer
from workstation.recording.model import Recording

TITLE = "Diagnosis"
SIGNS: dict[Verdict, str] = {
    "bottleneck": "\N{BLACK SQUARE}",
    "watch": "\N{BLACK UP-POINTING TRIANGLE}",
    "clear": "\N{CHECK MARK}",
    "undetermined": "?",
}
_CLASSES: dict[Verdict, str] = {"bottleneck": "ws-not-met", "clear": "ws-met"}
TELLING: tuple[Verdict, ...] = ("bottleneck", "watch")  # worth marking in a chart
QUIET: tuple[Verdict, ...] = ("clear", "undetermined")
NOTHING = "Nothing in this recording held the work up, as far as it can tell."


class Findings(list[Finding]):
    """What ``rec.diagnose()`` gives: a list of findings that a cell shows as a card."""

    def __init__(self, recording: Recording) -> None:
        super().__init__(diagnose(recording))
        self._recording = recording

    def why_not(self, about: str) -> str:
        """Say in a sentence why something ("vram", "gpu memory") is not named, or that it is."""
        return why_not(self._recording, about)

    def _repr_html_(self) -> str:
        return card(TITLE, found_html(self), headline(self))

    def _repr_pretty_(self, printer: Printer, _cycle: bool) -> None:
        printer.text(findings_text(self))


def findings_text(findings: Sequence[Finding]) -> str:
    """Write findings as plain text."""
    return "\n".join([headline(findings), *finding_lines(findings)])


def headline(findings: Sequence[Finding]) -> str:
    """Say in one sentence what was found."""
    for verdict in TELLING:
        names = [finding.name for finding in findings if finding.verdict == verdict]
        if names:
            return f"{_VERDICT_WORDS[verdict]}: {', '.join(names)}."
    return NOTHING


_VERDICT_WORDS = {"bottleneck": "Held the work up", "watch": "Worth watching"}


def found_html(findings: Sequence[Finding]) -> str:
    """List findings: the telling ones open, the others behind a line that opens, each group only where it has some."""
    told = [finding for finding in findings if finding.verdict in TELLING]
    quiet = [finding for finding in findings if finding.verdict in QUIET]
    parts = [_list(told)] if told else []
    if quiet:
        names = f"Clear, or not to be told from this recording ({len(quiet)})"
        parts.append(f"<details><summary>{names}</summary>\n{_list(quiet)}\n</details>")
    return "\n".join(parts)


def finding_lines(findings: Iterable[Finding]) -> Iterator[str]:
    """Write findings as lines of text."""
    for finding in findings:
        yield f"{SIGNS[finding.verdict]} {finding.verdict}: {finding.name}. {finding.statement}"
        yield from (f"    {line}" for line in _support(finding))


def marked(sentence: str) -> str:
    """Escape a sentence, with what stands in backquotes as code."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", escape(sentence))


def span_label(finding: Finding) -> str:
    """Name a finding in a chart."""
    return f"{SIGNS[finding.verdict]} {finding.verdict}: {finding.name}"


def _list(findings: Iterable[Finding]) -> str:
    return f'<ul class="ws-criteria-list">{"".join(map(_item, findings))}</ul>'


def _item(finding: Finding) -> str:
    sign = f'<span class="ws-symbol" aria-hidden="true">{SIGNS[finding.verdict]}</span>'
    head = f"<p>{sign}<strong>{finding.verdict}: {escape(finding.name)}.</strong> {marked(finding.statement)}</p>"
    support = "".join(f"<p>{marked(line)}</p>" for line in _support(finding))
    return f'<li class="{_CLASSES.get(finding.verdict, "")}">{head}{support}</li>'


def _support(finding: Finding) -> Iterator[str]:
    if finding.evidence:
        yield f"Measured: {', '.join(f'{measured.name} {measured.text}' for measured in finding.evidence)}."
    if finding.would_change_it:
        yield f"What would change this: {finding.would_change_it}"
