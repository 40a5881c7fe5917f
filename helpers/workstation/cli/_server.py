"""Run JupyterLab on a working copy, in this process, the way the course wants it."""

import os
import socket
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

from workstation.errors import WorkstationError

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

__all__ = ["START_PAGE", "serve"]

START_PAGE = "course/00-start-here.ipynb"
_KERNELS = "workstation.cli._kernels.CourseKernelSpecManager"


def serve(root: Path, *, open_browser: bool, port: int | None) -> int:
    """Start JupyterLab on *root* and stay until it ends; print its address, with the token, on one line of stdout.

    The news pop-up and the wrapping of lines are settled by the `overrides.json` beside this module, which the
    installed package puts among JupyterLab's own settings; a learner's settings win over it.

    Raises:
        WorkstationError: the port that was asked for is taken.
    """
    if port is not None and not _is_free(port):
        raise WorkstationError(f"Port {port} is taken on this machine. Leave --port away, and a free one is found.")
    _put_commands_on_path()
    os.chdir(root)  # where terminals open, and where nbgrader looks for a course
    from jupyterlab.labapp import LabApp  # type: ignore[import-untyped]  # no stubs; late: the copy is made before

    try:
        server = LabApp.initialize_server(argv=_arguments(root, open_browser=open_browser, port=port or _free_port()))
        server.io_loop.add_callback(_announce, server)  # after the one that binds the port
        server.start()
    except SystemExit as end:  # how Jupyter applications end early
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def _put_commands_on_path() -> None:
    """Let terminals and cells in JupyterLab find `workstation`, also where nobody activated the environment."""
    os.environ["PATH"] = os.pathsep.join(filter(None, (sysconfig.get_path("scripts"), os.environ.get("PATH"))))


def _arguments(root: Path, *, open_browser: bool, port: int) -> list[str]:
    arguments = [
        f"--ServerApp.root_dir={root}",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        f"--ServerApp.kernel_spec_manager_class={_KERNELS}",
        f"--LabApp.default_url=/lab/tree/{START_PAGE}",
    ]
    if os.name == "posix":
        # Without a terminal of its own Jupyter asks for a login shell, and Debian's /etc/profile then forgets our PATH.
        shell = os.environ.get("SHELL") or "sh"
        arguments.append(f"--ServerApp.terminado_settings={{'shell_command': [{shell!r}]}}")
    if not open_browser:
        arguments.append("--no-browser")
    if getattr(os, "geteuid", lambda: -1)() == 0:
        print("You are root: JupyterLab is started with --allow-root. An ordinary account is safer.", file=sys.stderr)
        arguments.append("--allow-root")
    return arguments


def _announce(server: "ServerApp") -> None:
    token = server.identity_provider.token
    address = f"{server.connection_url.rstrip('/')}/lab/tree/{START_PAGE}"
    print(f"JupyterLab: {address}?token={token}" if token else f"JupyterLab: {address}", flush=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
