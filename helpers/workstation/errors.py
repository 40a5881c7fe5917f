"""Every error that this project raises on purpose.

The tree::

    WorkstationError              the base: catch this to catch all of ours
    ├── CatalogError              a catalogue file breaks its own rules
    ├── InventoryError            a machine could not be read at all
    ├── DocumentError             a JSON document of ours is missing, damaged or foreign
    │   └── SchemaVersionError    ... is of a version that this release does not know
    ├── RecordingError            a recording cannot be made or read
    ├── DrawError                 cases cannot be drawn, kept or shown
    ├── DemoError                 a demonstration cannot be asked for like that
    ├── NotebookError             a notebook cannot be read as one
    ├── UnknownExercise           no exercise has that name
    ├── UnknownAnswer             no answer has that id in that exercise
    ├── PredictionError           a prediction cannot be taken, kept or compared
    ├── UnknownLesson             no lesson of that name has a self-check
    ├── UnknownScenario           no scenario has that id
    ├── UnknownTable              no table of the catalogue has that name
    ├── SizingError               a size cannot be worked out from what was given
    ├── PlanningError             a plan, a log, a history or a comparison of costs cannot be used
    │   └── RuleError             ... as a text is no plan rule; knows at which characters
    ├── MaterialsError            lessons or exercises cannot be found or copied
    ├── OutputError               a file cannot be written where it was asked for
    ├── SubmissionError           a submission cannot be packed or unpacked
    └── CohortError               an instructor's command cannot go on

Libraries raise these; only the command line and the notebook layer catch them, and show the message alone.
A message says what was tried, what was found and what to do next.
"""

__all__ = [
    "CatalogError",
    "CohortError",
    "DemoError",
    "DocumentError",
    "DrawError",
    "InventoryError",
    "MaterialsError",
    "NotebookError",
    "OutputError",
    "PlanningError",
    "PredictionError",
    "RecordingError",
    "RuleError",
    "SchemaVersionError",
    "SizingError",
    "SubmissionError",
    "UnknownAnswer",
    "UnknownExercise",
    "UnknownLesson",
    "UnknownScenario",
    "UnknownTable",
    "WorkstationError",
]


class WorkstationError(Exception):
    """Base of everything that this project raises on purpose."""


class CatalogError(WorkstationError):
    """A catalogue file breaks its own rules; names the file, the entry and the field."""

    def __init__(self, file: str, entry: str, field: str, problem: str) -> None:
        self.file, self.entry, self.field, self.problem = file, entry, field, problem
        super().__init__(f"Catalogue file {file}, entry {entry!r}, field {field!r}: {problem}.")


class InventoryError(WorkstationError):
    """A machine could not be read at all."""


class DocumentError(WorkstationError):
    """A JSON document of ours is missing, damaged or of a foreign kind."""


class SchemaVersionError(DocumentError):
    """A document is of a schema version that this release does not know."""


class RecordingError(WorkstationError):
    """A recording cannot be made or read."""


class DrawError(WorkstationError):
    """Cases cannot be drawn, kept or shown."""


class DemoError(WorkstationError):
    """A demonstration cannot be asked for like that."""


class NotebookError(WorkstationError):
    """A notebook cannot be read as one."""


class UnknownExercise(WorkstationError):
    """No exercise has that name."""

    def __init__(self, name: str, *, known: list[str]) -> None:
        super().__init__(f"There is no exercise {name!r}. Known exercises: {', '.join(known)}.")


class UnknownAnswer(WorkstationError):
    """No answer has that id in that exercise."""

    def __init__(self, answer: str, *, known: list[str]) -> None:
        super().__init__(f"There is no answer {answer!r}. Known answers: {', '.join(known)}.")


class PredictionError(WorkstationError):
    """A prediction cannot be taken, kept or compared."""


class UnknownLesson(WorkstationError):
    """No lesson of that name has a self-check."""

    def __init__(self, name: str, *, known: list[str]) -> None:
        super().__init__(f"There is no self-check for a lesson {name!r}. Lessons with one: {', '.join(known)}.")


class UnknownScenario(WorkstationError):
    """No scenario has that id."""

    def __init__(self, name: str, *, known: list[str]) -> None:
        super().__init__(f"There is no scenario {name!r}. Scenarios, the nearest first: {', '.join(known)}.")


class UnknownTable(WorkstationError):
    """No table of the catalogue has that name."""

    def __init__(self, name: str, *, known: list[str]) -> None:
        super().__init__(f"There is no table {name!r}. Tables, the nearest first: {', '.join(known)}.")


class SizingError(WorkstationError):
    """A size cannot be worked out from what was given."""


class PlanningError(WorkstationError):
    """A plan, a log, a history or a comparison of costs cannot be used."""


class RuleError(PlanningError):
    """A text is no plan rule; *start* and *end* are the places of the characters that it stopped at."""

    def __init__(self, message: str, *, start: int, end: int) -> None:
        self.message, self.start, self.end = message, start, end
        super().__init__(message)


class MaterialsError(WorkstationError):
    """Lessons or exercises cannot be found or copied."""


class OutputError(WorkstationError):
    """A file cannot be written where it was asked for."""


class SubmissionError(WorkstationError):
    """A submission cannot be packed or unpacked."""


class CohortError(WorkstationError):
    """An instructor's command cannot go on."""
