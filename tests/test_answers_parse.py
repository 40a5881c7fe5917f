"""Reading an answer's cell: the magic line, labelled fields, blanks; nothing that a learner types is lost or raises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workstation.answers.parse import (
    MAX_BODY_CHARS,
    PARAGRAPH,
    answer_id_of,
    clip,
    is_blank,
    one_edit_apart,
    parse_fields,
    strip_magic,
    unlabelled,
)
from workstation.catalog import load_catalog

EXERCISE = load_catalog().exercises["constraint-summary"]
FORMS = {form.id: form for form in EXERCISE.answers}
SUMMARY, ARCHETYPE = FORMS["constraint-summary"], FORMS["archetype"]


@pytest.mark.parametrize(
    ("source", "body"),
    [
        ("%%answer workload\nRAG over letters", "RAG over letters"),
        ("# my comment\n\n%%answer workload\nRAG", "RAG"),
        ("RAG over letters", "RAG over letters"),
        ("typed above\n%%answer workload\nand below", "typed above\nand below"),
        ("%%answer workload\n### BEGIN SOLUTION\nRAG\n### END SOLUTION", "RAG"),
        ("%%answer workload", ""),
        ("%%answer workload\r\nRAG\r\n", "RAG"),
        ("%%answer workload\nRAG\n%%answer workload\nagain", "RAG\n\nagain"),
    ],
)
def test_the_magic_line_goes_and_the_learners_words_stay(source, body):
    assert strip_magic(source) == body


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ("%%answer workload\nx", "workload"),
        ("# c\n%%answer 'archetype'", "archetype"),
        ("%%answer", None),
        ("%%answers workload", None),
        ("no magic", None),
    ],
)
def test_the_answer_id_is_read_from_the_magic_line(source, answer):
    assert answer_id_of(source) == answer


@pytest.mark.parametrize(
    "body",
    [
        "Archetype: hybrid\nBecause: I rent\nMatters most: mobility",
        "archetype : hybrid\nBECAUSE: I rent\nmatters most : mobility",
        "- **Archetype:** hybrid\n- **Because:** I rent\n- **Matters most:** mobility",
        "* **Archetype**: hybrid\n* _Because_: I rent\n* `Matters most`: mobility",
        "Matters most: mobility\nArchetype: hybrid\nBecause: I rent",
        "## Archetype\nhybrid\n## Because\nI rent\n## Matters most\nmobility",
        "1. Archetype\uff1a hybrid\n2. Because\uff1a I rent\n3. Matters most\uff1a mobility",
        "<b>Archetype:</b> hybrid\n<b>Because:</b> I rent\n<b>Matters most:</b> mobility",
        "| Archetype | hybrid |\n| Because | I rent |\n| Matters most | mobility |",
        "Archetype: hybrid. Because: I rent. Matters most: mobility",
        "Archetype - hybrid\nBecause - I rent\nMatters most = mobility",
        "Archtype: hybrid\nBecause: I rent\nMatters most: mobility",
        "Archtpye: hybrid\nBecuase: I rent\nMaters most: mobility",
        "ARCHETYP: hybrid\nBeacuse: I rent\nMATTERS MSOT: mobility",
        "> Archetype: hybrid\n> Because: I rent\n> Matters most: mobility",
        "hybrid\nI rent\nmobility",
    ],
)
def test_labels_are_read_however_they_are_written(body):
    fields = parse_fields(body, ARCHETYPE)

    assert {name: value.rstrip(".") for name, value in fields.items()} == {
        "archetype": "hybrid",
        "because": "I rent",
        "matters-most": "mobility",
    }


def test_the_last_filled_value_of_a_repeated_field_counts():
    fields = parse_fields("Archetype: cloud\nBecause: x\nArchetype: hybrid\nArchetype:", ARCHETYPE)

    assert fields["archetype"] == "hybrid"


def test_output_that_looks_like_labels_is_text_of_its_field():
    body = "Evidence: pasted\nMem:   31Gi  9.4Gi\nSwap:  8.0Gi\nSecond likely bottleneck: storage"

    fields = parse_fields(body, SUMMARY)

    assert fields["evidence"] == "pasted\nMem:   31Gi  9.4Gi\nSwap:  8.0Gi"
    assert fields["second-bottleneck"] == "storage"


def test_misspelt_labels_are_read_as_the_nearest_one():
    body = "Likly frist botleneck: RAM\nSecnd likely bottlenek: disk\nEvidense: 14 of 15\nNxt action: log it"

    fields = parse_fields(body, SUMMARY)

    assert (fields["first-bottleneck"], fields["second-bottleneck"]) == ("RAM", "disk")
    assert (fields["evidence"], fields["next-action"]) == ("14 of 15", "log it")


@pytest.mark.parametrize("word", ["Season", "Person", "Because of this", "Mem", "Caution", "Power"])
def test_other_words_before_a_colon_are_no_labels(word):
    assert parse_fields(f"Because: I travel\n{word}: much", ARCHETYPE)["because"] == f"I travel\n{word}: much"


def test_what_stands_outside_every_label_is_found():
    body = "intro\nWorkload: RAG\nMem: 31Gi\nNachweis: 14 of 15 GiB"

    assert unlabelled(body, SUMMARY) == "intro\nNachweis: 14 of 15 GiB"
    assert unlabelled("Workload: RAG\nmore of it", SUMMARY) == ""


def test_a_paragraph_has_one_field():
    assert parse_fields("  two\nlines ", FORMS["workload"]) == {PARAGRAPH: "two\nlines"}


@pytest.mark.parametrize("text", ["", "  ", "...", "…", "TODO", "**TODO**", "- ", "TODO: fill in later", "n/a", "???"])
def test_placeholders_are_blank(text):
    assert is_blank(text, EXERCISE)


@pytest.mark.parametrize(
    "text", ["RAM", "none", "0", "TODO list app for five users that calls a hosted model over HTTP"]
)
def test_short_answers_are_not_blank(text):
    assert not is_blank(text, EXERCISE)


def test_a_body_is_read_up_to_its_limit():
    body, was_clipped = clip("x" * (MAX_BODY_CHARS + 1))

    assert (len(body), was_clipped) == (MAX_BODY_CHARS, True)
    assert clip("short") == ("short", False)


@given(st.text(max_size=12), st.text(max_size=12))
def test_one_edit_is_the_same_in_both_directions(left, right):
    assert one_edit_apart(left, right) == one_edit_apart(right, left)


@given(st.text(max_size=300))
def test_any_text_is_read_without_raising(text):
    """Every field of the form is there, whatever is typed."""
    assert parse_fields(strip_magic(text), SUMMARY).keys() == {field.id for field in SUMMARY.fields}
