"""Archives beyond those of `test_hostile_zips`: what a learner's zip can hold, be called, or say about others."""

import io
import json
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from red_team.kit import HARM, Scene, own_machine


@dataclass(frozen=True, kw_only=True)
class Archive:
    """A zip that is handed in as *name*; collecting says *says* of it, in a line of its own."""

    name: str
    make: Callable[[Scene], bytes]
    says: str
    file: str = "mallory__x.zip"
    comes_in: bool = False


def packed(contents: dict[str, bytes], manifest: object = None) -> bytes:
    """A zip of some files."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
        if manifest is not None:
            archive.writestr("manifest.json", json.dumps(manifest))
    return held.getvalue()


def honest(scene: Scene, student: str, more: dict[str, bytes] | None = None, manifest: object = None) -> bytes:
    """What `workstation submit` packs, and *more*."""
    own = {
        f"{scene.exercise}.ipynb": json.dumps(scene.notebook()).encode(),
        "evidence/inventory.json": own_machine(student),
    }
    return packed(own | (more or {}), manifest)


def _special(scene: Scene, kind: int) -> bytes:
    """An entry that says of itself that it is a device, a FIFO or a link."""
    held = io.BytesIO(honest(scene, "mallory"))
    with zipfile.ZipFile(held, "a") as archive:
        entry = zipfile.ZipInfo("evidence/platform.json")
        entry.create_system, entry.external_attr = 3, (kind | 0o777) << 16
        archive.writestr(entry, b"/etc/passwd")
    return held.getvalue()


def _endless_list(scene: Scene) -> bytes:
    """A list of a hundred thousand files that all share one place, in an archive of a few megabytes."""
    content = honest(scene, "mallory")
    end = content.rindex(b"PK\x05\x06")
    size, start = struct.unpack("<II", content[end + 12 : end + 20])
    directory = content[start : start + size] * 50_000
    return content[:start] + directory + content[end : end + 12] + struct.pack("<IIH", len(directory), start, 0)


def _bomb(scene: Scene) -> bytes:
    return packed({f"{scene.exercise}.ipynb": b"0" * 110_000_000})


ARCHIVES = (
    Archive(name="nested zips", comes_in=True, says="it also holds", make=lambda scene: honest(
        scene, "mallory", {"inner.zip": packed({"deeper.zip": packed({"x": b"0" * 10**6})})})),
    Archive(name="paths out of the folder", comes_in=True, says="it also holds", make=lambda scene: honest(
        scene, "mallory", {"../../ada/x.ipynb": b"{}", "/etc/cron.d/x": b"", "C:\\Windows\\x.json": b"", "..\\..\\gradebook.db": b""})),  # noqa: E501 - one entry a line
    Archive(name="modules and startup files", comes_in=True, says="it also holds", make=lambda scene: honest(
        scene, "mallory", {"json.py": b"", "sitecustomize.py": b"", "own.pth": b"import os", "nbgrader_config.py": b""})),  # noqa: E501 - one entry a line
    Archive(name="a manifest in another's name", comes_in=True, says="the name counts", make=lambda scene: honest(
        scene, "mallory", manifest={"claimed_id": f"ada\n\x1b[2J{HARM}", "created_at": "2026-11-10T10:00:00+00:00"})),
    Archive(name="a manifest of a hundred thousand files", comes_in=True, says="not there any more", make=lambda scene: honest(  # noqa: E501 - one entry a line
        scene, "mallory", manifest={"files": {str(number): 1 for number in range(60_000)}})),
    Archive(name="a manifest that is a bomb", comes_in=True, says="", make=lambda scene: honest(
        scene, "mallory", {"manifest.json": b"[" * 900_000})),
    Archive(name="a zip bomb", says="over the limit of 100 MB", make=_bomb),
    Archive(name="an endless list of files", says="far too long", make=_endless_list),
    Archive(name="a linked entry", says="is a link", make=lambda scene: _special(scene, 0o120000)),
    Archive(name="a name that climbs", file="..__x.zip", says="is no id", make=lambda scene: honest(scene, "x")),
    Archive(name="a name like an option", file="-rf__x.zip", says="is no id", make=lambda scene: honest(scene, "x")),
    Archive(name="a name in other letters", file="\u0430da__x.zip", says="is no id", make=lambda scene: honest(scene, "x")),  # noqa: E501 - one entry a line
    Archive(name="a name that turns around", file="\u202eada__x.zip", says="is no id", make=lambda scene: honest(scene, "x")),  # noqa: E501 - one entry a line
    Archive(name="a name with a line break", file="a\nb__x.zip", says="is no id", make=lambda scene: honest(scene, "x")),  # noqa: E501 - one entry a line
    Archive(name="a name that Windows keeps", file="con__x.zip", says="is no id", make=lambda scene: honest(scene, "x")),  # noqa: E501 - one entry a line
    Archive(name="a formula for a name", file="=1+1__x.zip", says="is no id", make=lambda scene: honest(scene, "x")),
)  # fmt: skip


def hand_in(inbox: Path, scene: Scene, archive: Archive) -> None:
    """Put an archive among the downloads of three honest learners."""
    inbox.mkdir()
    for student in ("ada", "bob", "cy"):
        (inbox / f"{student}__x.zip").write_bytes(
            honest(scene, student, manifest={"created_at": "2026-11-10T10:00:00+00:00"})
        )
    (inbox / archive.file).write_bytes(archive.make(scene))
