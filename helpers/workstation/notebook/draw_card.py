"""Show drawn cases: each as a card with its text twin, and what the draw itself is."""

from html import escape

from workstation.answers.draws import DRAW_FILE
from workstation.answers.model import Draw
from workstation.answers.prose import plain, with_code
from workstation.catalog._cases import SymptomCase, load_cases
from workstation.notebook.theme import Fragment, card

__all__ = ["ask_card", "case_card", "drawn_card"]

ASK = "Your cases are drawn by your id in the course."
HOW = (
    'Type it into the form above. Without a form: `ws.draw_cases("your-course-id")`, with the id that your class '
    "writes."
)
WHERE = (
    f"They are kept in evidence/{DRAW_FILE} beside this notebook and handed in with it. Your id is not in that file, "
    "only a digest of it."
)
READ = "Plot the recording and read it before you write:"
SECOND_OPINION = (
    "Once your three lines stand, `ws.diagnose(run)` may be asked for a second opinion. It is not needed, and it tells "
    "no fix and no counter-evidence; where you and it differ, look at the plot again."
)


def case_card(case: SymptomCase, number: int) -> Fragment:
    """Show one case; for a recording, say how to plot it and what the diagnosis may be used for."""
    status, code = f"Case {number}", _code(case)
    parts = [f"<p>{with_code(case.text)}</p>"]
    lines = [f"{status}: {plain(case.text)}"]
    if code:
        parts += [f"<p>{READ}</p>", f"<pre><code>{escape(code)}</code></pre>", f"<p>{with_code(SECOND_OPINION)}</p>"]
        lines += [READ, *(f"    {line}" for line in code.splitlines()), plain(SECOND_OPINION)]
    return Fragment(card(status, "\n".join(parts), f"{status}."), "\n".join(lines))


def drawn_card(draw: Draw, said: str) -> Fragment:
    """Show that cases are drawn, how many of them are recordings, and where the draw is kept."""
    count = sum(load_cases()[name].recording is not None for name in draw.cases)
    recordings = f'{count} of them are recordings to plot and read. `ws.case("case-1")` shows the first.'
    body = f"<p>{with_code(recordings)}</p>\n<p>{escape(WHERE)}</p>"
    return Fragment(card("Your cases", body, said), "\n".join(map(plain, (said, recordings, WHERE))))


def ask_card() -> Fragment:
    """Say how to draw where no form can be shown."""
    return Fragment(card("Your cases", f"<p>{with_code(HOW)}</p>", ASK), f"{ASK}\n{plain(HOW)}")


def _code(case: SymptomCase) -> str:
    if case.recording is None:
        return ""
    return f'run = ws.example_recording("{case.recording}")\nws.recording_plot(run, [])'
