"""Make a class's submissions: varied, repeatable from a seed, and one in twenty damaged.

Texts come from the labelled answers and from the self-test's cases, mixed answer by answer, with their numbers moved:
hardly two are alike, so that caches which would only help a benchmark have nothing to hold on to.
"""

import codecs
import copy
import json
import random
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from workstation.answers.draws import EXERCISE as DRAWN
from workstation.answers.draws import document_of, draw_for
from workstation_grader.selftest import load_cases

ROOT = Path(__file__).resolve().parents[1]
DAMAGED_SHARE = 0.05
HANDED_IN = datetime(2026, 11, 2, 8)  # noqa: DTZ001 - nbgrader keeps UTC without saying so
LABELLED = {"constraint-summary": ("constraint-summary", "own", "later-dev")}  # of others, the file of its name
_NUMBER = re.compile(r"(?<![\w.-])\d{2,3}(?![\w.-])")

Notebook = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Pool:
    """What learners wrote, by answer, and the machines that they wrote it about."""

    texts: dict[str, list[str]] = field(default_factory=dict)
    machines: list[Mapping[str, object]] = field(default_factory=list)


def exercises() -> list[str]:
    """Name the exercises that have a solution."""
    return sorted(path.parent.name for path in (ROOT / "solutions").glob("*/*.ipynb"))


def pool_of(exercise: str) -> Pool:
    """Gather the texts and machines of *exercise*; those about a drawn case stand under that case's id."""
    pool = Pool()
    for answers, machine, cases in _written(exercise):
        for answer, text in answers.items():
            number = answer.removeprefix("case-")
            key = cases[int(number) - 1] if cases and number.isdecimal() else answer
            pool.texts.setdefault(key, []).append(text)
        if machine is not None:
            pool.machines.append(machine)
    return pool


def _written(exercise: str) -> Iterator[tuple[Mapping[str, str], Mapping[str, object] | None, tuple[str, ...]]]:
    for case in load_cases(exercise, ROOT / f"solutions/{exercise}/{exercise}.ipynb"):
        draw = case.evidence.draw
        yield case.answers, case.evidence.inventory_raw, draw.cases if draw else ()
    for name in LABELLED.get(exercise, (exercise,)):
        path = ROOT / f"tests/answers/{name}.jsonl"
        for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
            entry = json.loads(line)
            yield entry["answers"], entry.get("inventory"), tuple((entry.get("draw") or {}).get("cases", ()))


def make_submissions(folder: Path, exercise: str, blank: Notebook, count: int, *, seed: int = 7) -> set[str]:
    """Hand in *count* submissions below *folder*, as collecting would put them; name the damaged ones."""
    pool, damaged = pool_of(exercise), set()
    for number in range(count):
        chance = random.Random(f"{seed} {number}")  # noqa: S311 - repeatable on purpose
        student = f"learner-{number:05d}"
        if _hand_in(folder / student / exercise, blank, pool, chance):
            damaged.add(student)
    return damaged


def _hand_in(folder: Path, blank: Notebook, pool: Pool, chance: random.Random) -> str | None:
    """Write one submission; name its damage, where it has one."""
    exercise, student = folder.name, folder.parent.name
    draw = draw_for(student) if exercise == DRAWN else None
    notebook = copy.deepcopy(blank)
    for cell in notebook["cells"]:
        answer = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        number = answer.removeprefix("case-")
        key = draw.cases[int(number) - 1] if draw and number.isdecimal() else answer
        if key in pool.texts and not answer.startswith("check-"):
            cell["source"] = f"%%answer {answer}\n{_moved(chance.choice(pool.texts[key]), chance)}"
    damage = chance.choice(sorted(DAMAGES)) if chance.random() < DAMAGED_SHARE else None
    stamp = HANDED_IN + timedelta(seconds=chance.randrange(14 * 86_400))
    machine = _moved(json.dumps(chance.choice(pool.machines), indent=1), chance).encode()
    files = {
        f"{exercise}.ipynb": json.dumps(notebook, indent=1).encode(),
        "timestamp.txt": f"{stamp:%Y-%m-%d %H:%M:%S.%f} UTC".encode(),
        "evidence/inventory.json": machine,
    }
    if draw is not None:
        files["evidence/draw.json"] = json.dumps(document_of(draw)).encode()
    if damage is not None:
        DAMAGES[damage](files, f"{exercise}.ipynb")
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return damage


def _moved(text: str, chance: random.Random) -> str:
    """Move a text's whole numbers of two or three digits by a little, as another machine would show them."""
    return _NUMBER.sub(lambda found: str(max(10, int(found.group()) + chance.randint(-2, 2))), text)


Files = dict[str, bytes]


def _cut_off(files: Files, name: str) -> None:
    files[name] = files[name][: len(files[name]) // 2]


def _emptied(files: Files, name: str) -> None:
    files[name] = b""


def _evidence_cut_off(files: Files, _: str) -> None:
    files["evidence/inventory.json"] = files["evidence/inventory.json"][:200]


def _evidence_lost(files: Files, _: str) -> None:
    del files["evidence/inventory.json"]


def _other_encoding(files: Files, name: str) -> None:
    files[name] = codecs.BOM_UTF16_LE + files[name].decode().encode("utf-16-le")


def _edit(change: Callable[[list[Notebook]], None]) -> Callable[[Files, str], None]:
    def damage(files: Files, name: str) -> None:
        notebook = json.loads(files[name])
        change(notebook["cells"])
        files[name] = json.dumps(notebook).encode()

    return damage


def _of(cells: list[Notebook], key: str) -> list[int]:
    return [number for number, cell in enumerate(cells) if cell["metadata"].get("nbgrader", {}).get(key) is True]


def _test_cell_edited(cells: list[Notebook]) -> None:
    cells[_of(cells, "grade")[0]]["source"] = "1000"


def _answer_cell_deleted(cells: list[Notebook]) -> None:
    del cells[_of(cells, "solution")[0]]


def _answer_cell_repeated(cells: list[Notebook]) -> None:
    cells.append(copy.deepcopy(cells[_of(cells, "solution")[0]]))


def _large_output(cells: list[Notebook]) -> None:
    cells[_of(cells, "grade")[0]]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * 2_000_000}]


DAMAGES: Mapping[str, Callable[[Files, str], None]] = {
    "notebook cut off": _cut_off,
    "notebook empty": _emptied,
    "notebook in another encoding": _other_encoding,
    "evidence cut off": _evidence_cut_off,
    "evidence lost": _evidence_lost,
    "test cell edited": _edit(_test_cell_edited),
    "answer cell deleted": _edit(_answer_cell_deleted),
    "answer cell repeated": _edit(_answer_cell_repeated),
    "large output": _edit(_large_output),
}


def main() -> None:
    """Fill a course folder: ``python benchmarks/cohort_maker.py COURSE EXERCISE COUNT``."""
    course, exercise, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    blank = json.loads((course / f"exercises/{exercise}/{exercise}.ipynb").read_text(encoding="utf-8"))
    damaged = make_submissions(course / "collected", exercise, blank, count)
    print(f"{count} submissions of {exercise} in {course / 'collected'}, {len(damaged)} of them damaged.")


if __name__ == "__main__":
    main()
