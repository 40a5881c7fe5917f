"""Attacks in the notebook file: what its cells, outputs, metadata and JSON can be made to say."""

import json
import re
from collections.abc import Callable
from pathlib import Path

from red_team.kit import HARM, Attack, Scene, put

BIG = 60_000_000


def _changed(change: Callable[[Scene, dict], object]) -> Callable[[Scene, Path], None]:
    def act(scene: Scene, folder: Path) -> None:
        notebook = scene.notebook()
        change(scene, notebook)
        put(folder, scene.exercise, notebook)

    return act


def _raw(make: Callable[[Scene], bytes]) -> Callable[[Scene, Path], None]:
    return lambda scene, folder: put(folder, scene.exercise, make(scene))


def _code(source: str, **more: object) -> dict:
    return {"cell_type": "code", "id": "own", "metadata": {}, "outputs": [], "execution_count": None,
            "source": source, **more}  # fmt: skip


def _code_everywhere(scene: Scene, notebook: dict) -> None:
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and not cell["metadata"].get("nbgrader"):
            cell["source"] = scene.code
    notebook["cells"].insert(0, _code(scene.code))


def _test_cells(**change: object) -> Callable[[Scene, dict], None]:
    def change_all(scene: Scene, notebook: dict) -> None:
        for cell in scene.cells(notebook, grade=True):
            cell.update(change)

    return change_all


def _code_in_test_cells(scene: Scene, notebook: dict) -> None:
    _test_cells(source=scene.code)(scene, notebook)


def _copied_test_cells(scene: Scene, notebook: dict) -> None:
    notebook["cells"] += [
        dict(cell, id=f"copy{n}", source="99.0") for n, cell in enumerate(scene.cells(notebook, grade=True))
    ]


def _no_test_cells(scene: Scene, notebook: dict) -> None:
    gone = scene.cells(notebook, grade=True)
    notebook["cells"] = [cell for cell in notebook["cells"] if cell not in gone]


def _forged_outputs(scene: Scene, notebook: dict) -> None:
    card = {"output_type": "display_data", "metadata": {}, "data": {"text/html": HARM, "text/plain": "all met"}}
    score = {"output_type": "execute_result", "metadata": {}, "execution_count": 1, "data": {"text/plain": "99.0"}}
    _test_cells(outputs=[card, score], execution_count=1)(scene, notebook)


def _forged_grades(scene: Scene, notebook: dict) -> None:
    graded = {"criteria": [{"id": "workload.horizon", "outcome": "met", "points": 99, "earned": 99, "reason": HARM}]}
    for cell in scene.cells(notebook, grade=True):
        cell["metadata"]["workstation"] = graded
        cell["metadata"]["nbgrader"] |= {"points": 999.0, "score": 999.0, "locked": False}
    notebook["metadata"]["workstation"] = {"readable": True, "versions": {"rubric": HARM}, "problems": [], "score": 99}


def _grading_answer_cells(scene: Scene, notebook: dict) -> None:
    for cell in scene.cells(notebook, grade=False):
        cell["metadata"]["nbgrader"] |= {"grade": True, "points": 999.0, "locked": True}


def _repeated_ids(scene: Scene, notebook: dict) -> None:
    notebook["cells"] += [dict(cell) for cell in scene.cells(notebook, grade=False)] * 40


def _markup_cells(_: Scene, notebook: dict) -> None:
    notebook["cells"] = [
        {"cell_type": "markdown", "metadata": {"tags": [HARM]}, "source": HARM, "attachments": {"x.svg": {"image/svg+xml": HARM}}},  # noqa: E501 - one entry a line
        {"cell_type": "markdown", "metadata": {}, "source": "[click](javascript:alert(1)) $\\href{javascript:alert(1)}{x}$"},  # noqa: E501 - one entry a line
        {"cell_type": "raw", "metadata": {"raw_mimetype": "text/html"}, "source": HARM},
        {"cell_type": HARM, "metadata": {"collapsed": HARM}, "source": [HARM, 7, None]},
        _code(HARM, outputs=[{"output_type": "display_data", "metadata": {}, "data": {"text/html": HARM, "image/svg+xml": HARM, "application/javascript": "window.HARMED = 1"}}]),  # noqa: E501 - one entry a line
        *notebook["cells"],
    ]  # fmt: skip
    notebook["metadata"] |= {"title": HARM, "authors": [{"name": HARM}], "widgets": {HARM: HARM}}


def _retyped_answers(scene: Scene, notebook: dict) -> None:
    for cell in scene.cells(notebook, grade=False):
        cell |= {"cell_type": "markdown", "source": f"{''.join(cell['source'])}\n{HARM}", "attachments": {HARM: {}}}


def _other_kernel(_: Scene, notebook: dict) -> None:
    notebook["metadata"] |= {"kernelspec": {"name": "bash", "language": "bash", "display_name": HARM}}
    notebook["metadata"]["language_info"] = {"name": "bash", "pygments_lexer": HARM}


def _huge_numbers(scene: Scene) -> bytes:
    text = json.dumps(scene.notebook() | {"nbformat_minor": 12345678})
    return text.replace("12345678", "1" * 4_000).replace('"points": ', '"points": 1e999, "more": -', 1).encode()


def _duplicate_keys(scene: Scene) -> bytes:
    return re.sub(r'("points": [\d.]+)', r'\1, "points": 999', json.dumps(scene.notebook())).encode()


def _format_3(scene: Scene) -> bytes:
    cells = [{"cell_type": "code", "input": cell["source"], "outputs": []} for cell in scene.notebook()["cells"]]
    return json.dumps(
        {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": HARM}, "worksheets": [{"cells": cells}]}
    ).encode()


def _flood(scene: Scene) -> bytes:
    return json.dumps(scene.notebook()).encode()[:-1] + b', "bomb": [' + b"[]," * 8_000_000 + b"[]]}"


NOTEBOOKS = (
    Attack(name="code that reads, writes, calls, forks, fills and loops", act=_changed(_code_everywhere), says="cells-added"),  # noqa: E501 - one entry a line
    Attack(name="code in the test cells", act=_changed(_code_in_test_cells), says="test-cell-changed"),
    Attack(name="test cells that give 99", act=_changed(_test_cells(source="99.0")), says="test-cell-changed"),
    Attack(name="test cells retyped", act=_changed(_test_cells(cell_type="raw")), says="test-cell-changed"),
    Attack(name="test cells copied", act=_changed(_copied_test_cells), says="test-cell-changed"),
    Attack(name="test cells deleted", act=_changed(_no_test_cells), says="test-cell-changed"),
    Attack(name="scores forged in outputs", act=_changed(_forged_outputs), says="active-markup"),
    Attack(name="grades forged in metadata", act=_changed(_forged_grades), says="cell-settings-changed"),
    Attack(name="answer cells that carry points", act=_changed(_grading_answer_cells), says="cell-settings-changed"),
    Attack(name="grade ids forty times", act=_changed(_repeated_ids), says="answer-repeated"),
    Attack(name="markup in every kind of cell", act=_changed(_markup_cells), says="active-markup"),
    Attack(name="answers retyped with markup", act=_changed(_retyped_answers), says="answer-retyped"),
    Attack(name="another kernel", act=_changed(_other_kernel), says="kernel-changed"),
    Attack(name="format 5", act=_changed(lambda _, notebook: notebook.update(nbformat=5)), says="notebook-format"),
    Attack(name="format 2", act=_raw(lambda _: b'{"nbformat": 2, "worksheets": []}'), says="notebook-unreadable", unreadable=True),  # noqa: E501 - one entry a line
    Attack(name="format 3", act=_raw(_format_3), says="notebook-unreadable", unreadable=True),
    Attack(name="deep nesting", act=_raw(lambda _: b'{"cells": ' + b"[" * 300_000), says="notebook-unreadable", unreadable=True),  # noqa: E501 - one entry a line
    Attack(name="a number of a million digits", act=_raw(lambda _: b'{"cells": [' + b"9" * 1_000_000 + b"]}"), says="notebook-unreadable", unreadable=True),  # noqa: E501 - one entry a line
    Attack(name="a JSON bomb", act=_raw(_flood), says="notebook-unreadable", unreadable=True),
    Attack(name="huge numbers", act=_raw(_huge_numbers), says="cell-settings-changed"),
    Attack(name="duplicate keys", act=_raw(_duplicate_keys), says="cell-settings-changed"),
    Attack(name="a hundred thousand cells", act=_changed(lambda _, notebook: notebook["cells"].extend([_code("1")] * 100_000)), says="cells-added"),  # noqa: E501 - one entry a line
    Attack(name="one huge cell", act=_changed(lambda _, notebook: notebook["cells"].append(_code("x" * BIG))), says="cells-added"),  # noqa: E501 - one entry a line
    Attack(name="not UTF-8", act=_raw(lambda scene: json.dumps(scene.notebook()).encode() + b" " * 9 + b"\n\xff\xfe"), says="notebook-unreadable", unreadable=True),  # noqa: E501 - one entry a line
    Attack(name="cells that are no cells", act=_changed(lambda _, notebook: notebook["cells"].extend([None, 7, "x", [HARM], True])), says="cells-skipped"),  # noqa: E501 - one entry a line
    Attack(name="sources of other types", act=_changed(lambda _, notebook: notebook["cells"].extend([_code({"a": 1}), _code(None), {"metadata": 7}, {"metadata": {"nbgrader": [1]}}])), words_only=True),  # noqa: E501 - one entry a line
)  # fmt: skip
