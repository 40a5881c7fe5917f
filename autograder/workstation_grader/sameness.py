"""Name evidence that several learners handed in, for the run's report; `insight` shows the same with more around it.

The same bytes count, and the same whole recording behind two thinned ones. It is a remark, never a judgement: a machine
of the lab, or a sample for all, comes to the same.
"""

import hashlib
import json
from collections.abc import Mapping

from workstation_grader.insight.model import Entry
from workstation_grader.insight.shared import HANDED_OUT_FEWEST, HANDED_OUT_SHARE, shared_digests

__all__ = ["evidence_digests", "same_evidence"]

_HEADER_BYTES = 20_000  # the first line of a recording
_RECORDING = ".recording.jsonl"
_WHOLE = " (the whole recording)"
_SUM_CHARACTERS = len("sha256:") + 64


def evidence_digests(carried: Mapping[str, bytes]) -> dict[str, str]:
    """Give the digests of the evidence among a submission's files, by name; a thinned recording has two."""
    digests: dict[str, str] = {}
    for path, content in carried.items():
        folder, _, name = path.rpartition("/")
        if folder != "evidence" or not content.strip():
            continue
        digests[name] = f"sha256:{hashlib.sha256(content).hexdigest()}"
        whole = _thinned_from(content) if name.endswith(_RECORDING) else None
        if whole is not None:
            digests[name + _WHOLE] = whole
    return digests


def _thinned_from(content: bytes) -> str | None:
    try:
        header = json.loads(content[:_HEADER_BYTES].partition(b"\n")[0])
    except (ValueError, RecursionError):
        return None
    whole = header.get("thinned_from") if isinstance(header, dict) else None
    return whole if isinstance(whole, str) and len(whole) == _SUM_CHARACTERS and whole.startswith("sha256:") else None


def same_evidence(by_student: Mapping[str, Mapping[str, str]]) -> list[tuple[str, list[str]]]:
    """List (file, learners) for evidence that two or more learners handed in, unless so many that it was handed out."""
    entries = [Entry(student=student, digests=digests) for student, digests in by_student.items()]
    most = max(HANDED_OUT_FEWEST, HANDED_OUT_SHARE * len(entries))
    found: dict[tuple[str, ...], str] = {}
    for name, _, learners in shared_digests(entries):
        if len(learners) < most:
            found.setdefault((name.removesuffix(_WHOLE), *learners), name)
    return [(name, learners) for name, *learners in sorted(found)]
