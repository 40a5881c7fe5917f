"""Keep `log.jsonl`, the one file of planning: a line a week, and none is ever changed."""

from pathlib import Path

from workstation.errors import PlanningError
from workstation.line_files import MAX_READ_BYTES, append_line, read_end
from workstation.planning._log import LogFile, LogRow, parse_log, to_line

__all__ = ["LOG_FILE", "MAX_READ_BYTES", "append_row", "load_log"]

LOG_FILE = "log.jsonl"


def load_log(path: Path) -> LogFile:
    """Read a log; a file that is not there holds no weeks.

    Raises:
        PlanningError: something that is no plain file stands there, or it may not be read.
    """
    try:
        return parse_log(read_end(path))
    except FileNotFoundError:
        return LogFile(rows=())
    except OSError as error:
        raise _refusal("Reading", path, error.strerror) from None


def append_row(path: Path, row: LogRow) -> None:
    """Add a week at the end of a log, which is made where it is not there; a cut-off last line stays alone.

    Raises:
        PlanningError: the file or its folder cannot be written.
    """
    try:
        append_line(path, to_line(row))
    except OSError as error:
        raise _refusal("Writing", path, error.strerror) from None


def _refusal(doing: str, path: Path, reason: str | None) -> PlanningError:
    return PlanningError(
        f"{doing} {path.parent.name}/{path.name} failed: {reason or 'the system refuses'}. Nothing in it was changed. "
        "Look at it in the file browser, move it away if it is not the course's, and log the week again."
    )
