"""What several commands share on their command lines."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

__all__ = ["Commands", "add_dir", "add_json"]

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse names its type no other way
else:
    Commands = object


def add_dir(parser: argparse.ArgumentParser) -> None:
    """Add ``--dir``, the working copy that the command is about."""
    parser.add_argument(
        "--dir",
        type=Path,
        default=Path("~/home-ai-workstation"),
        metavar="DIR",
        help="your working copy of the course (default: %(default)s)",
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add ``--json``, for programs that read the answer."""
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of text")
