"""``workstation export-html``: the lessons and exercises as plain pages, for whom JupyterLab does not serve well."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from workstation import outputs
from workstation.cli._options import Commands, add_dir, add_json
from workstation.errors import OutputError

if TYPE_CHECKING:
    from workstation.notebook.lesson_pages import Page

__all__ = ["SCHEMA", "add_parser"]

SCHEMA = "workstation.pages/1"
TO = "--to"


def add_parser(commands: Commands) -> None:
    """Add the command to the command line."""
    about = "write the lessons and exercises as plain HTML pages that need no JupyterLab and no script"
    parser = commands.add_parser("export-html", help=about, description=f"{about.capitalize()}.")
    parser.add_argument(
        TO,
        type=Path,
        default=Path("home-ai-workstation-pages"),
        metavar="FOLDER",
        help="a folder that is empty or does not exist yet (default: %(default)s)",
    )
    parser.add_argument(
        "--mine", action="store_true", help="show on the pages what you wrote, chose and predicted in your working copy"
    )
    add_dir(parser)
    add_json(parser)
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Write the pages and print where they are."""
    from workstation.notebook.lesson_pages import lesson_pages  # late: only this command needs it
    from workstation.notebook.page_mine import gather_mine
    from workstation.notebook.page_twins import NOT_MINE

    folder = _new_folder(options.to)
    mine, problems = gather_mine(options.dir.expanduser().absolute()) if options.mine else (NOT_MINE, [])
    pages = lesson_pages(mine)
    written = _write(folder, pages)
    if options.json:
        document = {
            "schema": SCHEMA,
            "folder": str(folder),
            "files": [path.name for path in written],
            "problems": problems,
        }
        print(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        private = (
            "They hold what you wrote; think before you pass them on." if options.mine else "They hold nothing of you."
        )
        print(f"{len(written)} pages are written. Open {folder / 'index.html'} in any browser.", private, sep="\n")
        for problem in problems:
            print(problem)
    return 0


def _write(folder: Path, pages: "list[Page]") -> list[Path]:
    """Write all pages, or none where one of them cannot be written."""
    try:
        return [
            outputs.write_new(folder / page.name, page.html.encode("utf-8", "replace"), option=TO) for page in pages
        ]
    except OutputError:
        for page in pages:
            (folder / page.name).unlink(missing_ok=True)
        raise


def _new_folder(folder: Path) -> Path:
    """Return *folder*, absolute, where pages can be written: nothing stands in it yet.

    Raises:
        OutputError: something is there already.
    """
    place = outputs.new_file(folder / "index.html", option=TO).parent
    with outputs.sentences(f"Looking into the folder {place}", option=TO):
        found = sorted(path.name for path in place.iterdir())
    if found:
        raise OutputError(
            f"{place} holds other things ({', '.join(found[:3])}) and is left as it is. Name a new folder with {TO}."
        )
    return place
