"""Tell a concrete task for a model from "AI work", whether or not the course has a kind for it.

Speech, pictures and lesson material are work too. A task counts with something that it is done to: "transcribing
interviews" does; only a few, such as "subtitles", say enough alone.
"""

from functools import cache

from workstation.answers.criteria.phrases import Hit, NameBook
from workstation.answers.criteria.quantities import sizes, used_shares
from workstation.answers.criteria.text import Text, read, stem
from workstation.answers.criteria.words import word_list, word_set

__all__ = ["describes_a_task"]

_TASKS, _MAKINGS = "ai_tasks", "ai_makings"
_FEWEST = {_TASKS: 1, _MAKINGS: 2}  # telling words that must stand beside the task
_REACH = 12  # tokens around it


def describes_a_task(answer: str) -> bool:
    """Tell whether a task of a model is named with what it is done to."""
    text = read(answer)
    if _book("ai_tasks_alone").affirmed(text):
        return True
    return any(
        len(_telling_beside(text, hit)) >= fewest
        for name, fewest in _FEWEST.items()
        for hit in _book(name).affirmed(text)
    )


def _telling_beside(text: Text, task: Hit) -> set[str]:
    """Give the words in the task's sentence, near it, that neither any machine nor any work would share."""
    near = range(max(0, task.first - _REACH), min(len(text.tokens), task.last + 1 + _REACH))
    tokens = [text.tokens[place] for place in near if not task.first <= place <= task.last]
    sentence = text.tokens[task.first].sentence
    said = text.between(*_sentence(text, sentence))
    figures = next(sizes(said), None) is not None or any(used_shares(said))
    if figures and not {t.word for t in text.tokens if t.sentence == sentence} & word_set("purposes"):
        return set()  # "15 of 16 GiB during indexing" measures, and does not say what the machine is for
    return {t.stem for t in tokens if t.sentence == sentence and not t.is_number and t.stem not in _plain()}


def _sentence(text: Text, number: int) -> tuple[int, int]:
    places = [place for place, token in enumerate(text.tokens) if token.sentence == number]
    return places[0], places[-1]


@cache
def _plain() -> frozenset[str]:
    """Stem what is said of any machine, any time and any plan."""
    names = (
        "function_words", "grammar_words", "general_words", "hardware", "units_of_time", "rhythm_spans", "span_units",
        "unit_names", "choosing", "waiting_words", "bottleneck_cues", "bottleneck_nouns", "symptoms", "vague",
        "count_numbers", "machines", "graphics", "used_figures", "idle_task_words",
    )  # fmt: skip
    return frozenset(stem(word) for name in names for phrase in word_list(name) for word in phrase.split())


@cache
def _book(name: str) -> NameBook:
    return NameBook({phrase: (phrase,) for phrase in word_list(name)})
