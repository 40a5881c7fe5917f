"""See which exercises a class hands out through nbgrader's exchange, without importing nbgrader."""

import logging
from pathlib import Path

__all__ = ["configured_exchange", "exercises_handed_out"]

DEFAULT_ROOT = "/usr/local/share/nbgrader/exchange"  # nbgrader's own default


def exercises_handed_out(names: list[str], *, working_copy: Path) -> list[str]:
    """Return those of *names* that the exchange, as nbgrader is configured here, holds as ``<course>/outbound/<name>``.

    No exchange, or one that cannot be read, hands out nothing.
    """
    root, course = configured_exchange(working_copy)
    return [name for name in names if _holds(root, f"{course}/outbound/{name}")]


def configured_exchange(working_copy: Path) -> tuple[Path, str]:
    """Read the exchange's folder and the course's id (``*``: any) where nbgrader's own server extension reads them."""
    from jupyter_core.paths import jupyter_config_path
    from traitlets.config import Application

    quiet = logging.getLogger("workstation.exchange")  # a broken configuration is nbgrader's to report, not ours
    quiet.addHandler(logging.NullHandler())
    quiet.propagate = False
    reader = Application(log=quiet)
    reader.load_config_file("nbgrader_config", path=[str(working_copy), *jupyter_config_path()])
    root, course = reader.config.Exchange.get("root"), reader.config.CourseDirectory.get("course_id")
    return Path(root if isinstance(root, str) else DEFAULT_ROOT), course if isinstance(course, str) and course else "*"


def _holds(root: Path, pattern: str) -> bool:
    try:
        return any(path.is_dir() for path in root.glob(pattern))
    except OSError:
        return False
