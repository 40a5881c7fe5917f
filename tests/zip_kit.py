"""What tests of collecting share: the names in a submission, ways to pack one, and where it ends up."""

import json
import zipfile
from pathlib import Path

from grading_kit import EXERCISE

from workstation_grader.course import Course

NOTEBOOK = f"{EXERCISE}.ipynb"
INVENTORY = "evidence/inventory.json"
SMALL = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'


def make_zip(path: Path, contents: dict[str, bytes], *, made: str | None = None) -> Path:
    """Write a zip, with a manifest that says when it was made."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
        if made is not None:
            archive.writestr("manifest.json", json.dumps({"created_at": made}))
    return path


def stamp(course: Course, student: str) -> str:
    """The time stamp of what was collected."""
    return (course.collected / student / EXERCISE / "timestamp.txt").read_text(encoding="ascii")
