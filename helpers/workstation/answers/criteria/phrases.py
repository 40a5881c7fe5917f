"""Find catalogue phrases in a learner's text: names as they stand, plain descriptions as words that come together.

Building an index costs once per process; searching is linear in the text. Long words may carry one typing error.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from workstation.answers.criteria.text import AS_ONE, AS_WRITTEN, Text, denies, is_dismissed, is_negated, stem, words_of
from workstation.answers.criteria.words import word_map, word_set
from workstation.answers.parse import one_edit_apart

__all__ = ["Hit", "Lexicon", "NameBook", "SignalBook", "distinct", "side_by_side"]

_FORGIVEN_MIN_CHARS = 6  # a wrong letter in a shorter word is too often another word
_LINK_REACH = 3  # tokens between two members of a list
_SIGNAL_WINDOW = 24  # tokens of one sentence in which a description's words must meet


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase found: what it stands for, and where, as token places (last included)."""

    ids: frozenset[str]
    first: int
    last: int


class Lexicon:
    """The stems of a book; a longer word that is one typing error away from one of them is read as it."""

    def __init__(self, stems: Iterable[str]) -> None:
        self._known = frozenset(stems)
        self._near: dict[str, list[str]] = defaultdict(list)
        for known in self._known:
            if len(known) >= _FORGIVEN_MIN_CHARS:
                for key in _deletions(known):
                    self._near[key].append(known)
        self.read = lru_cache(maxsize=4096)(self._read)

    def _read(self, stemmed: str) -> str:
        """Give *stemmed*, or the known stem that it was meant to be."""
        if stemmed in self._known or len(stemmed) < _FORGIVEN_MIN_CHARS:
            return stemmed
        for key in _deletions(stemmed):
            for known in self._near.get(key, ()):
                if known[0] == stemmed[0] and one_edit_apart(stemmed, known):
                    return known
        return stemmed


class NameBook:
    """Names of things, found word by word; the longest name at a place wins.

    >>> from workstation.answers.criteria.text import read
    >>> book = NameBook({"ram": ["memory"], "vram": ["graphics memory"]})
    >>> [sorted(hit.ids) for hit in book.find(read("graphics memory, then memory"))]
    [['vram'], ['ram']]
    """

    def __init__(self, names: Mapping[str, Iterable[str]], *, forgiving: bool = False) -> None:
        """Index phrases by what they stand for; a *forgiving* book reads one typing error in a long word."""
        by_stems: dict[tuple[str, ...], set[str]] = defaultdict(set)
        for entry, phrases in names.items():
            for phrase in phrases:
                words = words_of(phrase)
                by_stems[tuple(map(_key, words) if len(words) == 1 else map(stem, words))].add(entry)
                if len(words) == 2:  # noqa: PLR2004 - "fine tuning" is also written as one word
                    by_stems[(stem("".join(words)),)].add(entry)
        self._by_first: dict[str, list[tuple[tuple[str, ...], frozenset[str]]]] = defaultdict(list)
        for stems, ids in sorted(by_stems.items(), key=lambda item: -len(item[0])):
            if stems:
                self._by_first[stems[0]].append((stems, frozenset(ids)))
        self._starts = frozenset((*self._by_first, *(f"{AS_ONE}{stems[0]}" for stems in by_stems if len(stems) == 1)))
        self.lexicon = Lexicon(part for stems in by_stems for part in stems) if forgiving else None

    def find(self, text: Text) -> list[Hit]:
        """List what is named, in order, without overlaps, denied or not; looked for only where a name can begin."""
        stems = self._stems(text)
        hits, free = [], 0
        for place in self._candidates(text):
            hit = self._at(text, stems, place) if place >= free else None
            if hit is not None:
                hits.append(hit)
                free = hit.last + 1
        return hits

    def _stems(self, text: Text) -> tuple[str, ...]:
        return tuple(map(self.lexicon.read, text.stems)) if self.lexicon else text.stems

    def _candidates(self, text: Text) -> list[int]:
        """List the places where one of the names can begin."""
        known = self._starts.intersection(text.places)
        found = {place for key in known for place in text.places[key]}
        if self.lexicon:
            meant = (key for key in text.places if self.lexicon.read(key) != key)
            found.update(place for key in meant for place in text.places[key])
        return sorted(found)

    def affirmed(self, text: Text) -> list[Hit]:
        """List what is named and neither denied nor waved away."""
        return [hit for hit in self.find(text) if not is_negated(text, hit.first) and not is_dismissed(text, hit.last)]

    def ids(self, text: Text) -> list[str]:
        """List the distinct ids that are affirmed, in order of first mention."""
        return list(dict.fromkeys(entry for hit in self.affirmed(text) for entry in sorted(hit.ids)))

    def _at(self, text: Text, stems: tuple[str, ...], place: int) -> Hit | None:
        for phrase, ids in self._by_first.get(stems[place], ()):
            last = place + len(phrase) - 1
            if stems[place : last + 1] == phrase and _is_unbroken(text, place, last):
                return Hit(ids, place, last)
        for _, ids in self._by_first.get(AS_WRITTEN + text.tokens[place].word, ()):
            return Hit(ids, place, place)
        if place + 1 == len(stems):
            return None
        joined = text.tokens[place].word + text.tokens[place + 1].word  # "home lab" for "homelab"
        for phrase, ids in self._by_first.get(stem(joined), ()):
            if len(phrase) == 1 and _is_unbroken(text, place, place + 1):
                return Hit(ids, place, place + 1)
        return None


class SignalBook:
    """Plain descriptions, found when all their content words meet in one sentence, in any order.

    >>> from workstation.answers.criteria.text import read
    >>> book = SignalBook({"api-first": ["call hosted models"]})
    >>> [sorted(hit.ids) for hit in book.find(read("My services send a call to models hosted elsewhere."))]
    [['api-first']]
    """

    def __init__(self, signals: Mapping[str, Iterable[str]]) -> None:
        """Index descriptions by what they stand for."""
        self._alike = {stem(word): stem(kind) for kind, words in word_map("alike").items() for word in words}
        by_words: dict[frozenset[str], set[str]] = defaultdict(set)
        as_written: dict[str, list[str]] = defaultdict(list)
        for entry, phrases in signals.items():
            for phrase in phrases:
                content = frozenset(self._alike.get(word, word) for word in _content(phrase))
                if len(content) > 1:
                    by_words[content].add(entry)
                else:
                    as_written[entry].append(phrase)  # "on the train" must not be found in "to train"
        self._as_written = NameBook(as_written)
        self._signals = [(content, frozenset(ids)) for content, ids in by_words.items()]
        self._postings: dict[str, list[int]] = defaultdict(list)
        for number, (content, _) in enumerate(self._signals):
            for word in content:
                self._postings[word].append(number)
        self.lexicon = Lexicon(self._postings)

    def find(self, text: Text) -> list[Hit]:
        """List the descriptions that the text holds and does not deny."""
        stems = [self.lexicon.read(self._alike.get(word, word)) for word in _with_sizes_of_models(text)]
        together = [hit for window in _windows(text) for hit in self._in_window(text, stems, *window)]
        return [*self._as_written.affirmed(text), *together]

    def ids(self, text: Text) -> list[str]:
        """List the distinct ids described, the most often described first."""
        counts = Counter(entry for hit in self.find(text) for entry in sorted(hit.ids))
        return [entry for entry, _ in counts.most_common()]

    def _in_window(self, text: Text, stems: list[str], start: int, end: int) -> Iterator[Hit]:
        places: dict[str, int] = {}
        for place in range(start, end):
            if stems[place] in self._postings and stems[place] not in places:
                places[stems[place]] = place
        seen: Counter[int] = Counter(number for word in places for number in self._postings[word])
        for number, count in seen.items():
            content, ids = self._signals[number]
            if count == len(content):
                where = sorted(places[word] for word in content)
                if not self._denied(text, stems, where):
                    yield Hit(ids, where[0], where[-1])

    def _denied(self, text: Text, stems: list[str], where: list[int]) -> bool:
        if any(denies(stems[place]) for place in where):
            return False  # the description itself says no: "no space left"
        return any(is_negated(text, place) for place in where)


def _with_sizes_of_models(text: Text) -> Iterator[str]:
    """Give the stems of a text, with "model" for the letter of "8B": who runs a local 8B runs a local model."""
    previous = None
    for token in text.tokens:
        is_size = token.word == "b" and previous is not None and previous.is_number and previous.end == token.start
        yield "model" if is_size else token.stem
        previous = token


def side_by_side(text: Text, hits: Sequence[Hit]) -> list[Hit]:
    """Take the names that stand in one list, from the first one on: "RAM, VRAM and storage"."""
    run, compound = list(hits[:1]), []
    for hit in hits[1:]:
        between = text.tokens[run[-1].last + 1 : hit.first]
        gap = text.source[text.tokens[run[-1].last].end : text.tokens[hit.first].start]
        linked = len(between) <= _LINK_REACH and all(token.word in word_set("list_links") for token in between)
        if not linked or "(" in gap or text.tokens[run[-1].last].sentence != text.tokens[hit.first].sentence:
            break
        if gap.isspace():
            compound.append(hit)  # "memory bandwidth" is one thing
        run.append(hit)
    return run if len(compound) > 1 else [hit for hit in run if hit not in compound]


def distinct(hits: Iterable[Hit]) -> list[frozenset[str]]:
    """List what is named, once each; what shares an id is one."""
    seen: list[frozenset[str]] = []
    for hit in hits:
        if not any(hit.ids & ids for ids in seen):
            seen.append(hit.ids)
    return seen


def _is_unbroken(text: Text, first: int, last: int) -> bool:
    """Tell "GPU RAM" from "GPU, RAM" and from the end of a sentence."""
    tokens = text.tokens
    return tokens[first].sentence == tokens[last].sentence and "," not in text.between(first, last)


def _key(word: str) -> str:
    """Give what a name of one word is found by: its stem, or itself where only this form of it is a name."""
    return AS_WRITTEN + word if word in word_set("only_as_written") else stem(word)


def _content(phrase: str) -> Iterator[str]:
    return (stem(word) for word in words_of(phrase) if word not in word_set("signal_skips"))


def _windows(text: Text) -> Iterator[tuple[int, int]]:
    for first, end in text.sentences():
        for start in range(first, max(first + 1, end - _SIGNAL_WINDOW // 2), _SIGNAL_WINDOW // 2):
            yield start, min(end, start + _SIGNAL_WINDOW)


def _deletions(word: str) -> Iterator[str]:
    yield word
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]
