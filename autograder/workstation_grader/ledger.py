"""Note which zip of each learner was collected, so that the next collecting can say what changed."""

import json
from collections.abc import Mapping
from pathlib import Path

from workstation_grader.files import write_atomically

__all__ = ["read", "write"]

SCHEMA = "workstation.collected/1"
FOLDER = ".zips"


def read(root: Path, exercise: str) -> dict[str, str]:
    """Read the file names by learner; a note that is missing or damaged tells nothing."""
    try:
        document = json.loads((root / FOLDER / f"{exercise}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    zips = document.get("zips") if isinstance(document, dict) and document.get("schema") == SCHEMA else None
    return {k: v for k, v in zips.items() if isinstance(v, str)} if isinstance(zips, dict) else {}


def write(root: Path, exercise: str, zips: Mapping[str, str]) -> None:
    """Note the file names by learner."""
    document = {"schema": SCHEMA, "zips": dict(sorted(zips.items()))}
    write_atomically(root / FOLDER / f"{exercise}.json", json.dumps(document, indent=1).encode())
