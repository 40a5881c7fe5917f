"""Start each person's JupyterLab as that person's own user, under a memory limit that the kernel enforces if it can."""

import os
from collections.abc import Callable
from pathlib import Path

from jupyterhub.spawner import LocalProcessSpawner
from limits import Group, Groups
from traitlets import Any, Unicode

__all__ = ["ClassSpawner"]


class ClassSpawner(LocalProcessSpawner):
    """LocalProcessSpawner, which already runs servers as system users, with a control group around each learner."""

    groups: Groups = Any(help="Where control groups can be made, if they can.").tag(config=True)
    instructor = Unicode(help="Whose server has the course, the solutions and Formgrader.").tag(config=True)
    instructor_folder = Unicode(help="The folder that only the instructor may read.").tag(config=True)

    @property
    def is_instructors(self) -> bool:
        """Whether this is the instructor's server."""
        return bool(self.user.name == self.instructor)

    @property
    def _group(self) -> Group | None:
        limited = self.mem_limit is not None and not self.is_instructors
        return self.groups.of(self.user.name) if limited else None

    def get_env(self) -> dict[str, str]:
        """Give the instructor's server the checkout with the solutions; announce the limit to a learner's."""
        env: dict[str, str] = super().get_env()
        if self.is_instructors:
            env.pop("MEM_LIMIT", None)
            checkout = Path(self.instructor_folder, "checkout")
            env["PYTHONPATH"] = os.pathsep.join(str(checkout / root) for root in ("helpers", "autograder"))
            env["JUPYTER_CONFIG_PATH"] = str(Path(self.instructor_folder, "jupyter"))
            env["TRAITLETS_APPLICATION_RAISE_CONFIG_FILE_ERROR"] = "1"
        return env

    def get_args(self) -> list[str]:
        """Tell the launcher whose server it prepares."""
        return ["instructor" if self.is_instructors else "learner", *super().get_args()]

    def make_preexec_fn(self, name: str) -> Callable[[], None]:
        """Join the learner's group while still root, then become the learner.

        A group that cannot be joined stops the start: a limit that is called enforced is enforced.
        """
        become, group = super().make_preexec_fn(name), self._group

        def preexec() -> None:
            if group is not None:
                group.join()
            become()

        return preexec

    async def start(self) -> tuple[str, int]:
        """Make the group, then start as LocalProcessSpawner does."""
        if self._group is not None:
            self._group.make(self.mem_limit)
        started: tuple[str, int] = await super().start()
        return started

    async def stop(self, now: bool = False) -> None:
        """Stop the server, then whatever it left running."""
        await super().stop(now=now)
        if self._group is not None:
            self._group.end()
