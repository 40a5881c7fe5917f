"""``workstation progress``: how far the module is answered, lesson by lesson."""

import argparse
import json

from workstation.cli._options import Commands, add_dir, add_json

__all__ = ["SCHEMA", "add_parser"]

SCHEMA = "workstation.progress/1"


def add_parser(commands: Commands) -> None:
    """Add the command to the command line."""
    about = "show what of each lesson and exercise is answered so far"
    parser = commands.add_parser("progress", help=about, description=f"{about.capitalize()}.")
    add_dir(parser)
    add_json(parser)
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Print the progress of a working copy."""
    from workstation.notebook.progress_facts import gather_progress  # late: only this command needs it
    from workstation.notebook.progressing import progress_card

    found = gather_progress(options.dir.expanduser().absolute())
    if not options.json:
        print(progress_card(found).text)
        return 0
    units = [
        {
            "id": unit.id,
            "kind": "exercise" if unit.is_exercise else "lesson",
            "title": unit.title,
            "state": unit.state,
            "answered": unit.done,
            "asked": unit.asked,
            "parts": {part.kind: {"answered": part.done, "asked": part.asked} for part in unit.parts},
        }
        for unit in found.units
    ]
    print(
        json.dumps({"schema": SCHEMA, "units": units, "problems": list(found.problems)}, indent=2, ensure_ascii=False)
    )
    return 0
