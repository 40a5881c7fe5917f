"""Carry each fact with its source or its reason, so that nothing enters an inventory unexplained."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from workstation.inventory.model import Confidence, Provenance, Unknown

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fact(Generic[T]):
    """A value and who told it, or no value and why."""

    value: T | None
    source: str = ""
    confidence: Confidence = "measured"
    why: str = ""
    how: str = ""


def measured(value: T, source: str) -> Fact[T]:
    """State a value that the system counted itself."""
    return Fact(value, source, "measured")


def reported(value: T, source: str) -> Fact[T]:
    """State a value that firmware, a driver or a configuration claims."""
    return Fact(value, source, "reported")


def inferred(value: T, source: str) -> Fact[T]:
    """State a value that follows from others by a rule."""
    return Fact(value, source, "inferred")


def missing(why: str, how: str) -> Fact[T]:
    """State that a value could not be had."""
    return Fact(None, why=why, how=how)


@dataclass(slots=True)
class Ledger:
    """Collects provenance and unknowns while an inventory is put together."""

    provenance: dict[str, Provenance] = field(default_factory=dict)
    unknowns: list[Unknown] = field(default_factory=list)

    def take(self, path: str, fact: Fact[T]) -> T | None:
        """Enter a fact under its dotted path and return its value, `None` where it is unknown."""
        if fact.value is None:
            self.unknowns.append(Unknown(what=path, why=fact.why, how_to_find_out=fact.how))
        else:
            self.provenance[path] = Provenance(source=fact.source, confidence=fact.confidence)
        return fact.value
