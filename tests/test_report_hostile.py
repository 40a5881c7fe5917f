"""The report in bad hands: hostile text in every field, private names, damaged files, links."""

import re
from dataclasses import replace
from pathlib import Path

import mistune
import pytest
from inventory_kit import small
from notebook_kit import ipython_shell
from planning_notebook_kit import HOSTILE, Page, exercise, working_copy
from report_kit import PARTS, decide, fill, pages

from workstation.notebook.reporting import make_report


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
