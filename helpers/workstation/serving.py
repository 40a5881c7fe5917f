"""Run JupyterLab in this process: on this machine alone, its log in a file, ended by one Ctrl-C."""

import atexit
import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from workstation.errors import OutputError

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

__all__ = ["running_on", "serve"]

Say = Callable[[str], object]
HOW_TO_STOP = "To stop: save your notebooks, then press Ctrl-C here. It stops at once and does not ask."


def serve(root: Path, arguments: Sequence[str], *, page: str, log: Path | None, say: Say) -> int:
    """Start JupyterLab on *root* and stay until it ends; give its exit code.

    Its address, with the token, is said on one line once it listens. What it logs goes to the file *log*, which only
    this user may read, for it names the token; without one, to the terminal. Ctrl-C brings no question: JupyterLab's
    own goes on working where nobody answers within five seconds, and never comes where there is no terminal.

    Raises:
        OutputError: the log cannot be written.
    """
    os.chdir(root)  # where terminals open, and where nbgrader looks for a course
    command = [f"--ServerApp.root_dir={root}", "--ServerApp.ip=127.0.0.1", "--ServerApp.answer_yes=True"]
    command += [*_for_root(say), *arguments]
    if log is None:
        return _run(command, page, [HOW_TO_STOP], say)
    with _stderr_into(log) as kept:
        code = _run(command, page, [f"Its log: {kept}", HOW_TO_STOP], say)
    say(f"JupyterLab ended with a fault (exit code {code}): {kept} says why." if code else "Stopped.")
    return code


def running_on(root: Path) -> list[str]:
    """Give the addresses, with tokens, of the Jupyter servers of this user that serve the folder *root* already."""
    from jupyter_server.serverapp import list_running_servers  # late: only who starts a server asks

    try:
        servers = list(list_running_servers())
    except (OSError, ValueError):  # another server's note of itself went, or is damaged: this is a courtesy only
        return []
    here = [server for server in servers if _is_on(server, root)]
    return [f"{server.get('url')}lab?token={server.get('token')}" for server in here]


def _is_on(server: object, root: Path) -> bool:
    """Tell whether a server's note of itself names this folder."""
    return isinstance(server, dict) and Path(str(server.get("root_dir"))).resolve() == root.resolve()


def _for_root(say: Say) -> list[str]:
    if getattr(os, "geteuid", lambda: -1)() != 0:
        return []
    say("You are root: JupyterLab is started with --allow-root. An ordinary account is safer.")
    return ["--allow-root"]


def _run(command: list[str], page: str, lines: list[str], say: Say) -> int:
    from jupyterlab.labapp import LabApp  # type: ignore[import-untyped]  # no stubs; late: what it logs is caught

    try:
        server = LabApp.initialize_server(argv=command)
        server.io_loop.add_callback(_announce, server, page, lines, say)  # after the one that binds the port
        server.start()
    except SystemExit as end:  # how Jupyter applications end early
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def _announce(server: "ServerApp", page: str, lines: list[str], say: Say) -> None:
    token = server.identity_provider.token
    address = f"{server.connection_url.rstrip('/')}/lab{page}"
    say(f"JupyterLab: {address}?token={token}" if token else f"JupyterLab: {address}")
    for line in lines:
        say(line)


@contextlib.contextmanager
def _stderr_into(log: Path) -> Iterator[Path]:
    """Write what this process and its kernels say on stderr into a file; the last start's is kept beside it."""
    place = _make_room(log)
    try:
        opened = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as problem:
        raise OutputError(
            f"{place} cannot be written: {problem.strerror}. With --verbose no file is kept."
        ) from problem
    sys.stderr.flush()
    terminal = os.dup(2)
    os.dup2(opened, 2)  # for what is no Python of ours: kernels
    try:
        stream = os.fdopen(opened, "w", buffering=1, encoding="utf-8", errors="backslashreplace")
        atexit.register(stream.close)  # no earlier: threads of JupyterLab's go on logging after it ended
        with contextlib.redirect_stderr(stream):
            yield place
    finally:
        os.dup2(terminal, 2)
        os.close(terminal)


def _make_room(log: Path) -> Path:
    """Move the last log aside; where another JupyterLab holds it open and it cannot be moved, name another."""
    try:
        log.replace(log.with_name(f"{log.stem}.previous{log.suffix}"))
    except FileNotFoundError:
        return log
    except OSError:
        return log.with_name(f"{log.stem}-{os.getpid()}{log.suffix}")
    return log
