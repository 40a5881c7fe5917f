"""No way of grading runs a line of a learner's code, whatever the state of the configuration."""

from pathlib import Path

import pytest
from grading_kit import EXERCISE, filled, hand_in, run_nbgrader, run_python

from workstation.errors import CohortError
from workstation_grader.batch import grade_cohort
from workstation_grader.course import CONFIG_NAME, Course, open_course


def _canary(course: Course, blank: dict, model: dict[str, str]) -> Path:
    """Hand in answers whose every unlocked cell, and a module beside them, would write a file when run."""
    canary = course.root / "canary"
    code = f"open({str(canary)!r}, 'a').write('ran')"
    notebook = filled(blank, model)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and not cell["metadata"].get("nbgrader"):
            cell["source"] = code
    extra = {
        "cell_type": "code",
        "id": "canary",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
        "source": code,
    }
    notebook["cells"].insert(0, extra)
    folder = hand_in(course.root, "ada", notebook)
    for module in ("workstation", "workstation_grader", "nbgrader", "json"):
        (folder / f"{module}.py").write_text(code, encoding="utf-8")
    return canary


def test_our_command_runs_nothing(course: Course, blank: dict, model: dict[str, str]) -> None:
    """`workstation-cohort grade` reads a canary submission, grades it, and the canary stays silent."""
    canary = _canary(course, blank, model)

    report = grade_cohort(course, EXERCISE)

    assert report.graded == 1
    assert not canary.exists()


def test_nbgrader_autograde_runs_nothing(course: Course, blank: dict, model: dict[str, str]) -> None:
    """Nbgrader's own command line, under our configuration, grades without running anything."""
    canary = _canary(course, blank, model)

    run = run_nbgrader(course.root, "autograde", EXERCISE)

    assert run.returncode == 0, run.stderr
    assert (course.autograded / "ada" / EXERCISE / f"{EXERCISE}.ipynb").is_file()
    assert not canary.exists()
    assert not list((course.autograded / "ada" / EXERCISE).glob("*.py"))


BROKEN = {
    "a name that is not there": "undefined_name\n",
    "a syntax error": "c = = 1\n",
    "an import that is missing": "import no_such_package\n",
}


@pytest.mark.parametrize(("fault", "fail_closed"), [*((fault, False) for fault in BROKEN), ("a syntax error", True)])
def test_a_broken_configuration_runs_nothing(
    course: Course, blank: dict, model: dict[str, str], fault: str, fail_closed: bool
) -> None:
    """A configuration that does not load stops nbgrader, also without the variable that our commands set."""
    canary = _canary(course, blank, model)
    config = course.root / CONFIG_NAME
    config.write_text(BROKEN[fault] + config.read_text(encoding="utf-8"), encoding="utf-8")

    run = run_nbgrader(course.root, "autograde", EXERCISE, fail_closed=fail_closed)

    assert run.returncode != 0
    assert not canary.exists()
    with pytest.raises(CohortError, match="could not be loaded"):
        open_course(course.root)


def test_no_configuration_runs_nothing(course: Course, blank: dict, model: dict[str, str]) -> None:
    """Without its configuration file, nbgrader finds nothing to run."""
    canary = _canary(course, blank, model)
    (course.root / CONFIG_NAME).unlink()

    run = run_nbgrader(course.root, "autograde", EXERCISE)

    assert run.returncode != 0
    assert not canary.exists()


def test_a_missing_package_runs_nothing(course: Course, blank: dict, model: dict[str, str]) -> None:
    """With our package gone, the steps that the configuration names cannot be found, and nbgrader stops."""
    canary = _canary(course, blank, model)
    config = course.root / CONFIG_NAME
    text = config.read_text(encoding="utf-8").replace("workstation_grader.", "workstation_grader_gone.")
    config.write_text(text, encoding="utf-8")

    run = run_nbgrader(course.root, "autograde", EXERCISE)

    assert run.returncode != 0
    assert not canary.exists()


FORMGRADER = """
import logging, os, sys
from nbgrader.server_extensions.formgrader.formgrader import FormgradeExtension
from nbgrader.apps.api import NbGraderAPI
app = FormgradeExtension()
app.root_dir = os.getcwd()
app.initialize([])
app.load_config_file()  # as its handlers do before every button
print(NbGraderAPI(app.coursedir, parent=app).autograde("constraint-summary", "ada")["success"])
"""


@pytest.mark.parametrize(
    ("started_in", "fault", "home_names_it", "grades"),
    [
        ("the course", "", False, True),
        ("elsewhere", "", False, False),
        ("elsewhere", "", True, True),
        ("the course", "undefined_name\n", False, False),
        ("elsewhere", "undefined_name\n", True, False),
    ],
)
def test_formgrader_opened_directly_runs_nothing(
    course: Course, blank: dict, model: dict[str, str], tmp_path: Path,
    started_in: str, fault: str, home_names_it: bool, grades: bool,
) -> None:  # fmt: skip
    """Without `workstation-cohort formgrader` it grades as we do, or finds nothing to grade."""
    canary = _canary(course, blank, model)
    config = course.root / CONFIG_NAME
    config.write_text(fault + config.read_text(encoding="utf-8"), encoding="utf-8")
    elsewhere = tmp_path / "elsewhere"
    for folder in (elsewhere, course.root / "no-config"):
        folder.mkdir()
    if home_names_it:
        line = f"c = get_config()\nc.CourseDirectory.root = {str(course.root)!r}\n"
        (course.root / "no-config" / CONFIG_NAME).write_text(line, encoding="utf-8")

    done = run_python(course.root, FORMGRADER, cwd=course.root if started_in == "the course" else elsewhere)

    assert not canary.exists()
    graded = course.autograded / "ada" / EXERCISE / f"{EXERCISE}.ipynb"
    assert graded.is_file() is grades, done.stdout + done.stderr


TAMPERED = {
    "stock exporter": 'c.Autograde.exporter_class = "nbconvert.exporters.NotebookExporter"',
    "stock cleaning": 'c.Autograde.sanitize_preprocessors = ["nbgrader.preprocessors.ClearOutput"]',
    "execute beside ours": 'c.Autograde.autograde_preprocessors = ["nbgrader.preprocessors.Execute", '
    '"workstation_grader.steps.ScoreAnswers"]',
    "no scoring": "c.Autograde.autograde_preprocessors = []",
    "the folder that stock nbgrader reads": 'c.CourseDirectory.submitted_directory = "submitted"',
}


@pytest.mark.parametrize("line", TAMPERED.values(), ids=list(TAMPERED))
def test_a_configuration_without_our_steps_does_not_open(course: Course, line: str) -> None:
    """Our commands refuse a configuration that would let code run, and say which setting it is."""
    config = course.root / CONFIG_NAME
    config.write_text(f"{config.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")

    with pytest.raises(CohortError, match=line.split(" = ", maxsplit=1)[0].removeprefix("c.")):
        open_course(course.root)
