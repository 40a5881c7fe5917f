"""Every change that CONTRIBUTING.md calls one edit is made as it stands there, in a copy of the course, and seen."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from course_kit import ROOT
from lesson_lint import lint, read_house, read_pages

TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
CATALOG = Path("helpers/workstation/catalog")
FOLDERS = ("helpers", "autograder", "course", "exercises", "solutions")
UNTOUCHED = shutil.ignore_patterns("__pycache__", "evidence", ".ipynb_checkpoints")


def example(heading: str) -> str:
    """Give the TOML that CONTRIBUTING.md shows below a heading."""
    section = re.split(r"^##", TEXT.split(f"### {heading}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]
    return re.search(r"```toml\n(.*?)```", section, re.DOTALL)[1]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the course that a test may change."""
    for name in FOLDERS:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=UNTOUCHED)
    return tmp_path


def run(checkout: Path, program: str, **variables: str) -> str:
    """Run a program on the copied packages, in an empty folder, and give what it printed."""
    path = os.pathsep.join(str(checkout / root) for root in ("helpers", "autograder"))
    guard = f"import workstation; assert workstation.__file__.startswith({str(checkout)!r})\n"
    place = checkout / "elsewhere"
    place.mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-c", guard + program], cwd=place, env=os.environ | {"PYTHONPATH": path} | variables,
        capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def append(file: Path, text: str) -> None:
    file.write_text(f"{file.read_text('utf-8')}\n{text}", encoding="utf-8")


# A symptom


def test_a_new_symptom_stands_in_the_table(checkout):
    program = 'import workstation as ws; ws.table("symptoms")'
    before = run(checkout, program)
    append(checkout / CATALOG / "symptoms.toml", example("A symptom"))

    after = run(checkout, program)

    for words in ("Work stutters once the plug is pulled", "run long jobs on mains power"):
        assert words not in before
        assert words in after


# A lesson

SHIPPED = """
from workstation.materials import lesson_names, shipped_files
print(lesson_names(), *shipped_files())
"""


def new_lesson(checkout: Path) -> dict:
    """Make a lesson of lesson 09, as an author would, with questions to open in place of a form."""
    document = json.loads((checkout / "course/09-hardware-specifics.ipynb").read_text("utf-8"))
    document["cells"] = [cell for cell in document["cells"] if cell["id"] != "self-check-questions"]
    check = next(cell for cell in document["cells"] if cell["id"] == "self-check")
    check["source"] = "## Check yourself\n" + "\n<details><summary>Answer</summary>\n\nYes.\n\n</details>\n" * 3
    return document


def test_a_new_lesson_is_found_shipped_and_held_to_the_shape(checkout):
    lesson = checkout / "course/11-quiet-rooms.ipynb"
    lesson.write_text(json.dumps(new_lesson(checkout)), encoding="utf-8")
    found = run(checkout, SHIPPED)

    page = next(page for page in read_pages(checkout) if page.name == lesson.stem)
    assert lint(page, read_house(checkout, {})) == {}
    assert f"'{lesson.stem}'" in found
    assert "course/11-quiet-rooms.ipynb" in found


def test_the_linter_names_what_a_new_lesson_lacks(checkout):
    document = new_lesson(checkout)
    document["cells"] = [cell for cell in document["cells"] if cell["id"] != "recap"]
    (checkout / "course/11-quiet-rooms.ipynb").write_text(json.dumps(document), encoding="utf-8")

    page = next(page for page in read_pages(checkout) if page.name == "11-quiet-rooms")
    assert {"the_recap_mirrors_the_goals", "cells_stand_in_order"} <= set(lint(page, read_house(checkout, {})))


# A criterion

JUDGED = """
from workstation.answers.model import Evidence
from workstation.answers.score import score, test_cells
for because in ("I like it", "available memory fell to 0.9 GiB while I indexed"):
    answers = {"archetype": f"Archetype: hybrid\\nBecause: {because}\\nMatters most: portability"}
    print([(each.id, each.outcome) for each in score("constraint-summary", answers, Evidence())])
print([cell.points for cell in test_cells("constraint-summary") if cell.answer == "archetype"])
"""


PRINTED = """
from workstation.catalog import load_catalog
from workstation_grader.rubric import rubric_markdown
print(rubric_markdown(load_catalog().exercises["constraint-summary"]))
"""
TAKEN = """
from workstation_grader.course import checkout_root
from workstation_grader.release import take_points_from_rubric
take_points_from_rubric(checkout_root() / "solutions/constraint-summary/constraint-summary.ipynb", "constraint-summary")
"""


def add_criterion(rubric: Path) -> None:
    """Put the criterion below the others of the first exercise."""
    head, first, *others = re.split(r"(?=^\[\[exercise\]\]$)", rubric.read_text("utf-8"), flags=re.MULTILINE)
    rubric.write_text("\n".join([head, first, example("A criterion"), *others]), encoding="utf-8")


def archetype_points(checkout: Path) -> float:
    document = json.loads((checkout / "solutions/constraint-summary/constraint-summary.ipynb").read_text("utf-8"))
    cell = next(cell for cell in document["cells"] if cell["id"] == "check-archetype-1")
    return cell["metadata"]["nbgrader"]["points"]


def test_a_new_criterion_is_judged_counted_printed_and_written_into_the_exercise(checkout):
    points = run(checkout, JUDGED).splitlines()[-1]
    add_criterion(checkout / CATALOG / "rubric.toml")

    flawed, good, cells = run(checkout, JUDGED).splitlines()[:3]
    run(checkout, TAKEN)

    assert "('archetype.because-measured', 'not met')" in flawed
    assert "('archetype.because-measured', 'met')" in good
    assert (points, cells) == ("[6.0]", "[7.0]")
    assert archetype_points(checkout) == 7
    assert "archetype.because-measured" in run(checkout, PRINTED)


# A model shape


def test_a_new_shape_can_be_sized_and_fitted(checkout):
    append(checkout / CATALOG / "shapes.toml", example("A model shape"))

    found = run(
        checkout,
        "import workstation as ws; from workstation.sizing import weight_bytes\n"
        "shape = ws.sizing.shape('example two billion'); print(shape.parameters)\n"
        "print(weight_bytes(shape, quantization='BF16').likely_bytes)\n"
        "print(ws.fits('example-2b', on=ws.inventory()))",
    )

    parameters, size = map(int, found.splitlines()[:2])
    assert parameters == 1_778_485_248
    assert size == pytest.approx(2 * parameters, rel=0.015)
    assert "Example 2B" in found


# A machine recording


def test_a_new_recording_is_replayed_by_the_tests_of_the_inventory(tmp_path):
    """A folder more, and every promise about recorded machines is held for it too."""
    slug = "linux-epyc-vm-added-24gib"
    shutil.copytree(ROOT / "tests/machines/linux-epyc-vm-nogpu-24gib", tmp_path / "machines" / slug)
    for name in ("test_inventory_machines.py", "conftest.py"):
        shutil.copyfile(ROOT / "tests" / name, tmp_path / name)

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", str(tmp_path),
         "-k", slug, str(tmp_path / "test_inventory_machines.py")],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) >= 8


def test_the_support_table_counts_a_recording_that_names_its_row(tmp_path):
    """The machine says which row it stands in; no second file lists it."""
    shutil.copytree(ROOT / "tests/machines", tmp_path / "machines", ignore=UNTOUCHED)
    shutil.copytree(ROOT / "tests/machines/linux-epyc-vm-nogpu-24gib", tmp_path / "machines/linux-epyc-vm-added-24gib")

    done = subprocess.run(
        [sys.executable, "-c", "import support; print(support.render())"],
        cwd=tmp_path / "machines", capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert "| Linux virtual machine without graphics | /proc and /sys | 2 | proved |" in done.stdout


# A translation

SHOWN = """
import workstation as ws
from workstation.answers.model import Evidence
from workstation.answers.score import score
ws.table("symptoms")
ws.hint("archetype.because")
because = "a laptop by day, a rented GPU twice a month"
answers = {"archetype": f"Archetype: hybrid\\nBecause: {because}\\nMatters most: portability"}
print("SCORES", [(each.id, each.earned) for each in score("constraint-summary", answers, Evidence())])
"""


def test_a_translation_shows_on_tables_and_cards_and_moves_no_score(checkout):
    folder = checkout / CATALOG / "translations"
    folder.mkdir(exist_ok=True)
    (folder / "de.toml").write_text(example("A translation"), encoding="utf-8")

    english, german = run(checkout, SHOWN), run(checkout, SHOWN, WORKSTATION_LANGUAGE="de_DE.UTF-8")

    for words in ("Ab und zu ist eine Aufgabe größer als die Maschine", "Der Grund stammt aus dem eigenen Gebrauch"):
        assert words in german
        assert words not in english
    assert english.partition("SCORES")[2] == german.partition("SCORES")[2]
    assert "Now and then a job is larger than the machine" in english
