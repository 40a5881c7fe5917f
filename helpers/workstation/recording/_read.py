"""Read recordings: in pieces, so that one of any size fits, and past whatever is wrong with a line."""

import gc
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from workstation.errors import RecordingError
from workstation.recording._columns import MAX_SAMPLES, Block, Samples, block_of, in_order
from workstation.recording._document import end_of, header_of, mark_of, parse_line, thinned_of
from workstation.recording.model import End, Header, Mark, Recording

PIECE_BYTES = 512 * 1024
MAX_LINE_BYTES = 1024 * 1024
MAX_PROBLEMS = 20
MAX_MARKS = 10_000
CUT_OFF = "The last line is cut off; what stands before it counts."


def load_recording(path: str | Path, *, most_samples: int = MAX_SAMPLES) -> Recording:
    """Load a recording; what cannot be read of it is told in `problems`, the rest counts.

    One with more than *most_samples* samples is thinned while it is read, keeping the worst value of each signal.

    Raises:
        RecordingError: there is no such file, or it is no recording; the message says what was found.
    """
    place = Path(path)
    try:
        with _opened(place) as stream, _no_collecting():
            reader = _Reader(_first_line(stream), most_samples)
            for piece in _pieces(stream, reader):
                reader.take(piece)
        return reader.recording()
    except RecordingError as error:
        raise RecordingError(f"Cannot read {place.name}: {error}") from None
    except OSError as error:
        raise RecordingError(
            f"Cannot read {place.name}: {error.strerror or 'the system refuses'}. "
            "Look for recordings in the course's evidence folder: their names end in .recording.jsonl."
        ) from None


class _Reader:
    """What has been read so far of one recording."""

    def __init__(self, first: bytes, most_samples: int) -> None:
        document = _header_document(first)
        self._header: Header = header_of(document)
        self._thinned = thinned_of(document)
        self._samples = Samples(most_samples)
        self._marks: list[Mark] = []
        self._jumps: list[float] = []
        self._end: End | None = None
        self._problems: list[str] = []
        self._more_problems = 0
        self._line, self._last_s, self._out_of_order = 1, 0.0, 0
        self._no_numbers: dict[str, int] = {}

    def take(self, piece: bytes) -> None:
        """Read some whole lines."""
        lines = piece.count(b"\n") + (not piece.endswith(b"\n"))
        documents = _together(piece, lines)
        if documents is None:
            documents = list(self._each(piece))
        self._sort(documents)
        self._line += lines

    def problem(self, sentence: str) -> None:
        """Note what is wrong; past the first few, only how many."""
        if len(self._problems) < MAX_PROBLEMS:
            self._problems.append(sentence)
        else:
            self._more_problems += 1

    def cut_off(self) -> None:
        """Note that the last line is not whole."""
        self.problem(CUT_OFF)

    def recording(self) -> Recording:
        """Return all that was read."""
        t_s, columns = self._samples.columns()
        return Recording(
            header=self._header,
            t_s=t_s,
            columns=columns,
            marks=tuple(self._marks),
            end=self._end,
            problems=(*self._problems, *self._summed_up()),
            thinned=self._samples.factor * self._thinned,
            clock_jumps=tuple(self._jumps),
        )

    def _each(self, piece: bytes) -> Iterator[Any]:
        for number, data in enumerate(piece.split(b"\n"), self._line + 1):
            if not data.strip():
                continue
            try:
                yield parse_line(data)
            except ValueError:
                self.problem(f"Line {number} cannot be read and was left out.")

    def _sort(self, documents: list[Any]) -> None:
        """Take each line for what it is: a sample, or something that happened between samples."""
        samples = []
        for document in documents:
            if isinstance(document, dict) and "t_s" in document and _EVENTS.isdisjoint(document):
                samples.append(document)
            else:
                self._event(document)
        if samples:
            self._add(block_of(samples))

    def _add(self, block: Block) -> None:
        for name, count in block.no_numbers.items():
            self._no_numbers[name] = self._no_numbers.get(name, 0) + count
        block, dropped = in_order(block, self._last_s)
        self._out_of_order += dropped
        if len(block.t_s):
            self._last_s = float(block.t_s[-1])
            self._samples.add(block)

    def _event(self, document: Any) -> None:
        if not isinstance(document, dict) or _EVENTS.isdisjoint(document):
            self.problem("A line is neither a sample nor anything else that a recording holds.")
            return
        try:
            self._happened(document)
        except RecordingError as error:
            self.problem(f"A line was left out: {error}")

    def _happened(self, document: dict[str, Any]) -> None:
        if "end" in document:
            self._end = end_of(document["end"])
        elif "mark" in document:
            self._marks += [mark_of(document)] if len(self._marks) < MAX_MARKS else []
        elif "clock_jump_s" in document:
            self._jumps += [mark_of(document | {"mark": ""}).t_s] if len(self._jumps) < MAX_MARKS else []
        else:
            self.problem(str(document["problem"])[:300])

    def _summed_up(self) -> Iterator[str]:
        for name, count in self._no_numbers.items():
            said = "value of {} cannot be used and was" if count == 1 else "values of {} cannot be used and were"
            yield f"{count} {said.format(name)} left out."
        if self._out_of_order:
            yield f"{self._out_of_order} samples have no time, or one out of order, and were left out."
        if self._more_problems:
            yield f"{self._more_problems} more lines could not be used."


_EVENTS = frozenset({"end", "mark", "clock_jump_s", "problem"})


def summed_digest(path: Path) -> str:
    """Return the digest of a file, as it stands in headers: ``sha256:...``."""
    import hashlib

    with path.open("rb") as stream:
        return f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}"


@contextmanager
def _no_collecting() -> Iterator[None]:
    """Keep the garbage collector from looking through every parsed line: a sixth of the time, and none is garbage."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise RecordingError("it is no file. Name one whose name ends in .recording.jsonl.")
        yield stream


def _first_line(stream: BinaryIO) -> bytes:
    first = stream.readline(MAX_LINE_BYTES)
    if not first.strip():
        raise RecordingError("it is empty. The recorder was stopped before it began, or the disk was full.")
    return first


def _header_document(first: bytes) -> Any:
    try:
        return parse_line(first.removeprefix(b"\xef\xbb\xbf"))
    except ValueError:
        raise RecordingError(
            "its first line is no line of a recording: it was cut off, or another program wrote it."
        ) from None


def _together(piece: bytes, lines: int) -> list[Any] | None:
    """Parse many lines as one list, far faster than each alone; `None` where one of them is not whole.

    Whatever orjson refuses is given to `parse_line`, line by line, whose word counts.
    """
    try:
        documents = orjson.loads(b"[" + piece.removesuffix(b"\n").replace(b"\n", b",") + b"]")
    except ValueError:
        return None
    return documents if isinstance(documents, list) and len(documents) == lines else None


def _pieces(stream: BinaryIO, reader: _Reader) -> Iterator[bytes]:
    """Yield whole lines, many at a time; a line too long to be one of ours is passed over."""
    rest, skipping = b"", False
    while data := stream.read(PIECE_BYTES):
        whole, newline, tail = data.rpartition(b"\n")
        if not newline:
            rest, skipping = (b"", True) if skipping or len(rest) + len(data) > MAX_LINE_BYTES else (rest + data, False)
            continue
        if skipping:
            whole, skipping = whole.partition(b"\n")[2], False
            reader.problem("A line is far too long and was left out.")
        if rest + whole:
            yield rest + whole + b"\n"
        rest = tail
    if skipping:
        reader.problem("The last line is far too long and was left out.")
    if rest.strip():
        yield from _last(rest, reader)


def _last(rest: bytes, reader: _Reader) -> Iterator[bytes]:
    try:
        parse_line(rest)
    except ValueError:
        reader.cut_off()
    else:
        yield rest
