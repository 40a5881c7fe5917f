"""Look up what a working copy has on file: evidence that an answer can cite, and what the report tells of.

Everything is read as it is and nothing is measured. What cannot be read becomes a sentence, never an exception.
"""

import json
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from workstation.catalog import load_catalog
from workstation.catalog._planning import load_planning_words
from workstation.catalog._walk import EvidenceKind
from workstation.errors import DocumentError, WorkstationError
from workstation.inventory import Inventory, Platform, load_inventory, load_platform, sections
from workstation.materials import working_copy_of
from workstation.notebook.capture import EVIDENCE
from workstation.notebook.capture import FILE as INVENTORY_FILE
from workstation.notebook.inventory_card import AT_A_GLANCE
from workstation.notebook.recording_words import CUT_OFF, end_sentence
from workstation.notebook.worksheet import FILE as WORKSHEET_FILE
from workstation.notebook.worksheet_card import lines
from workstation.planning import LOG_FILE, LogFile, LogRow, load_log
from workstation.recording.model import SUFFIX, Recording

__all__ = [
    "DECISION_FILE",
    "PRICES_FILE",
    "Citable",
    "Kept",
    "OnFile",
    "citable",
    "of_kinds",
    "read_json",
    "read_store",
    "working_copy",
]

DECISION_FILE, PRICES_FILE = "decision.json", "prices.json"
MOST_RECORDINGS = 50
MOST_FIGURES = 4  # of a logged week, named when it is cited
MAX_JSON_BYTES = 1_000_000
NO_READER = "this release cannot read recordings yet"
TELLING = ("bottleneck", "watch")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One recording on file: what it says in a sentence, and its findings; `problem` where it could not be read."""

    name: str
    started_at: str | None = None
    label: str = ""
    ended: str = ""
    findings: tuple[Any, ...] = ()  # of `workstation.diagnosis`, bottlenecks first
    recording: Recording | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OnFile:
    """What there is; `problems` are sentences about files that are there and cannot be read."""

    inventory: Inventory | None
    worksheet: Platform | None
    recordings: tuple[Kept, ...]
    log: LogFile
    prices: dict[str, Any] | None
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Citable:
    """One piece of evidence that an answer can rest on."""

    kind: EvidenceKind
    reference: str
    says: str

    @property
    def title(self) -> str:
        """Name it in a list."""
        return f"{self.kind} {self.reference}"


def working_copy() -> Path:
    """Find the root of the working copy that the notebook is in."""
    return working_copy_of(Path.cwd())


def read_store(root: Path) -> OnFile:
    """Read the evidence of the working copy at *root*."""
    store, problems = root / EVIDENCE, list[str]()
    return OnFile(
        inventory=_load(load_inventory, store / INVENTORY_FILE, problems),
        worksheet=_load(load_platform, store / WORKSHEET_FILE, problems),
        recordings=tuple(_recordings(store)),
        log=_load(load_log, store / LOG_FILE, problems) or LogFile(rows=()),
        prices=_prices(store / PRICES_FILE, problems),
        problems=tuple(problems),
    )


def citable(found: OnFile) -> list[Citable]:
    """List everything that an answer can cite."""
    return [
        *(_of_recording(kept) for kept in found.recordings if kept.problem in {None, NO_READER}),
        *(
            _of_week(row)
            for row in reversed(found.log.rows)
            if any(value is not None for value in row.metrics.values())
        ),
        *_of_inventory(found.inventory),
        *_of_worksheet(found.worksheet),
        *_of_prices(found.prices),
    ]


def read_json(path: Path) -> dict[str, Any] | None:
    """Read a small JSON document of ours; `None` where there is no file.

    Raises:
        DocumentError: it is no plain file, too large, damaged, or no document.
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DocumentError(f"{EVIDENCE}/{path.name} cannot be read ({error.strerror}).") from None
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise DocumentError(f"{EVIDENCE}/{path.name} is no plain file.")
        raw = file.read(MAX_JSON_BYTES + 1)
    try:
        found = json.loads(raw.decode("utf-8-sig")) if len(raw) <= MAX_JSON_BYTES else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise DocumentError(f"{EVIDENCE}/{path.name} is damaged: it is no JSON document of this course.")
    return found


def _load(loader: Any, path: Path, problems: list[str]) -> Any:
    if not os.path.lexists(path):
        return None
    if path.is_symlink() or not path.is_file():
        problems.append(f"{EVIDENCE}/{path.name} is no plain file and was not read.")
        return None
    try:
        return loader(path)
    except WorkstationError as error:
        problems.append(str(error))
        return None


def _prices(path: Path, problems: list[str]) -> dict[str, Any] | None:
    found: dict[str, Any] | None = _load(read_json, path, problems)
    return found


def _recordings(store: Path) -> Iterator[Kept]:
    """Read the newest recordings, the newest first."""
    load = getattr(import_module("workstation.recording"), "load_recording", None)
    diagnose = getattr(import_module("workstation.diagnosis"), "diagnose", None)
    for path in _newest(store)[:MOST_RECORDINGS]:
        name = path.name.removesuffix(SUFFIX)
        if load is None:
            yield Kept(name=name, problem=NO_READER)
            continue
        try:
            recording: Recording = load(path)
            findings = tuple(diagnose(recording)) if diagnose is not None else ()
        except WorkstationError as error:
            yield Kept(name=name, problem=str(error))
            continue
        header = recording.header
        yield Kept(
            name=name,
            started_at=header.started_at,
            label=header.label,
            ended=_ended(recording),
            findings=findings,
            recording=recording,
        )


def _newest(store: Path) -> list[Path]:
    try:
        found = [path for path in store.glob(f"*{SUFFIX}") if path.is_file() and not path.is_symlink()]
        return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)
    except OSError:
        return []


def _ended(recording: Recording) -> str:
    end = recording.end
    if end is None:
        return CUT_OFF
    return end_sentence(end)


def _of_recording(kept: Kept) -> Citable:
    told = next((each.statement.replace("`", "") for each in kept.findings if each.verdict in TELLING), None)
    says = told or (f"{kept.label}: {kept.ended}" if kept.recording is not None else "")
    return Citable(kind="recording", reference=kept.name, says=says)


def _of_week(row: LogRow) -> Citable:
    """Name a week's figures, those that stand out first."""
    words, known = load_planning_words(), load_catalog().metrics
    told = [(metric, value) for metric, value in row.metrics.items() if value is not None]
    told.sort(key=lambda pair: -_weight(words.pains[pair[0]].calm, words.pains[pair[0]].hurts, pair[1]))
    says = "; ".join(f"{known[metric].name} {value:g} {known[metric].unit}" for metric, value in told[:MOST_FIGURES])
    return Citable(kind="log", reference=row.week, says=says)


def _weight(calm: float, hurts: float, value: float) -> float:
    return (value - calm) / (hurts - calm) if hurts != calm else 0.0


def _of_inventory(inv: Inventory | None) -> Iterator[Citable]:
    for title, rows in sections(inv) if inv is not None else ():
        for label, value, path in rows:
            if AT_A_GLANCE.fullmatch(path) or path == "memory.limit_bytes":
                yield Citable(kind="inventory", reference=path, says=f"{title}, {label.strip()}: {value}")


def _of_worksheet(sheet: Platform | None) -> Iterator[Citable]:
    for line in lines(sheet) if sheet is not None else ():
        if getattr(sheet, line.name) is not None:
            yield Citable(kind="worksheet", reference=line.name, says=f"{line.label}: {line.answer}")


def _of_prices(prices: dict[str, Any] | None) -> Iterator[Citable]:
    says, on = (prices or {}).get("explanation"), (prices or {}).get("saved_at")
    if isinstance(says, str) and isinstance(on, str) and _is_time(on):
        yield Citable(kind="prices", reference=f"buy-or-rent {on[:10]}", says=says[:2000])


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def of_kinds(items: Sequence[Citable], kinds: Sequence[str]) -> list[Citable]:
    """Keep the pieces of evidence of some kinds, in their order."""
    return [item for item in items if item.kind in kinds]
