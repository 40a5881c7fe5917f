"""What insight's tests and its benchmark share: entries made by hand, labelled answers, and planted copies."""

import json
import random
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from workstation.answers.model import Criterion
from workstation.answers.parse import parse_fields, strip_magic
from workstation.answers.wording import own_words, wording_of
from workstation.catalog import load_catalog
from workstation_grader.insight.alike import FEWEST_PIECES, pieces
from workstation_grader.insight.model import Entry

EXERCISE = "constraint-summary"
ANSWERS = Path(__file__).parent / "answers"
LABELLED = ("constraint-summary.jsonl", "own.jsonl", "later-dev.jsonl", "unseen-2.jsonl")  # never what is held back

Texts = dict[str, tuple[str, ...]]

_WORD = re.compile(r"[^\W\d_]{2,}")
_FIGURE = re.compile(r"\d+")
_SYNONYMS = {
    "use": "employ", "run": "execute", "runs": "executes", "small": "little", "build": "make", "machine": "computer",
    "because": "since", "during": "while in", "need": "require", "needs": "requires", "while": "as", "weeks": "wks",
    "month": "mo",
    "months": "mos", "only": "just", "over": "across", "now": "at present", "big": "large", "free": "unused",
    "want": "wish", "notebook": "note-book", "model": "modell", "data": "dataset", "test": "trial", "sits": "stands",
    "look": "see", "between": "from", "until": "till", "again": "once more", "all": "every", "home": "the house",
}  # fmt: skip


def own_words_of(answers: Mapping[str, str]) -> tuple[str, ...]:
    """Give a learner's own words as insight compares them."""
    wording = wording_of(EXERCISE)
    fields = (
        text
        for form in load_catalog().exercises[EXERCISE].answers
        for text in parse_fields(strip_magic(answers.get(form.id, "")), form).values()
    )
    return tuple(filter(None, (own_words(text, wording) for text in fields)))


def labelled() -> Texts:
    """Give the own words of the labelled answers that tuning may see."""
    lines = (line for name in LABELLED for line in (ANSWERS / name).read_text(encoding="utf-8").splitlines())
    return {entry["id"]: own_words_of(entry["answers"]) for entry in map(json.loads, lines)}


def reworded() -> Texts:
    """Give the answers that were written anew by hand, by the id of the one that they tell again."""
    read = tomllib.loads((ANSWERS / "reworded.toml").read_text(encoding="utf-8"))
    return {name: own_words_of(answers) for name, answers in read.items()}


def long_enough(texts: Texts) -> list[str]:
    """List whose words are enough to be compared."""
    return sorted(name for name, own in texts.items() if len(set(pieces(own))) >= FEWEST_PIECES)


def edited(texts: tuple[str, ...], rng: random.Random) -> tuple[str, ...]:
    """Edit lightly: synonyms, sentences and fields in another order, case, and a slip of the finger here and there."""
    changed = [_shuffled(_WORD.sub(lambda found: _slipped(found[0], rng), text), rng) for text in texts]
    rng.shuffle(changed)
    return tuple(text.upper() if rng.random() < 0.2 else text for text in changed)


def _slipped(word: str, rng: random.Random) -> str:
    if rng.random() < 0.08 and len(word) > 4:
        place = rng.randrange(len(word) - 1)
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    return _SYNONYMS.get(word.lower(), word)


def _shuffled(text: str, rng: random.Random) -> str:
    sentences = re.split(r"(?<=[.;!?])\s+", text)
    rng.shuffle(sentences)
    return " ".join(sentences)


def rewritten(texts: tuple[str, ...], rng: random.Random, pool: list[str], share: float = 0.5) -> tuple[str, ...]:
    """Replace a share of all words by words of other learners; structure and figures stay."""
    return tuple(
        _WORD.sub(lambda found: rng.choice(pool) if rng.random() < share else found[0], text) for text in texts
    )


def pool_of(texts: Texts) -> list[str]:
    """List every word that anybody used."""
    return [word for own in texts.values() for text in own for word in _WORD.findall(text)]


def cohort_of(number: int, seed: int = 9) -> Texts:
    """Make a class of any size: fields of different labelled answers, half the words exchanged, figures drawn anew."""
    rng, base = random.Random(seed), labelled()  # noqa: S311 - the same class every time
    whole = [own for own in base.values() if len(own) == 11]
    pool = pool_of(base)

    def figure(found: re.Match[str]) -> str:
        return str(round(int(found[0][:9]) * rng.uniform(0.3, 3)))

    return {
        f"made-{place:05d}": tuple(
            _FIGURE.sub(figure, text)
            for text in rewritten(tuple(rng.choice(whole)[field] for field in range(11)), rng, pool)
        )
        for place in range(number)
    }


def judged(**outcomes: str) -> tuple[Criterion, ...]:
    """Give judged criteria of constraint-summary: all met but those named, as ``summary__first_bottleneck``."""
    named = {name.replace("__", ".").replace("_", "-"): outcome for name, outcome in outcomes.items()}
    return tuple(
        Criterion(
            id=entry.id,
            outcome=(outcome := named.get(entry.id, "met")),
            points=entry.points,
            earned=entry.points if outcome == "met" else 0.0,
            reason=f"“words” decided {entry.id}.",
            next_step="",
        )
        for entry in load_catalog().exercises[EXERCISE].criteria
    )


def entry(student: str, **others: object) -> Entry:
    """Give a submission with every criterion met, and what else is named."""
    return Entry(**{"student": student, "submission": f"key-{student}", "criteria": judged()} | others)
