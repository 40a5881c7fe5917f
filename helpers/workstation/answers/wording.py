"""Tell a learner's own words from the exercise's: what is copied from the page is no answer.

A run of eight words that stands in the exercise's own Markdown (its instructions, a row of its tables, a "What counts"
line) is blanked before judging, as instructions to the grader are. Shorter ones are anybody's English, unless the whole
answer is one: a cell of the archetype table, or a hint.
"""

import json
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from workstation.answers.criteria.text import read
from workstation.catalog import load_catalog
from workstation.catalog._cases import load_cases
from workstation.errors import MaterialsError
from workstation.materials import course_root, exercises_root

__all__ = ["RUN_WORDS", "Runs", "own_words", "runs_of", "wording_of"]

RUN_WORDS = 8
DRAWING = "symptom-mapping"  # its cases come from the bank, and their words are no answer either
_CELL_WORDS = 4  # a shorter cell of a table may be anybody's words
Runs = frozenset[tuple[str, ...]]


def runs_of(paragraphs: Iterable[str]) -> Runs:
    """List every run of `RUN_WORDS` words in the paragraphs of an exercise."""
    return frozenset(run for paragraph in paragraphs for run, _ in _runs(paragraph))


def own_words(answer: str, runs: Runs, options: Iterable[str] = ()) -> str:
    """Blank what *answer* copies from the exercise; what is left is the learner's own.

    A field that is a choice among *options* may be copied from their list: an entry that begins with its option's name
    is that choice, and every option copied stays, so that the whole list is still a list.

    >>> ours = runs_of(["Name the one thing that your work will use."])
    >>> own_words("RAM. Name the one thing that your work will use", ours)
    'RAM.'
    """
    left = _not_copied(answer, runs)
    if left == answer or not (chosen := _chosen(answer, options)):
        return left
    return ". ".join([", ".join(chosen), *([left] if _words(left) else [])])


def _chosen(answer: str, options: Iterable[str]) -> list[str]:
    """List the options whose names *answer* holds, where it begins with one; nothing where it does not."""
    said = _words(answer)
    names = {option: words for option in options if (words := _words(option))}
    places = {option: place for option, words in names.items() if (place := _place_of(words, said)) is not None}
    chosen = sorted(places, key=lambda option: places[option])
    return chosen if chosen and places[chosen[0]] == 0 else []


def _place_of(words: tuple[str, ...], said: tuple[str, ...]) -> int | None:
    count = len(words)
    return next((place for place in range(len(said) - count + 1) if said[place : place + count] == words), None)


def _not_copied(answer: str, runs: Runs) -> str:
    if _words(answer) in _cells():
        return ""
    copied = {place for run, first in _runs(answer) if run in runs for place in range(first, first + RUN_WORDS)}
    if not copied:
        return answer
    text = read(answer)
    kept, end = [], 0
    for place in sorted(copied):
        token = text.tokens[place]
        kept.append(text.source[end : token.start] if place - 1 not in copied else "")
        end = token.end
    return "".join([*kept, text.source[end:]]).strip(" \t\n*_`|>#-")


@cache
def wording_of(name: str) -> Runs:
    """Read the wording of a released exercise, or of a lesson that has practice; empty where it is not installed.

    Read once a process: scoring itself stays pure.
    """
    try:
        places = (exercises_root() / name / f"{name}.ipynb", course_root() / f"{name}.ipynb")
        drawn = (case.text for case in load_cases().values()) if name == DRAWING else ()
        return runs_of([*(paragraph for place in places for paragraph in _markdown(place)), *drawn])
    except MaterialsError:
        return frozenset()


def _markdown(path: Path) -> list[str]:
    """Read the Markdown cells of a notebook; none where it is absent or no notebook."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    except (OSError, ValueError, KeyError, TypeError):
        return []


@cache
def _cells() -> frozenset[tuple[str, ...]]:
    """List the archetype table's cells and the hints as whole texts: what learners find beside their answer."""
    catalog = load_catalog()
    rows = (text for entry in catalog.archetypes.values() for text in (entry.best_for, entry.strengths, entry.limits))
    hints = (hint for task in catalog.tasks.values() for entry in task.criteria for hint in entry.hints)
    return frozenset(words for text in (*rows, *hints) if len(words := _words(text)) >= _CELL_WORDS)


def _words(text: str) -> tuple[str, ...]:
    return tuple(token.word for token in read(text).tokens)


def _runs(text: str) -> Iterator[tuple[tuple[str, ...], int]]:
    words = [token.word for token in read(text).tokens]
    for first in range(len(words) - RUN_WORDS + 1):
        yield tuple(words[first : first + RUN_WORDS]), first
