"""What people do on the class server, in a browser: Formgrader's buttons, the Assignment List, answering, a kernel."""

from browser_kit import poll, run_all
from grading_kit import EXERCISE
from hub_kit import ClassServer
from playwright.sync_api import Locator, Page, expect


class Formgrader:
    """Formgrader on the instructor's server, by its own buttons."""

    def __init__(self, page: Page, hub: ClassServer) -> None:
        self.page, self.base = page, f"{hub.url}/user/{hub.instructor}/formgrader"

    def open(self, path: str) -> None:
        """Open one of its pages."""
        self.page.goto(f"{self.base}/{path}", wait_until="networkidle")

    def press(self, column: str) -> None:
        """Press the exercise's button in a column, and see it succeed."""
        self.open("manage_assignments")
        self.page.locator(f"tr:has-text('{EXERCISE}') td.{column} a").first.click()
        self._close()

    def autograde(self, learner: str) -> None:
        """Grade one learner's submission by its button."""
        self.open(f"manage_submissions/{EXERCISE}")
        self.page.locator(f"tr:has-text('{learner}') td.autograde a").first.click()
        self._close()

    def _close(self) -> None:
        window = self.page.locator(".modal.in")
        expect(window).to_contain_text("Success", timeout=180_000)
        window.locator("button.close, button:has-text('OK')").first.click()
        expect(window).to_have_count(0)


def assignments(page: Page, part: str) -> Locator:
    """Open the Assignment List anew and give one of its parts."""
    page.evaluate("""async () => { for (const w of [...jupyterapp.shell.widgets('main')])
        if (w.title.label === 'Assignments') w.close();
      await jupyterapp.commands.execute('nbgrader:open-assignment-list'); }""")
    row = page.locator(f"#{part}_assignments_list .list_item").first
    expect(row).to_be_visible()
    return row


def answer_exercise(page: Page, answers: dict[str, str]) -> None:
    """Open the fetched exercise, write the answers into their cells, run everything and save."""
    place = f"{EXERCISE}/{EXERCISE}.ipynb"
    page.evaluate("async (path) => { await jupyterapp.commands.execute('docmanager:open', {path}); }", place)
    opened = f"const w = app.shell.currentWidget; return w.context && w.context.path === '{place}' && w.context.isReady"
    poll(page, opened)
    page.evaluate(
        """(answers) => { for (const cell of jupyterapp.shell.currentWidget.content.model.cells) {
          const own = cell.sharedModel.getMetadata('nbgrader');
          if (own && own.grade_id in answers)
            cell.sharedModel.setSource('%%answer ' + own.grade_id + '\\n' + answers[own.grade_id]); } }""",
        answers,
    )
    run_all(page)
    page.evaluate("async () => { await jupyterapp.commands.execute('docmanager:save'); }")
    poll(page, "return !app.shell.currentWidget.context.model.dirty")


def in_kernel(page: Page, code: str) -> str:
    """Run code in a kernel of the person's own server, and give what it printed, or how it ended."""
    return page.evaluate(
        """async (code) => {
          const kernel = await jupyterapp.serviceManager.kernels.startNew({name: 'python3'});
          let text = ''; let died;
          const death = new Promise(resolve => { died = resolve; });
          kernel.statusChanged.connect((_, status) => {
            if (status === 'dead' || status === 'autorestarting' || status === 'restarting') died('KERNEL DIED'); });
          const future = kernel.requestExecute({code});
          future.onIOPub = m => { if (m.content.text) text += m.content.text;
                                  if (m.content.evalue) text += m.content.ename + ': ' + m.content.evalue; };
          const end = await Promise.race([future.done.then(() => ''), death]);
          try { await kernel.shutdown(); } catch (e) { text += ''; }
          return text + end; }""",
        code,
    )
