"""Gather what a learner kept, for pages that show it: answers, choices, predictions; only where it was asked for."""

from pathlib import Path

from workstation.answers.calibration import shown
from workstation.answers.prediction_store import PREDICTIONS_FILE, SELF_CHECKS_FILE, load
from workstation.catalog import load_catalog
from workstation.errors import DocumentError
from workstation.notebook.capture import EVIDENCE
from workstation.notebook.page_twins import Mine
from workstation.notebook.prediction_card import bad_lines
from workstation.notebook.saved_work import filled_fields, saved_work

__all__ = ["gather_mine"]


def gather_mine(root: Path) -> tuple[Mine, list[str]]:
    """Read what the working copy at *root* holds of the learner's own, with a sentence on what could not be read.

    Raises:
        DocumentError: there is no such folder.
        PredictionError: a file of predictions or self-checks is no plain file.
    """
    if not root.is_dir():
        raise DocumentError(f"There is no folder {root.name!r} to read from. Name your working copy with --dir.")
    names = {entry.id: entry.name for entry in load_catalog().constraints.values()}
    written: dict[str, str] = {}
    problems: list[str] = []
    for task in load_catalog().tasks.values():
        saved = saved_work(root, task)
        problems += filter(None, [saved.problem])
        forms = [form for form in task.answers if filled_fields(saved.answers.get(form.id, ""), form, task)]
        written |= {form.id: saved.answers[form.id] for form in forms}
    predicted, chosen = (load(root / EVIDENCE / file) for file in (PREDICTIONS_FILE, SELF_CHECKS_FILE))
    problems += filter(None, [bad_lines(predicted, PREDICTIONS_FILE), bad_lines(chosen, SELF_CHECKS_FILE)])
    mine = Mine(
        written=written,
        chosen={name: str(entry.predicted) for name, entry in chosen.latest.items()},
        predicted={name: shown(entry.predicted, entry.unit, names) for name, entry in predicted.latest.items()},
    )
    return mine, problems
