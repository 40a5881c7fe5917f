"""What a curious learner would try on the class server: a test runs this file in that learner's own kernel."""

import http.client
import os
import pwd
from collections.abc import Iterable
from pathlib import Path

MOST_BYTES = 20_000_000
LISTENING = "0A"


def look(folders: Iterable[str], needles: Iterable[str]) -> dict[str, list]:
    """Read every file that can be read below *folders*: which hold one of *needles*, and which folders were listed."""
    found, listed = [], []
    for top in folders:
        for place, _, names in os.walk(top):
            if "/env/lib/" in place or "/node_modules/" in place:
                continue
            listed.append(place)
            for name in names:
                content = _content(Path(place, name))
                found += [[f"{place}/{name}", needle] for needle in needles if needle.encode() in content]
    return {"found": found, "listed": listed}


def tried(paths: Iterable[str]) -> list[str]:
    """Name those of *paths* that can be listed, read, or written to."""
    rights = (os.R_OK, os.W_OK)
    return [path for path in paths if any(_may(path, right) for right in rights)]


def knock(names: Iterable[str], ports: list[int]) -> tuple[int, list]:
    """Ask the servers of others and the hub's own ports, past the proxy and without a cookie: how many, what opened."""
    asked, opened = 0, []
    ways = [way for name in names for way in (f"/user/{name}/api/contents", f"/user/{name}/files/gradebook.db")]
    for port in _ports_of(names) + ports:
        for way in (*ways, "/api/routes", "/hub/api/users"):
            status = _status(port, way)
            if status is None:  # it speaks no HTTP: a socket of a kernel's own
                break
            asked += 1
            opened += [[port, way]] if status == http.client.OK else []
    return asked, opened


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES)
    except OSError:
        return b""


def _may(path: str, right: int) -> bool:
    """Try it, rather than ask whether it would be allowed."""
    try:
        if right == os.W_OK:
            Path(path).open("ab").close()
        elif Path(path).is_dir():
            next(Path(path).iterdir(), None)
        else:
            Path(path).open("rb").close()
    except OSError:
        return False
    return True


def _ports_of(names: Iterable[str]) -> list[int]:
    owners = {pwd.getpwnam(name).pw_uid for name in names}
    rows = [line.split() for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]]
    return [int(row[1].split(":")[1], 16) for row in rows if row[3] == LISTENING and int(row[7]) in owners]


def _status(port: int, way: str) -> int | None:
    try:
        ask = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        ask.request("GET", way)
        return ask.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
