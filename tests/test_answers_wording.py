"""What is copied from the exercise's own page is no answer."""

import json
from pathlib import Path

import pytest

from workstation.answers.evidence import evidence_from_documents
from workstation.answers.model import Evidence
from workstation.answers.score import score
from workstation.answers.wording import own_words, runs_of, wording_of
from workstation.errors import MaterialsError

EXERCISE = "constraint-summary"
LINES = (Path(__file__).parent / "answers" / f"{EXERCISE}.jsonl").read_text(encoding="utf-8").splitlines()
PAGE = "Write one paragraph on the AI work that you expect between now and three to six months from now."
OURS = runs_of([PAGE])


def outcomes(workload, wording=OURS):
    """Score a workload paragraph against a page."""
    criteria = score(EXERCISE, {"workload": workload}, Evidence(), wording=wording)
    return {criterion.id: criterion for criterion in criteria}


def test_a_run_of_the_pages_words_is_blanked_whatever_its_markup_and_case():
    assert own_words("**write one paragraph** on the AI work, that YOU expect! RAG it is.", OURS) == "! RAG it is."


def test_seven_words_are_anybodys_english():
    text = "between now and three to six months"

    assert own_words(text, OURS) == text


def test_text_without_copied_words_comes_back_as_it_is():
    assert own_words("  RAG over  my notes\n", OURS) == "  RAG over  my notes\n"


def test_the_page_alone_is_not_attempted_and_the_reason_quotes_it():
    found = outcomes(PAGE)["workload.horizon"]

    assert found.outcome == "not attempted"
    assert "“Write one paragraph" in found.reason


def test_copied_words_that_would_have_decided_are_for_a_person():
    """Whoever uses the page's phrase in an answer of their own is not refused for it."""
    mixed = outcomes(
        "I expect between now and three to six months from now RAG over my notes.".replace("I", "That you")
    )

    assert mixed["workload.family"].outcome == "met"
    assert mixed["workload.horizon"].outcome == "needs review"


def test_copied_words_beside_an_answer_do_no_harm():
    found = outcomes(f"{PAGE}\nFor four months I search my own notes by meaning.")

    assert {found[f"workload.{name}"].outcome for name in ("horizon", "family", "before-hardware")} == {"met"}


def test_the_released_page_is_read():
    """A table row and a "What counts" line of the exercise that learners get."""
    wording = wording_of(EXERCISE)

    row = "single-GPU desktop | a machine that stays put, with one graphics card for local models"
    counts = "an end that is three to six months away; a kind of work that a reader recognises"
    assert own_words(row, wording) == ""
    assert own_words(counts, wording) == ""


def test_a_lessons_page_is_known_too_and_an_unknown_one_is_empty():
    assert wording_of("no-such-exercise") == frozenset()


def test_without_the_lessons_nothing_is_the_pages(monkeypatch):
    def gone():
        raise MaterialsError("The lessons are not where they should be.")

    monkeypatch.setattr("workstation.answers.wording.exercises_root", gone)

    assert wording_of.__wrapped__(EXERCISE) == frozenset()


@pytest.mark.parametrize("line", [json.loads(line) for line in LINES], ids=lambda line: line["id"])
def test_learners_own_answers_are_not_taken_for_the_page(line):
    evidence = evidence_from_documents(line["inventory"])

    with_page = [c.outcome for c in score(EXERCISE, line["answers"], evidence)]

    assert with_page == [c.outcome for c in score(EXERCISE, line["answers"], evidence, wording=frozenset())]
