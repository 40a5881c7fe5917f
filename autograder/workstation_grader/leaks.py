"""Find what belongs to instructors in what learners get: released folders, their zips, and feedback pages.

Looked for are the solution's sentences, the explanations of the case bank, instructors' markers, on pages the code of
test cells, the seed that draws the weeks of plans, and paths of the instructor's machine. What the open package holds
(the rules, which constraints a case accepts, those explanations too) is no secret: a learner who looks for it finds it.
It only does not come unasked, with the exercise.
"""

import contextlib
import html
import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from workstation.catalog._cases import load_cases
from workstation.errors import CohortError
from workstation_grader.course import Course, checkout_root
from workstation_grader.master import is_solution, source_of

__all__ = [
    "Leak",
    "Secrets",
    "find_leaks",
    "leaks_in",
    "leaks_in_page",
    "require_clean",
    "secrets_of",
    "secrets_of_course",
    "solution_texts",
]

_SOLUTION = re.compile(r"###\s*BEGIN SOLUTION\s*\n(.*?)###\s*END SOLUTION", re.DOTALL)
_INSTRUCTOR_WORDS = ("BEGIN SOLUTION", "END SOLUTION", "BEGIN HIDDEN TESTS", "BEGIN MARK SCHEME")
_TEST_WORDS = ("ws.check(", "import workstation", "Traceback (most recent call last)")
_TAG = re.compile(r"<[^>]*>")
MIN_LEAK_WORDS = 5  # shorter runs ("laptop-first", "16 GB") are vocabulary, not answers
_SHORTEST_PATH = len("/root") + 1
MAX_SCANNED_BYTES = 200_000_000


@dataclass(frozen=True, kw_only=True)
class Leak:
    """Something in what learners get that belongs to instructors."""

    file: str
    what: str


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """What no learner's copy and no page may hold; texts as words, the rest letter by letter."""

    texts: frozenset[str] = frozenset()
    explanations: frozenset[str] = frozenset()
    seeds: frozenset[str] = frozenset()
    paths: frozenset[str] = frozenset()


def words_of(text: str) -> list[str]:
    """Split a text into lower-case words, for comparing what matters."""
    return re.findall(r"[a-z0-9]+", text.lower())


def _flat(text: str) -> str:
    return f" {' '.join(words_of(text))} "


def solution_texts(notebook: Path) -> list[str]:
    """Collect the texts between solution markers of a source notebook."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [match.strip() for cell in cells if is_solution(cell) for match in _SOLUTION.findall(source_of(cell))]


def _runs(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(_flat(text) for text in texts if len(words_of(text)) >= MIN_LEAK_WORDS)


def secrets_of(source: Path, *, seed: str | None = None, places: Iterable[Path] = ()) -> Secrets:
    """Collect what must not leave: the solution in *source*, the case bank's explanations, the seed, and paths."""
    texts = [text for notebook in sorted(source.glob("*.ipynb")) for text in solution_texts(notebook)]
    paths = {str(path) for path in (Path.home(), *places)}
    return Secrets(
        texts=_runs(texts),
        explanations=_runs(case.why for case in load_cases().values()),
        seeds=frozenset({seed} if seed else ()),
        paths=frozenset(path for path in paths if len(path) >= _SHORTEST_PATH),
    )


def secrets_of_course(course: Course, exercise: str) -> Secrets:
    """Collect what must not leave this course folder with *exercise*."""
    places = [course.root.absolute()]
    with contextlib.suppress(CohortError):  # installed without solutions: then there is no checkout to name
        places.append(checkout_root())
    return secrets_of(course.root / "solutions" / exercise, seed=course.seed, places=places)


def leaks_in(name: str, text: str, secrets: Secrets) -> Iterator[Leak]:
    """Look for secrets in one file's text."""
    flat = _flat(text.replace("\\n", " "))
    yield from (Leak(file=name, what=f"solution text: {each.strip()[:60]!r}") for each in secrets.texts if each in flat)
    explained = (each for each in secrets.explanations if each in flat)
    yield from (Leak(file=name, what=f"what is behind a case: {each.strip()[:60]!r}") for each in explained)
    yield from (Leak(file=name, what=f"instructor marker {word!r}") for word in _INSTRUCTOR_WORDS if word in text)
    yield from (
        Leak(file=name, what="the seed that draws the weeks of plans") for seed in secrets.seeds if seed in text
    )
    if any(path in text or path.replace("\\", "\\\\") in text for path in secrets.paths):
        yield Leak(file=name, what="a path in the instructor's folders")


def find_leaks(source: Path, released: Path, secrets: Secrets | None = None) -> list[Leak]:
    """Look in a released folder for what belongs to instructors, hidden files, names and zips inside included."""
    secrets = secrets or secrets_of(source)
    paths = sorted(path for path in released.rglob("*") if path.is_file())
    files = ((path.relative_to(released).as_posix(), path.read_bytes()) for path in paths)
    return [leak for name, content in files for leak in _in_bytes(name, content, secrets)]


def _in_bytes(name: str, content: bytes, secrets: Secrets) -> Iterator[Leak]:
    yield from leaks_in(name, name, secrets)
    if content.startswith(b"PK\x03\x04"):
        yield from _in_zip(name, content, secrets)
    yield from leaks_in(name, _text(content), secrets)


def _text(content: bytes) -> str:
    """Read bytes as text; a notebook's strings as they are meant, not as JSON spells them."""
    text = content.decode("utf-8", errors="replace")
    try:
        return f"{text}\n{json.dumps(json.loads(text), ensure_ascii=False)}" if "\\u" in text else text
    except (ValueError, RecursionError):
        return text


def _in_zip(name: str, content: bytes, secrets: Secrets) -> Iterator[Leak]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_SCANNED_BYTES:
                yield Leak(file=name, what="an archive that is too large to look into")
                return
            for entry in archive.infolist():
                yield from _in_bytes(f"{name}/{entry.filename}", archive.read(entry), secrets)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError):
        yield Leak(file=name, what="an archive that cannot be looked into")


def require_clean(exercise: str, leaks: list[Leak]) -> None:
    """Refuse to hand out what leaks.

    Raises:
        CohortError: names each file and what is in it.
    """
    if leaks:
        listing = "\n".join(f"  {leak.file}: {leak.what}" for leak in dict.fromkeys(leaks))
        raise CohortError(f"{exercise!r} was not released, because its learners' copy would leak:\n{listing}")


def leaks_in_page(page: str, own: Mapping[str, str], secrets: Secrets, *, name: str = "the page") -> list[Leak]:
    """Look in a feedback page for what belongs to instructors, besides the words that its learner wrote.

    A learner may have copied a solution from somewhere: their own words go back to them all the same, in their answer
    and where a reason quotes it.

    Args:
        page: the HTML.
        own: the learner's answers by id, as they stand on the page.
        secrets: from `secrets_of`.
        name: how to call the page in a leak.
    """
    written = _flat(" ".join(own.values()))
    bare = page
    for text in sorted(own.values(), key=len, reverse=True):
        bare = bare.replace(html.escape(text.strip()), " ") if text.strip() else bare
    others = Secrets(
        texts=frozenset(text for text in secrets.texts if text not in written),
        explanations=frozenset(text for text in secrets.explanations if text not in written),
        seeds=secrets.seeds,
        paths=frozenset(path for path in secrets.paths if path not in "\n".join(own.values())),
    )
    text = html.unescape(_TAG.sub(" ", bare))
    leaks = list(leaks_in(name, text, others))
    own_text = "\n".join(own.values())
    leaks += [
        Leak(file=name, what=f"a test or a traceback ({word!r})")
        for word in _TEST_WORDS
        if word in text and word not in own_text
    ]
    return [leak for leak in leaks if not _is_theirs(leak, own_text)]


def _is_theirs(leak: Leak, own_text: str) -> bool:
    """Tell whether a marker stands in the learner's own words, which a reason may quote."""
    return any(f"marker {word!r}" in leak.what and word in own_text for word in _INSTRUCTOR_WORDS)
