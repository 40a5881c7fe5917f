"""Take out of a recording what is nobody's business, so that what is left still reads as the same machine.

The same thing is replaced by the same stand-in everywhere, in texts as in paths: a control group's folder must still be
found under the name that /proc/self/cgroup gives it.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from workstation.inventory._parse import parse_mountinfo

HOST, USER, HOME = "example-host", "learner", "/home/learner"
HOSTNAME = "/proc/sys/kernel/hostname"
_OWN_RELEASE = frozenset({"release", "/proc/sys/kernel/osrelease", "/proc/version"})
MIN_NAME = 3  # shorter names would hit ordinary words
_ORDINARY = frozenset({"root", "user", "localhost", "localdomain"})  # say nothing of anybody
_NETWORKED = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "ceph", "glusterfs", "lustre", "9p"})
_KEPT_MOUNTS = ("/", "/proc", "/sys", "/sysroot", "/System/Volumes/Data")
_NO_ADDRESSES = re.compile(r"^(/proc/version|/proc/sys/kernel/|/etc/os-release|/usr/lib/os-release|/proc/driver/)")
_UUID = re.compile(r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b")
_LONG_ID = re.compile(r"(?<![0-9a-fA-F])[0-9a-f]{32,64}(?![0-9a-fA-F])")
_MAC = re.compile(r"\b(?:[0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}\b")
_NAMED_BY_MAC = re.compile(r"\b((?:en|wl|ww)x)([0-9a-f]{12})\b")  # interfaces that bear their hardware address
_IPV4 = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
_IPV6 = re.compile(r"\b(?:fe80|f[cd][0-9a-f]{2}|2[0-9a-f]{3}):(?:[0-9a-f]{0,4}:){1,6}[0-9a-f]{0,4}")
_MAIL = re.compile(r"[\w.+-]+@[A-Za-z][\w.-]*")
_SERIAL = re.compile(r'(?i)("?[\w ]*(?:serial|udid|asset)[\w ()]*"?\s*[:=]\s*"?)([^"\s,;}]+)')


@dataclass(slots=True)
class _StandIns:
    """Numbered stand-ins: one for each different thing that was found."""

    seen: dict[str, str] = field(default_factory=dict)

    def of(self, found: str, template: str) -> str:
        """Return the stand-in for *found*; *template* is formatted with its number."""
        return self.seen.setdefault(found.lower(), template.format(len(self.seen) + 1))


def redact(recording: Mapping[str, Any], *, host: str, users: Iterable[str], home: str) -> dict[str, Any]:
    """Return the recording without host name, user names, home folder, addresses, serial numbers and ids."""
    found = _mounts_trimmed(recording, home)
    hosts, users = {host, *_own(recording, "files", HOSTNAME)}, [*users, *_own_users(recording)]
    homes = _homes(home, users)
    names = _telling(hosts, users)
    ordinary = _words_of_paths(found, [path for path, _ in homes])
    stand_ins = _StandIns()

    def clean(text: str, *, where: str = "") -> str:
        for path, stand_in in homes:
            text = re.sub(rf"{re.escape(path)}(?![\w-])", stand_in, text)
        own_release = where in _OWN_RELEASE
        for name, stand_in in names:
            if own_release or name.lower() not in ordinary:
                text = re.sub(rf"(?<![^\W_]){re.escape(name)}(?![^\W_])", stand_in, text, flags=re.IGNORECASE)
        return _without_numbers(text, stand_ins, addresses=not (own_release or _NO_ADDRESSES.match(where)))

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
    telling = [(name, stand_in) for name, stand_in in names if len(name) >= MIN_NAME and name.lower() not in _ORDINARY]
    return sorted(telling, key=lambda pair: -len(pair[0]))


def _without_own_name(cleaned: dict[str, Any]) -> dict[str, Any]:
    """Replace what is a name for certain, however short or ordinary it looks."""
    if HOSTNAME in cleaned.get("files", {}):
        cleaned["files"][HOSTNAME] = f"{HOST}\n"
    for variable in {"USER", "LOGNAME", "HOSTNAME"} & set(cleaned.get("variables", {})):
        if cleaned["variables"][variable].lower() not in _ORDINARY:
            cleaned["variables"][variable] = USER
    return cleaned


def _without_numbers(text: str, stand_ins: _StandIns, *, addresses: bool) -> str:
    def numbered(template: str) -> Callable[[re.Match[str]], str]:
        return lambda match: stand_ins.of(match[0], template)

    text = _SERIAL.sub(r"\1REDACTED", text)
    text = _UUID.sub(numbered("00000000-0000-0000-0000-{:012d}"), text)
    text = _LONG_ID.sub(numbered("{:032d}"), text)
    text = _MAC.sub(numbered("02:00:00:00:00:{:02x}"), text)
    text = _NAMED_BY_MAC.sub(lambda match: match[1] + stand_ins.of(match[2], "{:012d}"), text)
    text = _MAIL.sub("someone@example", text)
    if addresses:
        text = _IPV4.sub(_address, text)
        text = _IPV6.sub("2001:db8::1", text)
    return text


def _address(match: re.Match[str]) -> str:
    """Replace an address, and leave a version alone, which may look like one."""
    before = match.string[max(0, match.start() - 12) : match.start()].lower()
    return match[0] if "version" in before else "192.0.2.1"


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
