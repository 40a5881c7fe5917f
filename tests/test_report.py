"""`ws.report` and `workstation report`: every part there or told how to get, nothing private, everything escaped."""

import json
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from inventory_kit import small
from notebook_kit import ipython_shell
from planning_notebook_kit import HOSTILE, Page, exercise, log_weeks, recorded, working_copy

from workstation.answers.prediction_store import append
from workstation.answers.predictions import Prediction
from workstation.catalog import load_catalog
from workstation.cli import main
from workstation.errors import DocumentError
from workstation.notebook.report_page import html_page, markdown_page
from workstation.notebook.reporting import make_report

SUMMARY = {
    field.label: f"my words on {field.id}" for field in load_catalog().exercises["constraint-summary"].answers[3].fields
}
RULE = "if swap_used_gib above 4 for 3 weeks then upgrade ram"
PARTS = ("workload", "archetype", "machine", "recordings", "predictions", "summary", "plan", "recommendation")


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


def summary_cell(text=None):
    return "\n".join(f"{label}: {text or words}" for label, words in SUMMARY.items())


def predicted(root, **changes):
    entry = {
        "id": "kv-8k", "question": "How many GiB does the cache take?", "unit": "GiB", "predicted": 4.0,
        "predicted_at": "2026-01-01T00:00:00Z", "measured": 1.0, "measured_at": "2026-01-01T00:01:00Z",
    }  # fmt: skip
    append(root / "evidence" / "predictions.jsonl", Prediction(**entry | changes))


def fill(root, monkeypatch, words=None, inventory=None):
    """Put every part of a report on file; *words* are those of the learner everywhere."""
    exercise(
        root,
        "constraint-summary",
        workload=words or "For 4 months I will build RAG over my recipes.",
        archetype=f"Archetype: {words or 'laptop-first'}\nBecause: {words or 'I carry it'}",
        constraint_summary=summary_cell(words),
    )
    rule = f"{RULE}\nand {words}" if words else RULE
    exercise(
        root,
        "staged-plan",
        plan=f"Now: keep {words or ''}\nAfter one month: keep\nRepeated: {rule}\nCloud: never",
        recommendation=words or "Keep the laptop, and add memory if swap returns.",
    )
    recorded(root, "rag-index", monkeypatch, label=words or "python index.py")
    log_weeks(root, 4, swap_used_gib=6.0)
    predicted(root, question=words or "How many GiB does the cache take?")
    (inventory or small()).save(root / "evidence" / "inventory.json")


def decide(shell, words=None):
    shell.run(f"ws.decide(workload={words or 'For 4 months RAG.'!r})")
    shell.run(f"ws.decide(answer='yes', evidence='recording rag-index', says={words!r})")
    shell.run(
        "ws.buy_or_rent(price=2000, resale=600, months=36, power_price=0.3, idle_watts=40, busy_watts=400, rate=1.2, "
        "currency='EUR', on='2026-11-20')"
    )


def pages(root):
    return (root / "report.html").read_text("utf-8"), (root / "report.md").read_text("utf-8")


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


def test_the_page_is_one_file_that_fetches_nothing(shell, course, monkeypatch):
    fill(course, monkeypatch)
    decide(shell)
    make_report(course)
    html, text = pages(course)

    assert Page(html).is_harmless()
    assert "default-src 'none'" in html
    assert not re.search(r"https?://", html + text)
    assert '<html lang="en">' in html
    assert "@media print" in html


def test_hostile_text_in_every_field_stays_text(shell, course, monkeypatch):
    told = small()
    bad = replace(told, cpu=replace(told.cpu, model=HOSTILE), captured_at="2026-01-31T12:00:00Z")
    fill(course, monkeypatch, words=HOSTILE, inventory=bad)
    decide(shell, words=HOSTILE)
    written = make_report(course)
    html, text = pages(course)

    assert Page(html).is_harmless()
    assert Page(html).words.count("<script>alert(1)</script>") > 8
    assert "\u202e" not in html + text
    assert [section.id for section in written.report.sections][:8] == list(PARTS)
    assert Page(html).tags.count("h2") == len(written.report.sections)


def test_hostile_text_is_no_markdown(shell, course, monkeypatch):
    """Rendered by Jupyter's own renderer, no link, picture, tag or formula comes of it."""
    import mistune

    fill(course, monkeypatch, words=HOSTILE)
    decide(shell, words=HOSTILE)
    make_report(course)
    text = pages(course)[1]
    shown = Page(mistune.create_markdown(escape=False, plugins=["table", "url", "strikethrough"])(text))

    assert shown.is_harmless()
    assert "<script>alert(1)</script>" in shown.words
    assert "$a$" not in text
    assert shown.tags.count("h2") == len(re.findall(r"(?m)^## ", text))
    assert shown.tags.count("tr") > 20


def test_nothing_private_is_in_it(shell, course, monkeypatch):
    monkeypatch.setattr("socket.gethostname", lambda: "amelias-tower")
    monkeypatch.setattr("getpass.getuser", lambda: "amelia")
    secret = f"amelia@amelias-tower:{Path.home()}/x /home/bob C:\\Users\\bob 192.168.7.9 52:54:00:12:34:56 bob@e.org"
    fill(course, monkeypatch, words=secret)
    decide(shell, words=secret)
    make_report(course)

    for page in pages(course):
        plain = page.replace("\\", "")
        for private in ("amelia", "bob", str(Path.home()), str(course), "192.168.7.9", "52:54:00:12:34:56", "e.org"):
            assert private not in plain


def test_an_older_report_is_kept(course):
    first = make_report(course)
    before = pages(course)
    second = make_report(course)

    assert first.older == ()
    assert [path.suffix for path in second.older] == [".html", ".md"]
    assert tuple(path.read_text("utf-8") for path in second.older) == before


def test_a_link_in_the_reports_place_is_moved_and_never_written_through(course, tmp_path):
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    (course / "report.html").symlink_to(tmp_path / "mine.txt")

    make_report(course)

    assert (tmp_path / "mine.txt").read_text("utf-8") == "mine"
    assert not (course / "report.html").is_symlink()


@pytest.mark.parametrize(
    "name", ["inventory.json", "platform.json", "log.jsonl", "predictions.jsonl", "decision.json", "prices.json"]
)
@pytest.mark.parametrize("content", [b"\xff\xfe{", b"[[[[", b"{}", b"null\n" * 10])
def test_a_damaged_file_costs_its_own_part_and_no_other(course, name, content):
    exercise(course, "constraint-summary", workload="For 4 months RAG.")
    (course / "evidence" / name).write_bytes(content)

    make_report(course)

    assert "For 4 months RAG." in pages(course)[0]
    assert (course / "evidence" / name).read_bytes() == content


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"cells": 4}', b'{"cells": [4, {"source": [1]}]}'])
def test_a_damaged_notebook_is_said(course, content):
    path = exercise(course, "constraint-summary", workload="x")
    path.write_bytes(content)

    make_report(course)

    assert "The work is not described yet" in pages(course)[0]


def test_blanks_and_the_templates_words_count_as_missing(course):
    exercise(course, "constraint-summary", workload="...", constraint_summary="Workload: TODO\nArchetype: RAG laptop")

    make_report(course)
    html = Page(pages(course)[0]).words

    assert "The work is not described yet" in html
    assert "Not filled in yet: Workload" in html
    assert "RAG laptop" in html


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
