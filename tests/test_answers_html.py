"""Showing criteria: one plain sentence first, outcomes in words, everything escaped, pending and later ones named."""

import re
from dataclasses import replace

from workstation.answers.html import IN_REVIEW, criteria_html, criteria_text, summary_sentence
from workstation.answers.model import Criterion, Evidence
from workstation.answers.score import score
from workstation.catalog import load_catalog

EXERCISE = load_catalog().exercises["constraint-summary"]


def judged(criterion_id, outcome, reason="why", next_step="do this"):
    """Make a judged criterion with the points of the rubric."""
    points = next(entry.points for entry in EXERCISE.criteria if entry.id == criterion_id)
    earned = points if outcome == "met" else 0.0
    return Criterion(id=criterion_id, outcome=outcome, points=points, earned=earned, reason=reason, next_step=next_step)


CRITERIA = [
    judged("summary.second-bottleneck", "met", next_step=""),
    judged("summary.decision", "not met", reason="<script>alert(1)</script>"),
    judged("summary.no-verdict", "needs review"),
]


def test_the_first_sentence_says_how_it_stands():
    sentence = summary_sentence(CRITERIA, EXERCISE, answer="constraint-summary")

    assert sentence.startswith("1 of 3 met; ")
    assert "pending" in sentence
    assert sentence.endswith("3 are checked at grading.")


def test_where_nothing_is_judged_yet_the_sentence_counts_nothing_as_met():
    """A test cell of criteria that all wait for the grading."""
    waiting = [entry for entry in EXERCISE.criteria if entry.at_grading]

    def said(count):
        return summary_sentence([], replace(EXERCISE, criteria=tuple(waiting[:count])))

    assert said(1) == "One criterion checked at grading."
    assert said(3) == "3 criteria, all checked at grading."


def test_the_sentence_stands_in_a_polite_live_region():
    html = criteria_html(CRITERIA, EXERCISE, answer="constraint-summary")

    assert re.search(r'^<section[^>]*><p role="status" aria-live="polite">1 of 3 met', html)


def test_outcomes_are_told_in_words_and_by_a_hidden_symbol():
    html = criteria_html(CRITERIA, EXERCISE, answer="constraint-summary")

    for css_class, words in (
        ("ws-met", "met"),
        ("ws-not-met", "not met"),
        ("ws-review", IN_REVIEW),
        ("ws-pending", "checked at grading"),
    ):
        assert re.search(rf'<li class="{css_class}">.*?aria-hidden="true".*?ws-outcome">{words}<', html)


def test_what_the_learner_wrote_is_escaped():
    html = criteria_html(CRITERIA, EXERCISE)

    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_no_style_script_or_handler_is_carried():
    html = criteria_html(CRITERIA, EXERCISE)

    assert not re.search(r"<(?:script|style|img|a|form)\b|\bon\w+=|\bstyle=", html)


def test_text_says_the_same_as_html():
    """Each reason and next step of the fragment stands in its plain twin."""
    text = criteria_text(CRITERIA, EXERCISE, answer="constraint-summary")

    assert text.splitlines()[0] == summary_sentence(CRITERIA, EXERCISE, answer="constraint-summary")
    assert text.count("Next step: do this") == 1
    assert "0 of" in text
    assert "pending" in text


def test_what_a_person_will_look_at_is_told_in_one_phrase_and_asks_for_no_step():
    """In the opening sentence and beside the criterion alike; there is nothing that the learner has to do."""
    html = criteria_html([judged("summary.no-verdict", "needs review")], EXERCISE, answer="constraint-summary")
    text = criteria_text([judged("summary.no-verdict", "needs review")], EXERCISE, answer="constraint-summary")

    assert html.count(IN_REVIEW) == text.count(IN_REVIEW) == 2
    assert "Next step" not in html + text
    assert "needs review" not in html + text


def test_backticks_become_code_on_a_page_and_nothing_in_text():
    criteria = [judged("summary.decision", "not met", reason="`df -h` & <b>", next_step="run `free -h`")]

    html = criteria_html(criteria, EXERCISE)
    assert "<code>df -h</code> &amp; &lt;b&gt;" in html
    assert "<code>free -h</code>" in html
    assert "run free -h" in criteria_text(criteria, EXERCISE)


def practised(sentence):
    """Show a lesson's practice for a sentence, as text."""
    lesson = "01-workload-first"
    return criteria_text(score(lesson, {"workload-sentence": sentence}, Evidence()), load_catalog().practice[lesson])


def test_in_a_practice_nobody_is_said_to_look_and_another_language_is_told_what_to_do():
    """A lesson's practice is never handed in: no person ever sees it."""
    text = practised("In den nächsten vier Monaten werde ich meine eigenen Dokumente nach Bedeutung durchsuchen.")

    assert "a person will look" not in text
    assert "the rules cannot tell about" in text
    assert "The rules read English only" in text


def test_in_a_practice_what_the_rules_cannot_tell_says_how_to_make_it_clear():
    text = practised("For the next four months I will build a chat app.")

    assert "a person will look" not in text
    assert "the rules cannot tell" in text
    assert "Use a row's own words" in text
