"""Run JupyterLab on a working copy the way the course wants it."""

import os
import socket
import sysconfig

from workstation import serving
from workstation.cli._workspace import WorkingCopy
from workstation.errors import WorkstationError

__all__ = ["START_PAGE", "serve"]

START_PAGE = "course/00-start-here.ipynb"
_KERNELS = "workstation.cli._kernels.CourseKernelSpecManager"


def serve(copy: WorkingCopy, *, open_browser: bool, port: int | None, verbose: bool) -> int:
    """Start JupyterLab on the working copy and stay until it ends.

    The news pop-up and the wrapping of lines are settled by the `overrides.json` beside this module, which the
    installed package puts among JupyterLab's own settings; a learner's settings win over it.

    Raises:
        WorkstationError: the port that was asked for is taken.
    """
    if port is not None and not _is_free(port):
        raise WorkstationError(f"Port {port} is taken on this machine. Leave --port away, and a free one is found.")
    _put_commands_on_path()
    arguments = _arguments(open_browser=open_browser, port=port or _free_port())
    log = None if verbose else copy.own / "jupyterlab.log"
    return serving.serve(copy.root, arguments, page=f"/tree/{START_PAGE}", log=log, say=_say)


def _say(line: str) -> None:
    print(line, flush=True)


def _put_commands_on_path() -> None:
    """Let terminals and cells in JupyterLab find `workstation`, also where nobody activated the environment."""
    os.environ["PATH"] = os.pathsep.join(filter(None, (sysconfig.get_path("scripts"), os.environ.get("PATH"))))


def _arguments(*, open_browser: bool, port: int) -> list[str]:
    arguments = [
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
    return arguments


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
