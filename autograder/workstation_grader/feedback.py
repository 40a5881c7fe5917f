"""Render what a learner gets back: scores first, a reason and a next step for each criterion, no tests, no tracebacks.

The page is built from the graded copy's criteria and the gradebook's marks alone. Everything is escaped, nothing is
loaded from elsewhere, and a browser without style sheets still reads it in order.
"""

import html
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from workstation.answers.html import criteria_html
from workstation.answers.model import Criterion
from workstation.answers.score import test_cells
from workstation.catalog import load_catalog
from workstation.errors import CohortError
from workstation_grader.files import write_atomically
from workstation_grader.grade import only
from workstation_grader.leaks import Leak, Secrets, leaks_in_page, secrets_of
from workstation_grader.marks import Marks, read_marks
from workstation_grader.master import grade_id_of, is_grade, is_solution, source_of
from workstation_grader.parallel import chunks_of, on_cores
from workstation_grader.submission import EXCHANGE_FILES, NAMES_TOLD, parse_stamp

BATCH = 50
PARALLEL_FROM = 2_000  # a page takes a millisecond, and starting a worker as long as a thousand of them

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #1f2328; background: #fff; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid #d0d7de; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #f6f8fa; padding: .8rem; border-left: 3px solid #57606a; }
section { margin-top: 2rem; } li { margin-bottom: .6rem; } .note { background: #fff8c5; padding: .6rem .8rem; }
@media (prefers-color-scheme: dark) { body { color: #e6edf3; background: #0d1117; } pre { background: #161b22; }
  th, td { border-color: #30363d; } .note { background: #3b2f00; } }
"""  # noqa: E501 - one rule a line reads best


def criteria_of(cell: Mapping[str, Any]) -> tuple[Criterion, ...]:
    """Give the criteria that a graded test cell carries; a cell without any gives none."""
    own = cell.get("metadata", {}).get("workstation", {}).get("criteria", ())
    return tuple(Criterion(**fields) for fields in own)


def _points(value: float) -> str:
    return f"{value:g}"


def _score_table(marks: Marks, titles: Mapping[str, str]) -> str:
    rows = []
    for grade_id, title in titles.items():
        mark = marks.cells.get(grade_id)
        if mark is None:
            continue
        note = "by a person" if mark.by_hand else "waits for a person" if mark.needs_review else "by the rubric"
        rows.append(
            f'<tr><th scope="row">{html.escape(title)}</th><td class="n">{_points(mark.score)}</td>'
            f'<td class="n">{_points(mark.max_score)}</td><td>{note}</td></tr>'
        )
    if marks.late_penalty:
        rows.append(
            f'<tr><th scope="row">Handed in late</th><td class="n">-{_points(marks.late_penalty)}</td>'
            "<td></td><td></td></tr>"
        )
    total = (
        f'<tr><th scope="row">Total</th><td class="n"><strong>{_points(marks.score)}</strong></td>'
        f'<td class="n"><strong>{_points(marks.max_score)}</strong></td><td></td></tr>'
    )
    head = '<tr><th scope="col">Part</th><th scope="col" class="n">Points</th><th scope="col" class="n">of</th><th scope="col">Judged</th></tr>'  # noqa: E501
    return f"<table><thead>{head}</thead><tbody>{''.join(rows)}{total}</tbody></table>"


def _titles(exercise: str) -> dict[str, str]:
    """Name each test cell by its answer's title, numbered where an answer has several."""
    titles = {form.id: form.title for form in load_catalog().exercises[exercise].answers}
    cells = test_cells(exercise)
    parts = Counter(cell.answer for cell in cells)
    named = {}
    for cell in cells:
        part = f", part {cell.group}" if parts[cell.answer] > 1 else ""
        named[f"check-{cell.answer}-{cell.group}"] = titles[cell.answer] + part
    return named


def _problems(notebook: Mapping[str, Any]) -> str:
    found = notebook["metadata"].get("workstation", {}).get("problems", ())
    if not found:
        return ""
    items = "".join(f"<li>{html.escape(problem['message'])}</li>" for problem in found)
    return f'<section class="note"><h2>About your file</h2><ul>{items}</ul></section>'


def _sections(notebook: Mapping[str, Any], marks: Marks, exercise: str) -> str:
    """Show each answer once: its title, the learner's words, a person's comment, and how it was judged."""
    parts: list[str] = []
    cells = [cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader")]
    for form in load_catalog().exercises[exercise].answers:
        own = [cell for cell in cells if _answer_of(cell) == form.id]
        parts.append(f"<section><h2>{html.escape(form.title)}</h2>")
        parts += [
            _told(notebook, cell) + _words(cell, marks) if is_solution(cell) else _judgement(cell, marks, exercise)
            for cell in own
        ]
        parts.append("</section>")
    return "".join(parts)


def _answer_of(cell: Mapping[str, Any]) -> str:
    """Tell which answer a cell holds or tests."""
    grade_id = grade_id_of(cell)
    return grade_id.removeprefix("check-").rsplit("-", 1)[0] if is_grade(cell) else grade_id


def _told(notebook: Mapping[str, Any], cell: Mapping[str, Any]) -> str:
    """Show the drawn case that an answer is about, where it is about one."""
    case = notebook["metadata"].get("workstation", {}).get("cases", {}).get(grade_id_of(cell))
    if case is None:
        return ""
    recording = f"<p>Its recording: <code>{html.escape(case['recording'])}</code></p>" if case["recording"] else ""
    note = f'<p class="note">{html.escape(case["note"])}</p>' if case["note"] else ""
    return f"<h3>The case</h3><blockquote>{html.escape(case['text'])}</blockquote>{recording}{note}"


def _words(cell: Mapping[str, Any], marks: Marks) -> str:
    """Show a learner's words as they stand, and what a person wrote about them."""
    comment = marks.comments.get(grade_id_of(cell))
    note = f'<p class="note"><strong>Your instructor writes:</strong> {html.escape(comment)}</p>' if comment else ""
    return f"<h3>You wrote</h3><pre>{html.escape(_body(cell))}</pre>{note}<h3>How it was judged</h3>"


def _judgement(cell: Mapping[str, Any], marks: Marks, exercise: str) -> str:
    """Show a part's criteria with reasons; where a person judged it, say first that theirs is the judgement."""
    criteria, mark = criteria_of(cell), marks.cells.get(grade_id_of(cell))
    found = criteria_html(list(criteria), only(exercise, criteria)) if criteria else ""
    if mark is not None and mark.by_hand:
        count = f"{_points(mark.score)} of {_points(mark.max_score)} points"
        before = "Before that, the rubric had found:" if found else ""
        return f'<p class="note">A person judged this part: {count}. That is what counts. {before}</p>{found}'
    return found or "<p>Nothing could be read here; a person will look at it.</p>"


def _body(cell: Mapping[str, Any]) -> str:
    """Show an answer without its magic line."""
    source = source_of(cell)
    first, _, rest = source.partition("\n")
    return (rest if first.startswith("%%answer") else source).strip() or "(no answer)"


def _waiting(cell: Mapping[str, Any], marks: Marks) -> float:
    """Count the points of a test cell that a person may still add: its criteria in review, else all of it."""
    mark = marks.cells.get(grade_id_of(cell))
    if mark is None or not mark.needs_review:
        return 0.0
    criteria = criteria_of(cell)
    pending = sum(criterion.points for criterion in criteria if criterion.outcome == "needs review")
    return pending if criteria else mark.max_score - mark.score


def _of_what(notebook: Mapping[str, Any], exercise: str, handed_in: str | None) -> str:
    """Say what a page is about, for whoever keeps several: the exercise's id, when it was handed in, the rubric."""
    stamp = parse_stamp(handed_in)
    when = f"handed in {stamp:%Y-%m-%d %H:%M} UTC" if stamp else "when it was handed in is not known"
    versions = notebook["metadata"].get("workstation", {}).get("versions", {})
    rubric = html.escape(str(versions.get("rubric", "unknown")))
    return f"<p>Exercise {html.escape(exercise)}, {when}, judged by rubric version {rubric}.</p>"


def feedback_page(notebook: Mapping[str, Any], marks: Marks, *, exercise: str, handed_in: str | None = None) -> str:
    """Render one learner's page from the graded copy, the gradebook's marks, and the stamp of when it was handed in."""
    name = html.escape(load_catalog().exercises[exercise].name)
    titles = _titles(exercise)
    waiting = sum(_waiting(cell, marks) for cell in notebook["cells"])
    pending = f" Up to {_points(waiting)} more points wait for a person." if waiting else ""
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width">'
        f"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>Feedback: {name}</title><style>{_STYLE}</style></head><body><main><h1>{name}</h1>"
        f"{_of_what(notebook, exercise, handed_in)}"
        f"<p>You have {_points(marks.score)} of {_points(marks.max_score)} points.{pending}</p>"
        f"{_score_table(marks, titles)}{_problems(notebook)}{_sections(notebook, marks, exercise)}"
        f"</main></body></html>\n"
    )


def handed_in_of(folder: Path) -> str | None:
    """Read when a submission was handed in from its graded copy's folder, where that was noted."""
    stamp = folder / "timestamp.txt"
    return stamp.read_text(encoding="ascii", errors="replace").strip() if stamp.is_file() else None


def scanned_page(
    notebook: Mapping[str, Any], marks: Marks, secrets: Secrets, *, exercise: str, handed_in: str | None, student: str
) -> tuple[str, list[Leak]]:
    """Render one learner's page and look in it for what belongs to instructors, before anybody gets it."""
    page = feedback_page(notebook, marks, exercise=exercise, handed_in=handed_in)
    own = {grade_id_of(cell): _body(cell) for cell in notebook["cells"] if is_solution(cell)}
    problems = notebook["metadata"].get("workstation", {}).get("problems", ())
    own |= {
        f"problem {place}": str(each["message"]) for place, each in enumerate(problems) if each["code"] == NAMES_TOLD
    }
    return page, leaks_in_page(page, own, secrets, name=f"{student}'s page")


def write_feedback(
    autograded: Path,
    target: Path,
    db_url: str,
    exercise: str,
    students: Sequence[str] = (),
    *,
    secrets: Secrets | None = None,
    withheld: list[Leak] | None = None,
    jobs: int = -1,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> list[Path]:
    """Write the feedback page of every graded learner, or of some; give the paths.

    A page that holds what belongs to instructors is not written, and an earlier one in its place goes.

    Args:
        autograded: the folder of graded copies.
        target: the folder of pages.
        db_url: the gradebook's address.
        exercise: the exercise's name.
        students: only these learners; empty for everybody.
        secrets: what no page may hold; without it, what the solutions beside *autograded* tell.
        withheld: filled with what was found in pages that were not written.
        jobs: worker processes; -1 is one a core, four at most.
        progress: called with how many are done and how many there are.

    Raises:
        CohortError: a page was withheld, and *withheld* is not there to say so; the other pages are written.
    """
    marks = sorted(read_marks(db_url, exercise, students or None).items())
    secrets = secrets or secrets_of(autograded.parent / "solutions" / exercise)
    write = partial(write_some, autograded=autograded, target=target, exercise=exercise, secrets=secrets)
    chunks, spread = chunks_of(marks, BATCH), jobs != 1 and len(marks) >= PARALLEL_FROM
    pages: list[Path] = []
    found: list[Leak] = []
    for done, (written, leaks) in enumerate(on_cores(write, chunks, jobs=jobs) if spread else map(write, chunks), 1):
        pages += written
        found += leaks
        progress(min(done * BATCH, len(marks)), len(marks))
    if withheld is None:
        refuse_leaking_pages(found)
    else:
        withheld += found
    return sorted(pages)


def write_some(
    marks: Sequence[tuple[str, Marks]], *, autograded: Path, target: Path, exercise: str, secrets: Secrets
) -> tuple[list[Path], list[Leak]]:
    """Write the pages of some learners, each in a folder of its own; give them, and what kept others from it."""
    pages: list[Path] = []
    found: list[Leak] = []
    for name, own in marks:
        graded = autograded / name / exercise / f"{exercise}.ipynb"
        if not graded.is_file():
            continue
        notebook = json.loads(graded.read_bytes())
        handed_in, path = handed_in_of(graded.parent), target / name / exercise / f"{exercise}.html"
        page, leaks = scanned_page(notebook, own, secrets, exercise=exercise, handed_in=handed_in, student=name)
        if leaks:
            path.unlink(missing_ok=True)
            found += leaks
            continue
        write_atomically(path, page.encode("utf-8"))
        for kept in filter(Path.is_file, (graded.parent / file for file in EXCHANGE_FILES)):
            write_atomically(path.parent / kept.name, kept.read_bytes())
        pages.append(path)
    return pages, found


def refuse_leaking_pages(leaks: Sequence[Leak]) -> None:
    """Say which pages were withheld, and why.

    Raises:
        CohortError: there are any.
    """
    if leaks:
        listing = "\n".join(f"  {leak.file}: {leak.what}" for leak in dict.fromkeys(leaks))
        raise CohortError(
            f"Some pages would give away what belongs to instructors and were not written:\n{listing}\n"
            "If it comes from a comment in Formgrader, change that; else from the rubric's words. Then run this again."
        )
