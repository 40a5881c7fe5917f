"""Load the bank of cases that the exercise symptom-mapping draws from: `cases.toml`.

Apart from the rest of the catalogue: it is read on the first draw, and by no card of another exercise.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

from workstation.catalog import Catalog, load_catalog
from workstation.catalog._recordings import load_example_recordings
from workstation.catalog._shape import Place, entries

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

__all__ = ["CASES", "FEWEST", "SymptomCase", "load_cases", "load_cases_from", "slots"]

CASES = "cases.toml"
FEWEST = 3  # alternatives in a slot


@dataclass(frozen=True, slots=True, kw_only=True)
class SymptomCase:
    """One case of the bank: what a learner reads, and what is right to find in it."""

    id: str
    slot: str
    kind: Literal["symptom", "look-alike", "recording"]
    symptom: str | None  # the row of the symptom table; None: no row, or nothing hurts
    difficulty: int  # 1 or 2
    accepts: tuple[str, ...]  # constraint ids; none: nothing is short
    near: tuple[str, ...]  # constraint ids that a person has to weigh
    fixes: tuple[str, ...]  # words of acts that count in this very case
    recording: str | None  # of `recordings.toml`: to plot and to read
    pair: str | None
    complaint: str | None  # the words that both cases of a pair begin with
    text: str
    why: str

    @property
    def is_quiet(self) -> bool:
        """Tell whether nothing is short: keep the machine and collect evidence."""
        return not self.accepts


@cache
def load_cases() -> Mapping[str, SymptomCase]:
    """Load the bank that ships with the course, by id, in the order of the file.

    Raises:
        CatalogError: the file breaks a rule; the message names entry and field.
    """
    return load_cases_from(files("workstation.catalog"))


def load_cases_from(folder: "Traversable", catalog: Catalog | None = None) -> Mapping[str, SymptomCase]:
    """Load the bank in *folder*: for authors and tests.

    Raises:
        CatalogError: the file breaks a rule; the message names entry and field.
    """
    cases = entries(SymptomCase, folder, CASES, "case")
    for entry, field, problem in (*_faults(cases, catalog or load_catalog()), *_slot_faults(cases)):
        raise Place(file=CASES, entry=entry).error(field, problem)
    return cases


def slots(cases: Mapping[str, SymptomCase]) -> Mapping[str, tuple[SymptomCase, ...]]:
    """Sort the bank by slot, in the order of the file."""
    names = dict.fromkeys(case.slot for case in cases.values())
    return {name: tuple(case for case in cases.values() if case.slot == name) for name in names}


Fault = tuple[str, str, str]  # entry, field, what is wrong


def _faults(cases: Mapping[str, SymptomCase], catalog: Catalog) -> Iterator[Fault]:
    recordings = load_example_recordings()
    for case in cases.values():
        for name in (*case.accepts, *case.near):
            if name not in catalog.constraints:
                yield case.id, "accepts", f"{name!r} is none of the constraints"
        if case.symptom is not None and case.symptom not in catalog.symptoms:
            yield case.id, "symptom", f"{case.symptom!r} is no row of the symptom table"
        if case.recording is not None and case.recording not in recordings:
            yield case.id, "recording", f"{case.recording!r} does not ship with the course"
        if (case.kind == "recording") != (case.recording is not None):
            yield case.id, "recording", "a case of the kind recording names one, and no other does"
        if (case.kind == "look-alike") != (case.pair is not None and case.complaint is not None):
            yield case.id, "pair", "a look-alike has a pair and a complaint, and no other has"
        if case.complaint is not None and not case.text.startswith(f'"{case.complaint}"'):
            yield case.id, "complaint", "the text begins with it, in quotation marks"


def _slot_faults(cases: Mapping[str, SymptomCase]) -> Iterator[Fault]:
    for name, inside in slots(cases).items():
        if len(inside) < FEWEST:
            yield inside[0].id, "slot", f"{name!r} has {len(inside)} cases; {FEWEST} is the least"
        for field in ("difficulty", "kind"):
            if len({getattr(case, field) for case in inside}) > 1:
                yield inside[0].id, field, f"all cases of {name!r} have the same, so that no draw is harder"
    for name in {case.pair for case in cases.values() if case.pair}:
        pair = [case for case in cases.values() if case.pair == name]
        told_apart = len(pair) == 2 and not set(pair[0].accepts) & set(pair[1].accepts)  # noqa: PLR2004 - a pair
        if not told_apart or pair[0].slot == pair[1].slot or pair[0].complaint != pair[1].complaint:
            yield pair[0].id, "pair", "two cases of two slots, one complaint, and no constraint in common"
