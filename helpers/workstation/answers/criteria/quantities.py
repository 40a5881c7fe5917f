"""Read figures with their units out of a text: sizes in bytes, percentages, times, rates, temperatures, counts."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from workstation.answers.criteria.words import word_list
from workstation.units import GB, GIB, KB, KIB, MB, MIB, TB, TIB

__all__ = ["Share", "Size", "has_count", "has_figure", "sizes", "used_shares"]

_NUMBER = r"(?<![\w.,])(\d{1,3}(?:[ \u00a0'.,]\d{3})+(?![\d])|\d+)(?:[.,](\d+))?"
_SIZE = re.compile(
    _NUMBER + r"\s?(?:-\s?)?(?P<unit>[kmgt]i?b|[mgt]i|[gt]|bytes)\b(?!/s|it|bps|\s?/\s?s)", re.IGNORECASE
)
_UNITS = {
    "ki": KIB, "kb": KB, "kib": KIB, "mi": MIB, "mb": MB, "mib": MIB, "g": GIB, "gi": GIB, "gb": GB, "gib": GIB,
    "t": TIB, "ti": TIB, "tb": TB, "tib": TIB, "bytes": 1,
}  # fmt: skip
_LONG_UNITS = re.compile(r"\b(?:giga|gigs?\b|gigabytes?|gibibytes?|terabytes?|megabytes?|mebibytes?)\b", re.IGNORECASE)
_SPELLED = {"gi": "GB", "te": "TB", "me": "MB"}

_DIMENSIONLESS_SHARE = re.compile(r"\b(?:half|a third|two thirds|a quarter|three quarters) of\b", re.IGNORECASE)
_LOOK_BACK_CHARS = 40
_NUMERAL, _BYTES = r"\d+(?:[.,]\d+)?", r"[kmgt]i?b?"
_PART_OF = re.compile(
    rf"(?<![\w.,])(?P<part>{_NUMERAL})\s?(?P<unit>{_BYTES})?\b[^.;\n\d]{{0,30}}?(?:\bof\b|\bout of\b|\bfrom\b|/)"
    rf"[^.;\n\d]{{0,12}}?(?P<total>{_NUMERAL})\s?(?P<of>{_BYTES})\b",
    re.IGNORECASE,
)
_PERCENT = re.compile(rf"(?<![\w.,])({_NUMERAL})\s?(?:%|percent\b|per cent\b)", re.IGNORECASE)
_FREE_WORD = re.compile(r"\b(?:free|left|available|remain\w*|unused|spare)\b", re.IGNORECASE)
_FREE_NEXT = re.compile(rf"[^.;,\n\d]{{0,24}}?{_FREE_WORD.pattern}", re.IGNORECASE)
_FREE_LED = re.compile(
    r"\b(?:free|available|left)(?: space| memory| ram| disk)?\W{0,3}(?:is |are |was )?$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Size:
    """A size in bytes as written, and as it would be in the other system of units."""

    size_bytes: float
    other_bytes: float  # "16 GB" of RAM is 16 GiB on the module, "512 GiB" of disk is 512 GB on the box
    start: int
    end: int


def sizes(text: str) -> Iterator[Size]:
    """List the sizes in bytes that *text* holds, in order.

    >>> [round(size.size_bytes / 1e9, 1) for size in sizes("3,8 GB of 16 GB, 12 000 pieces")]
    [3.8, 16.0]
    """
    spelled = _LONG_UNITS.sub(lambda unit: _SPELLED[unit[0][:2].lower()].ljust(len(unit[0])), text)
    for match in _SIZE.finditer(spelled):
        unit = match["unit"].lower()
        if len(unit) == 1 and not match["unit"].isupper():
            continue  # "5 g of dust", "3 t"
        whole = re.sub(r"\D", "", match[1])
        number = float(f"{whole}.{match[2] or 0}")
        factor = _UNITS[unit]
        yield Size(number * factor, number * _other(unit, factor), match.start(), match.end())


@dataclass(frozen=True, slots=True)
class Share:
    """How much of something is used, as a fraction, and where the text says so."""

    used: float
    place: int


def used_shares(text: str) -> Iterator[Share]:
    """List the shares of a resource that *text* gives, as what is used of it.

    >>> [round(share.used, 2) for share in used_shares("80 GB free of 271 GB, RAM 14 of 16 GB, disk 12 % free")]
    [0.7, 0.88, 0.88]
    """
    found = [*_of_total(text), *_of_hundred(text)]
    return iter(sorted(found, key=lambda share: share.place))


def _of_total(text: str) -> Iterator[Share]:
    for match in _PART_OF.finditer(text):
        part, total = (float(match[name].replace(",", ".")) for name in ("part", "total"))
        same_unit = not match["unit"] or match["unit"][:1].lower() == match["of"][:1].lower()
        if same_unit and 0 <= part <= total and total > 0:
            free = _FREE_WORD.search(match[0]) or _is_free(text, match)
            yield Share(1 - part / total if free else part / total, match.start())


def _of_hundred(text: str) -> Iterator[Share]:
    for match in _PERCENT.finditer(text):
        percent = min(float(match[1].replace(",", ".")), 100.0)
        free = _is_free(text, match)
        yield Share((100 - percent if free else percent) / 100, match.start())


def _is_free(text: str, match: re.Match[str]) -> bool:
    before = text[max(0, match.start() - _LOOK_BACK_CHARS) : match.start()]
    return _FREE_NEXT.match(text, match.end()) is not None or _FREE_LED.search(before) is not None


def has_figure(text: str) -> bool:
    """Tell whether *text* holds a number with a unit that a measurement could have."""
    return next(sizes(text), None) is not None or _other_unit().search(text) is not None


def has_count(text: str) -> bool:
    """Tell whether *text* counts something: "3 of 3", "twice", "about 30 tabs"."""
    return _count().search(text) is not None or _DIMENSIONLESS_SHARE.search(text) is not None


@cache
def _other_unit() -> re.Pattern[str]:
    symbols, names = _any("unit_symbols"), _any("unit_names")
    return re.compile(rf"\d\s?(?:(?:{symbols})|(?:{names})\b)", re.IGNORECASE)


@cache
def _count() -> re.Pattern[str]:
    number, nouns = rf"(?:\d+|{_any('count_numbers')})", _any("count_nouns")
    return re.compile(
        rf"\b(?:{_any('count_adverbs')}|x\s?\d+|\d+\s?x)\b"
        rf"|\b{number} (?:out )?of (?:the )?{number}\b"
        r"|\b\d+(?:[.,]\d+)?\s*(?:/|of|out of|from|→|->|vs\.?)\s*(?:the\s+|all\s+)?\d+"
        rf"|\b{number}\s+(?:\w+\s+){{0,2}}?(?:{nouns})\b",
        re.IGNORECASE,
    )


def _any(name: str) -> str:
    return "|".join(map(re.escape, word_list(name)))


def _other(unit: str, factor: int) -> int:
    if unit in {"gb", "mb", "tb", "kb"}:
        return {"gb": GIB, "mb": MIB, "tb": TIB, "kb": KIB}[unit]
    return {GIB: GB, MIB: MB, TIB: TB, KIB: KB}.get(factor, factor)
