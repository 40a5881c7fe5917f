"""Diagnose a recording: every kind of finding, what matters first."""

from workstation.catalog._diagnosis import DiagnosisRules, load_diagnosis_rules
from workstation.diagnosis._findings import find
from workstation.diagnosis._readings import Readings
from workstation.diagnosis._unified import with_shared_memory
from workstation.diagnosis.model import Finding
from workstation.recording.model import Recording

__all__ = ["diagnose"]

_ORDER = {"bottleneck": 0, "watch": 1, "undetermined": 2, "clear": 3}


def diagnose(recording: Recording, rules: DiagnosisRules | None = None) -> list[Finding]:
    """Say of each resource whether it held the recorded work back: one finding of each kind, bottlenecks first.

    Pure: a recording and the catalogue's rules go in. Among findings of the same verdict the order of the catalogue
    stays, which puts causes before their consequences.
    """
    judged_by = rules or load_diagnosis_rules()
    readings = Readings(recording=recording, rules=judged_by)
    findings = with_shared_memory([find(kind, readings) for kind in judged_by.kinds.values()], readings)
    return sorted(findings, key=lambda finding: _ORDER[finding.verdict])
