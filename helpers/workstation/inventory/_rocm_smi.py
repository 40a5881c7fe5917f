"""Read what AMD's ``rocm-smi --showmeminfo vram`` prints, as JSON or as text."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from workstation.inventory._parse import parse_count

ROCM_COMMAND = ("rocm-smi", "--showmeminfo", "vram", "--showbus", "--json")
MAX_CARDS = 64
_LINE = re.compile(r"^GPU\[(\d{1,3})\]\s*:\s*([^:]+?)\s*:\s*(.+?)\s*$", re.MULTILINE)
_TOTAL, _USED, _BUS = "VRAM Total Memory (B)", "VRAM Total Used Memory (B)", "PCI Bus"


@dataclass(frozen=True, slots=True, kw_only=True)
class RocmCard:
    """One card, in the tool's order."""

    bus_id: str | None  # "0000:03:00.0"
    total_bytes: int | None
    used_bytes: int | None


def parse_rocm(text: str) -> tuple[RocmCard, ...]:
    r"""Read either form; warnings around it are passed over.

    >>> parse_rocm("GPU[0]\t\t: VRAM Total Memory (B): 8573157376\n")[0].total_bytes
    8573157376
    """
    rows = _from_json(text) if "{" in text else _from_text(text)
    return tuple(
        RocmCard(
            bus_id=_bus_id(row),
            total_bytes=parse_count(row.get(_TOTAL)) or None,
            used_bytes=parse_count(row.get(_USED)),
        )
        for row in list(rows)[:MAX_CARDS]
        if _TOTAL in row
    )


def _from_json(text: str) -> Iterable[dict[str, str]]:
    try:
        document = json.loads(text[text.index("{") : text.rindex("}") + 1])
    except (ValueError, RecursionError):
        return ()
    cards = document.items() if isinstance(document, dict) else ()
    return [
        {str(key): str(value) for key, value in card.items()}
        for name, card in cards
        if str(name).startswith("card") and isinstance(card, dict)
    ]


def _from_text(text: str) -> Iterable[dict[str, str]]:
    cards: dict[str, dict[str, str]] = {}
    for number, key, value in _LINE.findall(text):
        cards.setdefault(number, {})[key] = value
    return cards.values()


def _bus_id(row: dict[str, str]) -> str | None:
    bus_id = row.get(_BUS, "").strip().lower()
    return bus_id[-12:] or None
