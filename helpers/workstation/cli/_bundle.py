"""Pack what the inventory read of this machine, without what is private, so that it can be a test elsewhere."""

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

from workstation.inventory import facts, read_from, surprises
from workstation.inventory._recorded import RecordedSource
from workstation.inventory._redact import redact
from workstation.inventory._toml import to_toml
from workstation.probing.private import own_names

__all__ = ["pack"]

README = """What `workstation doctor --bundle` read of one machine.

machine.toml    the files and the output of commands that the inventory is made from
about.toml      where the project folder was
expected.json   what the inventory made of it
doctor.json     what the doctor found

Host name, user name, home folder, hardware and network addresses, serial numbers and ids were replaced. Look through
machine.toml yourself before you give it to anybody. Unpacked into tests/machines/<name>/ it is a test as it is.
"""


def pack(recording: Mapping[str, Any], project: str, found: Mapping[str, Any]) -> bytes:
    """Return the bundle: *recording* as it was taken, *project* the folder it was taken for, *found* by the doctor."""
    clean = redact({**recording, "project": project, "doctor": dict(found)}, **own_names())
    place, doctor = clean.pop("project"), clean.pop("doctor")
    text = {
        "README.txt": README,
        "machine.toml": to_toml(clean),
        "about.toml": to_toml(
            {"constructed": False, "summary": "Somebody's machine.", "project": place, "private": []}
        ),
        "expected.json": json.dumps(_expected(clean, place), indent=2) + "\n",
        "doctor.json": json.dumps(doctor, indent=2) + "\n",
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in text.items():
            bundle.writestr(name, content)
    return packed.getvalue()


def _expected(clean: Mapping[str, Any], project: str) -> dict[str, Any]:
    """Say what the replay gives, so that the bundle tests what was packed and not what was read."""
    inv = read_from(RecordedSource(clean), project)
    told = {what: value for what, value in facts(inv).items() if what != "captured_at"}
    return {
        "facts": told,
        "unknown": sorted(each.what for each in inv.unknowns),
        "first_surprise": surprises(inv)[0].id,
    }
