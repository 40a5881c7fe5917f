"""A released course folder, and ways to hand something in to it."""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from grading_kit import EXERCISE, SOLUTION, Terminal, filled, hand_in, move_to
from postgresql_kit import Server, running_server

from workstation_grader.course import Course, make_course, open_course
from workstation_grader.release import generate
from workstation_grader.selftest import model_answers


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course folder with the exercise generated once; tests copy it."""
    root = tmp_path_factory.mktemp("released") / "course"
    make_course(root)
    generate(open_course(root), EXERCISE)
    return root


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL server for the session."""
    with running_server() as server:
        yield server


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> str:
    """Where this test's gradebook is; `grading_kit.BOTH` asks for both."""
    return getattr(request, "param", "sqlite")


@pytest.fixture
def course(released: Path, tmp_path: Path, backend: str, request: pytest.FixtureRequest) -> Course:
    """A course folder of this test's own."""
    root = tmp_path / "course"
    shutil.copytree(released, root)
    if backend == "postgresql":
        move_to(root, request.getfixturevalue("postgresql").filled(released / "gradebook.db"))
    return open_course(root)


@pytest.fixture(scope="session")
def model() -> dict[str, str]:
    """The model answers."""
    return model_answers(SOLUTION, EXERCISE)


@pytest.fixture
def blank(course: Course) -> dict:
    """The released notebook, as a learner finds it."""
    return json.loads((course.released / EXERCISE / f"{EXERCISE}.ipynb").read_text(encoding="utf-8"))


@pytest.fixture
def submit(course: Course, blank: dict, model: dict[str, str]) -> Callable[..., Path]:
    """Hand in the model answers, or others, in this test's course."""

    def _submit(student: str, answers: Mapping[str, str] | None = None, **kwargs: object) -> Path:
        return hand_in(course.root, student, filled(blank, model if answers is None else answers), **kwargs)

    return _submit


@pytest.fixture
def cohort(course: Course, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """A terminal in a released course."""
    return Terminal(course.root, capsys)
