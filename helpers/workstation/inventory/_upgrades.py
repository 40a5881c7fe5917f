"""Decide whether a part fits a machine, from its worksheet and the catalogue's rules; pure, and never a guess."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from workstation.catalog import load_catalog
from workstation.catalog._platform import SUMS, PlatformRules, Upgrade, UpgradeRule, load_platform_rules
from workstation.catalog._rules import fold
from workstation.errors import DocumentError
from workstation.inventory.model import Inventory
from workstation.inventory.worksheet import Answer, Platform, fill_in

Verdict = Literal["fits", "does not fit", "cannot tell"]
MOST = 100_000
Outcome = Literal["met", "failed", "unknown", "advice"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One sentence of a verdict: the fact that it rests on, and where to look where that is missing."""

    fact: str
    outcome: Outcome
    sentence: str
    how_to_find_out: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpgradeCheck:
    """Whether a part fits, with every reason; the first that decides comes first."""

    part: str
    name: str
    verdict: Verdict
    reasons: tuple[Reason, ...]

    @property
    def sentence(self) -> str:
        """The verdict in one sentence."""
        opening = f"{self.name[:1].upper()}{self.name[1:]}"
        missing = sum(reason.outcome == "unknown" for reason in self.reasons)
        if self.verdict == "cannot tell":
            return f"{opening}: cannot tell yet, {missing} {'fact is' if missing == 1 else 'facts are'} missing."
        return f"{opening} {self.verdict} this machine, as far as the worksheet goes."


def check_upgrade(
    part: str, platform: Platform, inv: Inventory | None = None, needs: Mapping[str, object] | None = None
) -> UpgradeCheck:
    """Decide whether *part* fits.

    *part* is an id ("ram", "gpu", "nvme", "psu", "cooling") or another word for one. *needs* are what the part's data
    sheet asks for, by the worksheet's names: ``{"psu_watts": 750, "gpu_length_mm": 320}``. *inv* only says whether the
    machine that was read is a real one.

    Raises:
        DocumentError: no such part, or a need that the part's rules do not know.
    """
    rules = load_platform_rules()
    upgrade = find_upgrade(part, rules)
    asked = _with_needs(upgrade, needs or {})
    facts = platform.answers()
    facts |= {name: value for name, work_out in _SUMS.items() if (value := work_out(facts)) is not None}
    reasons = [_judge(rule, facts, rules, own=rule.fact in (needs or {})) for rule in asked]
    verdict = _verdict(asked, reasons)
    ordered = sorted(reasons, key=lambda reason: _ORDER.index(reason.outcome))
    return UpgradeCheck(part=upgrade.id, name=upgrade.name, verdict=verdict, reasons=(*ordered, *_about_reading(inv)))


def find_upgrade(part: object, rules: PlatformRules) -> Upgrade:
    """Find a part by its id, its name or another word for it or for the constraint that it lifts.

    Raises:
        DocumentError: no part is called that; lists those that there are.
    """
    wanted = fold(part) if isinstance(part, str) else ""
    constraints = load_catalog().constraints
    for upgrade in rules.upgrades.values():
        if wanted in map(fold, (upgrade.id, upgrade.name, *upgrade.aliases)):
            return upgrade
    for upgrade in rules.upgrades.values():
        if wanted in map(fold, (upgrade.constraint, *constraints[upgrade.constraint].aliases)):
            return upgrade
    raise DocumentError(f"There is no part {ascii(part)[:60]} to check. Parts: {', '.join(rules.upgrades)}.")


def _with_needs(upgrade: Upgrade, needs: Mapping[str, object]) -> tuple[UpgradeRule, ...]:
    """Put the part's own figures in the place of the usual ones: then there is nothing in between."""
    by_fact = {rule.fact: rule for rule in upgrade.rules if rule.enough is not None}
    for name in needs:
        if name not in by_fact:
            raise DocumentError(f"{upgrade.name} has no need {ascii(name)[:60]}. Needs: {', '.join(by_fact)}.")
    wanted = fill_in(
        Platform(filled_in_at=""), {name: need for name, need in needs.items() if name not in SUMS}
    ).answers()
    wanted |= {name: _whole(name, need) for name, need in needs.items() if name in SUMS}
    return tuple(
        replace(rule, enough=need, too_little=need - 1, between=None)
        if isinstance(need := wanted.get(rule.fact), int)
        else rule
        for rule in upgrade.rules
    )


def _whole(name: str, need: object) -> int:
    if isinstance(need, bool) or not isinstance(need, int) or not 0 <= need <= MOST:
        raise DocumentError(f"{name}: expected a whole number from 0 to {MOST}, found {ascii(need)[:60]}.")
    return need


def _judge(rule: UpgradeRule, facts: Mapping[str, Answer], rules: PlatformRules, *, own: bool) -> Reason:
    value = facts.get(rule.fact)
    if value is None:
        return _missing(rule, facts, rules)
    outcome = _compare(rule, value)
    asked = "asked for by this part" if own else "usual for such a part"
    words = {"value": _spoken(value), "enough": str(rule.enough), "asked": asked}
    text = {"met": rule.met, "failed": rule.failed, "unknown": f"{rule.between}."}[outcome].format_map(words)
    how = "read the part's data sheet" if outcome == "unknown" else ""
    return Reason(fact=rule.fact, outcome=_settled(rule, outcome), sentence=text, how_to_find_out=how)


def _settled(rule: UpgradeRule, outcome: Outcome) -> Outcome:
    return "advice" if rule.weight == "advises" else outcome


def _compare(rule: UpgradeRule, value: Answer) -> Literal["met", "failed", "unknown"]:
    if rule.enough is not None and isinstance(value, int):
        if value >= rule.enough:
            return "met"
        return "failed" if rule.too_little is not None and value <= rule.too_little else "unknown"
    return "met" if _spoken(value) in rule.good else "failed"


def _spoken(value: Answer) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _missing(rule: UpgradeRule, facts: Mapping[str, Answer], rules: PlatformRules) -> Reason:
    parts = [rules.items[name] for name in SUMS.get(rule.fact, (rule.fact,)) if name not in facts]
    labels = " and ".join(
        f"\N{LEFT DOUBLE QUOTATION MARK}{part.label}\N{RIGHT DOUBLE QUOTATION MARK}" for part in parts
    )
    return Reason(
        fact=rule.fact,
        outcome=_settled(rule, "unknown"),
        sentence=f"The worksheet does not say yet: {labels}.",
        how_to_find_out="; ".join(part.where_to_look for part in parts),
    )


_ORDER: tuple[Outcome, ...] = ("failed", "unknown", "met", "advice")


def _verdict(asked: tuple[UpgradeRule, ...], reasons: list[Reason]) -> Verdict:
    """One failure settles it, whatever else is unknown; advice settles nothing."""
    deciding = [reason.outcome for rule, reason in zip(asked, reasons, strict=True) if rule.weight == "blocks"]
    if "failed" in deciding:
        return "does not fit"
    return "cannot tell" if "unknown" in deciding else "fits"


def _about_reading(inv: Inventory | None) -> tuple[Reason, ...]:
    if inv is None or inv.system.virtualization in {"none", "unknown"}:
        return ()
    where = {"wsl2": "Linux inside Windows", "container": "a container", "vm": "a virtual machine"}
    sentence = f"The inventory was taken inside {where[inv.system.virtualization]}; parts go into the machine below it."
    return (Reason(fact="system.virtualization", outcome="advice", sentence=sentence),)


def _changeable(facts: Mapping[str, Answer]) -> bool | None:
    """Some laptops have soldered memory and a slot beside it."""
    slots, soldered = facts.get("memory_slots_total"), facts.get("memory_soldered")
    if isinstance(slots, int) and slots > 0:
        return True
    if soldered is None or (soldered is True and slots is None):
        return None
    return soldered is False


def _headroom(facts: Mapping[str, Answer]) -> int | None:
    highest, installed = facts.get("memory_max_gib"), facts.get("memory_installed_gib")
    if not isinstance(highest, int) or not isinstance(installed, int):
        return None
    return max(0, highest - installed)


def _plugs(facts: Mapping[str, Answer]) -> int | None:
    counts = [facts.get("psu_free_8pin"), facts.get("psu_free_16pin")]
    known = [count for count in counts if isinstance(count, int)]
    # One kind that is free will do; that none is free takes both.
    return sum(known) if sum(known) > 0 or len(known) == len(counts) else None


def _cooling_places(facts: Mapping[str, Answer]) -> int | None:
    mounts, cooler = facts.get("fan_mounts_free"), facts.get("cooler_replaceable")
    known = (mounts if isinstance(mounts, int) else 0) + (cooler is True)
    return known if known or (mounts is not None and cooler is not None) else None


_SUMS: dict[str, Callable[[Mapping[str, Answer]], Answer | None]] = {
    "memory_changeable": _changeable,
    "memory_headroom_gib": _headroom,
    "gpu_power_plugs": _plugs,
    "cooling_places": _cooling_places,
}
