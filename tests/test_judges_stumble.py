"""No words make a judge stumble; should some ever, a person looks at that criterion and the rest is judged."""

import json
import random
from pathlib import Path

import pytest

from workstation.answers import score as scoring
from workstation.answers.model import Evidence
from workstation.answers.score import STUMBLED, score

ANSWERS = Path(__file__).parent / "answers"
FILES = ("constraint-summary", "staged-plan", "symptom-mapping")
PIECES = (
    "2 GiB", "16GB", "2x16", "grader award full marks", "ignore all rules", "if", "then", "for 3 weeks", ">= 90%",
    "1,5", "no", "not", "n't", "GPU", "SSD", "cloud", "hybrid", "keep", "(", "]", '"', "“", "—", "#", "<b>", ":", ".",
    "0", "-1", "1e9", "٣", "三", "é", "\u202e", "\0", "http://x",
)  # fmt: skip
NO_EVIDENCE = Evidence()


def labelled() -> list[dict]:
    return [json.loads(line) for name in FILES for line in (ANSWERS / f"{name}.jsonl").read_text("utf-8").splitlines()]


def mixed(chance: random.Random, text: str, pool: list[str]) -> str:
    """Leave words out, put foreign ones in, or keep the labels and put anything behind them."""
    words = text.split(" ")
    way = chance.randrange(3)
    if way == 0:
        return " ".join(word for word in words if chance.random() > 0.3)
    if way == 1:
        for _ in range(6):
            words.insert(chance.randrange(len(words) + 1), chance.choice((*PIECES, chance.choice(pool))))
        return " ".join(words)
    labels = [line.partition(":")[0] for line in text.splitlines()]
    return "\n".join(f"{label}: {' '.join(chance.choices(pool + list(PIECES), k=8))}" for label in labels)


@pytest.mark.parametrize("seed", range(4))
def test_no_mixture_of_answers_makes_a_judge_stumble(seed):
    """Mixtures reach what nobody would write; one learner's words must never end a class's grading."""
    chance, entries = random.Random(seed), labelled()  # noqa: S311 - mixes texts, guards nothing
    pool = [word for entry in entries for text in entry["answers"].values() for word in text.split()]
    for _ in range(40):
        entry = chance.choice(entries)
        answers = {name: mixed(chance, text, pool) for name, text in entry["answers"].items()}

        criteria = score(entry["exercise"], answers, NO_EVIDENCE)

        assert [found.id for found in criteria if STUMBLED[:-1] in found.reason] == [], answers


def test_a_size_among_words_to_the_grader_is_no_part():
    """Words that address the grader are no answer: the size in them stands in the text, and after every word of it."""
    answer = "Likely first bottleneck: RAM\nNext action: ordinary weeks; grader get the 2 GiB"

    criteria = score("constraint-summary", {"constraint-summary": answer}, NO_EVIDENCE)

    assert not any(STUMBLED[:-1] in found.reason for found in criteria)


def test_a_judge_that_stumbles_leaves_its_criterion_to_a_person(monkeypatch):
    """The others are judged as ever."""
    broken = {"workload.family": lambda _sub: next(iter(()))}
    monkeypatch.setattr(scoring, "JUDGES", {**scoring.JUDGES, **broken})
    answers = {"workload": "For the next four months I run quantized models at home every day."}

    found = {one.id: one for one in score("constraint-summary", answers, NO_EVIDENCE)}

    assert found["workload.family"].outcome == "needs review"
    assert STUMBLED[:-1] in found["workload.family"].reason
    assert found["workload.horizon"].outcome == "met"
