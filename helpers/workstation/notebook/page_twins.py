"""Replace a code cell by what a plain page can show of it: a list to read, a table, or the command that does the same.

Answers stand in `details`, which need no script. What the learner kept is shown only where it is passed in.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from string import ascii_lowercase

from workstation.answers.parse import answer_id_of
from workstation.answers.prose import with_code
from workstation.catalog import AnswerForm, Exercise, load_catalog
from workstation.catalog._pages import load_page_calls
from workstation.catalog._walk import WalkChoice, load_walk
from workstation.notebook.cell_calls import Called, calls
from workstation.notebook.lettered import Lettered
from workstation.notebook.matching_model import HARM, MOVE, Row, choices, rows
from workstation.notebook.tables import TABLES, rows_of

__all__ = ["NOT_MINE", "Mine", "twin"]

# A hint's steps stand with its answer, a drawing in words with its recording.
DROPPED = frozenset({"check", "load_catalog", "hint", "recording_plot"})
CHOSEN, PREDICTED, WRITTEN = "You chose", "You predicted", "You wrote"
MEASURE = "The answer is a measurement of your own machine: write your number down first, then measure."
IN_LAB = "This cell runs in JupyterLab."
LETTER = len("a. ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mine:
    """What a learner kept: by id, the text of answers, the letters or values of choices and predictions."""

    written: Mapping[str, str] = field(default_factory=dict)
    chosen: Mapping[str, str] = field(default_factory=dict)
    predicted: Mapping[str, str] = field(default_factory=dict)


NOT_MINE = Mine()


def twin(source: str, task: Exercise | None, mine: Mine = NOT_MINE) -> str:
    """Give the HTML that stands for a code cell; nothing where a reader misses nothing."""
    answer = answer_id_of(source)
    if answer is not None:
        return _answer(answer, task, mine)
    called = calls(source)
    if not called and _only_imports(source):
        return ""
    shown = [TWINS[each.name](each, mine) for each in called if each.name in TWINS]
    left = [each for each in called if each.name not in TWINS and each.name not in DROPPED]
    if called and not left:
        return "\n".join(shown)
    return "\n".join([_runs(source, left), *shown])


def _only_imports(source: str) -> bool:
    lines = [line.strip() for line in source.splitlines() if line.strip() and not line.strip().startswith("#")]
    return all(line.startswith(("import ", "from ")) for line in lines)


def _runs(source: str, called: Iterable[Called]) -> str:
    """Show a cell that a page cannot run, what it would show, and the command for a terminal."""
    known = [load_page_calls()[each.name] for each in called if each.name in load_page_calls()]
    said = [f"In JupyterLab this shows {entry.shows}." for entry in known] or [IN_LAB]
    commands = dict.fromkeys(entry.command for entry in known if entry.command is not None)
    terminal = "".join(f" In a terminal: <code>{escape(command)}</code>" for command in commands)
    words = " ".join(map(escape, dict.fromkeys(said)))
    return f'<div class="runs"><pre><code>{escape(source)}</code></pre>\n<p>{words}{terminal}</p></div>'


def _answer(name: str, task: Exercise | None, mine: Mine) -> str:
    form = next((each for each in task.answers if each.id == name), None) if task is not None else None
    if form is None or task is None:
        return f'<p class="runs">Write here in your own words: <code>{escape(name)}</code>.</p>'
    labels = "".join(f"<li>{escape(entry.label)}:</li>" for entry in form.fields)
    lines = f"<ul>{labels}</ul>" if labels else ""
    own = mine.written.get(name, "").strip()
    kept = f"<p>{WRITTEN}:</p><blockquote><pre>{escape(own)}</pre></blockquote>" if own else ""
    head = f"<p><strong>Write in your own words: {escape(form.title)}.</strong></p>"
    return f'<div class="runs">{head}{lines}{kept}{_criteria(form, task)}</div>'


def _criteria(form: AnswerForm, task: Exercise) -> str:
    """List what an answer is looked at for, each with its hints in steps."""
    items = []
    for entry in task.criteria:
        if entry.answer == form.id:
            points = f" ({entry.points:g} point{'' if entry.points == 1 else 's'})" if entry.points else ""
            hints = "".join(
                f"<details><summary>Hint {number} of {len(entry.hints)}: {escape(entry.title)}</summary>"
                f"<p>{with_code(text)}</p></details>"
                for number, text in enumerate(entry.hints, 1)
            )
            items.append(f"<li>{escape(entry.title)}{points}{hints}</li>")
    return f"<p>It is looked at for:</p><ul>{''.join(items)}</ul>" if items else ""


def _self_check(called: Called, mine: Mine) -> str:
    items = ""
    for each in load_catalog().questions.values():
        if each.lesson == called.first:
            asked = Lettered(id=each.id, question=each.question, texts=each.choices, correct=each.correct)
            items += f"<li>{_choice(asked, each.reasons, mine)}</li>\n"
    return f'<ol class="questions">{items}</ol>'


def _scenario(called: Called, mine: Mine) -> str:
    entry = load_catalog().scenarios.get(called.first)
    if entry is None:
        return ""
    lettered = Lettered(id=f"scenario.{entry.id}", question=entry.question, texts=entry.choices, correct=entry.correct)
    model = f"<p><strong>A full answer:</strong> {escape(entry.model_answer)}</p>"
    told = f"<p><strong>{escape(entry.name)}.</strong> {escape(entry.situation)}</p>"
    return f'<div class="runs">{told}{_choice(lettered, entry.reasons, mine, more=model)}</div>'


def _choice(asked: Lettered, reasons: Iterable[str], mine: Mine, *, more: str = "") -> str:
    """Put a question with its choices; which one is right, and all reasons, stand folded below."""
    listed = "".join(f"<li>{escape(text)}</li>" for text in asked.texts)
    told = "".join(
        f"<li>{letter}{': right' if letter == asked.right else ': not this one'}. {escape(reason)}</li>"
        for letter, reason in zip(ascii_lowercase, reasons, strict=False)
    )
    letter = mine.chosen.get(asked.id)
    kept = f"<p>{CHOSEN} {escape(letter)}.</p>" if letter is not None else ""
    return (
        f'<p>{escape(asked.question)}</p><ol class="letters">{listed}</ol>{kept}'
        f'<details><summary>Answer: {escape(asked.question)}</summary><ul class="plain">{told}</ul>{more}</details>'
    )


def _match(_called: Called, mine: Mine) -> str:
    found, lists = rows(), ""
    for part, title in ((HARM, "What it does to you"), (MOVE, "The better move")):
        items = "".join(f"<li>{escape(text[LETTER:])}</li>" for text in choices(part).values())
        lists += f'<p>{title}:</p><ol class="letters">{items}</ol>'
    names = "".join(f"<li>{escape(row.mistake.name)}{_matched(row, mine)}</li>" for row in found)
    solved = "".join(
        f"<li>{escape(row.mistake.name)}: harm {row.part(HARM).right}, better move {row.part(MOVE).right}. "
        f"{escape(row.mistake.why)}</li>"
        for row in found
    )
    return (
        f'<div class="runs"><p>The mistakes:</p><ol>{names}</ol>{lists}'
        f"<details><summary>Which belong together, and why</summary><ol>{solved}</ol></details></div>"
    )


def _matched(row: Row, mine: Mine) -> str:
    kept = [
        f"{word} {mine.chosen[row.part(part).id]}"
        for word, part in (("harm", HARM), ("better move", MOVE))
        if row.part(part).id in mine.chosen
    ]
    return f" ({CHOSEN}: {escape(', '.join(kept))})" if kept else ""


def _predict(called: Called, mine: Mine) -> str:
    question = called.arguments[1] if len(called.arguments) > 1 else None
    unit, options = called.named.get("unit"), called.named.get("choices")
    names = {entry.id: entry.name for entry in load_catalog().constraints.values()}
    listed = [names.get(each, str(each)) for each in options] if isinstance(options, tuple | list) else []
    items = f"<ul>{''.join(f'<li>{escape(each)}</li>' for each in listed)}</ul>" if listed else ""
    how = f" Write a number in {unit} on paper." if isinstance(unit, str) else " Choose before you read on."
    kept = f"<p>{PREDICTED} {escape(mine.predicted[called.first])}.</p>" if called.first in mine.predicted else ""
    asked = f"<p><strong>Predict.</strong> {escape(str(question or ''))}{escape(how)}</p>"
    return f'<div class="runs">{asked}{items}{kept}</div>'


def _compare(called: Called, _mine: Mine) -> str:
    value = called.arguments[1] if len(called.arguments) > 1 else None
    if not isinstance(value, str | int | float):
        return f'<p class="runs">{MEASURE}</p>'
    names = {entry.id: entry.name for entry in load_catalog().constraints.values()}
    shown = names.get(value, value) if isinstance(value, str) else f"{value:g}"
    return f"<details><summary>The answer to your prediction</summary><p>{escape(str(shown))}</p></details>"


def _table(called: Called, _mine: Mine) -> str:
    drawn = TABLES.get(called.first or "families")
    if drawn is None:
        return ""
    entries = list(drawn.rows(load_catalog()))
    return rows_of(drawn.columns, entries, drawn.caption.format(count=len(entries))).html


def _decide(_called: Called, _mine: Mine) -> str:
    """Lay out the whole decision walk: every question, every answer, and where it leads."""
    walk = load_walk()
    places = {name: number for number, name in enumerate(walk.questions, 1)}

    def leads(choice: WalkChoice) -> str:
        if choice.goes_to is not None:
            return f"go to question {places[choice.goes_to]}"
        end = walk.ends[choice.ends_in or ""]
        name = load_catalog().decisions[end.decision].name
        return f"{name}. {end.means} What should wait: {end.waits} Look again {end.revisit}."

    items = ""
    for asked in walk.questions.values():
        answers = "".join(
            f"<li>{escape(each.text)} It can rest on: {escape(', '.join(each.evidence))}. "
            f"Then: {escape(leads(each))}</li>"
            for each in asked.choices
        )
        items += f"<li><p>{escape(asked.question)} {escape(asked.why)}</p><ul>{answers}</ul></li>\n"
    return f'<div class="runs"><p>The decision walk, question by question:</p><ol>{items}</ol></div>'


def _recording(called: Called, _mine: Mine) -> str:
    from workstation.notebook.page_recordings import recording_twin  # late: numbers and rules, for few cells

    return recording_twin(called.first) if called.first else ""


TWINS: Mapping[str, Callable[[Called, Mine], str]] = {
    "compare": _compare,
    "decide": _decide,
    "example_recording": _recording,
    "families": _table,
    "match_mistakes": _match,
    "predict": _predict,
    "scenario": _scenario,
    "self_check": _self_check,
    "table": _table,
}
