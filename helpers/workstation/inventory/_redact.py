"""Take out of a recording what is nobody's business, so that what is left still reads as the same machine.

The same thing is replaced by the same stand-in everywhere, in texts as in paths: a control group's folder must still be
found under the name that /proc/self/cgroup gives it.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from workstation.inventory._parse import parse_mountinfo
from workstation.probing.private import HOME, HOST, MIN_NAME, ORDINARY, USER, StandIns, without_numbers

HOSTNAME = "/proc/sys/kernel/hostname"
_OWN_RELEASE = frozenset({"release", "/proc/sys/kernel/osrelease", "/proc/version"})
_NETWORKED = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "ceph", "glusterfs", "lustre", "9p"})
_KEPT_MOUNTS = ("/", "/proc", "/sys", "/sysroot", "/System/Volumes/Data")
_NO_ADDRESSES = re.compile(r"^(/proc/version|/proc/sys/kernel/|/etc/os-release|/usr/lib/os-release|/proc/driver/)")


def redact(recording: Mapping[str, Any], *, host: str, users: Iterable[str], home: str) -> dict[str, Any]:
    """Return the recording without host name, user names, home folder, addresses, serial numbers and ids."""
    found = _mounts_trimmed(recording, home)
    hosts, users = {host, *_own(recording, "files", HOSTNAME)}, [*users, *_own_users(recording)]
    homes = _homes(home, users)
    names = _telling(hosts, users)
    ordinary = _words_of_paths(found, [path for path, _ in homes])
    stand_ins = StandIns()

    def clean(text: str, *, where: str = "") -> str:
        for path, stand_in in homes:
            text = re.sub(rf"{re.escape(path)}(?![\w-])", stand_in, text)
        own_release = where in _OWN_RELEASE
        for name, stand_in in names:
            if own_release or name.lower() not in ordinary:
                text = re.sub(rf"(?<![^\W_]){re.escape(name)}(?![^\W_])", stand_in, text, flags=re.IGNORECASE)
        return without_numbers(text, stand_ins, addresses=not (own_release or _NO_ADDRESSES.match(where)))

    return _without_own_name(_everywhere(found, clean))


def _homes(home: str, users: Iterable[str]) -> list[tuple[str, str]]:
    """List the home folders that may stand in a text, each with what replaces it."""
    places = (home, *(f"/home/{user}" for user in users if len(user) >= MIN_NAME))
    return [(path, HOME) for path in places if len(path.strip("/")) > MIN_NAME]


def _telling(hosts: Iterable[str], users: Iterable[str]) -> list[tuple[str, str]]:
    """List the names that say who somebody is, each with what replaces it; the longest first.

    A host is often called after its user.
    """
    names = [(part, HOST) for name in hosts for part in (name, name.partition(".")[0])]
    names += [(user, USER) for user in users]
    telling = [(name, stand_in) for name, stand_in in names if len(name) >= MIN_NAME and name.lower() not in ORDINARY]
    return sorted(telling, key=lambda pair: -len(pair[0]))


def _without_own_name(cleaned: dict[str, Any]) -> dict[str, Any]:
    """Replace what is a name for certain, however short or ordinary it looks."""
    if HOSTNAME in cleaned.get("files", {}):
        cleaned["files"][HOSTNAME] = f"{HOST}\n"
    for variable in {"USER", "LOGNAME", "HOSTNAME"} & set(cleaned.get("variables", {})):
        if cleaned["variables"][variable].lower() not in ORDINARY:
            cleaned["variables"][variable] = USER
    return cleaned


def _own(recording: Mapping[str, Any], table: str, key: str) -> list[str]:
    """Return what the recording itself holds there: a name, or nothing."""
    return [name] if (name := str(recording.get(table, {}).get(key, "")).strip()) else []


def _own_users(recording: Mapping[str, Any]) -> list[str]:
    return [name for variable in ("USER", "LOGNAME") for name in _own(recording, "variables", variable)]


def _everywhere(value: Any, clean: Callable[..., str], where: str = "") -> Any:
    if isinstance(value, str):
        return clean(value, where=where)
    if isinstance(value, Mapping):
        return {clean(key, where=key): _everywhere(item, clean, key) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_everywhere(item, clean, where) for item in value]
    return value


def _words_of_paths(recording: Mapping[str, Any], homes: list[str]) -> frozenset[str]:
    """Collect the words that the machine's own paths are made of: a user called "max" must not break memory.max."""
    tables = (recording.get(table, {}) for table in ("files", "links", "folders", "commands"))
    paths = [key for table in tables for key in table if not any(key.startswith(home) for home in homes)]
    return frozenset(word for path in paths for word in re.split(r"[^a-z0-9]+", path.lower()))


def _mounts_trimmed(recording: Mapping[str, Any], home: str) -> dict[str, Any]:
    """Keep the mounts that the inventory needs, and no server's name: the others tell of disks and friends."""
    path, files = "/proc/self/mountinfo", dict(recording.get("files", {}))
    if path not in files:
        return dict(recording)
    asked = [*recording.get("spaces", {}), home]
    kept = [line for line in files[path].splitlines(keepends=True) if _is_needed(line, asked)]
    files[path] = "".join(map(_without_server, kept))
    return {**recording, "files": files}


def _is_needed(line: str, asked: list[str]) -> bool:
    mounts = parse_mountinfo(line)
    if not mounts:
        return False
    point = mounts[0].point
    inside = any(place == point or place.startswith(point.rstrip("/") + "/") for place in asked)
    return inside or point in _KEPT_MOUNTS or point.startswith("/sys/fs/cgroup")


def _without_server(line: str) -> str:
    mount = parse_mountinfo(line)[0]
    if mount.filesystem not in _NETWORKED and not mount.filesystem.startswith("fuse."):
        return line
    left, dash, right = line.rstrip("\n").partition(" - ")
    return f"{left}{dash}{right.split(' ')[0]} server:/share rw\n"
