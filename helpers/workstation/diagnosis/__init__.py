"""Tell from a recording which constraint held the work back: one testable sentence each.

findings = diagnose(recording)          # one finding of each kind, bottlenecks first
why_not(recording, "vram")              # why something is not named, in a sentence
"""

from workstation.diagnosis._diagnose import diagnose
from workstation.diagnosis._why_not import why_not
from workstation.diagnosis.model import Finding, Measured, Verdict

__all__ = ["Finding", "Measured", "Verdict", "diagnose", "why_not"]
