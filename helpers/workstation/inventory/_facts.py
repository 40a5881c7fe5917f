"""Carry each fact with its source or its reason, so that nothing enters an inventory unexplained."""

from typing import Generic, NamedTuple, TypeVar

from workstation.inventory.model import Confidence, Provenance, Unknown

T = TypeVar("T")


class Fact(NamedTuple, Generic[T]):
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


class Ledger:
    """Collects provenance and unknowns while an inventory is put together."""

    def __init__(self) -> None:
        self.provenance: dict[str, Provenance] = {}
        self.unknowns: list[Unknown] = []

    def take(self, path: str, fact: Fact[T]) -> T | None:
        """Enter a fact under its dotted path and return its value, `None` where it is unknown."""
        if fact.value is None:
            self.unknowns.append(Unknown(what=path, why=fact.why, how_to_find_out=fact.how))
        else:
            self.provenance[path] = Provenance(source=fact.source, confidence=fact.confidence)
        return fact.value
