"""What every lesson must keep to, one short rule each: pages in, sentences about what is wrong out.

Pure, but for `read_page` and `read_house`. A rule yields nothing where a page is right; a new one is a function and a
line in `RULES`, or in `LESSON_RULES` where exercises need not keep to it. `tests/test_lesson_shape.py` shows each rule
a page that is right and one that is wrong, then holds the rules against the course.

It is longer than 300 lines because the rules stand together: whoever writes a lesson reads them once, in one place.
"""

import ast
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

FEWEST_MINUTES, MOST_MINUTES = 120, 180
MOST_LINES = 8
MOST_WORDS_OF_A_SENTENCE = 45
MOST_WORDS_BETWEEN = 450
SLACK_WORDS = 50
SLOWEST, FASTEST = 180, 260  # words a minute
ROUNDED_MINUTES = 1  # a printed minute is a whole one, and cards and forms are read beside the words
QUESTIONS = 3
FEWEST_WORDS_OF_A_TWIN = 15

KEEPS_OUTPUT = "# NBVAL_CHECK_OUTPUT"
IMPORT = "import workstation as ws"
GOALS = re.compile(r"\*\*(?:After this lesson you can|You will be able to)\*\*\n(.*?)(?:\n\n\*\*|\Z)", re.DOTALL)
TIME = re.compile(r"\*\*Time:\*\* (\d+) minutes? to read, (\d+) minutes? to do\.")
RUNS = "**What it runs on your machine:**"
RECAP = "## What you can do now"
IN_ORDER = ("title", "setup", "recap", "self-check")
MERMAID = re.compile(r"```mermaid\n(.*?)```(.*)", re.DOTALL)
OPTIONAL = re.compile(r"^#{2,6} .*\boptional\b.*$", re.IGNORECASE | re.MULTILINE)
LOGIC = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.While, ast.If, ast.IfExp, ast.Match,
    ast.Try, ast.comprehension,
)  # fmt: skip
CHANCE_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f-]+)?")  # what notebook tools give a new cell
GIVEN_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell of a notebook."""

    id: str
    code: bool
    source: str
    outputs: int = 0


@dataclass(frozen=True, kw_only=True)
class Page:
    """A lesson or an exercise: its path in the course, and its cells."""

    path: str
    cells: tuple[Cell, ...]

    @cached_property
    def name(self) -> str:
        """Its name, without folder and ending."""
        return PurePosixPath(self.path).stem

    @cached_property
    def markdown(self) -> list[Cell]:
        """The cells of text."""
        return [cell for cell in self.cells if not cell.code]

    @cached_property
    def code(self) -> list[Cell]:
        """The cells of code."""
        return [cell for cell in self.cells if cell.code]

    @cached_property
    def prose(self) -> str:
        """All text, in order."""
        return "\n\n".join(cell.source for cell in self.markdown)


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What a page may point at: the course's files, the headings of its pages, and how many questions a lesson has."""

    files: frozenset[str] = frozenset()
    headings: Mapping[str, frozenset[str]]
    questions: Mapping[str, int]


Rule = Callable[[Page, House], Iterator[str]]


# Read


def read_page(path: Path, root: Path) -> Page:
    """Read a notebook as a page of the course at *root*."""
    document = json.loads(path.read_text("utf-8"))
    cells = (
        Cell(
            id=cell["id"],
            code=cell["cell_type"] == "code",
            source="".join(cell["source"]),
            outputs=len(cell.get("outputs", ())),
        )
        for cell in document["cells"]
    )
    return Page(path=path.relative_to(root).as_posix(), cells=tuple(cells))


def read_pages(root: Path) -> list[Page]:
    """Read the lessons in reading order, then the released exercises."""
    paths = [*sorted(root.glob("course/*.ipynb")), *sorted(root.glob("exercises/*/*.ipynb"))]
    return [read_page(path, root) for path in paths]


def read_house(root: Path, questions: Mapping[str, int]) -> House:
    """Read what pages of the course at *root* may point at."""
    files = (path for top in ("course", "exercises") for path in (root / top).rglob("*") if path.is_file())
    headings = {page.path: frozenset(map(anchor, headings_of(page.prose))) for page in read_pages(root)}
    return House(
        files=frozenset(path.relative_to(root).as_posix() for path in files), headings=headings, questions=questions
    )


# Words


def without_code(markdown: str) -> str:
    """Leave out fenced blocks."""
    return re.sub(r"^```.*?^```", "", markdown, flags=re.DOTALL | re.MULTILINE)


def read_aloud(markdown: str) -> str:
    """Reduce Markdown to the words that a reader reads; code, tags, targets and table rules are none."""
    text = re.sub(r"<[^>]+>", " ", without_code(markdown))
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return re.sub(r"[*_`#>|]+|^\s*[-:]+\s*$", " ", text, flags=re.MULTILINE)


def count_words(markdown: str) -> int:
    """Count the words that a reader reads."""
    return len(re.findall(r"\S*\w\S*", read_aloud(markdown)))


def needed(prose: str) -> str:
    """Leave out what is marked optional, and what is only read by those who open it."""
    text = re.sub(r"<details>.*?</details>", "", prose, flags=re.DOTALL)
    while (found := OPTIONAL.search(text)) is not None:
        depth = found[0].index(" ")
        after = re.search(rf"^#{{1,{depth}}} ", text[found.end() :], re.MULTILINE)
        text = text[: found.start()] + (text[found.end() + after.start() :] if after else "")
    return text


def sentences(markdown: str) -> list[str]:
    """Cut Markdown into what is read in one breath; items, cells of tables, headings and semicolons end it."""
    pieces = re.split(r"\n\s*\n|\n(?=\s*(?:[-*#|]|\d+\.) ?)|\||<[^>]+>", without_code(markdown))
    found = (part for piece in pieces for part in re.split(r"(?<=[.!?;])[\"”*_)]*\s+", " ".join(piece.split())))
    return [part for part in found if part]


def bullets(text: str) -> list[str]:
    """List the items of its lists."""
    return re.findall(r"^- (.+)$", text, re.MULTILINE)


def headings_of(prose: str) -> list[str]:
    """List the headings with their marks."""
    return re.findall(r"^#{1,6} .+$", without_code(prose), re.MULTILINE)


def anchor(heading: str) -> str:
    """Give the anchor that JupyterLab makes of a heading: its text, with hyphens for blanks."""
    return re.sub(r"<[^>]+>|[*`]", "", heading).lstrip("#").strip().replace(" ", "-")


def minutes(page: Page) -> tuple[int, int] | None:
    """Read the minutes to read and to do."""
    found = TIME.search(page.prose)
    return (int(found[1]), int(found[2])) if found else None


def total_minutes(pages: list[Page]) -> int:
    """Add the printed minutes of all pages."""
    return sum(sum(minutes(page) or ()) for page in pages)


def goals(page: Page) -> list[str]:
    """List the goals."""
    found = GOALS.search(page.prose)
    return bullets(found[1]) if found else []


def body_of(cell: Cell) -> ast.Module | None:
    """Parse the Python of a code cell; `None` for a learner's text, and below another magic what follows it."""
    first, _, rest = cell.source.partition("\n")
    if first.startswith("%%answer"):
        return None
    return ast.parse(rest if first.startswith("%%") else cell.source)


# Rules for every page


def one_title_and_headings_without_gaps(page: Page, _house: House) -> Iterator[str]:
    depths = [len(heading.split(" ")[0]) for heading in headings_of(page.prose)]
    if depths[:1] != [1] or depths.count(1) != 1:
        yield "needs one heading of the first order, and it comes first"
    yield from (
        f"goes from a heading of order {above} to one of order {below}"
        for above, below in pairwise(depths)
        if below > above + 1
    )


def says_what_it_is_for(page: Page, _house: House) -> Iterator[str]:
    if not goals(page):
        yield "lists no goals"
    if minutes(page) is None:
        yield "does not say how many minutes it takes"
    if RUNS not in page.prose:
        yield "does not say what it runs"


def cells_are_named(page: Page, _house: House) -> Iterator[str]:
    ids = [cell.id for cell in page.cells]
    yield from (f"{name}: stands twice" for name in sorted({name for name in ids if ids.count(name) > 1}))
    yield from (
        f"{name}: is no name that somebody gave"
        for name in ids
        if CHANCE_ID.fullmatch(name) or not GIVEN_ID.fullmatch(name)
    )


def cells_hold_no_logic(page: Page, _house: House) -> Iterator[str]:
    for cell in page.code:
        for node in ast.walk(body_of(cell) or ast.Module([], [])):
            if isinstance(node, LOGIC):
                yield f"{cell.id}: holds logic ({type(node).__name__}), which belongs in the package"
            if isinstance(node, ast.Import | ast.ImportFrom) and ast.unparse(node) != IMPORT:
                yield f"{cell.id}: imports something else than the course's toolbox"


def cells_end_in_something_to_look_at(page: Page, _house: House) -> Iterator[str]:
    for cell in page.code:
        body = body_of(cell)
        if body is None or cell.source.startswith("%%") or (cell.source.startswith("# ") and not body.body):
            continue  # a learner's text, what a magic runs, or a place for the learner's own line
        if not body.body or not isinstance(body.body[-1], ast.Expr | ast.Import | ast.With):
            yield f"{cell.id}: does not end in a value to look at"


def promised_outputs_are_there(page: Page, _house: House) -> Iterator[str]:
    for cell in page.code:
        if KEEPS_OUTPUT in cell.source and not cell.outputs:
            yield f"{cell.id}: promises an output and keeps none"


def figures_say_what_they_show(page: Page, _house: House) -> Iterator[str]:
    for cell in page.markdown:
        for tag in re.findall(r"<img\b[^>]*>", cell.source):
            if not re.search(r"alt=\"[^\"]*\w[^\"]*\"", tag):
                yield f"{cell.id}: shows a figure without alt text"
        for text in re.findall(r"!\[([^\]]*)\]\(", cell.source):
            if not text.strip():
                yield f"{cell.id}: shows a figure without alt text"


def diagrams_are_told_in_words(page: Page, _house: House) -> Iterator[str]:
    for at, cell in enumerate(page.cells):
        found = None if cell.code else MERMAID.search(cell.source)
        if found is None:
            continue
        yield from (
            f"{cell.id}: the diagram has no {part}" for part in ("accTitle", "accDescr") if part not in found[1]
        )
        following = page.cells[at + 1 : at + 2]
        after = found[2] + "".join(f"\n{each.source}" for each in following if not each.code)
        if "in words" not in after or count_words(after) < FEWEST_WORDS_OF_A_TWIN:
            yield f"{cell.id}: the diagram is not told in words after it"


def links_lead_somewhere(page: Page, house: House) -> Iterator[str]:
    folder = PurePosixPath(page.path).parent
    for target in _targets(page.prose):
        file, _, wanted = target.partition("#")
        path = _normal(folder / unquote(file)) if file else page.path
        if path not in house.files:
            yield f"{target} leads to no file of the course"
        elif wanted and unquote(wanted) not in house.headings.get(path, ()):
            yield f"{target} leads to no heading"


def sentences_are_short(page: Page, _house: House) -> Iterator[str]:
    for cell in page.markdown:
        for sentence in sentences(cell.source):
            if (words := count_words(sentence)) > MOST_WORDS_OF_A_SENTENCE:
                yield f"{cell.id}: {words} words in one sentence: {sentence[:60]}..."


def predictions_come_first(page: Page, _house: House) -> Iterator[str]:
    asked: set[str] = set()
    for cell in page.code:
        asked |= set(re.findall(r"ws\.predict\(\s*\"([^\"]+)\"", cell.source))
        for name in re.findall(r"ws\.compare\(\s*\"([^\"]+)\"", cell.source):
            if name not in asked:
                yield f"{cell.id}: compares {name!r}, which nobody was asked to predict above"


# Rules for lessons


def cells_are_short(page: Page, _house: House) -> Iterator[str]:
    for cell in page.code:
        if (lines := len(cell.source.splitlines())) > MOST_LINES:
            yield f"{cell.id}: {lines} lines of code"


def cells_stand_in_order(page: Page, _house: House) -> Iterator[str]:
    places = [next((at for at, cell in enumerate(page.cells) if cell.id == name), -1) for name in IN_ORDER]
    if places[0] != 0 or -1 in places or places != sorted(places):
        yield f"needs the cells {', '.join(IN_ORDER)} in this order, the first of them on top"


def the_recap_mirrors_the_goals(page: Page, _house: House) -> Iterator[str]:
    recap = re.split(r"^#", page.prose.partition(RECAP)[2], maxsplit=1, flags=re.MULTILINE)[0]
    if (told := len(bullets(recap))) != len(goals(page)):
        yield f"has {len(goals(page))} goals and {told} lines of recap"


def three_questions_are_asked(page: Page, house: House) -> Iterator[str]:
    in_forms = any(f'ws.self_check("{page.name}")' in cell.source for cell in page.code)
    check = next((cell.source for cell in page.markdown if cell.id == "self-check"), "")
    asked = house.questions.get(page.name, 0) if in_forms else len(re.findall(r"<details>", check))
    if asked != QUESTIONS:
        yield f"asks {asked} questions in its self-check"


def something_is_to_be_done_every_screen_or_two(page: Page, _house: House) -> Iterator[str]:
    stretch = ""
    for cell in page.cells:
        before, *_, after = ["", ""] if cell.code else [*re.split(r"<details>|</details>", cell.source), cell.source]
        ends = cell.code or "<details>" in cell.source
        stretch = stretch + before if ends else f"{stretch}\n\n{cell.source}"
        if ends or cell is page.cells[-1]:
            if (words := count_words(stretch)) > MOST_WORDS_BETWEEN + SLACK_WORDS:
                yield f"{cell.id}: {words} words since the reader last did something"
            stretch = after.rpartition("</details>")[2]


def the_minutes_are_likely(page: Page, _house: House) -> Iterator[str]:
    words = count_words(needed(page.prose))
    least, most = words / FASTEST - ROUNDED_MINUTES / 2, words / SLOWEST + ROUNDED_MINUTES
    to_read = (minutes(page) or (0, 0))[0]
    if not least <= to_read <= most:
        yield f"{words} words in {to_read} minutes of reading; likely are {max(least, 1):.1f} to {most:.1f}"


RULES: tuple[Rule, ...] = (
    one_title_and_headings_without_gaps,
    says_what_it_is_for,
    cells_are_named,
    cells_hold_no_logic,
    cells_end_in_something_to_look_at,
    promised_outputs_are_there,
    figures_say_what_they_show,
    diagrams_are_told_in_words,
    links_lead_somewhere,
    sentences_are_short,
    predictions_come_first,
)
LESSON_RULES: tuple[Rule, ...] = (
    *RULES,
    cells_are_short,
    cells_stand_in_order,
    the_recap_mirrors_the_goals,
    three_questions_are_asked,
    something_is_to_be_done_every_screen_or_two,
    the_minutes_are_likely,
)


def rules_for(page: Page) -> tuple[Rule, ...]:
    """Give the rules that a page has to keep to."""
    return LESSON_RULES if page.path.startswith("course/") else RULES


def lint(page: Page, house: House) -> dict[str, list[str]]:
    """List what is wrong with a page, by the name of the rule."""
    found = {rule.__name__: list(rule(page, house)) for rule in rules_for(page)}
    return {rule: problems for rule, problems in found.items() if problems}


def unmentioned(names: set[str], pages: list[Page]) -> set[str]:
    """Give the names of the toolbox that no page uses or speaks of."""
    text = "\n".join(cell.source for page in pages for cell in page.cells)
    return {name for name in names if not re.search(rf"\bws\.{name}\b|%%{name}\b", text)}


def _targets(prose: str) -> list[str]:
    """List where links and figures point inside the course."""
    text = without_code(prose)
    found = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r"(?:src|href)=\"([^\"]+)\"", text)
    return [target for target in found if not re.match(r"https://|data:image/", target)]


def _normal(path: PurePosixPath) -> str:
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts = parts[:-1]
        elif part != ".":
            parts.append(part)
    return "/".join(parts)
