"""Keep the seed of the half-years that staged plans are tried on: a course's own, drawn once, for its owner alone.

It stands in a configuration file of its own beside ``nbgrader_config.py``, which nbgrader reads too, so that its
command line, Formgrader's button and `workstation-cohort` all try plans on the same weeks. It is the same for every
learner, so that equal plans earn equal points, and for every regrade. Nothing that leaves the folder holds it.
"""

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["SEED_NAME", "make_seed", "seed_in"]

SEED_NAME = "nbgrader_config.json"
_SECTION, _KEY = "ScoreAnswers", "seed"
_BYTES = 16


def make_seed(root: Path) -> None:
    """Draw the seed of the course folder at *root*; a file that is there is kept as it is."""
    try:
        handle = os.open(root / SEED_NAME, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump({_SECTION: {_KEY: secrets.token_hex(_BYTES)}}, file)


def seed_in(config: Mapping[str, Any]) -> str | None:
    """Give the seed of a loaded configuration; `None` where there is none: plans are tried on the open half-years."""
    return str(config.get(_SECTION, {}).get(_KEY) or "") or None
