"""The learner's way in a real browser: the README's command, the first lesson, the exercise by keyboard, submit."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from browser_kit import axe_findings, errors_of, open_lab, outputs_of, poll, run_all, screenshot, wait_idle
from grading_kit import EXERCISE, ROOT, SOLUTION
from playwright.sync_api import Page, expect

from workstation_grader.batch import grade_cohort
from workstation_grader.course import Course
from workstation_grader.marks import read_marks
from workstation_grader.selftest import model_answers
from workstation_grader.transfer import collect_from_zips

pytestmark = pytest.mark.browser

LESSON = ".jp-NotebookPanel:not(.lm-mod-hidden)"


def _active_grade_id(page: Page) -> str:
    return page.evaluate("""() => {
      const cell = jupyterapp.shell.currentWidget.content.activeCell;
      const own = cell.model.sharedModel.getMetadata('nbgrader');
      return (own && own.grade_id) || ''; }""")


def _active_is_last(page: Page) -> bool:
    return page.evaluate("""() => { const c = jupyterapp.shell.currentWidget.content;
      return c.activeCellIndex === c.widgets.length - 1; }""")


def _type_answer(page: Page, body: str) -> None:
    """Fill the active answer cell in by keyboard: a field's text after its label, a paragraph at the end."""
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Home")
    lines = [line for line in body.splitlines() if line.strip()]
    labels = page.evaluate("() => jupyterapp.shell.currentWidget.content.activeCell.model.sharedModel.getSource()")
    if ":" not in labels:
        page.keyboard.press("Control+End")
        page.keyboard.insert_text("\n" + "\n".join(lines))
        return
    current = ""
    texts: dict[str, list[str]] = {}
    for line in lines:
        if line.endswith(":") and line in labels:
            current = line
        else:
            texts.setdefault(current, []).append(line)
    for line in labels.splitlines():
        if line in texts:
            page.keyboard.press("End")
            page.keyboard.type(" " + " ".join(texts[line]))
        page.keyboard.press("ArrowDown")


def _run_active(page: Page) -> None:
    """Press Shift+Enter and wait until the cell has run and the kernel rests."""
    page.evaluate("() => { window._ran = jupyterapp.shell.currentWidget.content.activeCell; }")
    page.keyboard.press("Shift+Enter")
    poll(
        page,
        """const ran = window._ran; const w = app.shell.currentWidget;
      if (ran.model.type !== 'code' || !ran.model.sharedModel.getSource().trim()) return true;
      return ran.model.executionCount !== null && w.sessionContext.session.kernel.status === 'idle';""",
    )


def _walk_exercise(page: Page, answers: dict[str, str]) -> None:
    """Go through the open exercise from its first cell to its last, pressing keys only."""
    page.keyboard.press("Escape")
    page.keyboard.press("Control+Home")
    page.evaluate("() => { jupyterapp.shell.currentWidget.content.activate(); }")
    poll(page, "return app.shell.currentWidget.content.activeCellIndex === 0")
    while not _active_is_last(page):
        grade_id = _active_grade_id(page)
        if grade_id in answers:
            _type_answer(page, answers[grade_id])
        _run_active(page)


def test_the_learners_way(
    page: Page, start: Callable, tool: Callable[[str], Path], home: dict[str, str], tmp_path: Path, course: Course
) -> None:
    """From the README's command to a graded answer, on the learner's own machine."""
    work = tmp_path / "my course"
    server = start(sys.executable, ROOT / "start.py", "--no-browser", "--dir", work, cwd=ROOT)
    clicks: list[str] = []
    page.on("console", lambda message: clicks.append(message.text) if "MOUSE" in message.text else None)

    open_lab(page, server.url)
    expect(page.get_by_text("Would you like to get notified about official Jupyter news?")).to_have_count(0)
    run_all(page)
    assert errors_of(page) == []
    card = page.locator(f"{LESSON} .jp-OutputArea-output", has_text="GiB").first
    expect(card).to_be_visible()
    screenshot(page, tmp_path / "shots", ["lesson"])
    assert axe_findings(page, LESSON) == {}

    page.evaluate(
        "async (path) => { await jupyterapp.commands.execute('docmanager:open', {path}); }",
        f"exercises/{EXERCISE}/{EXERCISE}.ipynb",
    )
    poll(
        page,
        f"return app.shell.currentWidget.context && app.shell.currentWidget.context.path.endsWith('{EXERCISE}.ipynb')",
    )
    wait_idle(page)
    page.evaluate("() => document.addEventListener('mousedown', () => console.log('MOUSE'), true)")
    _walk_exercise(page, model_answers(SOLUTION, EXERCISE))
    assert errors_of(page) == []
    floats = [
        out["data"]["text/plain"] for cell in outputs_of(page) for out in cell if out["output_type"] == "execute_result"
    ]
    assert all(float(number) > 0 for number in floats if number.replace(".", "").isdigit())
    expect(page.locator(f"{LESSON} .ws-met").first).to_be_attached()
    assert axe_findings(page, LESSON) == {}
    page.keyboard.press("Control+s")
    poll(page, "return !app.shell.currentWidget.context.model.dirty")
    screenshot(page, tmp_path / "shots", ["exercise"])
    assert clicks == [], "no mouse event in the exercise"

    packed = subprocess.run(
        [tool("workstation"), "submit", EXERCISE, "--dir", work],
        env=home,
        cwd=work,
        text=True,
        capture_output=True,
        check=False,
    )
    assert packed.returncode == 0, packed.stderr
    archives = list((work / "submissions").glob("*.zip"))
    inbox = tmp_path / "downloads"
    inbox.mkdir()
    archives[0].rename(inbox / f"ada__{archives[0].name}")

    collected = collect_from_zips(course, EXERCISE, inbox)
    grade_cohort(course, EXERCISE)

    assert collected.students == ["ada"]
    marks = read_marks(course.db_url, EXERCISE)["ada"]
    for grade_id in ("check-workload-1", "check-archetype-1", "check-evidence-1"):
        assert marks.cells[grade_id].score == marks.cells[grade_id].max_score, grade_id
