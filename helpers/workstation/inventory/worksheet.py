"""The platform worksheet: what no program can read of a machine, filled in by a person (``workstation.platform/1``).

What it asks, and where to look for each answer, stands in the catalogue's `worksheet.toml`; unknown is `None`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from workstation.catalog._platform import WorksheetItem, load_platform_rules
from workstation.errors import DocumentError
from workstation.inventory.model import Provenance, Unknown

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = "workstation.platform/1"
MAX_TEXT = 1000
BY_HAND = Provenance(source="worksheet", confidence="reported")
Answer = int | bool | str

_YES = frozenset({"yes", "y", "true"})
_NO = frozenset({"no", "n", "false"})
_PARTS_OF = (("memory_installed_gib", "memory_max_gib"), ("memory_slots_free", "memory_slots_total"))
_BLANK = frozenset({"", "?", "-", "unknown", "none", "not known", "n/a"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """One machine's platform; each field is an item of the worksheet, and `provenance` says who filled it in."""

    filled_in_at: str  # ISO 8601, UTC
    chassis: Literal["laptop", "desktop", "server"] | None = None
    gpu_slots_free: int | None = None
    gpu_length_mm: int | None = None
    gpu_width_slots: int | None = None
    psu_watts: int | None = None
    psu_free_8pin: int | None = None
    psu_free_16pin: int | None = None
    psu_standard: bool | None = None
    memory_installed_gib: int | None = None
    memory_max_gib: int | None = None
    memory_slots_total: int | None = None
    memory_slots_free: int | None = None
    memory_soldered: bool | None = None
    m2_slots_free: int | None = None
    drive_bays_free: int | None = None
    fan_mounts_free: int | None = None
    cooler_replaceable: bool | None = None
    noise_allowed: bool | None = None
    parts_locked: bool | None = None
    other_limits: str | None = None
    provenance: Mapping[str, Provenance] = field(default_factory=dict)

    @property
    def unknowns(self) -> tuple[Unknown, ...]:
        """What is still to be filled in, and where to look for it; a remark is never missing."""
        items = load_platform_rules().items.values()
        return tuple(
            Unknown(what=item.id, why="not filled in yet", how_to_find_out=item.where_to_look)
            for item in items
            if item.kind != "text" and getattr(self, item.id) is None
        )

    def answers(self) -> dict[str, Answer]:
        """Return what is known, by item."""
        known = {each.name: getattr(self, each.name) for each in fields(self) if each.name not in _NOT_ITEMS}
        return {name: value for name, value in known.items() if value is not None}

    def save(self, path: "str | Path") -> "Path":
        """Write this worksheet as JSON; a reader never sees half a file."""
        from workstation.inventory._worksheet_document import save_platform

        return save_platform(self, path)


_NOT_ITEMS = frozenset({"filled_in_at", "provenance"})


def now() -> str:
    """Return the time in UTC to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def fill_in(platform: Platform, answers: Mapping[str, object]) -> Platform:
    """Put answers into a worksheet; `None`, "?" or "unknown" take one back.

    Raises:
        DocumentError: a name that the worksheet has not, an answer that is none, or two that contradict each other.
    """
    given = {name: read_answer(_item(name), answer) for name, answer in answers.items()}
    told = {name: who for name, who in platform.provenance.items() if name not in given}
    told |= {name: BY_HAND for name, answer in given.items() if answer is not None}
    filled = replace(platform, filled_in_at=now(), provenance=told, **given)  # type: ignore[arg-type]  # read by kind
    check_sense(filled)
    return filled


def check_sense(platform: Platform) -> None:
    """Refuse a worksheet whose parts are more than their whole.

    Raises:
        DocumentError: names both answers.
    """
    for part, whole in _PARTS_OF:
        less, more = getattr(platform, part), getattr(platform, whole)
        if less is not None and more is not None and less > more:
            raise DocumentError(f"{part} ({less}) is more than {whole} ({more}). Look again at one of them.")


def read_answer(item: WorksheetItem, answer: object) -> Answer | None:
    """Check one answer, as a value or as typed text: "650 W" is 650, "yes" is true, blank is unknown.

    Raises:
        DocumentError: it is no answer to that item.
    """
    if answer is None or (isinstance(answer, str) and answer.strip().lower() in _BLANK):
        return None
    value = _READERS[item.kind](item, answer)
    if value is None:
        raise DocumentError(f"{item.id}: expected {_expected(item)}, found {ascii(answer)[:60]}. {item.label}.")
    return value


def _item(name: str) -> WorksheetItem:
    items = load_platform_rules().items
    if name not in items:
        raise DocumentError(f"The worksheet has no item {ascii(name)[:60]}. It has: {', '.join(items)}.")
    return items[name]


def _count(item: WorksheetItem, answer: object) -> int | None:
    if isinstance(answer, str):
        typed = re.fullmatch(r"\s*(\d{1,6})\s*(?:[A-Za-z]{1,5}|\u2033)?\s*", answer, re.ASCII)
        answer = int(typed[1]) if typed else None
    if isinstance(answer, bool) or not isinstance(answer, int):
        return None
    return answer if (item.lowest or 0) <= answer <= (item.highest or 0) else None


def _flag(_item: WorksheetItem, answer: object) -> bool | None:
    if isinstance(answer, bool):
        return answer
    word = answer.strip().lower() if isinstance(answer, str) else ""
    return True if word in _YES else False if word in _NO else None


def _choice(item: WorksheetItem, answer: object) -> str | None:
    word = answer.strip().lower() if isinstance(answer, str) else ""
    return word if word in item.choices else None


def _text(_item: WorksheetItem, answer: object) -> str | None:
    if not isinstance(answer, str) or len(answer) > MAX_TEXT:
        return None
    whole = not any("\ud800" <= letter <= "\udfff" for letter in answer)  # halves of pairs cannot be written again
    return " ".join(answer.split()) if whole else None


_READERS = {"count": _count, "flag": _flag, "choice": _choice, "text": _text}


def _expected(item: WorksheetItem) -> str:
    if item.kind == "count":
        return f"a whole number from {item.lowest} to {item.highest}"
    if item.kind == "flag":
        return "yes or no"
    return f"one of {', '.join(item.choices)}" if item.choices else f"text of at most {MAX_TEXT} characters"
