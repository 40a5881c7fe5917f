"""Find, make and open an instructor's course folder: configuration, solutions, submissions and gradebook.

It lies outside the repository (default ``~/home-ai-workstation-cohort``), because submissions and grades never belong
in tracked files. Opening it checks that the configuration still names our steps: a course that would execute learners'
code is not opened at all.

A little over 300 lines: making, opening and checking a course folder are one promise about what is in it.
"""

import contextlib
import logging
import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from workstation.errors import CohortError
from workstation.ids import is_device
from workstation_grader.master import Master, read_master
from workstation_grader.seeds import make_seed, seed_in

CONFIG_NAME = "nbgrader_config.py"
README_NAME, COURSE_README = "README.md", "course-folder.md"
DEFAULT_ROOT = Path("~/home-ai-workstation-cohort")
FAIL_CLOSED = "TRAITLETS_APPLICATION_RAISE_CONFIG_FILE_ERROR"
REQUIRED: dict[tuple[str, str], Any] = {
    ("Autograde", "exporter_class"): "workstation_grader.steps.SubmissionExporter",
    ("Autograde", "sanitize_preprocessors"): ["workstation_grader.steps.RebuildFromMaster"],
    ("GenerateFeedback", "exporter_class"): "workstation_grader.steps.FeedbackExporter",
    ("CourseDirectory", "submitted_directory"): "collected",
    ("ExchangeFactory", "collect"): "workstation_grader.collecting.CollectPlainFiles",
}
_LOGGED_ERROR = re.compile(r"^\[(?:ERROR|CRITICAL)\] (.*?)(?=^\[[A-Z]+\] |\Z)", re.DOTALL | re.MULTILINE)
_OUTDATED = ("NbGrader", "NbGraderConfig", "BasicConfig", "BaseNbGraderApp", "BaseApp", "TransferApp")
LONGEST_NAME = 64
SET_ASIDE = "Set aside in the exchange: "  # how collecting begins a line about what it refused
SCORING_STEP = "workstation_grader.steps.ScoreAnswers"


def checkout_root() -> Path:
    """Find the checkout that holds solutions and configuration.

    Raises:
        CohortError: this package is installed without one; solutions never travel in the wheel.
    """
    root = Path(__file__).resolve().parents[2]
    if not (root / "solutions").is_dir() or not (root / "autograder" / CONFIG_NAME).is_file():
        raise CohortError(
            "This command needs the solutions, which are only in a checkout of the repository, not in the installed "
            "package. Clone the repository, run `python3 start.py setup` there, and run the command from it."
        )
    return root


def default_root() -> Path:
    """Give the course folder: the one that WORKSTATION_COURSE names, else one in the home folder."""
    return Path(os.environ.get("WORKSTATION_COURSE") or DEFAULT_ROOT).expanduser()


def make_course(root: Path) -> None:
    """Make the course folder, or refresh its solutions; a configuration that is there is kept.

    Raises:
        CohortError: there is no checkout, or the folder lies inside its tracked part.
    """
    checkout = checkout_root()
    if root.resolve().is_relative_to(checkout):
        raise CohortError(
            f"{root} lies inside the repository. Learners' work and grades must stay out of it: name another folder "
            "with --course."
        )
    _refuse_foreign(root)
    root.mkdir(parents=True, exist_ok=True)
    root.chmod(0o700)  # solutions and grades: https://github.com/jupyter/nbgrader/issues/483
    if not (root / CONFIG_NAME).exists():
        shutil.copyfile(checkout / "autograder" / CONFIG_NAME, root / CONFIG_NAME)
    make_seed(root)
    if not (root / README_NAME).exists():
        shutil.copyfile(checkout / "autograder" / COURSE_README, root / README_NAME)
    ignore = shutil.ignore_patterns(".ipynb_checkpoints", "README.md", "__pycache__", "evidence")
    shutil.copytree(checkout / "solutions", root / "solutions", dirs_exist_ok=True, ignore=ignore)


def _refuse_foreign(root: Path) -> None:
    """Refuse a folder with other things in it: it would become private, and be filled with solutions."""
    if root.exists() and not root.is_dir():
        raise CohortError(f"{root} is a file. Name a folder for the course with --course.")
    ours = (root / CONFIG_NAME).exists() or (root / "solutions").is_dir()
    if root.is_dir() and not ours and any(root.iterdir()):
        raise CohortError(
            f"{root} holds other things and is no course folder: nothing was written there. Name an empty folder, or "
            "one that does not exist yet, with --course."
        )


def put_tools_on_path() -> None:
    """Let nbgrader find `alembic`, which it calls by name, where the environment is not activated."""
    tools = str(Path(sys.executable).parent)
    paths = os.environ.get("PATH", "").split(os.pathsep)
    if tools not in paths:
        os.environ["PATH"] = os.pathsep.join([tools, *paths])


@contextlib.contextmanager
def working_in(folder: Path) -> Iterator[None]:
    """Work in *folder*: nbgrader resolves its paths against the current one."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def why_it_failed(outcome: Mapping[str, Any]) -> str:
    """Give what nbgrader logged as errors, a line each, else what it raised: never a traceback."""
    logged = [without_traceback(text) for text in _LOGGED_ERROR.findall(str(outcome.get("log") or ""))]
    raised = [without_traceback(str(outcome.get("error") or ""))]
    lines = dict.fromkeys(line for line in logged or raised if line and "above traceback" not in line)
    return "\n".join(lines) or "nbgrader gave no reason"


def without_traceback(text: str) -> str:
    r"""Give a text's last line without the name of an error's class where it is a traceback, else the text.

    >>> without_traceback("Traceback (most recent call last):\n  ...\njson.decoder.JSONDecodeError: no, not that")
    'no, not that'
    """
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines or not lines[0].startswith("Traceback"):
        return text.strip()
    return re.sub(r"^[\w.]+: ", "", lines[-1].strip())


def quiet_log() -> logging.Logger:
    """Give a log for nbgrader that prints nothing: it calls a missing exchange critical, also where zips are used.

    What fails reaches the instructor through `why_it_failed`, which reads what was logged meanwhile.
    """
    log = logging.getLogger("workstation_grader.nbgrader")
    log.propagate = False
    if not log.handlers:
        log.addHandler(logging.NullHandler())
    return log


@dataclass(frozen=True, kw_only=True)
class Course:
    """An opened course folder: its places from its configuration alone; nbgrader is there for what needs it."""

    root: Path
    config: Any

    @cached_property
    def app(self) -> Any:
        """Nbgrader's application object, with this folder's configuration: made when first asked for, in seconds."""
        return _start_nbgrader(self.root)

    def _place(self, name: str, default: str) -> str:
        """Give a setting of the course folder; one of an unusual style is left to nbgrader to read."""
        if _is_unusual(self.config):
            return str(getattr(self.app.coursedir, name))
        return str(self.config.get("CourseDirectory", {}).get(name) or default)

    @property
    def db_url(self) -> str:
        """The gradebook's address."""
        return self._place("db_url", f"sqlite:///{self.root.absolute() / 'gradebook.db'}")

    @property
    def course_id(self) -> str:
        """The course's name in the gradebook and the exchange."""
        return self._place("course_id", "").strip()

    @property
    def seed(self) -> str | None:
        """What draws the weeks that plans are tried on: the same for all learners and every regrade; `None`: open."""
        return seed_in(self.config)

    @property
    def released(self) -> Path:
        """The folder of released exercises."""
        return self.root / self._place("release_directory", "release")

    @property
    def collected(self) -> Path:
        """The folder of submissions, by learner."""
        return self.root / self._place("submitted_directory", "submitted")

    @property
    def autograded(self) -> Path:
        """The folder of clean, graded copies, by learner."""
        return self.root / self._place("autograded_directory", "autograded")

    @property
    def feedback(self) -> Path:
        """The folder of feedback pages, by learner."""
        return self.root / self._place("feedback_directory", "feedback")

    @cached_property
    def api(self) -> Any:
        """Nbgrader's own interface, for the steps that stay nbgrader's: generate, release, collect."""
        from nbgrader.apps.api import NbGraderAPI

        return NbGraderAPI(self.app.coursedir, parent=self.app, log=quiet_log())

    def master(self, exercise: str) -> Master:
        """Read the released master of *exercise*."""
        return read_master(exercise, self.released)

    def submissions(self, exercise: str, student: str | None = None) -> list[str]:
        """List the learners who handed in *exercise*, in order."""
        if not self.collected.is_dir():
            return []
        found = sorted(path.parent.name for path in self.collected.glob(f"*/{exercise}") if path.is_dir())
        return [name for name in found if student in (None, name) and is_usable_name(name)]

    def unusable(self, exercise: str) -> list[str]:
        """List folders with a submission of *exercise* whose names no learner has; nothing of them is graded."""
        found = sorted(path.parent.name for path in self.collected.glob(f"*/{exercise}") if path.is_dir())
        return [name for name in found if not is_usable_name(name) and not name.startswith(".")]


def is_usable_name(name: str) -> bool:
    r"""Tell whether a learner's folder may be called so: it will stand in rows, paths, lines and pages.

    >>> [is_usable_name(name) for name in ("ada", "josé.m+x@uni", "-rf", "..", "a\nb", "e\u202eve", "con", "=1+1")]
    [True, True, False, False, False, False, False, False]
    """
    plain = name.isprintable() and len(name) <= LONGEST_NAME and not is_device(name)
    return plain and not name.startswith((".", *"-=+@~")) and not set(name) & set('/\\<>:"|?*\0')


def open_course(root: Path) -> Course:
    """Open a course folder, or say why it cannot be trusted to grade.

    Raises:
        CohortError: no folder, no configuration, a configuration that does not load, or one that would run code.
    """
    config = root / CONFIG_NAME
    if not config.is_file():
        raise CohortError(
            f"No course at {root}: {CONFIG_NAME} is not there. Make one with `workstation-cohort release NAME`, "
            "or name the folder with --course."
        )
    put_tools_on_path()
    with working_in(root), _loading(config):
        loaded = _read_config(root)
    check_config(loaded, config)
    return Course(root=root, config=loaded)


def _read_config(root: Path) -> Any:
    """Read the configuration as nbgrader would, file by file in its order, without importing nbgrader."""
    from jupyter_core.paths import jupyter_config_path
    from traitlets.config import Application

    reader = Application(log=quiet_log())
    reader.raise_config_file_errors = True
    reader.load_config_file("jupyter_config", path=jupyter_config_path())
    reader.load_config_file("nbgrader_config", path=jupyter_config_path())
    reader.load_config_file("nbgrader_config", path=str(root.absolute()))
    return reader.config


def _is_unusual(config: Any) -> bool:
    moved = "root" in config.get("CourseDirectory", {}) or "course_id" in config.get("Exchange", {})
    return moved or any(section in config for section in _OUTDATED)


def _start_nbgrader(root: Path) -> Any:
    from nbgrader.apps.baseapp import NbGrader

    app = NbGrader()
    app.raise_config_file_errors = True
    with working_in(root), _loading(root / CONFIG_NAME):
        app.initialize([], root=str(root))
    check_config(app.config, root / CONFIG_NAME)
    return app


@contextlib.contextmanager
def _loading(config: Path) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        raise CohortError(
            f"{config} could not be loaded ({type(error).__name__}: {error}). Nothing was graded. Mend it, or move "
            "it away and run `workstation-cohort release NAME` for a fresh one."
        ) from error


def check_config(config: Any, path: Path) -> None:
    """Refuse a configuration that does not name our grading steps.

    Raises:
        CohortError: names the first setting that is not ours.
    """
    for (section, name), wanted in REQUIRED.items():
        found = config.get(section, {}).get(name)
        if found != wanted:
            raise CohortError(
                f"{path}: c.{section}.{name} is {found!r}, it has to be {wanted!r}; otherwise nbgrader would run "
                f"learners' code, or follow their links. Nothing was graded. ({CONFIG_NAME} of an earlier release? "
                "Move it away, and `workstation-cohort release NAME` makes a fresh one.)"
            )
    steps = config.get("Autograde", {}).get("autograde_preprocessors", [])
    names = [str(step) for step in steps]
    if SCORING_STEP not in names or any("Execute" in name for name in names):
        raise CohortError(
            f"{path}: c.Autograde.autograde_preprocessors is {names!r}; it has to hold {SCORING_STEP!r} and nothing "
            "that executes. Nothing was graded."
        )
