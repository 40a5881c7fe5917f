"""Keep recordings where they belong: in the working copy's ``evidence`` folder, the older ones under their time."""

import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from workstation.errors import RecordingError
from workstation.materials import working_copy_of
from workstation.probing.private import without_names
from workstation.recording.model import SUFFIX

EVIDENCE = "evidence"
INVENTORY = "inventory.json"
MAX_NAME, MAX_LABEL = 80, 300
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def place_of(name: str, folder: Path | None = None) -> Path:
    """Return where the recording *name* is kept for somebody who works in *folder*, by default here.

    Raises:
        RecordingError: the name cannot be a file's.
    """
    if len(name) > MAX_NAME or not _PLAIN_NAME.fullmatch(name):
        raise RecordingError(
            f"A recording cannot be called {name[:MAX_NAME]!r}. "
            "Use letters, digits, dots, dashes and underscores, such as rag-index."
        )
    return store_of(folder or Path.cwd()) / f"{name.removesuffix(SUFFIX)}{SUFFIX}"


def store_of(folder: Path) -> Path:
    """Return the evidence folder of the working copy that *folder* is in, else the one in *folder* itself."""
    return working_copy_of(folder) / EVIDENCE


def make_room(path: Path) -> Path | None:
    """Make the folder for a new recording, and keep an older one of its name under the time at which it ended.

    Raises:
        RecordingError: the folder cannot be written to.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            return None
        ended = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        kept = path.with_name(f"{path.name.removesuffix(SUFFIX)}-{ended:%Y%m%dT%H%M%SZ}{SUFFIX}")
        number = 2
        while kept.exists():
            kept = path.with_name(f"{path.name.removesuffix(SUFFIX)}-{ended:%Y%m%dT%H%M%SZ}-{number}{SUFFIX}")
            number += 1
        return path.rename(kept)
    except OSError as error:
        raise RecordingError(
            f"Cannot keep a recording in {path.parent.name}: {error.strerror or 'the system refuses'}. "
            "Check that you may write to the course folder and that the disk has room."
        ) from None


def clean_label(text: str) -> str:
    """Return a command or a cell as one line that names nobody: no user, no host, no home folder."""
    line = " ".join(text.split())[:MAX_LABEL]
    return without_names(line, host=_host(), users=_users(), home=str(Path.home()))


def digest_of_inventory(store: Path) -> str | None:
    """Return the digest of the inventory that lies beside the recordings, where there is one."""
    import hashlib  # late: few need it

    try:
        return f"sha256:{hashlib.sha256((store / INVENTORY).read_bytes()).hexdigest()}"
    except OSError:
        return None


def machine_document(inventory: Mapping[str, object] | None) -> dict[str, object]:
    """Return what a recording keeps of an inventory's document (``inventory.json``); absent facts are `None`."""
    told = inventory or {}
    system, memory, cpu = (_part(told, name) for name in ("system", "memory", "cpu"))
    project, gpus = _part(_part(told, "storage"), "project"), told.get("gpus")
    listed = [gpu for gpu in gpus if isinstance(gpu, Mapping)] if isinstance(gpus, list) else []
    mhz = cpu.get("max_mhz")
    return {
        "os": system.get("os"),
        "virtualization": system.get("virtualization", "unknown"),
        "ram_usable_bytes": memory.get("usable_bytes"),
        "ram_limit_bytes": memory.get("limit_bytes"),
        "swap_total_bytes": memory.get("swap_total_bytes"),
        "swap_kind": memory.get("swap_kind", "unknown"),
        "logical_cores": cpu.get("logical_cores"),
        "cpu_max_hz": mhz * 1_000_000 if isinstance(mhz, int | float) else None,
        "disk_total_bytes": project.get("total_bytes"),
        "disk_medium": project.get("medium", "unknown"),
        "link_mbps": _part(told, "network").get("link_mbps"),
        "gpus": [str(gpu.get("name") or f"{gpu.get('vendor', 'other')} GPU") for gpu in listed],
        "unified_memory": _unified(listed),
    }


def _part(holder: Mapping[str, object], name: str) -> Mapping[str, object]:
    part = holder.get(name)
    return part if isinstance(part, Mapping) else {}


def _unified(gpus: list[Mapping[str, object]]) -> bool | None:
    """Tell whether any GPU shares main memory; `None` where one does not say and none is known to."""
    told = [gpu.get("unified_memory") for gpu in gpus]
    return True if True in told else None if None in told else False


def _host() -> str:
    import platform  # late, as above

    return platform.node()


def _users() -> set[str]:
    names = {os.environ.get(variable, "") for variable in ("USER", "LOGNAME", "USERNAME")} | {Path.home().name}
    return {name for name in names if name}
