"""Decide what the sizing explorer shows: one setting read from what was typed, what it takes, and how that changed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from workstation.errors import SizingError
from workstation.sizing import Estimate, Fit, Term, fits, kv_cache_bytes, shape, weight_bytes
from workstation.sizing._inputs import shown
from workstation.sizing._machine import InventoryLike, Room, room_of

THOUSAND_TOKENS = 1024  # "8k" of context is 8,192 tokens wherever models are described
MOST_TYPED = 40
_TOKENS = re.compile(r"(\d{1,12})\s*(k?)", re.IGNORECASE | re.ASCII)
_GAPS = re.compile(r"[\s,_'\u2019.](?=\d{3}(?:\D|$))")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What is to run: a model of the library or a parameter count, and how."""

    model: str
    quantization: str
    context_tokens: int
    sequences: int
    cache_type: str

    @property
    def call(self) -> str:
        """Write the same as a plain call, which gives the same answer."""
        return (
            f'ws.fits("{self.model}", on=ws.inventory(), quantization="{self.quantization}", '
            f'context_tokens={self.context_tokens}, sequences={self.sequences}, cache_type="{self.cache_type}")'
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Explored:
    """One setting against one machine: the verdict, three parts that add up, and where they could live."""

    setting: Setting
    fit: Fit
    parts: tuple[Term, ...]
    room: Room
    before: "Explored | None" = None

    @property
    def changes(self) -> tuple[str, ...]:
        """The names of the parts that the last change moved."""
        if self.before is None:
            return ()
        pairs = zip(self.parts, self.before.parts, strict=True)
        return tuple(now.name for now, then in pairs if now.likely_bytes != then.likely_bytes)


def explore(setting: Setting, on: InventoryLike, before: Explored | None = None) -> Explored:
    """Work out whether a setting fits a machine, and its parts: weights, KV cache, overhead.

    Raises:
        SizingError: a name, a word or a number that is none.
    """
    fit = fits(
        setting.model,
        on=on,
        quantization=setting.quantization,
        context_tokens=setting.context_tokens,
        sequences=setting.sequences,
        cache_type=setting.cache_type,
    )
    earlier = None if before is None else replace(before, before=None)
    return Explored(setting=setting, fit=fit, parts=_parts(setting, fit.needs), room=room_of(on), before=earlier)


def _parts(setting: Setting, needs: Estimate) -> tuple[Term, ...]:
    model = shape(setting.model)
    weights = weight_bytes(model, quantization=setting.quantization)
    cache = kv_cache_bytes(
        model, context_tokens=setting.context_tokens, sequences=setting.sequences, cache_type=setting.cache_type
    )
    return (
        _one("Weights", weights, "one number for each parameter, in the bits of the quantisation"),
        _one("KV cache", cache, "what is kept of every token, for each sequence"),
        Term(
            name="Overhead",
            low_bytes=needs.low_bytes - weights.low_bytes - cache.low_bytes,
            likely_bytes=needs.likely_bytes - weights.likely_bytes - cache.likely_bytes,
            high_bytes=needs.high_bytes - weights.high_bytes - cache.high_bytes,
            formula="the runtime itself and its working space: always a range",
        ),
    )


def _one(name: str, estimate: Estimate, formula: str) -> Term:
    return Term(
        name=name,
        low_bytes=estimate.low_bytes,
        likely_bytes=estimate.likely_bytes,
        high_bytes=estimate.high_bytes,
        formula=formula,
    )


def read_setting(typed: Mapping[str, str]) -> Setting:
    """Read what stands in the fields; names are looked up later, by what works them out.

    Raises:
        SizingError: a field is empty, or a number is none.
    """
    words = {name: " ".join(text.split()) for name, text in typed.items()}
    for name, text in words.items():
        if not text or len(text) > MOST_TYPED or '"' in text or "\\" in text:
            raise SizingError(f"{NAMES[name]} cannot be {shown(text)}. For example: {EXAMPLES[name]}.")
    return Setting(
        model=words["model"],
        quantization=words["quantization"],
        context_tokens=read_tokens(words["context_tokens"]),
        sequences=_number("sequences", words["sequences"]),
        cache_type=words["cache_type"],
    )


def read_tokens(text: str) -> int:
    """Read a context as people write it: 8192, 8,192 or 8k.

    Raises:
        SizingError: it is no number of tokens.
    """
    return _number("context_tokens", text.strip()[: MOST_TYPED + 1])


NAMES: Mapping[str, str] = {
    "model": "The model",
    "quantization": "The quantisation",
    "context_tokens": "The context",
    "sequences": "The number of sequences at once",
    "cache_type": "The type of the KV cache",
}
EXAMPLES: Mapping[str, str] = {
    "model": "llama-3.1-8b, or a number of parameters such as 7B",
    "quantization": "Q4_K_M",
    "context_tokens": "8192, or 32k for 32,768 tokens",
    "sequences": "1",
    "cache_type": "f16",
}


def _number(name: str, text: str) -> int:
    found = _TOKENS.fullmatch(_GAPS.sub("", text))
    if found is None or (found[2] and name != "context_tokens"):
        raise SizingError(f"{NAMES[name]} must be a whole number, found {shown(text)}. For example: {EXAMPLES[name]}.")
    return int(found[1]) * (THOUSAND_TOKENS if found[2] else 1)
