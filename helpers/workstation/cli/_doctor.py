"""``workstation doctor``: look at this set-up, say what is wrong and what to do; pack a bundle for whoever helps."""

import argparse
import json
import os
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workstation.cli._checks import Check, Finding, examine
from workstation.cli._options import Commands, add_dir, add_json
from workstation.cli._setup import PATIENCE_SECONDS, read_setup
from workstation.cli._workspace import WorkingCopy
from workstation.errors import OutputError
from workstation.outputs import new_file, write_new

__all__ = ["SCHEMA", "add_parser", "document"]

SCHEMA = "workstation.doctor/1"
WIDTH = 80
_MARKS = {"ok": "ok", "warn": "look", "fail": "WRONG", "unknown": "?"}


def add_parser(commands: Commands) -> None:
    """Add the command to the command line."""
    about = "check this set-up, and say what to do about what is wrong"
    parser = commands.add_parser(
        "doctor", help=about, description=f"{about.capitalize()}. Exit code 1: something is wrong."
    )
    add_dir(parser)
    add_json(parser)
    parser.add_argument(
        "--bundle", type=Path, metavar="FILE.zip", help="also pack what was read of this machine, without private names"
    )
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Read, check, show; pack where asked to."""
    from workstation.inventory import read_from  # late, like the rest of the inventory: only this command needs it
    from workstation.inventory._read import LiveSource
    from workstation.inventory._remember import RememberingSource

    place = new_file(_zip_named(options.bundle), option="--bundle") if options.bundle else None
    source = RememberingSource(LiveSource(command_seconds=PATIENCE_SECONDS))
    project = source.real(os.curdir)
    setup = read_setup(read_from(source, project), WorkingCopy(options.dir).root)
    findings = examine(setup)
    if place:
        from workstation.cli._bundle import pack

        write_new(place, pack(source.recording(), project, document(findings)), option="--bundle")
    print(json.dumps(document(findings), indent=2) if options.json else _text(findings))
    if place and not options.json:
        print(f"\nPacked: {place}. Look through it before you give it to anybody.")
    return int(any(finding.outcome == "fail" for _, finding in findings))


def _zip_named(path: Path) -> Path:
    if path.suffix.lower() != ".zip":
        raise OutputError(f"{path} does not end in .zip, and a bundle is a zip. Name one such as {path.stem}.zip.")
    return path


def document(findings: Sequence[tuple[Check, Finding]]) -> dict[str, Any]:
    """Return the findings as plain data."""
    checks = [
        {
            "id": check.id,
            "title": check.title,
            "outcome": finding.outcome,
            "found": finding.found,
            "advice": finding.advice,
        }
        for check, finding in findings
    ]
    return {"schema": SCHEMA, "ok": all(each["outcome"] != "fail" for each in checks), "checks": checks}


def _text(findings: Sequence[tuple[Check, Finding]]) -> str:
    lines: list[str] = []
    for check, finding in findings:
        head = f"{_MARKS[finding.outcome]:<6} {check.title:<17} "
        lines += textwrap.wrap(finding.found, WIDTH, initial_indent=head, subsequent_indent=" " * len(head))
        if finding.advice:
            lines += textwrap.wrap(
                f"to do: {finding.advice}", WIDTH, initial_indent=" " * len(head), subsequent_indent=" " * len(head)
            )
    wrong = sum(finding.outcome == "fail" for _, finding in findings)
    return "\n".join([*lines, "", f"{wrong} wrong." if wrong else "Nothing is wrong."])
