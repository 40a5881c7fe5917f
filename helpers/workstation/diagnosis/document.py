"""Give findings as plain data, for programs that read them."""

from collections.abc import Sequence
from dataclasses import asdict

from workstation.catalog import load_catalog
from workstation.diagnosis.model import Finding
from workstation.recording.model import Recording

__all__ = ["SCHEMA", "to_document"]

SCHEMA = "workstation.diagnosis/1"


def to_document(recording: Recording, findings: Sequence[Finding]) -> dict[str, object]:
    """Return the findings on a recording as one JSON document; times are seconds since it began."""
    header = recording.header
    return {
        "schema": SCHEMA,
        "catalog_version": load_catalog().version,
        "name": header.name,
        "label": header.label,
        "started_at": header.started_at,
        "samples": int(recording.t_s.size),
        "thinned": recording.thinned,
        "problems": list(recording.problems),
        "findings": [asdict(finding) for finding in findings],
    }
