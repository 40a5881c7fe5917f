"""``workstation diagnose``: what held a recorded run back, in sentences that another run can refute."""

import argparse
import json
from pathlib import Path

from workstation.cli._options import Commands, add_json

__all__ = ["add_parser"]


def add_parser(commands: Commands) -> None:
    """Add the command to the command line."""
    about = "say what held a recorded run back, and what would refute it"
    parser = commands.add_parser("diagnose", help=about, description=f"{about.capitalize()}.")
    parser.add_argument("file", type=Path, metavar="FILE", help="a recording: NAME.recording.jsonl")
    add_json(parser)
    parser.add_argument(
        "--why-not", metavar="X", help="say in one sentence why X (ram, vram, storage, ...) is not named"
    )
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Read the recording and show what it says."""
    from workstation.diagnosis import diagnose, why_not  # late: numpy takes its time, and only this needs it
    from workstation.diagnosis.document import to_document
    from workstation.diagnosis.text import render_findings
    from workstation.recording import load_recording

    recording = load_recording(options.file.expanduser())
    if options.why_not is not None:
        sentence = why_not(recording, options.why_not)
        print(json.dumps({"about": options.why_not, "why_not": sentence}) if options.json else sentence)
        return 0
    findings = diagnose(recording)
    if options.json:
        print(json.dumps(to_document(recording, findings), indent=2, ensure_ascii=False))
    else:
        print(render_findings(recording, findings), end="")
    return 0
