"""Prepare one person's folder on the class server, then go on as their JupyterLab.

Runs as that person. Whatever is wrong with the folder, a server starts, and a note in it says what: an explanation in
the hub's log helps nobody who sees only a page that does not load.
"""

import os
import sys
from pathlib import Path

from workstation import materials
from workstation.cli._exchange import exercises_handed_out
from workstation.cli._lab import report
from workstation.cli._server import START_PAGE
from workstation.cli._workspace import WorkingCopy
from workstation.errors import WorkstationError

KERNELS = "workstation.cli._kernels.CourseKernelSpecManager"
LEARNERS = Path("~/home-ai-workstation")
NOTE = "READ-ME-FIRST.txt"
IDLE_SECONDS = 3600
FORMGRADER_OFF = "--ServerApp.jpserver_extensions={'nbgrader.server_extensions.formgrader': False}"


def learner() -> list[str]:
    """Make or refresh the working copy; an exercise that the class hands out is left to the exchange."""
    copy = WorkingCopy(LEARNERS)
    copy.check()
    handed_out = exercises_handed_out(materials.exercise_names(), working_copy=copy.root)
    for line in report(copy.sync(handed_out=handed_out)):
        print(line, file=sys.stderr)
    os.chdir(copy.root)
    os.environ["JUPYTERHUB_DEFAULT_URL"] = f"/lab/tree/{START_PAGE}"
    return [
        f"--MappingKernelManager.cull_idle_timeout={IDLE_SECONDS}",
        f"--ServerApp.shutdown_no_activity_timeout={IDLE_SECONDS}",
    ]


def instructor() -> list[str]:
    """Make or open the course folder on the class's exchange: its configuration is checked before anything starts."""
    from workstation.cli._exchange import configured_exchange
    from workstation_grader.course import default_root, make_course, open_course
    from workstation_grader.exchange import settle

    root = default_root().absolute()
    make_course(root)
    settle(open_course(root), configured_exchange(Path("/"))[0])
    os.chdir(root)
    return []


def main() -> None:
    """Prepare for the role that the hub names, and become the server."""
    role, *given = sys.argv[1:]
    home = Path.home()
    try:
        own = learner() if role == "learner" else instructor()
        (home / NOTE).unlink(missing_ok=True)
    except (WorkstationError, OSError) as problem:
        print(problem, file=sys.stderr)
        _leave_note(home, problem)
        os.chdir(home)
        own = [FORMGRADER_OFF]
    shell = os.environ.get("SHELL") or "sh"
    server = str(Path(sys.executable).with_name("jupyterhub-singleuser"))
    os.execv(server, [
        server, f"--ServerApp.root_dir={Path.cwd()}", f"--ServerApp.kernel_spec_manager_class={KERNELS}",
        "--KernelManager.transport=ipc",
        f"--ServerApp.terminado_settings={{'shell_command': [{shell!r}]}}", *own, *given,
    ])  # fmt: skip


def _leave_note(home: Path, problem: Exception) -> None:
    """Put what is wrong where the person sees it."""
    try:
        (home / NOTE).write_text(f"The course's folder could not be prepared.\n\n{problem}\n", encoding="utf-8")
    except OSError as full:
        print(full, file=sys.stderr)


if __name__ == "__main__":
    main()
