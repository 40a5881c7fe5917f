"""Take out of a text what is nobody's business: names, places, addresses, serial numbers and ids."""

import getpass
import os
import re
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

HOST, USER, HOME = "example-host", "learner", "/home/learner"
MIN_NAME = 3  # shorter names would hit ordinary words
ORDINARY = frozenset({"root", "user", "localhost", "localdomain"})  # say nothing of anybody
_HOMES = re.compile(r"(?i)(?:/home/|/users/|[a-z]:[\\/]+users[\\/]+)[^/\\\s\"':]+")
_UUID = re.compile(r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b")
_LONG_ID = re.compile(r"(?<![0-9a-fA-F])[0-9a-f]{32,64}(?![0-9a-fA-F])")
_MAC = re.compile(r"\b(?:[0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}\b")
_NAMED_BY_MAC = re.compile(r"\b((?:en|wl|ww)x)([0-9a-f]{12})\b")  # interfaces that bear their hardware address
_IPV4 = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
_IPV6 = re.compile(r"\b(?:fe80|f[cd][0-9a-f]{2}|2[0-9a-f]{3}):(?:[0-9a-f]{0,4}:){1,6}[0-9a-f]{0,4}")
_MAIL = re.compile(r"[\w.+-]+@[A-Za-z][\w.-]*")
_SERIAL = re.compile(r'(?i)("?[\w ]*(?:serial|udid|asset)[\w ()]*"?\s*[:=]\s*"?)([^"\s,;}]+)')


class Names(TypedDict):
    """The names that must not leave this machine."""

    host: str
    users: list[str]
    home: str


def own_names() -> Names:
    """Read who we are: the host, everybody whom this process may run for, and the home folder."""
    users = {name for name in (_user(), Path.home().name, os.environ.get("SUDO_USER")) if name}
    return {"host": socket.gethostname(), "users": sorted(users), "home": str(Path.home())}


def _user() -> str | None:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no name for this number, as in some containers
        return None


@dataclass(slots=True)
class StandIns:
    """Numbered stand-ins: one for each different thing that was found."""

    seen: dict[str, str] = field(default_factory=dict)

    def of(self, found: str, template: str) -> str:
        """Return the stand-in for *found*; *template* is formatted with its number."""
        return self.seen.setdefault(found.lower(), template.format(len(self.seen) + 1))


def without_numbers(text: str, stand_ins: StandIns, *, addresses: bool) -> str:
    """Return *text* without serial numbers, ids, mail and hardware addresses and, if asked, network addresses."""

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


def without_names(text: str, *, host: str, users: Iterable[str], home: str) -> str:
    """Return one line of text, such as a command, without this machine's private names, and nobody's home folder."""
    if len(home.strip("/\\")) >= MIN_NAME:
        text = re.sub(rf"{re.escape(home)}(?![\w-])", "~", text)
    text = _HOMES.sub("~", text)
    names = [(part, HOST) for part in (host, host.partition(".")[0])] + [(user, USER) for user in users]
    for name, stand_in in sorted(names, key=lambda pair: -len(pair[0])):
        if len(name) >= MIN_NAME and name.lower() not in ORDINARY:
            text = re.sub(rf"(?<![^\W_]){re.escape(name)}(?![^\W_])", stand_in, text, flags=re.IGNORECASE)
    return without_numbers(text, StandIns(), addresses=True)
