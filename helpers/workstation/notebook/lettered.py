"""Keep the letter that was chosen of a question's choices, so that it is still there after a reload, next week."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import ascii_lowercase

from workstation.answers.prediction_store import SELF_CHECKS_FILE, append, now
from workstation.answers.predictions import Asked, Log, Prediction
from workstation.notebook.predicting import store_path

__all__ = ["Lettered", "letters_path"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lettered:
    """A question whose choices are called a, b, c; `id` is the name under which the answer is kept."""

    id: str
    question: str
    texts: Sequence[str]
    correct: int

    @property
    def choices(self) -> Mapping[str, str]:
        """How each choice is shown, by its letter."""
        return {letter: f"{letter}. {text}" for letter, text in zip(ascii_lowercase, self.texts, strict=False)}

    @property
    def right(self) -> str:
        """The letter of the right choice."""
        return ascii_lowercase[self.correct]

    def read(self, choice: object) -> str:
        """Understand a letter, or a choice in its own words; a `PredictionError` says which there are."""
        return str(Asked(id=self.id, question=self.question, unit=None, choices=self.choices).read(choice))

    def kept(self, log: Log) -> str | None:
        """Give the letter that was chosen last; one that is no choice any more counts as none."""
        entry = log.latest.get(self.id)
        return str(entry.predicted) if entry is not None and entry.predicted in self.choices else None

    def keep(self, path: Path, letter: str) -> None:
        """Add the chosen letter to the file at *path*."""
        moment = now()
        kept = {"predicted": letter, "predicted_at": moment, "measured": self.right, "measured_at": moment}
        append(path, Prediction(id=self.id, question=self.question, unit=None, **kept))


def letters_path() -> Path:
    """Find the file of the working copy's evidence store in which letters are kept."""
    return store_path(SELF_CHECKS_FILE)
