"""A PostgreSQL server of the tests' own: Debian's programs, an ordinary user, a socket in a short folder."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from workstation_grader.backup import restore
from workstation_grader.record import prepare_gradebook

PASSWORD = "hunter2+horse/battery"  # noqa: S105 - of a server that lives for the tests; with signs that want escaping
USER = "grader"
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=30", "listen_addresses=")


def find_programs() -> Path | None:
    """Find the folder of `initdb` and `postgres`: Debian keeps the server's programs off the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


class Server:
    """A running server, which makes a database for each test."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._count, self._templates = folder, 0, {}

    def url(self, database: str, *, password: str | None = PASSWORD) -> str:
        """Give a database's address as an instructor would write it."""
        secret = "" if password is None else f":{quote(password, safe='')}"
        return f"postgresql+psycopg://{USER}{secret}@/{database}?host={self.folder}"

    def connect(self, database: str = "postgres", **options: object) -> psycopg.Connection:
        """Connect beside the code under test."""
        return psycopg.connect(host=str(self.folder), user=USER, password=PASSWORD, dbname=database, **options)

    def empty(self) -> str:
        """Make an empty database; give its address."""
        return self.url(self._create("template0"))

    def filled(self, gradebook: Path) -> str:
        """Make a database with the rows of an SQLite gradebook; give its address."""
        if gradebook not in self._templates:
            name = self._create("template0")
            prepare_gradebook(self.url(name), "home-ai-workstation")
            with tempfile.TemporaryDirectory() as scratch:
                restore(self.url(name), Path(scratch), gradebook)
            self._templates[gradebook] = name
        return self.url(self._create(self._templates[gradebook]))

    def _create(self, template: str) -> str:
        self._count += 1
        name = f"course_{self._count}"
        with self.connect(autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name


@contextlib.contextmanager
def running_server() -> Iterator[Server]:
    """Start a server and stop it again; without PostgreSQL the tests skip, or fail where CI is set."""
    programs = find_programs()
    if programs is None:
        why = "PostgreSQL is not here; on Debian: apt-get install postgresql"
        pytest.fail(why) if os.environ.get("CI") else pytest.skip(why)
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # a socket's path has to be short
    try:
        as_somebody = _as_ordinary_user(folder)
        secret = folder / "password"
        secret.write_text(PASSWORD, encoding="ascii")
        secret.chmod(0o644)
        run = [*as_somebody, str(programs / "initdb"), "-D", str(folder / "data"), "-U", USER, "--encoding=UTF8"]
        run += ["--auth=scram-sha-256", f"--pwfile={secret}", "--no-sync", "--locale=C"]
        subprocess.run(run, cwd=folder, check=True, capture_output=True)
        options = [word for option in (*_FAST, f"unix_socket_directories={folder}") for word in ("-c", option)]
        with (folder / "log").open("wb") as log:
            command = [*as_somebody, str(programs / "postgres"), "-D", str(folder / "data"), *options]
            process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, start_new_session=True)
        try:
            server = Server(folder)
            _await(server, process)
            yield server
        finally:
            process.send_signal(signal.SIGQUIT)  # at once: nothing in it is kept
            process.wait(60)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _as_ordinary_user(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root: run it as nobody then. Either way it ends where the tests are killed."""
    if shutil.which("setpriv") is None:
        return []
    user = []
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody")
        user = ["--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    return ["setpriv", "--pdeathsig=QUIT", *user, "--"]


def _await(server: Server, process: subprocess.Popen[bytes]) -> None:
    while True:
        try:
            server.connect().close()
        except psycopg.OperationalError:
            assert process.poll() is None, (server.folder / "log").read_text(encoding="utf-8", errors="replace")
        else:
            return
