"""``workstation report``: write the report of a working copy, and say what is still missing in it."""

import argparse
import json

from workstation.cli._options import Commands, add_dir, add_json

__all__ = ["SCHEMA", "add_parser"]

SCHEMA = "workstation.report/1"


def add_parser(commands: Commands) -> None:
    """Add the command to the command line."""
    about = "write your report (report.html, report.md), and say what is still missing in it"
    parser = commands.add_parser("report", help=about, description=f"{about.capitalize()}.")
    add_dir(parser)
    add_json(parser)
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Write the report and print where it is."""
    from workstation.notebook.reporting import make_report, written_text  # late: only this command needs it

    written = make_report(options.dir.expanduser().absolute())
    if options.json:
        document = {
            "schema": SCHEMA,
            "files": [str(path) for path in written.paths],
            "older": [str(path) for path in written.older],
            "missing": list(written.missing),
        }
        print(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        print(written_text(written))
    return 0
