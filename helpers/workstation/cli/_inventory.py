"""``workstation inventory``: this machine in a table, as JSON, or saved for another place."""

import argparse
import json
from pathlib import Path

from workstation.cli._options import Commands, add_json
from workstation.outputs import new_file

__all__ = ["add_parser"]


def add_parser(commands: Commands) -> None:
    """Add the command to the command line."""
    about = "show what this machine has, and what could not be found out"
    parser = commands.add_parser("inventory", help=about, description=f"{about.capitalize()}.")
    add_json(parser)
    parser.add_argument("--save", type=Path, metavar="FILE", help="write inventory.json there, to load it elsewhere")
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Take the inventory and show or save it."""
    from workstation.inventory import inventory, render_table, save_inventory, to_document  # late: only this needs it

    place = new_file(options.save, option="--save") if options.save else None
    found = inventory()
    if place:
        save_inventory(found, place)
    if options.json:
        print(json.dumps(to_document(found), indent=2, ensure_ascii=False))
    elif place:
        print(f"Saved: {place}")
    else:
        print(render_table(found))
    return 0
