"""Attacks in the submission's folder: evidence, modules, links, devices, names, and sheer number or size."""

import json
import os
from collections.abc import Callable
from pathlib import Path

from red_team.kit import FORMULA, HARM, Attack, Scene, own_machine, put

Act = Callable[[Scene, Path], None]
MODULES = (
    "workstation",
    "workstation_grader",
    "json",
    "sitecustomize",
    "usercustomize",
    "conftest",
    "nbgrader",
    "sqlalchemy",
)


def _beside(add: Act) -> Act:
    """Hand in ordinarily, then add something to the folder."""

    def act(scene: Scene, folder: Path) -> None:
        put(folder, scene.exercise, scene.notebook())
        add(scene, folder)

    return act


def _evidence(name: str, content: bytes | str) -> Act:
    raw = content.encode() if isinstance(content, str) else content
    return _beside(lambda _, folder: (folder / "evidence" / name).write_bytes(raw) and None)


def _machine(change: Callable[[dict], object]) -> Act:
    def add(_: Scene, folder: Path) -> None:
        document = json.loads(own_machine(folder.parent.name))
        change(document)
        (folder / "evidence/inventory.json").write_text(json.dumps(document), encoding="utf-8")

    return _beside(add)


def _modules(scene: Scene, folder: Path) -> None:
    for name in MODULES:
        (folder / f"{name}.py").write_text(scene.code, encoding="utf-8")
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text(scene.code, encoding="utf-8")


def _startup(scene: Scene, folder: Path) -> None:
    (folder / "own.pth").write_text(f"import os; open({str(scene.canary)!r}, 'a')", encoding="utf-8")
    for name in (
        "nbgrader_config.py",
        "jupyter_notebook_config.py",
        "pytest.ini",
        ".env",
        "pyproject.toml",
        "setup.py",
    ):
        (folder / name).write_text(scene.code, encoding="utf-8")
    (folder / ".ipython/profile_default/startup").mkdir(parents=True)
    (folder / ".ipython/profile_default/startup/00.py").write_text(scene.code, encoding="utf-8")


def _neighbours(scene: Scene, folder: Path) -> None:
    held = (scene.root / "collected/ada" / scene.exercise / "evidence/inventory.json").read_bytes()
    (folder / "evidence/inventory.json").write_bytes(held)


def _linked(place: str, to: Callable[[Scene], Path]) -> Act:
    def add(scene: Scene, folder: Path) -> None:
        path = folder / place.format(exercise=scene.exercise)
        if path.is_dir():
            for inside in path.iterdir():
                inside.unlink()
            path.rmdir()
        path.unlink(missing_ok=True)
        path.symlink_to(to(scene))

    return _beside(add)


def _whole_folder_linked(scene: Scene, folder: Path) -> None:
    folder.parent.mkdir(parents=True)
    folder.symlink_to(scene.root / "collected/ada" / scene.exercise)


def _solution(scene: Scene) -> Path:
    return scene.root / "solutions" / scene.exercise / f"{scene.exercise}.ipynb"


def _ada(scene: Scene) -> Path:
    return scene.root / "collected/ada" / scene.exercise / "evidence"


def _fifo(name: str) -> Act:
    def add(scene: Scene, folder: Path) -> None:
        path = folder / name.format(exercise=scene.exercise)
        path.unlink(missing_ok=True)
        os.mkfifo(path)

    return _beside(add)


def _hard_linked(scene: Scene, folder: Path) -> None:
    (folder / "evidence/inventory.json").unlink()
    os.link(_ada(scene) / "inventory.json", folder / "evidence/inventory.json")


def _many(_: Scene, folder: Path) -> None:
    for number in range(10_000):
        (folder / "evidence" / f"{number:05}.json").touch()


def _sparse(name: str) -> Act:
    def add(scene: Scene, folder: Path) -> None:
        path = folder / name.format(exercise=scene.exercise)
        with path.open("ab") as file:
            file.truncate(100_000_000_000)

    return _beside(add)


def _hostile_names(_: Scene, folder: Path) -> None:
    names = ("\u202enosj.json", "-rf.json", "con.json", "a\nb.json", "\x1b[2J.json", f"{'n' * 200}.json",
             f"{FORMULA.replace('/', '')}.json", "<img src=x onerror=1>.json", "..json", "%2e%2e%2fx.json")  # fmt: skip
    for name in names:
        (folder / "evidence" / name).write_text("{}", encoding="utf-8")


def _folders_for_files(scene: Scene, folder: Path) -> None:
    (folder / f"{scene.exercise}.ipynb").unlink()
    (folder / f"{scene.exercise}.ipynb").mkdir()
    (folder / "evidence/draw.json").mkdir()


def _draw(**fields: object) -> Act:
    document = {"schema": "workstation.draw/1", "learner": "hmac-sha256:" + "0" * 64, "versions": {"catalog": HARM}}
    return _evidence("draw.json", json.dumps(document | fields))


def _forged_log(_: Scene, folder: Path) -> None:
    rows = [{"week": f"2026-W{week:02}", "oom_events": 10**400, "note": HARM} for week in range(1, 53)]
    (folder / "evidence/log.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    manifest = {"created_at": "1999-01-01T00:00:00Z", "claimed_id": "ada", "files": {HARM: {"sha256": "0" * 64}}}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def _secret(_: Scene, folder: Path) -> None:
    (folder / "timestamp.txt").write_bytes(b"\0\x1b[2J9999-99-99 <script>")
    (folder / "submission_secret.txt").write_text("../../../ada", encoding="utf-8")


FOLDERS = (
    Attack(name="modules that shadow ours", act=_beside(_modules), says="files-left"),
    Attack(name="files that Python and Jupyter start with", act=_beside(_startup), says="files-left"),
    Attack(name="another learner's evidence", act=_beside(_neighbours), says="same evidence"),
    Attack(name="a hard link to another's evidence", act=_beside(_hard_linked), says="same evidence", posix=True),
    Attack(name="evidence written by hand", act=_machine(lambda document: document["memory"].update(total_bytes=2**60)), words_only=True),  # noqa: E501 - one entry a line
    Attack(name="markup in the inventory", act=_machine(lambda document: document["cpu"].update(model=HARM)), says=""  , words_only=True),  # noqa: E501 - one entry a line
    Attack(name="an inventory of huge numbers", act=_machine(lambda document: document["memory"].update(total_bytes=10**4000)), says="evidence-"),  # noqa: E501 - one entry a line
    Attack(name="an inventory that is no object", act=_evidence("inventory.json", "[[]]"), says="evidence-"),
    Attack(name="an inventory nested deep", act=_evidence("inventory.json", b"[" * 900_000), says="evidence-"),
    Attack(name="an inventory of another schema", act=_evidence("inventory.json", json.dumps({"schema": HARM})), says="evidence-"),  # noqa: E501 - one entry a line
    Attack(name="an inventory over its limit", act=_evidence("inventory.json", b" " * 1_000_001), says="evidence-too-large"),  # noqa: E501 - one entry a line
    Attack(name="a forged draw", act=_draw(cases=["white-cube"] * 8), says="draw-", exercise="symptom-mapping"),
    Attack(name="a draw of nonsense", act=_draw(cases=[HARM]), says="draw-", exercise="symptom-mapping"),
    Attack(name="a forged log and manifest", act=_beside(_forged_log), words_only=True),
    Attack(name="a notebook that links to the solution", act=_linked("{exercise}.ipynb", _solution), says="file-unreadable", unreadable=True, posix=True),  # noqa: E501 - one entry a line
    Attack(name="evidence that links to another's", act=_linked("evidence", _ada), says="evidence-linked", posix=True),
    Attack(name="an inventory that links to another's", act=_linked("evidence/inventory.json", lambda scene: _ada(scene) / "inventory.json"), says="file-unreadable", posix=True),  # noqa: E501 - one entry a line
    Attack(name="evidence that links to a device", act=_linked("evidence/inventory.json", lambda _: Path("/dev/zero")), says="file-unreadable", posix=True),  # noqa: E501 - one entry a line
    Attack(name="a submission that links to another's", act=_whole_folder_linked, says="folder-linked", unreadable=True, posix=True),  # noqa: E501 - one entry a line
    Attack(name="a notebook that is a FIFO", act=_fifo("{exercise}.ipynb"), says="file-irregular", unreadable=True, posix=True),  # noqa: E501 - one entry a line
    Attack(name="evidence that is a FIFO", act=_fifo("evidence/inventory.json"), says="file-irregular", posix=True),
    Attack(name="folders in the place of files", act=_beside(_folders_for_files), says="file-irregular", unreadable=True, posix=True),  # noqa: E501 - one entry a line
    Attack(name="ten thousand small files", act=_beside(_many), says="files-left"),
    Attack(name="a sparse notebook of 100 GB", act=_sparse("{exercise}.ipynb"), says="file-too-large", unreadable=True, posix=True),  # noqa: E501 - one entry a line
    Attack(name="sparse evidence of 100 GB", act=_sparse("evidence/inventory.json"), says="file-too-large", posix=True),
    Attack(name="hostile names of evidence", act=_beside(_hostile_names), says="files-left", posix=True),
    Attack(name="a forged time stamp and secret", act=_beside(_secret), words_only=True),
)  # fmt: skip
