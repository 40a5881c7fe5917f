"""Every command in the README is run here as it stands, or named with the test that runs it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from grading_kit import EXERCISE, MACHINE, ROOT, run_nbgrader

from workstation.cli._workspace import WorkingCopy

README = (ROOT / "README.md").read_text(encoding="utf-8")
ELSEWHERE = {  # command: the test that runs it
    "python3 start.py": "tests/browser/test_learner.py",
    "python3 start.py test": "tests/test_start.py",
    "python3 start.py setup": "tests/test_start.py",
    "python3 start.py --dir FOLDER": "tests/browser/test_learner.py",
    "workstation-cohort formgrader": "tests/browser/test_instructor.py",
}
IN_ORDER = (
    "workstation inventory",
    "workstation inventory --save my-machine.json",
    "workstation watch --name index -- python index.py",
    "workstation diagnose evidence/index.recording.jsonl",
    "workstation demo ram --replay",
    "workstation size llama-3.1-8b --context 8192",
    "workstation report",
    "workstation progress",
    "workstation export-html --to pages",
    "workstation doctor",
    "workstation reset 00-start-here",
    "workstation submit constraint-summary",
    "workstation-cohort release constraint-summary",
    "workstation-cohort roster class.csv",
    "workstation-cohort collect constraint-summary",
    "workstation-cohort grade constraint-summary",
    "workstation-cohort feedback constraint-summary",
    "workstation-cohort insight constraint-summary",
    "workstation-cohort forget constraint-summary --dry-run",
    "workstation-cohort export constraint-summary",
    "workstation-cohort rubric constraint-summary",
)


def commands() -> set[str]:
    """Collect what the README tells people to type."""
    blocks = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    lines = [line.split("#")[0].strip() for block in blocks for line in block.splitlines()]
    inline = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", README, flags=re.DOTALL))
    starts = ("python3 start.py", "workstation ", "workstation-cohort ")
    return {text for text in [*lines, *inline] if text.startswith(starts)}


def test_no_command_is_left_out() -> None:
    """A command added to the README has to be added here, and one that went has to go."""
    assert commands() == set(IN_ORDER) | set(ELSEWHERE)
    for test in ELSEWHERE.values():
        assert (ROOT / test).is_file()


def test_every_link_leads_somewhere() -> None:
    """Files that the README points to are there."""
    targets = re.findall(r"\]\(([^)#]+)\)", README)
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []


@pytest.fixture
def places(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A learner's working copy, an exchange for the class, and a course folder in this test's home."""
    exchange = tmp_path / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)
    settings = Path(os.environ["JUPYTER_CONFIG_DIR"])
    settings.mkdir(parents=True)
    (settings / "nbgrader_config.py").write_text(f"c = get_config()\nc.Exchange.root = {str(exchange)!r}\n")
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    work = home / "home-ai-workstation"
    WorkingCopy(work).sync()
    (work / "class.csv").write_text("id,first_name,last_name\nada,Ada,Example\n")
    (work / "index.py").write_text("print(len([word for word in range(2_000_000)]))\n")
    return work


def _hand_in(work: Path, tmp_path: Path) -> None:
    """Hand the exercise in through the exchange, as Assignment List does."""
    folder = tmp_path / "learner"
    shutil.copytree(work / "exercises" / EXERCISE, folder / EXERCISE)
    (folder / EXERCISE / "evidence").mkdir()
    shutil.copyfile(MACHINE, folder / EXERCISE / "evidence/inventory.json")
    (folder / "nbgrader_config.py").write_text(
        f"c = get_config()\nc.Exchange.root = {str(tmp_path / 'exchange')!r}\n"
        f"c.Exchange.cache = {str(tmp_path / 'cache')!r}\nc.CourseDirectory.course_id = 'home-ai-workstation'\n"
    )
    run = run_nbgrader(folder, "submit", EXERCISE)
    assert run.returncode == 0, run.stderr


@pytest.mark.skipif(os.name == "nt", reason="nbgrader's exchange does not run on Windows")
def test_the_commands_work_as_they_stand(places: Path, tmp_path: Path) -> None:
    """A learner's commands, then an instructor's, in the order in which the README tells them."""
    for command in IN_ORDER:
        if command.startswith("workstation-cohort collect"):
            _hand_in(places, tmp_path)
        run = subprocess.run(command.split(), cwd=places, capture_output=True, text=True, check=False, timeout=300)
        assert run.returncode == 0, f"{command}\n{run.stdout}\n{run.stderr}"
        assert "Traceback" not in run.stdout + run.stderr, command
        assert run.stdout.strip(), f"{command} says what it did"
