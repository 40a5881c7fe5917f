"""Rules that are quoted, denied or misspelt: for review, with the word that did it and the nearest name."""

import pytest

from workstation.planning import print_rule, read_field


@pytest.mark.parametrize(
    "before", ["I will not follow a rule such as", "Never do what my friend says:  no rule like", "I would not say"]
)
def test_a_rule_that_its_own_sentence_denies_is_for_review_and_not_followed(before):
    reading = read_field(f"{before} if swap_used_gib > 4 for 3 weeks then upgrade ram")

    assert (reading.kind, reading.rules) == ("unparsed", ())
    assert "denies this rule" in reading.problems[0].message


@pytest.mark.parametrize(
    "before", ["No purchase now, but", "One bad week does not count.", "I will not wait:", "Not at once, only", "Keep;"]
)
def test_a_denial_of_something_else_leaves_the_rule(before):
    reading = read_field(f"{before} if swap_used_gib > 4 for 3 weeks then upgrade ram")

    assert [print_rule(rule) for rule in reading.rules] == ["if swap_used_gib > 4 for 3 weeks then upgrade ram"]


@pytest.mark.parametrize(
    ("written", "meant"), [("swap_usd_gib", "swap_used_gib"), ("ram_used_precent", "ram_used_percent")]
)
def test_a_misspelt_id_that_begins_like_a_metric_gets_the_nearest_offered(written, meant):
    text = f"if {written} above 4 for 3 weeks then upgrade ram"
    problem = read_field(text).problems[0]

    assert problem.message == f"“{written}” is no weekly metric. Did you mean {meant}?"
    assert text[problem.start : problem.end] == written


def test_the_same_problem_is_told_once():
    messages = [problem.message for problem in read_field("if luck > 1 " * 9).problems]

    assert len(messages) == len(set(messages)) == 1
