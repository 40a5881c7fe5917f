"""`ws.report` and `workstation report`: every part there, or told how to get it."""

import json
import re
import shutil
from html import unescape
from pathlib import Path

import pytest
from notebook_kit import ipython_shell
from planning_notebook_kit import Page, exercise, working_copy
from report_kit import PARTS, RULE, decide, fill, pages

from workstation.cli import main
from workstation.errors import DocumentError
from workstation.notebook.report_page import html_page, markdown_page
from workstation.notebook.reporting import make_report

RECORDINGS = Path(__file__).parent / "recordings"


@pytest.fixture
def course(tmp_path, monkeypatch):
    root = working_copy(tmp_path / "copy")
    monkeypatch.chdir(root / "course")
    return root


@pytest.fixture
def shell(course):
    del course
    with ipython_shell() as started:
        started.run("import workstation as ws")
        yield started


def test_an_empty_copy_gives_a_report_that_says_how_to_get_each_part(course):
    written = make_report(course)
    html, text = pages(course)

    assert len(written.missing) >= len(PARTS)
    for part in PARTS:
        assert f'id="part-{part}"' in html
    for words in ("ws.capture_evidence()", "ws.decide()", "exercises/constraint-summary", "workstation watch"):
        assert words in Page(html).words
        assert words in text.replace("\\", "")


def test_a_full_copy_gives_a_report_with_every_part(shell, course, monkeypatch):
    fill(course, monkeypatch)
    decide(shell)

    written = make_report(course)
    html, text = pages(course)
    told = Page(html).words

    assert [section.id for section in written.report.sections] == list(PARTS)
    assert not [section.id for section in written.report.sections if section.is_empty]
    for words in (
        "RAG over my recipes", "laptop-first", "16.0 GiB", "ran from swap for 30 s", "You predicted 4 GiB",
        "my words on first-bottleneck", "upgrade ram", "Swap every day from week 6", "Keep the laptop",
        "Keep the current machine", "What should wait", "owning costs",
    ):  # fmt: skip
        assert words in told
        assert words in text.replace("\\", "")
    assert 'role="img"' in html


def test_recordings_as_they_are_stand_with_what_they_showed(course):
    """One that broke off or was too short is not called quiet."""
    for name in ("laptop-throttles", "swap-left-over", "last-exits-at-once"):
        shutil.copy(RECORDINGS / f"{name}.recording.jsonl", course / "evidence")

    make_report(course)
    html, _text = pages(course)
    rows = dict(re.findall(r'<th scope="row">([a-z-]+)</th>(.*?)</tr>', html, re.DOTALL))

    assert "bottleneck: Heat slowed the processor down" in rows["laptop-throttles"]
    assert "it came to its end at" in rows["swap-left-over"]
    assert "nothing that it could measure held the work up" in rows["swap-left-over"]
    assert "it does not tell what held the work up" in rows["last-exits-at-once"]


def test_every_finding_of_a_recording_stands_on_a_line_of_its_own(course):
    shutil.copy(RECORDINGS / "case-index.recording.jsonl", course / "evidence")

    make_report(course)
    html, text = pages(course)

    assert len(re.findall(r"(?:<td>|<br>)(?:bottleneck|watch): ", html)) == 3
    assert "<br>" not in text


def test_on_paper_short_tables_and_verdicts_are_not_cut(course, monkeypatch):
    fill(course, monkeypatch)
    make_report(course)
    html, _text = pages(course)
    marks = {caption: mark for mark, caption in re.findall(r"<table([^>]*)><caption>([^<]+)</caption>", html)}

    assert "table.short" in html
    assert marks["The staged plan, with how its rules are read"] == ' class="short"'
    assert marks["What the plan would have done"] == ""
    assert re.search(r'<td class="short">\S underbought</td>', html)


def test_a_fact_of_the_machine_names_its_part_and_where_it_was_read(shell, course, monkeypatch):
    fill(course, monkeypatch)
    decide(shell)
    make_report(course)
    told = Page(pages(course)[0]).words

    assert "Memory: Total" in told
    assert "imported" not in told
    assert "Buy or rent, at prices of 2026-11-20: " in told


def test_an_older_report_is_kept(course):
    first = make_report(course)
    before = pages(course)
    second = make_report(course)

    assert first.older == ()
    assert [path.suffix for path in second.older] == [".html", ".md"]
    assert tuple(path.read_text("utf-8") for path in second.older) == before


def test_an_exercise_that_the_class_handed_out_is_found(course):
    path = exercise(course, "constraint-summary", workload="For 4 months RAG.")
    fetched = course / "class" / "constraint-summary" / path.name
    fetched.parent.mkdir(parents=True)
    path.rename(fetched)

    make_report(course)

    assert "For 4 months RAG." in pages(course)[0]


def test_without_a_reader_of_recordings_the_report_says_so(course, monkeypatch):
    from workstation.notebook import on_file

    (course / "evidence" / "old.recording.jsonl").write_text("{}", encoding="utf-8")
    monkeypatch.setattr(on_file, "import_module", lambda _name: None)

    make_report(course)

    assert f"Not read: old: {on_file.NO_READER}" in Page(pages(course)[0]).words


# In a notebook and in the terminal


def test_the_card_says_where_it_is_and_what_is_missing(shell, course):
    shell.run(f"ws.report(plan={RULE!r})")

    assert "report.html and report.md" in shell.text
    assert "There is no plan on file" not in shell.text
    assert "There is no inventory on file" in shell.text
    assert str(course) not in shell.html
    assert "upgrade ram" in pages(course)[0]


@pytest.mark.parametrize("running", ["autograde", "validate"])
def test_under_nbgrader_nothing_is_written(shell, course, monkeypatch, running):
    monkeypatch.setenv("NBGRADER_EXECUTION", running)
    shell.run("ws.report()")

    assert not (course / "report.html").exists()
    assert "nothing is written" in shell.text


def test_the_command_writes_the_report_and_says_what_is_missing(course, capsys):
    assert main(["report", "--dir", str(course)]) == 0

    assert "There is no inventory on file" in capsys.readouterr().out
    assert (course / "report.md").is_file()


def test_the_command_prints_json_for_programs(course, capsys):
    main(["report", "--dir", str(course), "--json"])

    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == "workstation.report/1"
    assert [Path(path).name for path in found["files"]] == ["report.html", "report.md"]
    assert found["missing"]


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path, capsys):
    assert main(["report", "--dir", str(tmp_path / "nowhere")]) == 2
    assert "There is no folder 'nowhere'" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_a_sentence(course, monkeypatch):
    def refuse(path, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", refuse)

    with pytest.raises(DocumentError, match=r"Writing report.html failed: No space left on device"):
        make_report(course)


def test_both_pages_say_the_same(shell, course, monkeypatch):
    fill(course, monkeypatch)
    found = make_report(course).report
    words = re.findall(r"\w{4,}", unescape(re.sub(r"(?s)<style.*?</style>|<[^>]+>", " ", html_page(found))))
    text = markdown_page(found).replace("\\", "")

    assert [word for word in words if word not in text] == []
