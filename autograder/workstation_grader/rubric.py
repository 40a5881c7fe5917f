"""Print an exercise's rubric for people who mark on paper or read along: always made from the catalogue.

Pure: an exercise in, a page out. Criteria keep the rubric's order, under the answer that they belong to.
"""

from collections.abc import Iterator
from html import escape

from workstation.catalog import AnswerForm, Exercise, RubricCriterion

__all__ = ["rubric_html", "rubric_markdown"]

HEADINGS = ("Criterion", "Points", "Judged", "Earned")
WHEN = {False: "at once", True: "at grading"}
_STYLE = (
    "body{font:11pt/1.4 serif;max-width:48em;margin:2em auto;padding:0 1em}table{border-collapse:collapse;width:100%}"
    "th,td{border:1px solid;padding:.3em .5em;text-align:start;vertical-align:top}td+td{white-space:nowrap}"
    "caption,h2{text-align:start;break-after:avoid}tr{break-inside:avoid}"
)


def rubric_markdown(exercise: Exercise) -> str:
    """Write the rubric as Markdown tables; the last column is for a pen."""
    return "\n".join([f"# {_title(exercise)}", "", _total(exercise), *_markdown_parts(exercise), ""])


def rubric_html(exercise: Exercise) -> str:
    """Write the rubric as one page that prints well and needs nothing else."""
    title = escape(_title(exercise))
    parts = "\n".join(_html_part(form, own) for form, own in _parts(exercise))
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head><body>\n<h1>{title}</h1>\n<p>{escape(_total(exercise))}</p>\n{parts}\n</body></html>\n"
    )


def _parts(exercise: Exercise) -> Iterator[tuple[AnswerForm, list[RubricCriterion]]]:
    for form in exercise.answers:
        if own := [entry for entry in exercise.criteria if entry.answer == form.id]:
            yield form, own


def _markdown_parts(exercise: Exercise) -> Iterator[str]:
    for form, own in _parts(exercise):
        yield from ("", f"## {form.title}", "", _row(HEADINGS), _row(["---"] * len(HEADINGS)))
        yield from (_row(_cells(entry)) for entry in own)


def _html_part(form: AnswerForm, own: list[RubricCriterion]) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in HEADINGS)
    rows = "".join(f"<tr>{''.join(f'<td>{escape(text)}</td>' for text in _cells(entry))}</tr>\n" for entry in own)
    return f"<h2>{escape(form.title)}</h2>\n<table><thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody></table>"


def _cells(entry: RubricCriterion) -> tuple[str, ...]:
    return (f"{entry.title} ({entry.id})", f"{entry.points:g}", WHEN[entry.at_grading], "")


def _row(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _title(exercise: Exercise) -> str:
    return f"Rubric: {exercise.name}"


def _total(exercise: Exercise) -> str:
    points = sum(entry.points for entry in exercise.criteria)
    return f"Exercise {exercise.id}, {len(exercise.criteria)} criteria, {points:g} points."
