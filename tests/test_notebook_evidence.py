"""Evidence in the notebook: the inventory card, the surprise, and the files that capturing writes."""

import dataclasses
import json
import os
import platform
import re
import socket
from html import escape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from notebook_kit import ipython_shell

import workstation.inventory._read
from workstation.catalog._facts import fact_name
from workstation.inventory import load_inventory, render_table
from workstation.inventory.text import sentence_case
from workstation.notebook import boundary, capture, inventory_card

MACHINE = (
    Path(__file__).resolve().parents[1] / "autograder/workstation_grader/selftest/constraint-summary/inventory.json"
)
CAPTURE = 'ws.capture_evidence("constraint-summary")'


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working copy, with the learner in the exercise's folder."""
    (tmp_path / ".workstation").mkdir()
    (tmp_path / ".workstation/manifest.json").write_text("{}", encoding="utf-8")
    exercise = tmp_path / "exercises/constraint-summary"
    exercise.mkdir(parents=True)
    monkeypatch.chdir(exercise)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    return tmp_path


@pytest.fixture
def shell(course: Path):
    """A real IPython shell in the exercise's folder."""
    del course
    with ipython_shell() as started:
        started.run("import workstation as ws")
        yield started


@pytest.fixture
def machine():
    """The model learner's machine."""
    return load_inventory(MACHINE)


def no_reading(*_args: object) -> None:
    """Stand where a machine would be read."""
    raise AssertionError("the machine was read")


def inventories(folder: Path) -> list[str]:
    """The files of an evidence folder."""
    return sorted(path.name for path in (folder / "evidence").iterdir())


class Tables(HTMLParser):
    """Collect the header cells and the data cells of a card."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.headers: list[dict[str, str | None]] = []
        self.opened: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        """Keep header cells, and count a tag as open."""
        if tag == "th":
            self.headers.append(dict(attrs))
        if tag not in {"br", "img"}:
            self.opened.append(tag)

    def handle_endtag(self, tag):
        """Close the tag that was opened last."""
        assert self.opened.pop() == tag


# The card


def test_an_inventory_shows_as_a_card_with_the_terminals_table_as_its_twin(shell, machine):
    """The floor below knows no HTML: a formatter that the magics register does."""
    formatted, _ = shell.ipython.display_formatter.format(machine)

    assert formatted["text/html"] == inventory_card.inventory_html(machine)
    assert formatted["text/plain"] == render_table(machine).rstrip("\n")


def test_the_card_says_how_each_fact_is_known(machine):
    html = inventory_card.inventory_html(machine)

    assert re.search(r"Available now</th><td>4\.9 GiB</td><td>imported, /proc/meminfo", html)
    assert re.search(r"82 GB free of 486 GB</td><td>imported, statvfs", html)


def test_every_header_cell_says_what_it_heads_and_every_tag_is_closed(machine):
    tables = Tables(inventory_card.inventory_html(machine))

    assert {header["scope"] for header in tables.headers} == {"col", "row", "rowgroup"}
    assert tables.opened == []


def test_unknowns_come_with_why_and_how(machine):
    html = inventory_card.inventory_html(machine)

    for unknown in machine.unknowns:
        assert unknown.what not in html, "a dotted path is the file's word, not a learner's"
        assert escape(sentence_case(fact_name(unknown.what))) in html
        assert unknown.why in html


def test_a_hostile_file_cannot_bring_markup_into_the_card(machine):
    nasty = "<script>alert(1)</script>"
    cpu = dataclasses.replace(machine.cpu, model=nasty)
    unknowns = tuple(dataclasses.replace(item, why=nasty) for item in machine.unknowns)

    html = inventory_card.inventory_html(dataclasses.replace(machine, cpu=cpu, unknowns=unknowns))

    assert "<script" not in html


def test_the_opening_sentence_never_invents_a_number(machine):
    blank = dict.fromkeys(("total_bytes", "available_bytes", "usable_bytes"))
    memory = dataclasses.replace(machine.memory, **blank)
    project = dataclasses.replace(machine.storage.project, free_bytes=None)
    storage = dataclasses.replace(machine.storage, project=project)

    sentence = inventory_card.headline(dataclasses.replace(machine, memory=memory, storage=storage))

    assert sentence == "The machine in this file: memory of unknown size, unknown room on the project's disk."


def test_a_surprise_is_one_sentence_with_what_it_rests_on(shell, machine):
    shell.ipython.user_ns["machine"] = machine
    shell.run("ws.surprise(machine)")

    headline, _, basis = shell.text.split("\n")
    assert headline.endswith(".")
    assert basis.startswith("Read from: ")
    assert not re.search(r"\w\.\w", basis), "no dotted path"


# Capturing


def test_capturing_fills_the_courses_store_and_the_exercises_folder(shell, course):
    shell.run(CAPTURE)

    stored = (course / "evidence/inventory.json").read_bytes()
    assert stored == Path("evidence/inventory.json").read_bytes()
    assert json.loads(stored)["schema"] == "workstation.inventory/1"
    assert shell.text.startswith("Saved in evidence/inventory.json beside this notebook")


def test_outside_a_working_copy_the_exercises_folder_is_all_there_is(shell, course, tmp_path):
    (course / ".workstation/manifest.json").unlink()

    shell.run(CAPTURE)

    assert inventories(Path()) == ["inventory.json"]
    assert not (tmp_path / "evidence").exists()


def test_no_private_data_is_written_or_shown(shell, course, monkeypatch):
    """No host, no user, no home, no address; not in the file and not in the card."""
    host, user, home = "annas-laptop-7q", "anna-of-7q", course / "home-of-anna"
    monkeypatch.setattr(socket, "gethostname", lambda: host)
    monkeypatch.setattr(platform, "node", lambda: host)
    system, _, *rest = platform.uname()[:5]
    monkeypatch.setattr(os, "uname", lambda: os.uname_result((system, host, *rest)), raising=False)
    for name in ("USER", "LOGNAME", "USERNAME"):
        monkeypatch.setenv(name, user)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home))

    shell.run(CAPTURE)

    written = (course / "evidence/inventory.json").read_text(encoding="utf-8")
    for text in (written, shell.html, shell.text):
        assert not [word for word in (host, user, str(home), str(course)) if word in text]
        assert not re.search(r"\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b", text, re.IGNORECASE)
        assert not re.search(r"\b(?:\d{1,3}\.){3}\d{1,3}\b", text)


def test_an_older_inventory_is_kept_in_the_courses_store_only(shell, course, machine):
    """Under the time at which it was written, so that nothing is lost and the submission stays small."""
    machine.save(capture_folder(course) / "inventory.json")
    machine.save(capture_folder(Path()) / "inventory.json")
    older = (course / "evidence/inventory.json").read_bytes()
    for folder in (course, Path()):
        os.utime(folder / "evidence/inventory.json", (1_700_000_000,) * 2)

    shell.run(CAPTURE)

    assert inventories(course) == ["inventory-20231114T221320Z.json", "inventory.json"]
    assert inventories(Path()) == ["inventory.json"]
    assert (course / "evidence/inventory-20231114T221320Z.json").read_bytes() == older
    assert "inventory-20231114T221320Z.json" in shell.text


def test_two_different_older_inventories_of_one_second_are_both_kept(shell, course, machine):
    """One captured here, one brought along by hand into the exercise's folder."""
    machine.save(capture_folder(course) / "inventory.json")
    dataclasses.replace(machine, captured_at="2026-01-01T00:00:00Z").save(capture_folder(Path()) / "inventory.json")
    for folder in (course, Path()):
        os.utime(folder / "evidence/inventory.json", (1_700_000_000,) * 2)

    shell.run(CAPTURE)

    assert inventories(course) == [
        "inventory-20231114T221320Z-2.json",
        "inventory-20231114T221320Z.json",
        "inventory.json",
    ]


def test_an_inventory_from_elsewhere_is_recorded_as_imported(shell, course, monkeypatch):
    """A learner at a class server answers for the machine at home."""
    monkeypatch.setattr(capture, "read_machine", no_reading)
    shell.ipython.user_ns["path"] = str(MACHINE)

    shell.run('ws.capture_evidence("constraint-summary", inventory=ws.load_inventory(path))')

    document = json.loads((course / "evidence/inventory.json").read_text(encoding="utf-8"))
    assert document["cpu"]["model"] == "12th Gen Intel(R) Core(TM) i5-1240P"
    assert {told["confidence"] for told in document["provenance"].values()} == {"imported"}


@pytest.mark.parametrize("mode", ["validate", "autograde"])
def test_under_nbgrader_the_file_is_shown_and_nothing_is_read_or_written(shell, course, machine, monkeypatch, mode):
    path = machine.save(capture_folder(Path()) / "inventory.json")
    before = path.read_bytes()
    monkeypatch.setenv("NBGRADER_EXECUTION", mode)
    monkeypatch.setattr(capture, "read_machine", no_reading)

    shell.run(CAPTURE)

    assert "12th Gen Intel" in shell.text
    assert path.read_bytes() == before
    assert not (course / "evidence").exists()


@pytest.mark.parametrize("content", [None, b"", b"{", b"\xff", b'{"schema": "workstation.inventory/99"}'])
def test_under_nbgrader_a_missing_or_damaged_file_is_a_card_and_no_error(shell, monkeypatch, content):
    if content is not None:
        (capture_folder(Path()) / "inventory.json").write_bytes(content)
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    monkeypatch.setattr(capture, "read_machine", no_reading)

    shell.run(CAPTURE)

    assert "inventory" in shell.text.casefold()
    assert boundary.OURS not in shell.text


def test_a_surprise_under_nbgrader_reads_the_file(shell, machine, monkeypatch):
    machine.save(capture_folder(Path()) / "inventory.json")
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    monkeypatch.setattr(workstation.inventory._read, "LiveSource", no_reading)

    shell.run("ws.surprise()")

    assert "Read from: " in shell.text


def test_an_unknown_exercise_is_named_and_nothing_is_written(shell, course):
    shell.run('ws.capture_evidence("constraint-sumary")')

    assert "Known exercises: constraint-summary" in shell.text
    assert not (course / "evidence").exists()


def test_a_folder_that_cannot_be_made_is_explained(shell, course):
    (course / "evidence").write_text("a file in the way", encoding="utf-8")

    shell.run(CAPTURE)

    assert shell.text.startswith("Making the folder evidence failed")


def capture_folder(folder: Path) -> Path:
    """Make an evidence folder."""
    (folder / "evidence").mkdir(exist_ok=True)
    return folder / "evidence"
