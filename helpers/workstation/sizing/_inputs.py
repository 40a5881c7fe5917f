"""Check what people type: counts, names of quantisations and of models, with the nearest names offered."""

import difflib
import re
import unicodedata
from collections.abc import Mapping
from typing import Any, TypeVar

from workstation.catalog._rules import fold
from workstation.catalog._sizing import CacheType, Quantization, load_sizing_facts
from workstation.errors import SizingError
from workstation.sizing.model import MOST_PARAMETERS

MOST_TOKENS = 100_000_000
MOST_COUNT = 10**12
_SHOWN = 60
_LISTED = 12
FEWEST_PARAMETERS = 100_000
_COUNT = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,9})?)\s*([kmbt]?)\s*", re.IGNORECASE | re.ASCII)
_FACTORS = {"": 1, "k": 10**3, "m": 10**6, "b": 10**9, "t": 10**12}
T = TypeVar("T")


def count(name: str, value: object, *, least: int = 1, most: int = MOST_COUNT) -> int:
    """Check a whole number between *least* and *most*.

    Raises:
        SizingError: it is none.
    """
    if isinstance(value, float) and value.is_integer() and abs(value) <= most:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise SizingError(f"{name} must be a whole number from {least:,} to {most:,}, found {shown(value)}.")
    return value


def parameters(text: object) -> int | None:
    """Read "7B", "1.5b", "350M" or "1e9" as a number of parameters; `None` where the text is no number.

    Raises:
        SizingError: it is a number, and no model's.
    """
    match = _COUNT.fullmatch(text[:200]) if isinstance(text, str) else None
    if match is None:
        return None
    found = float(match[1]) * _FACTORS[match[2].lower()]
    if not FEWEST_PARAMETERS <= found <= MOST_PARAMETERS:
        raise SizingError(f"{shown(text)} is no model's number of parameters. Write it as 350M, 1.5B or 70B.")
    return round(found)


def tokens(name: str, value: object) -> int:
    """Check a number of tokens."""
    return count(name, value, most=MOST_TOKENS)


def quantization(name: object) -> Quantization:
    """Find a quantisation by its name or another word for it.

    Raises:
        SizingError: none is called that; offers the nearest names.
    """
    found: Quantization = lookup("quantisation", name, load_sizing_facts().quantizations)
    return found


def cache_type(name: object) -> CacheType:
    """Find a type of the KV cache.

    Raises:
        SizingError: none is called that; offers the nearest names.
    """
    found: CacheType = lookup("KV cache type", name, load_sizing_facts().caches)
    return found


def lookup(kind: str, name: object, entries: Mapping[str, Any]) -> Any:
    """Find an entry by id or alias, however it is spelt.

    Raises:
        SizingError: there is none; offers the nearest names.
    """
    words = {key(word): entry for entry in entries.values() for word in (entry.id, *entry.aliases)}
    asked = key(name) if isinstance(name, str) else ""
    if asked in words:
        return words[asked]
    near = [words[word].id for word in difflib.get_close_matches(asked, words, n=4, cutoff=0.5)]
    offer = (
        ", ".join(dict.fromkeys(near))
        or f"{', '.join(list(entries)[:_LISTED])}{' and more' * (len(entries) > _LISTED)}"
    )
    question = "Did you mean" if near else "Some that there are:"
    raise SizingError(f"No {kind} is called {shown(name)}. {question} {offer}{'?' if near else '.'}")


def key(word: str) -> str:
    """Reduce a name to what its spellings share: "Q4-K-M" and "q4_k_m" are one.

    >>> key("Llama 3.1 8B"), key("Q4-K_M")
    ('llama.3.1.8b', 'q4.k.m')
    """
    plain = unicodedata.normalize("NFKC", word[:200])
    return ".".join(fold(plain).replace("_", " ").replace(".", " ").replace("/", " ").replace("+", " plus ").split())


def counted(number: int, word: str) -> str:
    """Write a number with its word: "1 sequence", "2 sequences"."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def one_of(name: str, value: object, options: tuple[str, ...]) -> str:
    """Check a word of a short list.

    Raises:
        SizingError: it is none of them; offers the nearest.
    """
    asked = value.strip().lower().replace("_", "-") if isinstance(value, str) else ""
    if asked in options:
        return asked
    near = difflib.get_close_matches(asked, options, n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise SizingError(f"{name} must be one of {', '.join(options)}, found {shown(value)}.{hint}")


def shown(value: object) -> str:
    """Show what was found, in ASCII and in one line."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**_SHOWN:
        return "a number of more than 60 digits"
    text = ascii(value)
    return f"{text[: _SHOWN - 3]}..." if len(text) > _SHOWN else text
