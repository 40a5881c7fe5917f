"""Answer in one sentence why a diagnosis does not name something, or that it does."""

import difflib
import re

from workstation.catalog import load_catalog
from workstation.catalog._diagnosis import DiagnosisRules, Kind, load_diagnosis_rules
from workstation.diagnosis._diagnose import diagnose
from workstation.diagnosis._wording import lower_first
from workstation.diagnosis.model import Finding
from workstation.recording.model import Recording

__all__ = ["why_not"]

_QUESTION_LIMIT = 200
_ANSWERS = {
    "bottleneck": "It is named",
    "watch": "It is not named, only watched",
    "undetermined": "It is not named, because it cannot be told",
    "clear": "It is not named",
}
_ORDER = {"bottleneck": 0, "watch": 1, "undetermined": 2, "clear": 3}


def why_not(recording: Recording, about: str, rules: DiagnosisRules | None = None) -> str:
    """Return one sentence on *about*: a kind of finding, a constraint, or one of their aliases ("gpu memory")."""
    judged_by = rules or load_diagnosis_rules()
    asked = re.sub(r"\s+", " ", str(about)[:_QUESTION_LIMIT]).strip(" ?.!\"'").casefold()
    kinds = _kinds(asked, judged_by)
    if not kinds:
        return _nothing_of_that_name(asked, judged_by)
    about_it = [each for each in diagnose(recording, judged_by) if each.kind in kinds]
    worst = min(about_it, key=lambda finding: _ORDER[finding.verdict]).verdict
    return _sentence([finding for finding in about_it if finding.verdict == worst])


def _sentence(findings: list[Finding]) -> str:
    clauses = [lower_first(each.statement).rstrip(".") for each in findings]
    return f"{_ANSWERS[findings[0].verdict]}: {'; and '.join(clauses)}."


def _kinds(asked: str, rules: DiagnosisRules) -> set[str]:
    named = {kind.id for kind in rules.kinds.values() if asked in _names(kind)}
    exact = {kind.id for kind in rules.kinds.values() if asked == kind.id and kind.constraint != kind.id}
    of_constraint = {kind.id for kind in rules.kinds.values() if asked == kind.constraint}
    return exact or of_constraint or named or _by_catalogue(asked, rules)


def _names(kind: Kind) -> set[str]:
    return {kind.id, kind.name.casefold(), *kind.aliases}


def _by_catalogue(asked: str, rules: DiagnosisRules) -> set[str]:
    for constraint in load_catalog().constraints.values():
        if asked in {constraint.id, constraint.name.casefold(), *constraint.aliases}:
            return {kind.id for kind in rules.kinds.values() if kind.constraint == constraint.id}
    return set()


def _nothing_of_that_name(asked: str, rules: DiagnosisRules) -> str:
    near = difflib.get_close_matches(asked, rules.kinds, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}" if near else f"ask about one of {', '.join(rules.kinds)}"
    shown = "".join(letter if letter.isprintable() else "?" for letter in asked[:40])
    return f"A recording tells nothing of {shown!r}: {hint}?"
