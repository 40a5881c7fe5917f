"""Load what the platform worksheet asks and what each part asks of a machine: `worksheet.toml` and `upgrades.toml`.

Apart from the rest of the catalogue, since no card and no grade needs them: they are read on the first question about
a part.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

from workstation.catalog._rules import fold
from workstation.catalog._shape import Place, entries

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

ITEMS, UPGRADES = "worksheet.toml", "upgrades.toml"

# Facts that follow from items, with the items that they follow from; `workstation.inventory._upgrades` works them out.
SUMS: Mapping[str, tuple[str, ...]] = {
    "memory_changeable": ("memory_soldered", "memory_slots_total"),
    "memory_headroom_gib": ("memory_max_gib", "memory_installed_gib"),
    "gpu_power_plugs": ("psu_free_8pin", "psu_free_16pin"),
    "cooling_places": ("fan_mounts_free", "cooler_replaceable"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WorksheetItem:
    """One line of the worksheet."""

    id: str
    section: str
    label: str
    kind: Literal["count", "flag", "choice", "text"]
    choices: tuple[str, ...]
    lowest: int | None
    highest: int | None
    where_to_look: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UpgradeRule:
    """One thing that a part asks of the machine, with its sentences and why the numbers are what they are."""

    id: str
    fact: str
    weight: Literal["blocks", "advises"]
    enough: int | None
    too_little: int | None
    good: tuple[str, ...]
    bad: tuple[str, ...]
    met: str
    failed: str
    between: str | None
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrade:
    """A part that could lift a constraint."""

    id: str
    name: str
    constraint: str
    aliases: tuple[str, ...]
    rules: tuple[UpgradeRule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformRules:
    """The worksheet's lines and the parts, by id, in the order of the files."""

    items: Mapping[str, WorksheetItem]
    upgrades: Mapping[str, Upgrade]


@cache
def load_platform_rules() -> PlatformRules:
    """Load the rules that ship with the course.

    Raises:
        CatalogError: a file breaks a rule; the message names file, entry and field.
    """
    return load_platform_rules_from(files("workstation.catalog"))


def load_platform_rules_from(folder: "Traversable") -> PlatformRules:
    """Load the rules in *folder*: for authors and tests.

    Raises:
        CatalogError: a file breaks a rule; the message names file, entry and field.
    """
    items = entries(WorksheetItem, folder, ITEMS, "item")
    upgrades = entries(Upgrade, folder, UPGRADES, "upgrade")
    for file, entry, field, problem in (*_item_problems(items), *_upgrade_problems(upgrades, items)):
        raise Place(file=file, entry=entry).error(field, problem)
    return PlatformRules(items=items, upgrades=upgrades)


Problem = tuple[str, str, str, str]  # file, entry, field, what is wrong


def _item_problems(items: Mapping[str, WorksheetItem]) -> Iterator[Problem]:
    for item in items.values():
        if not item.id.isidentifier() or item.id in SUMS:
            yield ITEMS, item.id, "id", "must be a Python name, and none of the sums"
        if (item.kind == "count") != (item.lowest is not None and item.highest is not None):
            yield ITEMS, item.id, "lowest", "a count has a lowest and a highest value, nothing else has them"
        if (item.kind == "choice") != bool(item.choices):
            yield ITEMS, item.id, "choices", "a choice has choices, nothing else has them"


def _upgrade_problems(upgrades: Mapping[str, Upgrade], items: Mapping[str, WorksheetItem]) -> Iterator[Problem]:
    owners: dict[str, str] = {}
    for upgrade in upgrades.values():
        for word in map(fold, (upgrade.id, *upgrade.aliases)):
            if owners.setdefault(word, upgrade.id) != upgrade.id:
                yield UPGRADES, upgrade.id, "aliases", f"{word!r} already belongs to {owners[word]!r}"
        if not any(rule.weight == "blocks" for rule in upgrade.rules):
            yield UPGRADES, upgrade.id, "rules", "needs a rule that can decide"
        for rule in upgrade.rules:
            for field, problem in _rule_problems(rule, items):
                yield UPGRADES, f"{upgrade.id} > {rule.id}", field, problem


def _rule_problems(rule: UpgradeRule, items: Mapping[str, WorksheetItem]) -> Iterator[tuple[str, str]]:
    if rule.fact not in items and rule.fact not in SUMS:
        yield "fact", f"{rule.fact!r} is neither an item of the worksheet nor a sum"
    if (rule.enough is not None) == bool(rule.good and rule.bad):
        yield "enough", "a rule compares a number (enough) or words (good and bad), not both"
    if rule.enough is not None and rule.too_little is not None and rule.too_little >= rule.enough:
        yield "too_little", "must be less than enough"
    leaves_a_gap = rule.enough is not None and (rule.too_little is None or rule.enough - rule.too_little > 1)
    if leaves_a_gap != (rule.between is not None):
        yield "between", "says what to look up where a number is neither enough nor too little, and only there"
