"""Pack an exercise for handing in: the notebook, its evidence and a manifest of hashes that names no person."""

import io
import json
import re
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workstation import __version__, ids
from workstation.answers.notebook import extract_answers, read_notebook
from workstation.answers.parse import is_blank, parse_fields
from workstation.catalog import AnswerForm, Catalog, Exercise, load_catalog
from workstation.cli._files import digest_of, free_name, sentences, utc_stamp
from workstation.cli._workspace import WorkingCopy
from workstation.errors import NotebookError, RecordingError, SubmissionError
from workstation.outputs import new_file, write_new
from workstation.units import MB

__all__ = ["SCHEMA", "Packed", "find", "pack", "require_id"]

SCHEMA = "workstation.manifest/1"
MAX_EVIDENCE_BYTES = 20 * MB
MAX_NOTEBOOK_BYTES = 100 * MB
MAX_RECORDING_BYTES = 1 * MB  # longer ones are packed thinned
MAX_DAMAGED_BYTES = 5 * MB  # one that cannot be read, and so not be thinned
RECORDING_SUFFIX = ".recording.jsonl"
EVIDENCE_SUFFIXES = (".csv", ".json", ".jsonl")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_ENTRY_TIME = (1980, 1, 1, 0, 0, 0)  # the manifest tells the time; entries alike make files alike
_READABLE = 0o644 << 16
_UNIX = 3
MAX_SHOWN_CHARACTERS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A submission: where its file is, what its manifest says, and what a learner should look at again."""

    path: Path
    manifest: Mapping[str, Any]
    warnings: tuple[str, ...]


def pack(copy: WorkingCopy, name: str, *, out: Path | None = None, claimed_id: str | None = None) -> Packed:
    """Pack the exercise *name* of the working copy *copy* into a zip file.

    Unfinished work is packed too, with a warning: what to hand in is the learner's decision.

    Raises:
        SubmissionError: the name or the id is none, or the notebook or the evidence is too large.
        MaterialsError: the exercise is not there, or cannot be read.
        OutputError: *out* exists already, or cannot be written.
    """
    folder = find(copy, name)
    if claimed_id is not None:
        require_id(claimed_id)
    notebook = _bounded(folder / f"{name}.ipynb", MAX_NOTEBOOK_BYTES)
    evidence, left_out = _evidence(folder / "evidence")
    catalog = load_catalog()
    contents = {f"{name}.ipynb": notebook, **{f"evidence/{file}": content for file, content in evidence.items()}}
    manifest = _manifest(name, contents, catalog, claimed_id)
    path = _target(copy, name if claimed_id is None else ids.named_for(claimed_id, name), out)
    write_new(path, _zipped({"manifest.json": json.dumps(manifest, indent=1).encode(), **contents}), option="--out")
    warnings = (*_unfinished(notebook, catalog.exercises.get(name)), *_missing(evidence), *left_out)
    return Packed(path=path, manifest=manifest, warnings=warnings)


def find(copy: WorkingCopy, name: str) -> Path:
    """Find the folder of the exercise *name*.

    Raises:
        SubmissionError: that is no name.
        MaterialsError: it is nowhere in this working copy.
    """
    if not _NAME.fullmatch(name):
        raise SubmissionError(f"{_shown(name)} is no name of an exercise. Names look like constraint-summary.")
    return copy.exercise_folder(name)


def require_id(text: str) -> None:
    """Refuse an id that collecting would not read from a file's name.

    Raises:
        SubmissionError: says which ids there are.
    """
    if not ids.is_student_id(text):
        raise SubmissionError(f"{_shown(text)} is no id: {ids.ID_SHAPE}. Your class knows yours.")


def _shown(text: str) -> str:
    left_out = len(text) - MAX_SHOWN_CHARACTERS
    return repr(text) if left_out <= 0 else f"{text[:MAX_SHOWN_CHARACTERS]!r} and {left_out} characters more"


def _evidence(folder: Path) -> tuple[dict[str, bytes], list[str]]:
    """Read the evidence files by name, and say what was left out; links are not followed."""
    contents: dict[str, bytes] = {}
    notes: list[str] = []
    room = MAX_EVIDENCE_BYTES
    with sentences(f"Reading {folder}"):
        paths = sorted(folder.iterdir()) if folder.is_dir() and not folder.is_symlink() else []
    for path in paths:
        if path.name.startswith("."):
            continue
        if path.is_symlink() or not path.is_file() or path.suffix.lower() not in EVIDENCE_SUFFIXES:
            kinds = ", ".join(EVIDENCE_SUFFIXES)
            notes.append(f"evidence/{path.name} was left out: evidence is plain files that end in {kinds}.")
            continue
        content, note = _packed(path, room)
        notes += [note] if note else []
        if content is not None:
            contents[path.name] = content
            room -= len(content)
    return contents, notes


def _packed(path: Path, room_bytes: int) -> tuple[bytes | None, str | None]:
    """Read one evidence file; of a long recording a thinned copy, which names the whole one by its digest."""
    with sentences(f"Reading {path}"):
        size_bytes = path.stat().st_size
    if not path.name.endswith(RECORDING_SUFFIX) or size_bytes <= MAX_RECORDING_BYTES:
        return _bounded(path, room_bytes), None
    try:
        return _thinned(path, room_bytes), None
    except RecordingError as problem:
        where = f"evidence/{path.name} could not be thinned and was"
        if size_bytes > min(MAX_DAMAGED_BYTES, room_bytes):
            return None, f"{where} left out, being too large to go in as it is. {problem}"
        return _bounded(path, room_bytes), f"{where} packed as it is. {problem}"


def _thinned(path: Path, room_bytes: int) -> bytes:
    from workstation.recording import thin  # late: numpy takes its time, and only long recordings need it

    with sentences(f"Thinning {path.name}"), tempfile.TemporaryDirectory(prefix="workstation-submit-") as folder:
        return _bounded(thin(path, Path(folder) / path.name, max_bytes=MAX_RECORDING_BYTES), room_bytes)


def _bounded(path: Path, room_bytes: int) -> bytes:
    """Read a file of at most *room_bytes*."""
    with sentences(f"Reading {path}"), path.open("rb") as file:
        content = file.read(room_bytes + 1)
    if len(content) > room_bytes:
        raise SubmissionError(
            f"{path.name} makes the submission too large: a notebook may have {MAX_NOTEBOOK_BYTES // MB} MB, its "
            f"evidence {MAX_EVIDENCE_BYTES // MB} MB. Clear the notebook's outputs, or move files that no answer cites."
        )
    return content


def _manifest(name: str, contents: Mapping[str, bytes], catalog: Catalog, claimed_id: str | None) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "exercise": name,
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "package_version": __version__,
        "catalog_version": catalog.version,
        "rubric_version": catalog.rubric_version,
        "claimed_id": claimed_id,
        "files": {path: {"sha256": digest_of(data), "size": len(data)} for path, data in sorted(contents.items())},
    }


def _target(copy: WorkingCopy, name: str, out: Path | None) -> Path:
    """Choose where the file goes: a new .zip file, or a name that is free in a folder."""
    if out is not None and out.suffix.lower() == ".zip":
        return new_file(out, option="--out")
    if out is None and not copy.is_ours:
        raise SubmissionError(
            f"{copy.root} is no working copy of the course, so nothing is written into it. Name yours with --dir, or "
            "say with --out where the file goes."
        )
    folder = copy.root / "submissions" if out is None else out
    return new_file(free_name(folder / f"{name}-{utc_stamp()}.zip"), option="--out")


def _zipped(contents: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            entry = zipfile.ZipInfo(name, date_time=_ENTRY_TIME)
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, _READABLE, _UNIX
            archive.writestr(entry, content)
    return buffer.getvalue()


def _unfinished(notebook: bytes, exercise: Exercise | None) -> Iterator[str]:
    """Say what is still blank in the notebook."""
    if exercise is None:
        return
    try:
        answers = extract_answers(read_notebook(notebook).cells, exercise).answers
    except NotebookError as problem:
        yield str(problem)
        return
    forms = [form for form in exercise.answers if form.has_text]
    blank = [form.title for form in forms if _is_unanswered(answers.get(form.id, ""), form, exercise)]
    if blank:
        yield f"{len(blank)} of {len(forms)} answers are still blank: {', '.join(blank)}. Is the notebook saved?"


def _is_unanswered(body: str, form: AnswerForm, exercise: Exercise) -> bool:
    return all(is_blank(value, exercise) for value in parse_fields(body, form).values())


def _missing(evidence: Mapping[str, bytes]) -> Iterator[str]:
    if "inventory.json" not in evidence:
        yield "there is no evidence/inventory.json. Run the cell of the exercise that captures it, then pack again."
