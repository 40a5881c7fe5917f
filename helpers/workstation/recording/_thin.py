"""Make a recording small enough to be handed in: fewer samples, each with the worst of those it stands for."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from workstation.catalog._signals import load_signals
from workstation.errors import RecordingError
from workstation.recording._document import end_document, header_document, mark_document
from workstation.recording._read import load_recording, summed_digest
from workstation.recording._worst import thin_columns, thin_times
from workstation.recording._write import line
from workstation.recording.model import Recording

MAX_BYTES = 1_000_000
_ROUNDED_FROM = 100  # above it, a fraction of a unit tells nothing


def thin(source: str | Path, target: str | Path, *, max_bytes: int = MAX_BYTES) -> Path:
    """Write a copy of a recording of at most *max_bytes*, with the whole one's digest in its header.

    One that is small enough is copied as it is. Of a larger one, each sample that is left holds the worst value of
    every signal over the samples it stands for, so peaks stay.

    Raises:
        RecordingError: the recording cannot be read, or the copy cannot be written.
    """
    source, target = Path(source), Path(target)
    try:
        if source.is_file() and source.stat().st_size <= max_bytes:
            load_recording(source)  # refuses what is none
            return Path(shutil.copyfile(source, target))
        at_least = source.stat().st_size // max_bytes
        data = _smaller(thinned(load_recording(source), max(1, at_least)), summed_digest(source), max_bytes)
        beside = target.with_name(f".{target.name}.{os.getpid()}.tmp")
        try:
            beside.write_bytes(data)
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise RecordingError(
            f"Cannot write {target.name}: {error.strerror or 'the system refuses'}. "
            "Check that the folder exists, that you may write to it and that the disk has room."
        ) from None
    return target


def _smaller(recording: Recording, digest: str, max_bytes: int) -> bytes:
    recording = replace(recording, header=replace(recording.header, thinned_from=digest))
    data = b"".join(lines(recording))
    while len(data) > max_bytes and len(recording.t_s) > 1:
        recording = thinned(recording, max(2, -(-len(data) // max_bytes)))
        data = b"".join(lines(recording))
    if len(data) > max_bytes:
        recording = replace(recording, marks=recording.marks[:100])
        data = b"".join(lines(recording))
    return data


def thinned(recording: Recording, factor: int) -> Recording:
    """Return the recording with a *factor* fewer samples."""
    return replace(
        recording,
        t_s=thin_times(recording.t_s, factor),
        columns=thin_columns(recording.columns, factor),
        thinned=recording.thinned * factor,
    )


def lines(recording: Recording) -> Iterator[bytes]:
    """Yield the lines of a recording that is held in memory, in the order of their time."""
    yield line(header_document(recording.header, thinned=recording.thinned))
    events = [(mark.t_s, line(mark_document(mark))) for mark in recording.marks]
    events += [(moment, line({"t_s": moment, "clock_jump_s": 0})) for moment in recording.clock_jumps]
    events.sort(key=lambda event: -event[0])
    for t_s, document in _samples(recording):
        while events and events[-1][0] <= t_s:
            yield events.pop()[1]
        yield line(document)
    yield from (data for _, data in reversed(events))
    if recording.end is not None:
        yield line(end_document(recording.end))


def _samples(recording: Recording) -> Iterator[tuple[float, dict[str, object]]]:
    names = [name for name in load_signals() if name in recording.columns]
    gpus = sorted({int(name.split(".")[1]) for name in recording.columns if name.startswith("gpus.")})
    for row, t_s in enumerate(recording.t_s.tolist()):
        document: dict[str, object] = {"t_s": round(t_s, 3), **_row(recording, {name: name for name in names}, row)}
        if gpus:
            document["gpus"] = [_gpu(recording, number, row) for number in range(gpus[-1] + 1)]
        yield t_s, document


def _gpu(recording: Recording, number: int, row: int) -> dict[str, object]:
    head = f"gpus.{number}."
    return _row(recording, {name.removeprefix(head): name for name in recording.columns if name.startswith(head)}, row)


def _row(recording: Recording, names: dict[str, str], row: int) -> dict[str, object]:
    values = {key: float(recording.columns[name][row]) for key, name in names.items()}
    return {key: _short(value) for key, value in values.items() if not np.isnan(value)}


def _short(value: float) -> float:
    """Write no more digits than tell something."""
    return round(value) if abs(value) >= _ROUNDED_FROM or value == round(value) else round(value, 2)
