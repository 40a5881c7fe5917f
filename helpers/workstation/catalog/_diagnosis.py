"""Load what a recording is judged by: `diagnosis.toml`.

Apart from the rest of the catalogue, since no card and no grade needs it. A rule's conditions name *measures*: a signal
of `signals.toml` (a GPU's with `gpu_` before its id) or one that the file derives from several.
"""

import re
import string
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, TypeVar

from workstation.catalog._shape import Place, build, build_list
from workstation.catalog._signals import load_signals

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

DIAGNOSIS = "diagnosis.toml"
GPU = "gpu_"
# What a sentence may name besides its measures; `workstation.diagnosis._wording` fills them in.
WORDS = frozenset({
    "work", "when", "seconds", "during", "gpu", "usable", "cores", "disk", "error", "end", "last", "threshold",
})  # fmt: skip

SPOKEN = ("watch", "clear", "undetermined")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Figures that hold for every rule; each has its reason beside it in the file."""

    shortest_seconds: float
    smoothing_seconds: float
    bridge_seconds: float
    fewest_samples: int
    missing_percent: float
    baseline_seconds: float
    trend_seconds: float
    load_percent: float
    last_seconds: float
    page_bytes: float
    scarce_percent: float
    scarce_stall_percent: float
    no_such_part: str  # in a header's why_not: there is no GPU, rather than one that cannot be asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A column that is worked out from signals; one of each alternative in `signals` is enough."""

    id: str
    name: str
    unit: Literal["percent", "GiB", "GB", "MiB/s", "MB/s", "1/s", "seconds", "flag"]
    scope: Literal["system", "gpu"]
    signals: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A measure on one side of a threshold; `if_known` lets it pass where nothing can tell."""

    measure: str
    at_least: float | None
    at_most: float | None
    if_known: bool | None
    because: str | None  # in `unless`: what explains the rule's finding away


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One way to find something: what must hold, for how long, and what is then said."""

    id: str
    finding: str
    verdict: Literal["bottleneck", "watch"]
    when: tuple[Condition, ...]  # all, at the same time; the first one's threshold is the rule's
    backed_by: tuple[Condition, ...] | None  # one of those known, in that time; else `unbacked` is said instead
    unbacked: str | None  # one of SPOKEN
    unbacked_says: str | None
    unless: tuple[Condition, ...] | None  # any one explains it away
    only_without: tuple[str, ...] | None  # signals that would tell it better: the rule rests where one is there
    swap_kinds: tuple[str, ...] | None
    disk_media: tuple[str, ...] | None
    seconds: float  # in all; less is not looked at
    share_percent: float | None  # of the recorded time; less (and no long stretch) is "watch"
    stretch_seconds: float | None  # one stretch that is enough whatever its share
    margin_percent: float | None  # how far beyond the threshold the middle value must lie; nearer is "watch"
    says: str
    would_change_it: str
    reason: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A last line that tells by itself: the words of an error, or the kernel's out-of-memory killer."""

    id: str
    finding: str
    verdict: Literal["bottleneck", "watch"]
    patterns: tuple[str, ...] | None
    but_not: tuple[str, ...] | None
    oom_killer: bool | None
    needs_gpu: bool | None  # true: only where there is a GPU; false: only where there is none
    shows: tuple[str, ...]  # measures of the last seconds
    says: str
    would_change_it: str
    reason: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """A phase of the work, told by its marks, by the shape of its memory, or by when the trouble began."""

    id: str
    marks: tuple[str, ...] | None
    shape: str | None  # "rising": no plateau before it; "grown": a plateau, then growth
    from_seconds: float | None
    within_seconds: float | None
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One finding of a diagnosis: what it is about, and what must be readable before it may be called clear."""

    id: str
    constraint: str
    name: str
    aliases: tuple[str, ...]
    tells: tuple[tuple[str, ...], ...]  # any of these sets of measures
    clear: str
    would_change_clear: str
    undetermined: str
    would_change_undetermined: str
    absent: str | None  # said where the machine has no such thing (no GPU, no swap)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiagnosisRules:
    """Everything in `diagnosis.toml`, by id, in the order of the file."""

    settings: Settings
    kinds: Mapping[str, Kind]
    measures: Mapping[str, Measure]
    rules: tuple[Rule, ...]
    endings: tuple[Ending, ...]
    timings: tuple[Timing, ...]

    def rules_of(self, finding: str) -> tuple[Rule, ...]:
        """Give the rules of one kind of finding."""
        return tuple(rule for rule in self.rules if rule.finding == finding)


@cache
def load_diagnosis_rules() -> DiagnosisRules:
    """Load the rules that ship with the course.

    Raises:
        CatalogError: the file breaks a rule; the message names file, entry and field.
    """
    return load_diagnosis_rules_from(files("workstation.catalog"))


def load_diagnosis_rules_from(folder: "Traversable") -> DiagnosisRules:
    """Load the rules in *folder*: for authors and tests.

    Raises:
        CatalogError: the file breaks a rule; the message names file, entry and field.
    """
    place = Place(file=DIAGNOSIS)
    try:
        document = tomllib.loads((folder / DIAGNOSIS).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise place.error("(none)", "the file is missing") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise place.error("(none)", f"is not TOML in UTF-8: {error}") from None
    rules = DiagnosisRules(
        settings=build(Settings, document.get("settings"), place),
        kinds=_by_id(build_list(Kind, document.get("finding", []), place)),
        measures=_by_id(build_list(Measure, document.get("measure", []), place)),
        rules=build_list(Rule, document.get("rule", []), place),
        endings=build_list(Ending, document.get("ending", []), place),
        timings=build_list(Timing, document.get("timing", []), place),
    )
    for entry, field, problem in _problems(rules):
        raise Place(file=DIAGNOSIS, entry=entry).error(field, problem)
    return rules


T = TypeVar("T", Kind, Measure)
Problem = tuple[str, str, str]  # entry, field, what is wrong


def _by_id(entries: tuple[T, ...]) -> Mapping[str, T]:
    return MappingProxyType({entry.id: entry for entry in entries})


def known_measures(rules: DiagnosisRules) -> frozenset[str]:
    """Name every measure that a condition may use: the signals, and what the file derives from them."""
    signals = load_signals().values()
    raw = {GPU + each.id if each.scope == "gpu" else each.id for each in signals}
    return frozenset({*raw, *rules.measures})


def _problems(rules: DiagnosisRules) -> Iterator[Problem]:
    known = known_measures(rules)
    seen: set[str] = set()
    entries: tuple[Rule | Ending, ...] = (*rules.rules, *rules.endings)
    for entry in entries:
        if entry.id in seen:
            yield entry.id, "id", "stands twice"
        seen.add(entry.id)
        if entry.finding not in rules.kinds:
            yield entry.id, "finding", f"{entry.finding!r} is none of {', '.join(rules.kinds)}"
    for rule in rules.rules:
        yield from ((rule.id, field, problem) for field, problem in _rule_problems(rule, known))
    for kind in rules.kinds.values():
        if not {name for names in kind.tells for name in names} <= known:
            yield kind.id, "tells", "names a measure that is not there"
    for ending in rules.endings:
        yield from ((ending.id, field, problem) for field, problem in _ending_problems(ending, known))


def _rule_problems(rule: Rule, known: frozenset[str]) -> Iterator[tuple[str, str]]:
    conditions = (*rule.when, *(rule.backed_by or ()), *(rule.unless or ()))
    for condition in conditions:
        if condition.measure not in known:
            yield "when", f"{condition.measure!r} is neither a signal nor a measure"
        if (condition.at_least is None) == (condition.at_most is None):
            yield "when", f"{condition.measure!r} needs either at_least or at_most"
    if not rule.when:
        yield "when", "needs a condition"
    if any(condition.because is None for condition in rule.unless or ()):
        yield "unless", "each says because of what the rule does not hold"
    if (rule.backed_by is None) != (rule.unbacked is None) or (rule.backed_by is None) != (rule.unbacked_says is None):
        yield "unbacked", "is said where nothing backs the rule, and only then"
    if rule.unbacked not in {None, *SPOKEN}:
        yield "unbacked", f"must be one of {', '.join(SPOKEN)}"
    for field in ("says", "unbacked_says", "would_change_it"):
        yield from _wording_problems(field, getattr(rule, field), known)


def _ending_problems(ending: Ending, known: frozenset[str]) -> Iterator[tuple[str, str]]:
    if (ending.patterns is None) == (ending.oom_killer is None):
        yield "patterns", "an ending is told by the words of an error or by the out-of-memory killer"
    for pattern in (*(ending.patterns or ()), *(ending.but_not or ())):
        try:
            re.compile(pattern)
        except re.error as error:
            yield "patterns", f"{pattern!r} is no regular expression: {error}"
    if not set(ending.shows) <= known:
        yield "shows", "names a measure that is not there"
    for field in ("says", "would_change_it"):
        yield from _wording_problems(field, getattr(ending, field), known)


def _wording_problems(field: str, text: str | None, known: frozenset[str]) -> Iterator[tuple[str, str]]:
    for _, name, _, _ in string.Formatter().parse(text or ""):
        if name is not None and name not in WORDS and name.removesuffix("_most").removesuffix("_least") not in known:
            yield field, f"{{{name}}} is neither a word that is filled in nor a measure"
