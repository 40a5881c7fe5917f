"""Where the GPU has no memory of its own, memory and GPU memory are one thing, and so is what is said of them."""

from dataclasses import replace

from workstation.diagnosis._readings import Readings
from workstation.diagnosis._wording import work_of
from workstation.diagnosis.model import Finding

__all__ = ["with_shared_memory"]

_IN_USE_PERCENT = 20.0


def with_shared_memory(findings: list[Finding], readings: Readings) -> list[Finding]:
    """Let the finding on GPU memory follow that on memory, if the two are one and the GPU cannot tell by itself."""
    if not readings.recording.header.machine.unified_memory:
        return findings
    ram = next((finding for finding in findings if finding.kind == "ram"), None)
    return [_shared(each, ram, readings) if each.kind == "vram" and ram else each for each in findings]


def _shared(vram: Finding, ram: Finding, readings: Readings) -> Finding:
    told_itself = vram.rule is not None or (vram.verdict == "clear" and vram.evidence)
    if told_itself or ram.verdict == "undetermined":
        return vram
    work = work_of(readings.recording.header.label, readings.recording.header.name)
    shared = f"The GPU under {work} has no memory of its own and shares main memory"
    if ram.verdict == "clear" or _gpu_was_used(readings):
        statement = f"{shared}. {ram.statement}"
        return replace(ram, constraint=vram.constraint, kind=vram.kind, name=vram.name, statement=statement)
    reason = "main memory was short, and whether the GPU's part of it was the reason is not in the recording"
    return replace(vram, verdict="undetermined", statement=f"{shared}: {reason}.", missing=(reason,))


def _gpu_was_used(readings: Readings) -> bool:
    busiest = readings.get("gpu_busiest_percent")
    return busiest is not None and bool((busiest >= _IN_USE_PERCENT).mean() >= _IN_USE_PERCENT / 100)
