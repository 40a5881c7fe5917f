"""The instructor's way, in a real browser: Formgrader's own buttons, on submissions that would do harm if they ran."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from browser_kit import axe_findings, base_of, screenshot
from grading_kit import EXERCISE, MACHINE, filled, run_nbgrader
from playwright.sync_api import Page, expect

from workstation_grader.course import CONFIG_NAME, Course
from workstation_grader.marks import read_marks

pytestmark = pytest.mark.browser

HARM = "<img src=x onerror=\"document.title='HARMED'; window.HARMED = 1\"><script>window.HARMED = 1</script>"


class Formgrader:
    """Formgrader in its own tab, by its own buttons."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.base, self.query = base_of(url)
        self.harmed = False

    def open(self, path: str = "manage_assignments") -> None:
        """Open one of Formgrader's pages."""
        self.page.goto(f"{self.base}/formgrader/{path}?{self.query}", wait_until="networkidle")

    def press(self, column: str, says: str = "Success") -> str:
        """Press a row's button and wait for the window that tells how it went; give its text."""
        self.page.locator(f"tr:has-text('{EXERCISE}') td.{column} a").first.click()
        return self.close_window(says)

    def close_window(self, says: str) -> str:
        """Wait for the window that names *says*, close it, and give its text."""
        window = self.page.locator(".modal.in")
        expect(window).to_contain_text(says, timeout=120_000)
        text = window.inner_text()
        window.locator("button.close, button:has-text('OK')").first.click()
        expect(window).to_have_count(0)
        return text


@pytest.fixture
def formgrader(page: Page, start: Callable, tool: Callable[[str], Path], course: Course, tmp_path: Path) -> Formgrader:
    """Formgrader, started by our command on this test's course, with an exchange of its own."""
    (tmp_path / "exchange").mkdir()
    (tmp_path / "exchange").chmod(0o777)
    config = course.root / CONFIG_NAME
    text = config.read_text(encoding="utf-8") + f"\nc.Exchange.root = {str(tmp_path / 'exchange')!r}\n"
    config.write_text(text, encoding="utf-8")
    server = start(tool("workstation-cohort"), "formgrader", "--no-browser", "--course", course.root, cwd=tmp_path)
    opened = Formgrader(page, server.url)
    opened.open()
    expect(page.locator(f"tr:has-text('{EXERCISE}')").first).to_be_visible()
    return opened


def _harmful(blank: dict, model: dict[str, str], canary: Path) -> dict:
    """The model answers, in a notebook that would act wherever it is run or shown."""
    notebook = filled(blank, model | {"workload": f"{model['workload']}\n{HARM}"})
    code = f"open({str(canary)!r}, 'a').write('ran')"
    own = [
        {"cell_type": "markdown", "metadata": {}, "source": HARM, "attachments": {"x.svg": {"image/svg+xml": HARM}}},
        {"cell_type": "raw", "metadata": {"raw_mimetype": "text/html"}, "source": HARM},
        {"cell_type": "code", "metadata": {}, "execution_count": 1, "source": code,
         "outputs": [{"output_type": "display_data", "metadata": {}, "data": {"text/html": HARM}}]},
    ]  # fmt: skip
    notebook["cells"] = [dict(cell, id=f"own{place}") for place, cell in enumerate(own)] + notebook["cells"]
    notebook["metadata"]["title"] = HARM
    return notebook


def _submit(course: Course, notebook: dict, tmp_path: Path) -> str:
    """Fetch nothing, write the exercise's folder and hand it in through nbgrader's own submit; give the user's name."""
    from nbgrader.utils import get_username

    home = tmp_path / "learner"
    folder = home / EXERCISE
    (folder / "evidence").mkdir(parents=True)
    (folder / f"{EXERCISE}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    shutil.copyfile(MACHINE, folder / "evidence/inventory.json")
    (folder / "workstation.py").write_text("open('canary', 'w').write('ran')", encoding="utf-8")
    settings = f"c = get_config()\nc.Exchange.root = {str(tmp_path / 'exchange')!r}\n"
    (home / "nbgrader_config.py").write_text(
        f"{settings}c.Exchange.cache = {str(home / 'cache')!r}\nc.CourseDirectory.course_id = {course.course_id!r}\n",
        encoding="utf-8",
    )
    run = run_nbgrader(home, "submit", EXERCISE)
    assert run.returncode == 0, run.stderr
    return str(get_username())


def _is_harmed(page: Page) -> bool:
    return bool(page.evaluate("() => window.HARMED === 1")) or "HARMED" in page.title()


def test_the_instructors_way(
    formgrader: Formgrader, page: Page, course: Course, blank: dict, model: dict[str, str], tmp_path: Path
) -> None:
    """Generate, release, collect, autograde and feedback by button; nothing of the learner's runs or acts."""
    canary = tmp_path / "canary"
    formgrader.press("assign")
    formgrader.open()
    formgrader.press("release")
    student = _submit(course, _harmful(blank, model, canary), tmp_path)
    formgrader.open()
    formgrader.press("collect")

    formgrader.open(f"manage_submissions/{EXERCISE}")
    page.locator("td.autograde a").first.click()
    formgrader.close_window("Success")

    assert not canary.exists()
    assert not list(course.root.rglob("canary"))
    marks = read_marks(course.db_url, EXERCISE)[student]
    assert marks.score == marks.max_score

    formgrader.open(f"gradebook/{EXERCISE}/{EXERCISE}")
    page.locator("td.name a").first.click()
    expect(page.locator("#notebook-container").first).to_contain_text("shown as text and not run")
    assert not _is_harmed(page)
    screenshot(page, tmp_path / "shots", ["formgrader"])
    assert page.locator("img[src=x]").count() == 0

    formgrader.open()
    formgrader.press("generate-feedback")
    formgrader.open()
    formgrader.press("release-feedback")
    feedback = course.feedback / student / EXERCISE / f"{EXERCISE}.html"
    page.goto(feedback.as_uri())
    expect(page.locator("h1")).to_be_visible()
    assert not _is_harmed(page)
    assert "You have" in page.locator("main").inner_text()
    assert "ws.check" not in page.content()
    assert axe_findings(page, "main") == {}
    screenshot(page, tmp_path / "shots", ["feedback"])


def _autograde_fails(page: Page) -> None:
    """Press Autograde and see it refused, in whichever way Formgrader tells of it."""
    page.locator("td.autograde a").first.click()
    window = page.locator(".modal.in")
    expect(window).to_contain_text("Error", timeout=120_000)


BROKEN = {"a broken configuration": "undefined_name\n", "the package missing": ""}


@pytest.mark.parametrize("fault", list(BROKEN))
def test_the_button_fails_closed(
    formgrader: Formgrader, page: Page, course: Course, blank: dict, model: dict[str, str], tmp_path: Path, fault: str
) -> None:
    """A configuration that breaks, or a package that goes, after Formgrader was opened: the button runs nothing."""
    canary = tmp_path / "canary"
    formgrader.press("release")
    _submit(course, _harmful(blank, model, canary), tmp_path)
    formgrader.open()
    formgrader.press("collect")
    formgrader.open(f"manage_submissions/{EXERCISE}")
    config = course.root / CONFIG_NAME
    text = config.read_text(encoding="utf-8")
    if fault == "the package missing":
        text = text.replace("workstation_grader.", "workstation_grader_gone.")
    config.write_text(BROKEN[fault] + text, encoding="utf-8")

    _autograde_fails(page)

    assert not canary.exists()
    assert not list(course.root.rglob("canary"))
