"""Make plain HTML pages of the lessons and exercises, for readers whom JupyterLab does not serve well.

A page is made of the notebook as it ships, never of a learner's copy. It holds no script, loads nothing, and forbids
both. Markdown is turned by nbconvert, as Jupyter shows it; code cells become what `page_twins` can show of them.
"""

import re
from base64 import b64encode
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from workstation import materials
from workstation.answers.notebook import read_notebook
from workstation.catalog import load_catalog
from workstation.errors import MaterialsError, NotebookError
from workstation.notebook.lesson_page_words import INDEX, LEAD, PAGE_STYLE, POLICY
from workstation.notebook.page_twins import NOT_MINE, Mine, twin

__all__ = ["Page", "lesson_pages"]

EXERCISE = "exercise-"
_TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
_TIME = re.compile(r"^\*\*Time:\*\* (.+)$", re.MULTILINE)
_DIAGRAM = re.compile(r"^```mermaid\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SAID = re.compile(r"^[ \t]*acc(Title|Descr)[ \t]*(?::[ \t]*([^\n]+)|\{([^}]*)\})", re.MULTILINE)
_LINK = re.compile(r'href="([^":?#]+)\.ipynb((?:#[^"]*)?)"')
_IMAGE = re.compile(r'(<img\b[^>]*\bsrc=)"(?!data:)([^"]*)"')
PICTURES = {".png": "image/png", ".jpg": "image/jpeg", ".svg": "image/svg+xml"}
_HEADING = re.compile(r"<h([1-6])>(.*?)</h\1>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page: its file's name and its HTML."""

    name: str
    html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """A notebook to make a page of: its id, its place in the course, its cells."""

    id: str
    place: str  # "course/00-start-here.ipynb"
    cells: tuple[Mapping[str, object], ...]
    is_exercise: bool

    @property
    def file(self) -> str:
        return f"{EXERCISE if self.is_exercise else ''}{self.id}.html"

    @property
    def prose(self) -> str:
        return "\n\n".join(_text(cell) for cell in self.cells if cell.get("cell_type") == "markdown")

    @property
    def title(self) -> str:
        found = _TITLE.search(self.prose)
        return found[1] if found else self.id

    @property
    def time(self) -> str:
        found = _TIME.search(self.prose)
        return found[1] if found else ""


def lesson_pages(mine: Mine = NOT_MINE) -> list[Page]:
    """Make a page of each lesson and each released exercise, and an index.

    Raises:
        MaterialsError: the lessons are not there, or one of them is no notebook.
    """
    sources = [*map(_lesson, materials.lesson_names()), *map(_exercise, _exercises())]
    files = {source.place: source.file for source in sources}
    pages = [Page(name="index.html", html=_index(sources))]
    for number, source in enumerate(sources):
        around = (sources[number - 1] if number else None, sources[number + 1] if number + 1 < len(sources) else None)
        pages.append(Page(name=source.file, html=_page(source, around, files, mine)))
    return pages


def _exercises() -> list[str]:
    """Name the released exercises in teaching order; one that the catalogue does not know comes last."""
    order = list(load_catalog().exercises)
    return sorted(materials.exercise_names(), key=lambda name: order.index(name) if name in order else len(order))


def _lesson(name: str) -> _Source:
    return _read(name, f"course/{name}.ipynb", is_exercise=False)


def _exercise(name: str) -> _Source:
    return _read(name, f"exercises/{name}/{name}.ipynb", is_exercise=True)


def _read(name: str, place: str, *, is_exercise: bool) -> _Source:
    try:
        cells = read_notebook((materials.materials_root() / place).read_bytes()).cells
    except (OSError, NotebookError) as error:
        raise MaterialsError(f"{place} could not be read: {error} Install the course again.") from error
    return _Source(id=name, place=place, cells=cells, is_exercise=is_exercise)


def _index(sources: Sequence[_Source]) -> str:
    lists = []
    for heading, wanted in (("Lessons", False), ("Exercises", True)):
        items = "".join(_item(each) for each in sources if each.is_exercise == wanted)
        start = "" if wanted else ' start="0"'  # lessons are numbered from 00
        lists.append(f"<h2>{heading}</h2>\n<ol{start}>{items}</ol>")
    return _html(INDEX, f"<h1>{INDEX}</h1>\n{LEAD}\n{''.join(lists)}", "")


def _item(source: _Source) -> str:
    time = f" ({escape(source.time.rstrip('.'))})" if source.time else ""
    return f'<li><a href="{escape(source.file)}">{escape(source.title)}</a>{time}</li>\n'


def _page(source: _Source, around: tuple[_Source | None, _Source | None], files: Mapping[str, str], mine: Mine) -> str:
    task = load_catalog().tasks.get(source.id)
    folder = (materials.materials_root() / source.place).parent
    parts = []
    for cell in source.cells:
        if cell.get("cell_type") == "markdown":
            parts.append(_markdown(_text(cell), folder))
        elif cell.get("cell_type") == "code":
            parts += [twin(_text(cell), task, mine), *_kept_outputs(cell)]
    body = _links(_own_ids("\n".join(filter(None, parts))), source, files)
    return _html(f"{source.title} · {INDEX}", body, _ways(*around))


def _markdown(text: str, folder: Path) -> str:
    """Turn Markdown into HTML as Jupyter does; a diagram becomes its own description."""
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath  # late: slow to load

    described = _DIAGRAM.sub(lambda found: _described(found[1]), text)
    renderer = IPythonRenderer(escape=False, exclude_anchor_links=True)
    html = str(MarkdownWithMath(renderer=renderer).render(described))
    return _IMAGE.sub(lambda found: f'{found[1]}"{_embedded(folder / found[2])}"', html)


def _embedded(path: Path) -> str:
    """Give a picture of the course as an address that holds it; nbconvert's own way to do so breaks tags in a line."""
    kind = PICTURES.get(path.suffix.lower())
    if kind is None or not path.resolve().is_relative_to(materials.materials_root().resolve()):
        raise MaterialsError(f"The picture {path.name} cannot be put on a page: it is no {' or '.join(PICTURES)}.")
    try:
        return f"data:{kind};base64,{b64encode(path.read_bytes()).decode('ascii')}"
    except OSError as error:
        raise MaterialsError(f"The picture {path.name} could not be read: {error.strerror}.") from error


def _described(diagram: str) -> str:
    said = {kind: " ".join((line or block).split()) for kind, line, block in _SAID.findall(diagram)}
    return f"**Diagram: {said.get('Title', 'a drawing')}.** {said.get('Descr', '')}"


def _kept_outputs(cell: Mapping[str, object]) -> list[str]:
    """Show what a cell keeps because it is the same everywhere."""
    outputs = cell.get("outputs")
    found = [each for each in outputs if isinstance(each, dict)] if isinstance(outputs, list) else []
    texts = [_joined(each.get("text") or (each.get("data") or {}).get("text/plain")) for each in found]
    return [f"<pre><samp>{escape(text)}</samp></pre>" for text in texts if text]


def _own_ids(html: str) -> str:
    """Give each heading the id that Jupyter gives it, so that links to it lead there; one that reads alike, its own."""
    seen: Counter[str] = Counter()

    def named(found: re.Match[str]) -> str:
        name = _TAG.sub("", found[2]).strip().replace(" ", "-")
        seen[name] += 1
        own = name if seen[name] == 1 else f"{name}-{seen[name]}"
        return f'<h{found[1]} id="{own.replace(chr(34), "")}">{found[2]}</h{found[1]}>'

    return _HEADING.sub(named, html)


def _links(html: str, source: _Source, files: Mapping[str, str]) -> str:
    """Let links between notebooks lead to their pages."""

    def led(found: re.Match[str]) -> str:
        place = _normal(f"{source.place.rpartition('/')[0]}/{found[1]}.ipynb")
        return f'href="{files[place]}{found[2]}"' if place in files else found[0]

    return _LINK.sub(led, html)


def _normal(place: str) -> str:
    parts: list[str] = []
    for part in place.split("/"):
        if part == ".." and parts:
            parts.pop()
        elif part not in {".", ""}:
            parts.append(part)
    return "/".join(parts)


def _ways(before: _Source | None, after: _Source | None) -> str:
    ways = ['<a href="index.html">All pages</a>']
    for word, source in (("Before", before), ("Next", after)):
        if source is not None:
            ways.append(f'<a href="{escape(source.file)}">{word}: {escape(source.title)}</a>')
    return "".join(f"<li>{way}</li>" for way in ways)


def _html(title: str, body: str, ways: str) -> str:
    nav = f'<header><nav aria-label="Course"><ul class="ways">{ways}</ul></nav></header>\n' if ways else ""
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n{PAGE_STYLE}\n</head>\n<body>\n"
        f'<a class="skip" href="#content">Skip to the content</a>\n{nav}<main id="content" tabindex="-1">\n'
        f"{body}\n</main>\n</body>\n</html>\n"
    )


def _text(cell: Mapping[str, object]) -> str:
    return _joined(cell.get("source"))


def _joined(text: object) -> str:
    if isinstance(text, list):
        return "".join(part for part in text if isinstance(part, str))
    return text if isinstance(text, str) else ""
