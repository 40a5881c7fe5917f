"""Alike answers: copies at three levels of rewording are found, and other people's work is left in peace."""

import random

import pytest
from insight_kit import cohort_of, edited, entry, labelled, long_enough, pool_of, reworded, rewritten

from workstation_grader.insight.alike import compare, shared_words
from workstation_grader.insight.copies import copies

PLANTED = 30


@pytest.fixture(scope="module")
def answers():
    return labelled()


def planted(answers, how, number=PLANTED):
    """The answers with copies of some of them, and who of those was found beside the one they copied."""
    rng = random.Random(5)  # noqa: S311 - the same copies every time
    nameless = set(compare(answers).too_common)
    able = [name for name in long_enough(answers) if name not in nameless]
    chosen = rng.sample(able, number)
    found = compare(answers | {f"copy-{name}": how(answers[name], rng) for name in chosen})
    close = {frozenset((pair.left, pair.right)) for pair in found.pairs}
    same = {frozenset(group) for group in found.same}
    return [name for name in chosen if frozenset((name, f"copy-{name}")) in close | same]


def test_a_copy_word_for_word_is_always_found(answers):
    assert len(planted(answers, lambda own, _: own)) == PLANTED


def test_a_lightly_edited_copy_is_found(answers):
    """Synonyms, another order of sentences and fields, capitals and slips of the finger."""
    assert len(planted(answers, edited)) >= 0.97 * PLANTED


def test_a_copy_with_half_of_its_words_replaced_is_found(answers):
    """Structure and figures are kept, every second word is somebody else's."""
    pool = pool_of(answers)

    assert len(planted(answers, lambda own, rng: rewritten(own, rng, pool))) >= 0.9 * PLANTED


def test_answers_told_anew_by_hand_are_found(answers):
    told = reworded()
    found = compare(answers | {f"copy-{name}": own for name, own in told.items()})
    close = {frozenset((pair.left, pair.right)) for pair in found.pairs}

    assert {name for name in told if frozenset((name, f"copy-{name}")) in close} == set(told)


@pytest.mark.parametrize("number", [20, 60, 155])
def test_false_alarms_are_far_below_one_in_a_hundred_pairs(answers, number):
    """One pair in a thousand is the floor; some labelled answers do tell another one again, and count all the same."""
    rng = random.Random(number)  # noqa: S311 - the same classes every time
    pairs = alarms = 0
    for _ in range(5):
        found = compare({name: answers[name] for name in rng.sample(sorted(answers), number)})
        pairs += found.compared * (found.compared - 1) / 2
        alarms += len(found.pairs) + len(found.same)

    assert alarms <= 0.001 * pairs


def test_a_large_class_has_hardly_a_false_alarm_and_its_copies_are_found():
    """With more learners a rare word says more, so the same threshold serves 600 and 5,000."""
    made, pool = cohort_of(600), pool_of(labelled())

    assert len(compare(made).pairs) <= 1
    assert len(planted(made, lambda own, rng: rewritten(own, rng, pool))) >= 0.9 * PLANTED


def test_one_text_handed_round_the_whole_class_is_one_group(answers):
    """Thirty copies would be 435 pairs; they are one line, and the first stands for all beside a reworded one."""
    text = answers["cs-01"]
    found = compare(answers | {f"copy-{place:02d}": text for place in range(30)})

    assert [len(group) for group in found.same if "cs-01" in group] == [31]
    assert not [pair for pair in found.pairs if pair.left.startswith("copy-") or pair.right.startswith("copy-")]


def test_what_cannot_be_compared_is_counted_and_said(answers):
    """Too short, and a text that a tenth of the class has in slightly other words: neither is silently innocent."""
    short = {"brief": ("RAM is short.",)}
    text = answers["cs-01"]
    spread = {f"spread-{place:02d}": (*text, f"end{place}") for place in range(60)}
    found = compare(answers | short | spread)

    assert found.too_short == 1 + sum(1 for name in answers if name not in long_enough(answers))
    assert {"spread-00", "spread-59"} <= set(found.too_common)
    section = copies([entry(name, own=own) for name, own in (answers | short | spread).items()])
    assert any("could not be compared either" in line and "spread-00" in line for line in section.lead)


def test_no_words_at_all_are_no_error():
    assert compare({}).compared == 0
    assert copies([]).tables == ()


def test_the_pair_shows_what_it_shares_rarest_first():
    left, right = ("9 of 21 syncs failed over Ethernet",), ("over ETHERNET, 21 attempts: 9 failing syncs",)

    assert shared_words(left, right, {"ether": 2, "syncs": 2, "21": 2, "over": 40, "9": 30, "faili": 3}) == [
        "21", "ethernet", "syncs", "9", "over",
    ]  # fmt: skip
