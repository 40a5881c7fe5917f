"""Ask for a prediction before the answer is read, keep it, and hold it against the measurement.

Kept in the working copy's ``evidence/predictions.jsonl``, so that it is there after a reload, a new kernel, next week.
Under nbgrader nothing is asked and nothing is written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from workstation.answers.prediction_store import PREDICTIONS_FILE, append, load, now
from workstation.answers.predictions import Asked, Prediction, Value, as_value
from workstation.catalog import load_catalog
from workstation.materials import working_copy_of
from workstation.notebook.boundary import mode, sheltered
from workstation.notebook.capture import EVIDENCE
from workstation.notebook.prediction_card import bad_lines, comparison_card, measured_only_card, prediction_card
from workstation.notebook.theme import show

KEEP = "Keep my prediction"
KEPT = "Kept. Now read on."


@sheltered(otherwise=None)
def predict(
    name: str, question: str, *, unit: str | None = None, choices: Sequence[str] = (), value: object = None
) -> None:
    """Ask for a prediction with a small form, or keep *value* at once where no form can be shown.

    A prediction is a number in *unit*, or one of *choices*; a choice that is a constraint's id is shown by its name.
    Until `compare` has shown the answer, the newest prediction of a *name* counts.
    """
    if mode() != "work":
        return
    asked = Asked(id=name, question=question, unit=unit, choices=_labelled(choices))
    path = store_path(PREDICTIONS_FILE)
    if value is not None:
        keep(path, asked, value)
        _show_state(asked, path)
        return
    slot = uuid4().hex
    _show_form(asked, path, slot)
    _show_state(asked, path, slot)


@sheltered(otherwise=None)
def compare(name: str, measured: Value) -> None:
    """Hold what was *measured* against the prediction kept under *name*, and say how predictions turn out so far.

    A prediction that was made after this very answer was seen teaches nothing: the first one stays what counts.
    """
    measured = as_value(measured)
    path = store_path(PREDICTIONS_FILE)
    log = load(path)
    note = bad_lines(log, PREDICTIONS_FILE)
    kept = log.latest.get(name)
    if kept is None:
        found = measured_only_card(measured, _constraint_names(), note)
    else:
        entry = kept if kept.measured == measured else replace(kept, measured=measured, measured_at=now())
        log = log.with_entry(entry)
        found = comparison_card(log.counted[name], log, _constraint_names(), note)
        if entry is not kept and mode() == "work":
            append(path, entry)
    show(*found)


def store_path(file: str) -> Path:
    """Find a file of the working copy's evidence store."""
    return working_copy_of(Path.cwd()) / EVIDENCE / file


def keep(path: Path, asked: Asked, value: object) -> Prediction:
    """Understand an answer and add it to the file."""
    entry = Prediction(
        id=asked.id, question=asked.question, unit=asked.unit, predicted=asked.read(value), predicted_at=now()
    )
    append(path, entry)
    return entry


def _show_form(asked: Asked, path: Path, slot: str) -> None:
    from workstation.notebook.forms import choice_form, number_form  # widgets are slow to load, and only wanted here

    def save(answer: str) -> str:
        keep(path, asked, answer)
        _show_state(asked, path, slot, again=True)
        return KEPT

    kept = load(path).latest.get(asked.id)
    if asked.unit is None:
        chosen = str(kept.predicted) if kept is not None else None
        choice_form(asked.question, asked.choices, chosen, save).show()
    else:
        typed = f"{kept.predicted:g}" if kept is not None and not isinstance(kept.predicted, str) else ""
        number_form(asked.question, asked.unit, typed, button=KEEP, save=save).show()


def _show_state(asked: Asked, path: Path, slot: str | None = None, *, again: bool = False) -> None:
    log = load(path)
    kept = log.latest.get(asked.id)
    found = prediction_card(asked, kept, bad_lines(log, PREDICTIONS_FILE))
    show(*found, slot=slot, again=again)


def _labelled(choices: Sequence[str]) -> Mapping[str, str]:
    names = _constraint_names()
    return {str(choice): names.get(choice, str(choice)) for choice in choices}


def _constraint_names() -> Mapping[str, str]:
    return {entry.id: entry.name for entry in load_catalog().constraints.values()}
