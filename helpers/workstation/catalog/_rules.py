"""What must hold between the parts of a catalogue, beyond the shape of each entry.

Each rule is a small generator of problems; a new one is a function and a line in `RULES` or `EXERCISE_RULES`.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

from workstation.catalog._model import Exercise, Question, RubricCriterion, Scenario

Entries = Mapping[str, Any]  # entries of one kind by id
Kinds = Mapping[str, Entries]  # all kinds by the catalogue's field names
Problem = tuple[str, str, str, str]  # kind, entry, field, what is wrong

LARGEST_GROUP = 4  # criteria a test cell may hold (DESIGN 6)
FEWEST_CHOICES = 2

_ID = re.compile(r"[a-z0-9.-]+")
_METRIC_ID = re.compile(r"[a-z0-9_]+")  # plan rules name metrics as identifiers: ram_used_percent

# Fields that hold ids of another kind.
REFERENCES = (
    ("families", "primary", "constraints"),
    ("families", "secondary", "constraints"),
    ("priorities", "archetypes", "archetypes"),
    ("bands", "constraint", "constraints"),
    ("symptoms", "constraint", "constraints"),
    ("metrics", "constraint", "constraints"),
)

# Fields of words that the judges compare with a learner's text: lower-case ASCII.
VOCABULARY = ("aliases", "signals", "targets", "measures", "placeholders")

# Of these, the ones that decide which entry is meant: one word must not mean two entries of a kind.
NAMING = ("aliases", "signals")

MAY_BE_EMPTY = {("Family", "secondary"), ("Priority", "archetypes"), ("Field", "aliases"), ("AnswerForm", "fields")}


def fold(word: str) -> str:
    """Reduce a word to what two spellings share: "Single-GPU" and "single gpu" are one.

    >>> fold("Single-GPU  desktop")
    'single gpu desktop'
    """
    return " ".join(word.lower().replace("-", " ").split())


def problems(kinds: Kinds, shared_words: Mapping[str, frozenset[str]]) -> Iterator[Problem]:
    """Yield everything that is wrong between and inside the entries of all kinds."""
    for kind, entries in kinds.items():
        for entry in entries.values():
            for path, part in _parts(entry):
                for rule in RULES:
                    yield from ((kind, path, field, what) for field, what in rule(kind, part))
        yield from _shared_naming(kind, entries, shared_words.get(kind, frozenset()))
    yield from _unknown_references(kinds)
    yield from _answers_of_two_tasks(kinds)


def _parts(entry: Any) -> Iterator[tuple[str, Any]]:
    """Walk an entry and, for an exercise, the answers, fields and criteria inside it."""
    yield entry.id, entry
    if isinstance(entry, Exercise):
        for answer in entry.answers:
            yield f"{entry.id} > {answer.id}", answer
            yield from ((f"{entry.id} > {answer.id} > {field.id}", field) for field in answer.fields)
        yield from ((f"{entry.id} > {criterion.id}", criterion) for criterion in entry.criteria)


def _bad_id(kind: str, part: Any) -> Iterator[tuple[str, str]]:
    pattern = _METRIC_ID if kind == "metrics" else _ID
    if not pattern.fullmatch(part.id):
        yield "id", f"must match {pattern.pattern}, found {part.id!r}"


def _empty_list(_kind: str, part: Any) -> Iterator[tuple[str, str]]:
    for field in fields(part):
        if getattr(part, field.name) == () and (type(part).__name__, field.name) not in MAY_BE_EMPTY:
            yield field.name, "must not be empty"


def _bad_words(_kind: str, part: Any) -> Iterator[tuple[str, str]]:
    for field in VOCABULARY:
        words = getattr(part, field, ())
        yield from ((field, f"{word!r} must be lower case and ASCII") for word in words if not _is_plain(word))
        yield from ((field, f"{word!r} stands here twice") for word in _repeated(fold(word) or word for word in words))


def _criterion_numbers(kind: str, part: Any) -> Iterator[tuple[str, str]]:
    if isinstance(part, RubricCriterion):
        if kind == "practice" and part.points != 0:
            yield "points", f"must be 0, as practice earns nothing, found {part.points}"
        if kind != "practice" and part.points <= 0:
            yield "points", f"must be more than 0, found {part.points}"
        if part.group < 1:
            yield "group", f"groups are counted from 1, found {part.group}"


def _choices(_kind: str, part: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(part, Scenario | Question):
        return
    choices = len(part.choices)
    if choices < FEWEST_CHOICES:
        yield "choices", "a question needs two choices at least"
    if len(part.reasons) != choices:
        yield "reasons", f"needs one reason for each of the {choices} choices, found {len(part.reasons)}"
    if not 0 <= part.correct < choices:
        yield "correct", f"must be the index of a choice, 0 to {choices - 1}, found {part.correct}"


def _walls_once(kind: str, part: Any) -> Iterator[tuple[str, str]]:
    if kind == "families":
        both = set(part.primary) & set(part.secondary)
        yield from (("secondary", f"{name!r} is already a primary bottleneck") for name in sorted(both))


def _exercise_parts(_kind: str, part: Any) -> Iterator[tuple[str, str]]:
    if isinstance(part, Exercise):
        for rule in EXERCISE_RULES:
            yield from rule(part)


RULES: tuple[Callable[[str, Any], Iterator[tuple[str, str]]], ...] = (
    _bad_id,
    _empty_list,
    _bad_words,
    _criterion_numbers,
    _choices,
    _walls_once,
    _exercise_parts,
)


def _repeated_ids(exercise: Exercise) -> Iterator[tuple[str, str]]:
    for field, parts in (("answers", exercise.answers), ("criteria", exercise.criteria)):
        yield from ((field, f"the id {name!r} stands here twice") for name in _repeated(part.id for part in parts))


def _unknown_answers(exercise: Exercise) -> Iterator[tuple[str, str]]:
    known = [answer.id for answer in exercise.answers]
    for criterion in exercise.criteria:
        if criterion.answer not in known:
            problem = f"criterion {criterion.id!r} belongs to the unknown answer {criterion.answer!r}"
            yield "criteria", f"{problem}; known: {', '.join(known)}"


def _unscored_answers(exercise: Exercise) -> Iterator[tuple[str, str]]:
    scored = {criterion.answer for criterion in exercise.criteria}
    yield from (("answers", f"{a.id!r} has no criterion") for a in exercise.answers if a.id not in scored)


def _groups(exercise: Exercise) -> Iterator[tuple[str, str]]:
    sizes = Counter((criterion.answer, criterion.group) for criterion in exercise.criteria)
    for (answer, group), size in sizes.items():
        if size > LARGEST_GROUP:
            yield (
                "criteria",
                f"group {group} of {answer!r} holds {size} criteria; {LARGEST_GROUP} is the most",
            )
        if group > 1 and (answer, group - 1) not in sizes:
            yield "criteria", f"{answer!r} has a group {group} but no group {group - 1}"


def _labels(exercise: Exercise) -> Iterator[tuple[str, str]]:
    for answer in exercise.answers:
        ids = _repeated(field.id for field in answer.fields)
        yield from (("fields", f"the id {name!r} stands twice in {answer.id!r}") for name in ids)
        labels = _repeated(fold(label) for field in answer.fields for label in (field.label, *field.aliases))
        yield from (("fields", f"the label {label!r} stands twice in {answer.id!r}") for label in labels)


EXERCISE_RULES: tuple[Callable[[Exercise], Iterator[tuple[str, str]]], ...] = (
    _repeated_ids,
    _unknown_answers,
    _unscored_answers,
    _groups,
    _labels,
)


def _shared_naming(kind: str, entries: Entries, shared: frozenset[str]) -> Iterator[Problem]:
    """Report a word that means two entries, unless the file lists it under `shared_words`."""
    owners: dict[str, str] = {}
    for entry in entries.values():
        for field in NAMING:
            for word in map(fold, getattr(entry, field, ())):
                owner = owners.setdefault(word, entry.id)
                if owner != entry.id and word not in shared:
                    yield kind, entry.id, field, f"{word!r} already belongs to {owner!r}"


def _unknown_references(kinds: Kinds) -> Iterator[Problem]:
    for kind, field, target in REFERENCES:
        for entry in kinds[kind].values():
            for name in _ids(getattr(entry, field)):
                if name not in kinds[target]:
                    yield kind, entry.id, field, f"{name!r} is none of the {target}: {', '.join(kinds[target])}"


def _answers_of_two_tasks(kinds: Kinds) -> Iterator[Problem]:
    """Report an answer of a practice that a graded exercise has too: its card would show the wrong one."""
    graded = {answer.id: exercise.id for exercise in kinds["exercises"].values() for answer in exercise.answers}
    for practice in kinds["practice"].values():
        for answer in practice.answers:
            if answer.id in graded:
                yield "practice", practice.id, "answers", f"{answer.id!r} is an answer of {graded[answer.id]!r} already"


def _ids(value: str | Sequence[str] | None) -> Sequence[str]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else value


def _is_plain(word: str) -> bool:
    return word.isascii() and word == word.lower()


def _repeated(words: Iterator[str]) -> list[str]:
    return [word for word, times in Counter(words).items() if times > 1]
