"""Answer "why did my kernel die?" from the recordings that are there."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from workstation.errors import RecordingError
from workstation.recording._read import load_recording
from workstation.recording._store import store_of
from workstation.recording.model import SUFFIX, End, Recording
from workstation.units import format_memory

MOST_LOOKED_AT = 50
_FAULTS = frozenset({"error", "killed"})
_LAST_SECONDS = 5.0
GROWS_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Crash:
    """A recording whose work did not come to its end, and what it shows in a sentence."""

    path: Path
    recording: Recording
    sentence: str

    def __str__(self) -> str:
        return self.sentence


def last_crash(folder: str | Path | None = None) -> Crash:
    """Find the newest recording that was killed, failed or was cut off, and say what it shows.

    Looked for in *folder*, by default in the evidence folder of the working copy that you are in.

    Raises:
        RecordingError: no recording there ended badly.
    """
    place = Path(folder) if folder is not None else store_of(Path.cwd())
    for path in _newest(place):
        recording = _readable(path)
        if recording is not None and _is_crash(recording) and not _still_grows(path, recording):
            return Crash(path=path, recording=recording, sentence=sentence_of(recording))
    raise RecordingError(
        f"No recording in {place.name} ended badly. "
        "Run the cell again under `with ws.watch('name'):` and look here after the crash."
    )


def sentence_of(recording: Recording) -> str:
    """Say how a recording ended, and how memory stood by then.

    The kernel's out-of-memory killer is named only where the system's own evidence names it.
    """
    name, end = recording.header.name, recording.end
    seconds = end.t_s if end is not None else float(recording.t_s[-1]) if len(recording.t_s) else 0.0
    return f"{name!r}, after {_duration(seconds)}: {ended_in_words(end)}. {_memory(recording)}".strip()


def ended_in_words(end: End | None) -> str:
    """Say how a recording ended, as a clause; the kernel is blamed only where the system's own evidence names it."""
    if end is None:
        return (
            "the recording breaks off, so the recorder went down with the work: the machine was switched off or froze, "
            "or a whole container was killed"
        )
    how = {
        "exit": "the work came to its end",
        "error": f"the work ended with {end.error or f'exit code {end.exit_code}'}",
        "killed": f"the process was killed ({end.signal or 'signal unknown'})",
        "recorder-stopped": f"recording stopped early ({end.error})",
    }[end.how]
    if end.oom_killer and end.how == "killed":
        return f"{how} by the kernel, for want of memory: {end.evidence}"
    if end.oom_killer:
        return f"{how}, after the kernel had killed one of its processes for want of memory: {end.evidence}"
    if end.how == "killed" and end.oom_killer is False:
        return f"{how}, and not by the kernel's out-of-memory killer"
    return how


def _memory(recording: Recording) -> str:
    """Say how much memory the work held and how much was left, over the last seconds."""
    is_last = recording.t_s >= (recording.t_s[-1] - _LAST_SECONDS if len(recording.t_s) else 0.0)
    left = _extreme(recording, "ram_available_bytes", is_last, lowest=True)
    held = _extreme(recording, "process_resident_bytes", is_last, lowest=False)
    if left is None and held is None:
        return ""
    parts = [f"it held {format_memory(held)}"] if held is not None else []
    parts += [f"{format_memory(left)} of memory was left"] if left is not None else []
    return f"In its last seconds {' and '.join(parts)}."


def _extreme(recording: Recording, name: str, chosen: np.ndarray, *, lowest: bool) -> int | None:
    column = recording.columns.get(name)
    values = column[chosen] if column is not None else np.empty(0)
    values = values[~np.isnan(values)]
    return int(values.min() if lowest else values.max()) if len(values) else None


def _is_crash(recording: Recording) -> bool:
    return recording.end is None or recording.end.how in _FAULTS or bool(recording.end.oom_killer)


def _still_grows(path: Path, recording: Recording) -> bool:
    """Tell whether a recording without an end is being made at this moment."""
    return recording.end is None and time.time() - path.stat().st_mtime < GROWS_SECONDS


def _newest(folder: Path) -> Iterator[Path]:
    try:
        found = [(path.stat().st_mtime, path) for path in folder.glob(f"*{SUFFIX}")]
    except OSError:
        return
    yield from (path for _, path in sorted(found, reverse=True)[:MOST_LOOKED_AT])


def _readable(path: Path) -> Recording | None:
    try:
        return load_recording(path)
    except RecordingError:
        return None


def _duration(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 120 else f"{seconds / 60:.0f} minutes"  # noqa: PLR2004 - two minutes
