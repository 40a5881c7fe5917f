"""Keep predictions in a file that only ever grows: the one place that reads and writes them."""

from datetime import UTC, datetime
from pathlib import Path

from workstation.answers.predictions import Log, Prediction, parse_log, to_line
from workstation.errors import PredictionError
from workstation.line_files import MAX_READ_BYTES, append_line, read_end

__all__ = ["MAX_READ_BYTES", "PREDICTIONS_FILE", "SELF_CHECKS_FILE", "append", "load", "now"]

PREDICTIONS_FILE = "predictions.jsonl"
SELF_CHECKS_FILE = "self-checks.jsonl"  # the same fields; apart, so that they do not count as predictions


def load(path: Path) -> Log:
    """Read the predictions in a file; one that is not there holds none.

    Raises:
        PredictionError: something that is no plain file stands there, or it may not be read.
    """
    try:
        return parse_log(read_end(path))
    except FileNotFoundError:
        return Log(latest={})
    except OSError as error:
        raise _refusal("Reading", path, error.strerror) from None


def append(path: Path, entry: Prediction) -> None:
    """Add a prediction at the end of a file, which is made where it is not there.

    Raises:
        PredictionError: the file or its folder cannot be written.
    """
    try:
        append_line(path, to_line(entry))
    except OSError as error:
        raise _refusal("Writing", path, error.strerror) from None


def now() -> str:
    """Give the time in the form of our documents: ISO 8601, UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _refusal(doing: str, path: Path, reason: str | None) -> PredictionError:
    return PredictionError(
        f"{doing} {path.parent.name}/{path.name} failed: {reason or 'the system refuses'}. Nothing in it was changed. "
        "Look at it in the file browser, move it away if it is not the course's, and run the cell again."
    )
