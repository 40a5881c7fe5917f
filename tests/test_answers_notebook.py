"""Finding answers in notebook files: by id, by magic line, in damaged and absurd files; each oddity has its problem."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workstation.answers.notebook import PROBLEMS, extract_answers, read_notebook
from workstation.catalog import load_catalog
from workstation.errors import NotebookError

EXERCISE = load_catalog().exercises["constraint-summary"]


def cell(source, grade_id=None, kind="code"):
    """Make a cell as JSON holds it."""
    return {"cell_type": kind, "source": source, "metadata": {"nbgrader": {"grade_id": grade_id}} if grade_id else {}}


def codes(extracted, answer="workload"):
    """List the problem codes that name *answer*."""
    return [problem.code for problem in extracted.problems if repr(answer) in problem.message]


def raw(*cells):
    """Make a notebook file's bytes."""
    return json.dumps({"cells": list(cells), "nbformat": 4, "nbformat_minor": 5}).encode()


def test_an_answer_is_found_by_its_grade_id():
    found = extract_answers([cell("%%answer workload\nRAG", "workload")], EXERCISE)

    assert found.answers["workload"] == "RAG"
    assert codes(found) == []


def test_a_missing_answer_is_blank_and_named():
    found = extract_answers([], EXERCISE)

    assert set(found.answers.values()) == {""}
    assert codes(found) == ["answer-missing"]


def test_files_only_answers_are_not_looked_for():
    assert "evidence" not in extract_answers([], EXERCISE).answers


def test_a_cell_that_lost_its_id_is_found_by_its_magic_line():
    found = extract_answers([cell(["# mine\n", "%%answer workload\n", "RAG"])], EXERCISE)

    assert found.answers["workload"] == "RAG"
    assert codes(found) == ["answer-id-lost"]


def test_of_repeated_ids_the_last_filled_one_counts():
    cells = [cell("first", "workload"), cell("second", "workload"), cell("%%answer workload\nTODO", "workload")]

    found = extract_answers(cells, EXERCISE)

    assert found.answers["workload"] == "second"
    assert codes(found) == ["answer-repeated"]


def test_a_filled_copy_counts_where_the_original_is_blank():
    found = extract_answers([cell("%%answer workload\n", "workload"), cell("%%answer workload\nRAG")], EXERCISE)

    assert found.answers["workload"] == "RAG"
    assert codes(found) == ["answer-id-lost"]


@pytest.mark.parametrize("kind", ["markdown", "raw", "nonsense"])
def test_a_retyped_answer_is_still_text(kind):
    found = extract_answers([cell("RAG", "workload", kind)], EXERCISE)

    assert found.answers["workload"] == "RAG"
    assert codes(found) == ["answer-retyped"]


def test_a_huge_answer_is_kept_and_flagged():
    found = extract_answers([cell("RAG " * 300_000, "workload")], EXERCISE)

    assert codes(found) == ["answer-too-long"]
    assert found.answers["workload"].startswith("RAG")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\0" * 40, "empty"),
        (b"not json", "not JSON"),
        (b'{"cells": [', "not JSON"),
        (b"[]", 'called "cells"'),
        (b'{"cells": {}}', 'called "cells"'),
        (b'{"worksheets": []}', 'called "cells"'),
        (b"[" * 200_000, "too deep"),
        (b'{"cells": [' + b"9" * 5000 + b"]}", "not JSON"),
    ],
)
def test_what_is_no_notebook_says_so(content, words):
    with pytest.raises(NotebookError, match=words):
        read_notebook(content)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig"])
def test_byte_order_marks_are_understood(encoding):
    text = json.dumps({"cells": [cell("Größe", "workload")]}, ensure_ascii=False)

    found = read_notebook(text.encode(encoding))

    assert found.cells[0]["source"] == "Größe"


def test_bytes_that_are_not_utf8_are_replaced_and_named():
    found = read_notebook(raw(cell("RAG ?", "workload")).replace(b"?", b"\xff"))

    assert found.cells[0]["source"] == "RAG \ufffd"
    assert [problem.code for problem in found.problems] == ["not-utf8"]


def test_entries_that_are_no_cells_are_left_out():
    found = read_notebook(json.dumps({"cells": [1, None, [], cell("RAG", "workload")]}).encode())

    assert len(found.cells) == 1
    assert [problem.code for problem in found.problems] == ["cells-skipped"]


def test_half_characters_cannot_break_what_is_written_later():
    found = extract_answers([cell("RAG \ud800", "workload")], EXERCISE)

    found.answers["workload"].encode("utf-8")


KEYS = st.sampled_from(["cells", "metadata", "nbgrader", "grade_id", "source", "cell_type"])
ABSURD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(ABSURD)
def test_absurd_cells_never_raise(value):
    """Whatever types stand in a cell, every answer comes out as text."""
    found = extract_answers([value] if isinstance(value, dict) else [{"metadata": value, "source": value}], EXERCISE)

    assert all(isinstance(body, str) for body in found.answers.values())


def test_every_problem_can_be_worded():
    for template in PROBLEMS.values():
        assert template.format(id="workload", detail=3)
