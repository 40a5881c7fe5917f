"""Write the learner's report, one page for a mentor: ``report.html`` and ``report.md`` in the working copy.

Older reports are kept under the time at which they were made. Under nbgrader nothing is written.
"""

import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from pathlib import Path

from workstation.errors import DocumentError
from workstation.notebook.boundary import mode, sheltered
from workstation.notebook.on_file import working_copy
from workstation.notebook.plan_reading import read_plan
from workstation.notebook.private import own_names
from workstation.notebook.report_facts import gather
from workstation.notebook.report_model import Report, without_private
from workstation.notebook.report_page import html_page, markdown_page
from workstation.notebook.theme import Fragment, card, show
from workstation.planning import Plan

__all__ = ["Written", "make_report", "report", "written_text"]

NAMES = ("report.html", "report.md")
NOT_HERE = "A report is made on your own machine: nothing is written while an exercise is graded or validated."


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A report that was written, where, and which older files were kept."""

    report: Report
    paths: tuple[Path, ...]
    older: tuple[Path, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """What is missing and how to get it, a sentence or two each."""
        return tuple(f"{part.what} {part.how}" for section in self.report.sections for part in section.missing)


@sheltered(otherwise=None)
def report(plan: object = None) -> None:
    """Write your report and say what is still missing in it, and how to get that.

    It is made from the saved exercises, the evidence folder and the decision walk, without names, addresses or home
    folders. *plan* is a staged plan as `simulate` takes it, where none is in a saved exercise.
    """
    if mode() != "work":
        show(card("Report", "", NOT_HERE), NOT_HERE)
        return
    chosen = None if plan is None else read_plan(plan)
    show(*_written_card(make_report(working_copy(), chosen)))


def make_report(root: Path, plan: Plan | None = None) -> Written:
    """Gather the report of the working copy at *root* and write it there.

    Raises:
        DocumentError: the folder is not there, or cannot be written.
    """
    if not root.is_dir():
        raise DocumentError(f"There is no folder {root.name!r} to report on. Name your working copy with --dir.")
    found = without_private(gather(root, plan), own_names())
    older, paths = [], []
    for name, text in zip(NAMES, (html_page(found), markdown_page(found)), strict=True):
        kept = _keep_older(root / name)
        older += [kept] if kept is not None else []
        paths.append(_write(root / name, text))
    return Written(report=found, paths=tuple(paths), older=tuple(older))


def written_text(written: Written) -> str:
    """Say where a report is and what it lacks, as plain text."""
    return "\n".join([_sentence(written), *(f"  - {words}" for words in written.missing)])


def _written_card(written: Written) -> Fragment:
    rows = "".join(
        f"<li>{escape(section.title)}: {'missing' if section.is_empty else 'there'}</li>"
        for section in written.report.sections
    )
    left = "".join(f"<li>{escape(words)}</li>" for words in written.missing)
    parts = [f"<ul>{rows}</ul>", f"<p>Still missing, and how to get it:</p><ul>{left}</ul>" if left else ""]
    return Fragment(card("Report", "\n".join(filter(None, parts)), _sentence(written)), written_text(written))


def _sentence(written: Written) -> str:
    names = " and ".join(path.name for path in written.paths)
    count = len(written.missing)
    left = f"{count} part{' is' if count == 1 else 's are'} still missing" if count else "Every part is there"
    older = f" The older one is kept as {written.older[0].name}." if written.older else ""
    return f"The report is written: {names}, at the top of your course folder. {left}.{older}"


def _keep_older(path: Path) -> Path | None:
    """Give what stands in a report's place the name of the time at which it was made."""
    if not os.path.lexists(path):
        return None
    made = datetime.fromtimestamp(path.lstat().st_mtime, UTC)
    kept, number = path.with_name(f"{path.stem}-{made:%Y%m%dT%H%M%SZ}{path.suffix}"), 2
    while os.path.lexists(kept):
        kept = path.with_name(f"{path.stem}-{made:%Y%m%dT%H%M%SZ}-{number}{path.suffix}")
        number += 1
    try:
        return path.rename(kept)
    except OSError as error:
        raise _refusal(path, error) from None


def _write(path: Path, text: str) -> Path:
    """Write a file whole or not at all."""
    beside = path.with_name(f".{path.name}-{secrets.token_hex(4)}.tmp")
    try:
        try:
            beside.write_bytes(text.encode("utf-8", "replace"))
            return beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise _refusal(path, error) from None


def _refusal(path: Path, error: OSError) -> DocumentError:
    reason = error.strerror or "the system refuses"
    return DocumentError(f"Writing {path.name} failed: {reason}. Check that you may write to the course folder.")
