"""Record the child of a demonstration, as `ws.watch` records a learner's own work."""

from pathlib import Path

from workstation.demos.model import Ending, Plan, Request
from workstation.errors import RecordingError
from workstation.recording._watch import Watch

_ERRORS = {"wall": "MemoryError"}  # how the work ended where that was an error; all else went as planned


def start_recording(request: Request, plan: Plan, pid: int) -> Watch | None:
    """Begin to record process *pid*, if that was asked for; a recorder that cannot start spoils no demonstration."""
    if request.record is None:
        return None
    watch = Watch(request.record, label=f"demonstration {plan.name}", folder=request.folder)
    try:
        return watch.start(pid=pid, parent_tells=True)
    except RecordingError:
        return None


def finish_recording(watch: Watch | None, ending: Ending) -> Path | None:
    """Write how it ended as the last line; give the file."""
    if watch is None:
        return None
    error = _ERRORS.get(ending.by)
    if error is None:
        watch.finish(how="exit")
    else:
        watch.finish(how="error", error=error)
    return watch.path if watch.path.is_file() else None
