"""Compare what a text claims about this machine with its inventory.

Only what is said of this machine's RAM, VRAM, disks, cores and GPU is compared. What is rented, wished for, recommended or
somebody else's is left alone, and so are sizes of models and data. A reading during a run only has to fit inside the total.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from workstation.answers.criteria.constraints import names_in
from workstation.answers.criteria.hardware import GRAPHICS_MODEL
from workstation.answers.criteria.quantities import Size, sizes
from workstation.answers.criteria.text import Text, is_negated, quote, read
from workstation.answers.criteria.verdict import Verdict, met, not_attempted, not_met, review
from workstation.answers.criteria.words import word_set
from workstation.inventory.model import Inventory

__all__ = ["judge_claims"]

TOLERANCE = 0.08
NOMINAL_LOSS = 0.20  # a "16 GB" module shows 13 to 16 GiB: firmware and graphics take their share
DRIFT = 1.5  # free space moves between the capture and the writing
_NOMINAL_GIB = frozenset({4, 6, 8, 10, 12, 16, 18, 20, 24, 32, 36, 40, 48, 64, 80, 96, 128, 192, 256, 384, 512})
_OF = re.compile(r"\s*(?:gib|gb|tb|gi|g)?\s*(?:in use|used|occupied|taken|left|free|full)?\s*(?:out of|of|from|/|are left of)\s*(?:the|my|its|a|all|its whole)?\s*", re.IGNORECASE)
_FREE = re.compile(r"\s*(?:are |is |remain(?:s|ing)?\s*)?(?:still )?(?:free|left|available|remaining|unused)\b", re.IGNORECASE)
_FREE_BEFORE = re.compile(r"(?:free space|free|left|remaining)\W{0,3}(?:is |are )?$", re.IGNORECASE)
_CORES = re.compile(r"\b(\d{1,3})[ -](?:physical |logical |cpu |performance )?(cores?|threads?|cpus)\b", re.IGNORECASE)
_RESOURCES = ("ram", "vram", "storage")
_ASK = "Compare each size that you claim for this machine with the inventory card, and correct the one that is off."


@dataclass(frozen=True, slots=True)
class _Claim:
    resource: str  # "ram", "vram", "storage" or "" where the text does not say
    size: Size
    kind: str  # "total", "free" or "reading"
    words: str


def judge_claims(answers: tuple[str, ...], inventory: Inventory | None) -> Verdict:
    """Judge that the texts say nothing of this machine that its inventory denies."""
    if not any(answer.strip() for answer in answers):
        return not_attempted()
    if inventory is None:
        return review("There is no inventory to compare your figures with.", "Run the capture cell, so that the inventory travels with the answer.")
    doubtful = ""
    for answer in answers:
        for words, certain in _contradictions(answer, inventory):
            if certain:
                return not_met(f"{quote(words)} does not agree with the inventory of this machine.", _ASK)
            doubtful = doubtful or words
    if doubtful:
        return review(f"{quote(doubtful)} may not agree with the inventory of this machine.", _ASK)
    return met("What you say about this machine agrees with its inventory.")


def _contradictions(answer: str, inventory: Inventory) -> Iterator[tuple[str, bool]]:
    text = read(answer)
    for first, end in text.sentences():
        sentence = read(text.source[text.tokens[first].start : text.tokens[end].start if end < len(text.tokens) else None])
        if not _is_elsewhere(sentence):
            yield from _wrong_sizes(sentence, inventory)
            yield from _wrong_cores(sentence, inventory)
            yield from _wrong_gpu(sentence, inventory)


def _is_elsewhere(text: Text) -> bool:
    words = {token.word for token in text.tokens}
    return bool(words & (word_set("elsewhere") | word_set("wishes")))


def _wrong_sizes(text: Text, inventory: Inventory) -> Iterator[tuple[str, bool]]:
    for claim in _claims(text):
        known = _known(claim, inventory)
        if known is None:
            continue
        agrees, certain = _compare(claim, known)
        if not agrees:
            yield claim.words, certain


def _claims(text: Text) -> Iterator[_Claim]:
    """Read sizes as claims: "X of Y" claims a total, "Y free" free space, "has Y of RAM" a total, the rest are readings."""
    found = list(sizes(text.source))
    paired = _pairs(text.source, found)
    for place, size in enumerate(found):
        resource, words = _resource(text, size)
        if place in paired:
            kind = "total"
        elif _FREE.match(text.source, size.end) or _FREE_BEFORE.search(text.source[: size.start]):
            kind = "free"
        elif resource and _is_owned(text, size):
            kind = "total"
        else:
            kind = "reading"
        if kind == "total" or resource:
            yield _Claim(resource, size, kind, words)


def _pairs(source: str, found: list[Size]) -> set[int]:
    """List the sizes that follow "of" another figure: those are totals."""
    totals = set()
    for place, size in enumerate(found):
        before = source[max(0, size.start - 40) : size.start]
        if re.search(r"\d\s*(?:[kmgt]i?b?)?\s*(?:in use|used|occupied|taken|left|free|are left|is left|remain|are free|are used)?\s*(?:out of|of|from|/)\s*(?:the|my|its|a|all)?\s*$", before, re.IGNORECASE):
            totals.add(place)
    return totals


def _resource(text: Text, size: Size) -> tuple[str, str]:
    """Find the resource that a size belongs to: the nearest one named in its clause, at most a few words away."""
    tokens = text.tokens
    inside = [place for place, token in enumerate(tokens) if token.start >= size.start and token.end <= size.end]
    if not inside:
        return "", text.source[size.start : size.end]
    best: tuple[int, str, int, int] | None = None
    for hit in names_in(text):
        ids = [entry for entry in _RESOURCES if entry in hit.ids]
        if len(ids) != 1 or _clause_break(text, hit.first, inside[0]):
            continue
        after = hit.first > inside[-1]
        distance = hit.first - inside[-1] if after else inside[0] - hit.last
        if distance > (4 if after else 5) or _other_size_between(text, size, hit.first):
            continue
        rank = distance * 2 + (0 if after else 1)
        if best is None or rank < best[0]:
            best = (rank, ids[0], min(hit.first, inside[0]), max(hit.last, inside[-1]))
    if best is None:
        return "", text.source[size.start : size.end]
    return best[1], text.between(best[2], best[3])


def _clause_break(text: Text, left: int, right: int) -> bool:
    first, last = sorted((left, right))
    gap = text.source[text.tokens[first].end : text.tokens[last].start]
    return bool(re.search(r"[;.]\s|,\s|\s(?:and|but|while)\s", gap))


def _other_size_between(text: Text, size: Size, place: int) -> bool:
    start, end = sorted((size.start, text.tokens[place].start))
    return any(start < other.start < end for other in sizes(text.source) if other.start != size.start)


def _is_owned(text: Text, size: Size) -> bool:
    """Tell "my laptop has 32 GB of RAM" from "it takes 9 GB of RAM"."""
    tokens = text.tokens
    before = [token.word for token in tokens if token.end <= size.start][-4:]
    return bool(set(before) & word_set("having")) and not set(before) & word_set("readings")


@dataclass(frozen=True, slots=True)
class _Known:
    totals: tuple[float, ...]
    free: tuple[float, ...] = ()


def _known(claim: _Claim, inventory: Inventory) -> _Known | None:
    by_resource = {"ram": _ram(inventory), "vram": _vram(inventory), "storage": _storage(inventory)}
    if claim.resource:
        return by_resource[claim.resource]
    known = [entry for entry in by_resource.values() if entry]
    totals = tuple(total for entry in known for total in entry.totals)
    swap = inventory.memory.swap_total_bytes
    return _Known((*totals, *([float(swap)] if swap else []))) if totals else None


def _ram(inventory: Inventory) -> _Known | None:
    memory = inventory.memory
    totals = [float(value) for value in (memory.total_bytes, memory.usable_bytes, memory.limit_bytes) if value]
    return _Known(tuple(totals)) if totals else None


def _vram(inventory: Inventory) -> _Known | None:
    each = [float(gpu.vram_total_bytes) for gpu in inventory.gpus if gpu.vram_total_bytes]
    if any(gpu.unified_memory for gpu in inventory.gpus):
        each += list((_ram(inventory) or _Known(())).totals)
    elif any(gpu.vram_total_bytes is None for gpu in inventory.gpus):
        return None
    if not each:
        return None
    return _Known((*each, sum(each)))


def _storage(inventory: Inventory) -> _Known | None:
    storage = inventory.storage
    volumes = (storage.project, storage.system)
    totals = [float(v.total_bytes) for v in volumes if v.total_bytes] + [float(d.size_bytes) for d in storage.devices if d.size_bytes]
    free = [float(v.free_bytes) for v in volumes if v.free_bytes is not None]
    return _Known((*totals, sum(d.size_bytes or 0 for d in storage.devices) or max(totals)), tuple(free)) if totals else None


def _compare(claim: _Claim, known: _Known) -> tuple[bool, bool]:
    """Compare a claim: does it agree, and if not, is that certain?"""
    largest = max(known.totals)
    if claim.kind == "reading" or (claim.kind == "free" and not (claim.resource == "storage" and known.free)):
        return _fits(claim.size, largest), bool(claim.resource)
    if claim.kind == "free":
        if any(_same(claim.size, free) for free in known.free):
            return True, True
        ratios = [max(claim.size.size_bytes, 1.0) / max(free, 1.0) for free in known.free]
        return any(1 / DRIFT <= ratio <= DRIFT for ratio in ratios), True
    agrees = any(_same(claim.size, total) or _is_nominal(claim.size, total) for total in known.totals)
    return agrees, bool(claim.resource) or not _fits(claim.size, largest)


def _same(size: Size, total: float) -> bool:
    return any(abs(value - total) <= TOLERANCE * total for value in (size.size_bytes, size.other_bytes))


def _fits(size: Size, total: float) -> bool:
    return min(size.size_bytes, size.other_bytes) <= total * (1 + TOLERANCE) or _is_nominal(size, total)


def _is_nominal(size: Size, total: float) -> bool:
    """Accept the size on the box: "16 GB" for 13.4 GiB usable, "256 GB" for a 234 GB file system."""
    claimed = max(size.size_bytes, size.other_bytes)
    return round(claimed / 2**30) in _NOMINAL_GIB and claimed * (1 - NOMINAL_LOSS) <= total <= claimed * (1 + TOLERANCE)


def _wrong_cores(text: Text, inventory: Inventory) -> Iterator[tuple[str, bool]]:
    counts = {count for count in (inventory.cpu.physical_cores, inventory.cpu.logical_cores) if count}
    if not counts:
        return
    for match in _CORES.finditer(text.source):
        claimed = int(match[1])
        if claimed > max(counts):
            yield match[0], True
        elif claimed not in counts and re.search(r"\b(?:has|have|my)\s+(?:\w+\s+){0,2}$", text.source[: match.start()]):
            yield match[0], True


def _wrong_gpu(text: Text, inventory: Inventory) -> Iterator[tuple[str, bool]]:
    """Compare a graphics card that is named as this machine's with the ones in the inventory."""
    names = " ".join(gpu.name or "" for gpu in inventory.gpus).casefold()
    if inventory.gpus and not names.strip():
        return
    for match in GRAPHICS_MODEL.finditer(text.source):
        number = re.search(r"[a-z]?\d{2,5}", match[0].casefold())
        if number is None or number[0] in names or number[0].lstrip("abhl") in names:
            continue
        place = next((p for p, token in enumerate(text.tokens) if token.end > match.start()), 0)
        if not is_negated(text, place):
            owned = re.search(r"\b(?:my|has|have|with|and|an?)\s+(?:\w+\s+){0,3}$", text.source[: match.start()]) is not None
            yield match[0], owned
