"""Compare what a text claims about this machine with its inventory.

Only what is said of this machine's RAM, VRAM, disks, cores and GPU is compared. What is rented, wished for, recommended
or somebody else's is left alone, and so are sizes of models and data. A reading during a run only has to fit the total.

It is longer than 300 lines because a claim and what it is compared with are read side by side.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from workstation.answers.criteria.constraints import measures_in, mentioned_in, names_in
from workstation.answers.criteria.language import UNREAD, says_nothing, unread_among
from workstation.answers.criteria.parts import GRAPHICS_MODEL
from workstation.answers.criteria.phrases import Hit
from workstation.answers.criteria.quantities import Size, has_figure, sizes
from workstation.answers.criteria.text import Text, is_negated, quote, read
from workstation.answers.criteria.verdict import Verdict, met, not_attempted, not_met, review
from workstation.answers.criteria.words import word_set
from workstation.inventory.model import Inventory

__all__ = ["judge_claims"]

TOLERANCE = 0.08
NOMINAL_LOSS = 0.20  # a "16 GB" module shows 13 to 16 GiB: firmware and graphics take their share
DRIFT = 1.5  # free space moves between the capture and the writing
_NOMINAL_GIB = frozenset({4, 6, 8, 10, 12, 16, 18, 20, 24, 32, 36, 40, 48, 64, 80, 96, 128, 192, 256, 384, 512})
_FREE = re.compile(
    r"\s*(?:are |is |remain(?:s|ing)?\s*)?(?:still )?(?:free|left|available|remaining|unused)\b", re.IGNORECASE
)
_FREE_BEFORE = re.compile(r"(?:free space|free|left|remaining)\W{0,3}(?:is |are )?$", re.IGNORECASE)
_CORES = re.compile(r"\b(\d{1,3})[ -](?:physical |logical |cpu |performance )?(cores?|threads?|cpus)\b", re.IGNORECASE)
_OF_FIGURE = re.compile(
    r"\d\s*(?:[kmgt]i?b?)?\s*(?:in use|used|occupied|taken|left|free|are left|is left|remain|are free|are used)?"
    r"\s*(?:out of|of|from|/)\s*(?:the|my|its|a|all)?\s*$",
    re.IGNORECASE,
)
_ALL_BEFORE = re.compile(r"\b(?:all|whole|entire|full)(?: the| my| of the| of my)?\s*$", re.IGNORECASE)
_LEFT_AFTER = re.compile(r"[^.;,]{0,30}\b(?:free|left|available|remain\w*|spare|unused)\b", re.IGNORECASE)
_TOTAL_BEFORE = re.compile(r"(?<!in )\btotal\s*[:=]?\s*(?:is\s+)?$", re.IGNORECASE)
_TOTAL_AFTER = re.compile(
    r"\s*(?:of\s+)?(?:\w+\s+){1,2}(?:are |is )?(?:in total|altogether|built[- ]in|installed|soldered|on ?board)\b",
    re.IGNORECASE,
)
_LOOK_BACK_CHARS = 40
_REACH = 7  # tokens between a size and the resource that it belongs to
_OWNS_CORES = re.compile(r"\b(?:has|have|my)\s+(?:\w+\s+){0,2}$")
_OWNS_CARD = re.compile(r"\b(?:my|has|have|with|and|an?)\s+(?:\w+\s+){0,3}$")
_RESOURCES = frozenset({"ram", "vram", "storage"})
_NOTHING_CLAIMED = "Nothing that you say of this machine disagrees with its inventory."
_ASK = "Compare each size that you claim for this machine with the inventory card, and correct the one that is off."


@dataclass(frozen=True, slots=True)
class _Claim:
    resource: str  # "ram", "vram", "storage" or "" where the text does not say
    size: Size
    kind: str  # "total", "free" or "reading"
    words: str
    volume: str = ""  # "project" or "system", where the text says whose disk it is


def judge_claims(answers: tuple[str, ...], inventory: Inventory | None) -> Verdict:
    """Judge that the texts say nothing of this machine that its inventory denies."""
    if says_nothing(*answers) and not any(map(has_figure, answers)):
        return not_attempted(next_step=_ASK)
    if inventory is None:
        return review("There is no inventory to compare your figures with.")
    doubtful, sentences = "", [sentence for answer in answers for sentence in _sentences(read(answer))]
    for words, certain in (found for sentence in sentences for found in _contradictions(sentence, inventory)):
        if certain:
            return not_met(f"{quote(words)} does not agree with the inventory of this machine.", _ASK)
        doubtful = doubtful or words
    if doubtful:
        return review(f"{quote(doubtful)} may not agree with the inventory of this machine.")
    agreeing = next(_agreeing(sentences, inventory), "")
    unread = unread_among(answers)
    if unread and not agreeing:
        return review(f"{quote(unread)} {UNREAD}")
    return met(f"{quote(agreeing)} agrees with the inventory of this machine." if agreeing else _NOTHING_CLAIMED)


def _agreeing(sentences: list[Text], inventory: Inventory) -> Iterator[str]:
    """Give the claims that the inventory bears out."""
    for sentence in sentences:
        for claim in _claims(sentence):
            known = _known(claim, inventory)
            if known is not None and _compare(claim, known)[0]:
                yield claim.words


def _contradictions(sentence: Text, inventory: Inventory) -> Iterator[tuple[str, bool]]:
    yield from _wrong_sizes(sentence, inventory)
    yield from _wrong_cores(sentence, inventory)
    yield from _wrong_gpu(sentence, inventory)


def _sentences(text: Text) -> Iterator[Text]:
    """Give the sentences that speak of this machine, each read on its own."""
    for first, end in text.sentences():
        until = text.tokens[end].start if end < len(text.tokens) else None
        sentence = read(text.source[text.tokens[first].start : until])
        if not _is_elsewhere(sentence):
            yield sentence


def _is_elsewhere(text: Text) -> bool:
    words = {token.word for token in text.tokens}
    return bool(words & (word_set("elsewhere") | word_set("wishes")))


def _wrong_sizes(text: Text, inventory: Inventory) -> Iterator[tuple[str, bool]]:
    for claim in _claims(text):
        known = _known(claim, inventory)
        if known is None and claim.resource == "vram" and claim.kind == "total" and not inventory.gpus:
            yield claim.words, _lists_cards(inventory)
        if known is None:
            continue
        agrees, certain = _compare(claim, known)
        if not agrees:
            yield claim.words, certain


def _claims(text: Text) -> Iterator[_Claim]:
    """Read sizes as claims: totals ("X of Y", "has Y of RAM"), free space ("Y free"), readings (the rest)."""
    found = list(sizes(text.source))
    if not found:
        return
    resources = [(hit, next(iter(ids))) for hit in names_in(text) if len(ids := hit.ids & _RESOURCES) == 1]
    starts, tool = [token.start for token in text.tokens], _told_by_tool(text)
    for place, size in enumerate(found):
        first, last = bisect_left(starts, size.start), bisect_left(starts, size.end) - 1
        neighbours = [other.start for other in found[max(0, place - 1) : place + 2] if other is not size]
        after, until = (bisect_left(resources, edge, key=_first) for edge in (first - _REACH, last + _REACH))
        near = resources[after:until]
        resource, left, right = _resource(text, (first, last), near, neighbours)
        kind = _kind(text, size, first, known=bool(resource))
        if kind == "total" and not resource:
            resource = tool
        if kind == "free" and not resource and mentioned_in(text) & _RESOURCES == {"storage"}:
            resource = "storage"
        if kind == "total" or resource:
            yield _Claim(resource, size, kind, text.between(left, right), _volume(text, left, right))


def _volume(text: Text, left: int, right: int) -> str:
    """Tell the project's disk from the system's; "" where the text does not say."""
    words = {token.word for token in text.tokens[max(0, left - 1) : right + 1]}
    return "project" if "project" in words else "system" if words & word_set("system_volume") else ""


def _told_by_tool(text: Text) -> str:
    """Tell VRAM from "nvidia-smi" and RAM from "free -h", where one tool speaks of one resource alone."""
    told = {entry for hit in measures_in(text) for entry in hit.ids & _RESOURCES}
    return told.pop() if len(told) == 1 else ""


def _first(entry: tuple[Hit, str]) -> int:
    return entry[0].first


def _kind(text: Text, size: Size, first: int, *, known: bool) -> str:
    before = text.source[max(0, size.start - _LOOK_BACK_CHARS) : size.start]
    if _OF_FIGURE.search(before) or _TOTAL_BEFORE.search(before) or (known and _is_whole(text, size, first, before)):
        return "total"
    if _FREE.match(text.source, size.end) or _FREE_BEFORE.search(before):
        return "free"
    return "total" if known and _is_owned(text, first) else "reading"


def _is_whole(text: Text, size: Size, first: int, before: str) -> bool:
    """Tell "all 8 GB of RAM" and a clause that begins "16 GB of RAM are built in" from what a task takes in total."""
    if _ALL_BEFORE.search(before):
        return _LEFT_AFTER.match(text.source, size.end) is None
    leads = {t.word for t in text.tokens[:first] if t.clause == text.tokens[first].clause}
    return leads <= word_set("function_words") and _TOTAL_AFTER.match(text.source, size.end) is not None


def _resource(
    text: Text, inside: tuple[int, int], near: list[tuple[Hit, str]], others: list[int]
) -> tuple[str, int, int]:
    """Find the resource that a size belongs to: the nearest one named in its clause, a few words away."""
    first, last = inside
    best: tuple[int, str, int, int] | None = None
    for hit, resource in near:
        after = hit.first > last
        distance = hit.first - last if after else first - hit.last
        between = sorted((text.tokens[hit.first].start, text.tokens[first].start))
        if _clause_break(text, hit.first, first) or any(between[0] < other < between[1] for other in others):
            continue
        rank = 2 * distance + (0 if after else 1)
        if distance <= _REACH - 2 and (best is None or rank < best[0]):
            best = (rank, resource, min(hit.first, first), max(hit.last, last))
    return best[1:] if best else ("", first, last)


def _clause_break(text: Text, left: int, right: int) -> bool:
    first, last = sorted((left, right))
    gap = text.source[text.tokens[first].end : text.tokens[last].start]
    return bool(re.search(r"[;.]\s|,\s|\s(?:and|but|while)\s", gap))


def _is_owned(text: Text, first: int) -> bool:
    """Tell "my laptop has 32 GB of RAM" from "it takes 9 GB of RAM"."""
    before = {token.word for token in text.tokens[max(0, first - 4) : first]}
    return bool(before & word_set("having")) and not before & word_set("readings")


@dataclass(frozen=True, slots=True)
class _Known:
    totals: tuple[float, ...]
    free: tuple[float, ...] = ()


def _known(claim: _Claim, inventory: Inventory) -> _Known | None:
    by_resource = {
        "ram": _ram(inventory),
        "vram": _vram(inventory),
        "storage": _storage(inventory, claim.volume),
    }
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


def _lists_cards(inventory: Inventory) -> bool:
    """Tell a machine without a graphics card from one whose cards could not be listed."""
    return not any(entry.what == "gpus" for entry in inventory.unknowns)


def _vram(inventory: Inventory) -> _Known | None:
    each = [float(gpu.vram_total_bytes) for gpu in inventory.gpus if gpu.vram_total_bytes]
    if any(gpu.unified_memory for gpu in inventory.gpus):
        each += list((_ram(inventory) or _Known(())).totals)
    elif any(gpu.vram_total_bytes is None for gpu in inventory.gpus):
        return None
    if not each:
        return None
    return _Known((*each, sum(each)))


def _storage(inventory: Inventory, volume_said: str = "") -> _Known | None:
    """Give the sizes of the disk that is meant: the one said, on whatever device where there is one only; else any."""
    storage = inventory.storage
    by_name = {"project": (storage.project,), "system": (storage.system,)}
    meant = by_name.get(volume_said, (storage.project, storage.system))
    volumes = [volume for volume in meant if volume.total_bytes]
    devices = [float(device.size_bytes) for device in storage.devices if device.size_bytes]
    if volume_said and volumes and len(devices) > 1:
        devices = []
    totals = [*(float(volume.total_bytes or 0) for volume in volumes), *devices]
    free = tuple(float(volume.free_bytes) for volume in volumes if volume.free_bytes is not None)
    return _Known((*totals, sum(devices)), free) if totals else None


def _compare(claim: _Claim, known: _Known) -> tuple[bool, bool]:
    """Compare a claim: does it agree, and if not, is that certain?"""
    fits = _fits(claim.size, max(known.totals))
    if claim.kind == "total":
        agrees = any(_same(claim.size, total) or _is_nominal(claim.size, total) for total in known.totals)
        return agrees, bool(claim.resource) or not fits
    if claim.kind == "free" and claim.resource == "storage" and known.free:
        return any(_has_drifted_to(claim.size, free) for free in known.free), True
    return fits, bool(claim.resource)


def _has_drifted_to(size: Size, free: float) -> bool:
    """Accept free space that moved between the capture and the writing."""
    return _same(size, free) or 1 / DRIFT <= max(size.size_bytes, 1.0) / max(free, 1.0) <= DRIFT


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
        claimed, before = int(match[1]), text.source[max(0, match.start() - _LOOK_BACK_CHARS) : match.start()]
        if claimed > max(counts) or (claimed not in counts and _OWNS_CORES.search(before)):
            yield match[0], True


def _wrong_gpu(text: Text, inventory: Inventory) -> Iterator[tuple[str, bool]]:
    """Compare a graphics card that is named as this machine's with the ones in the inventory."""
    names = " ".join(gpu.name or "" for gpu in inventory.gpus).casefold()
    if inventory.gpus and not names.strip():
        return
    starts = [token.start for token in text.tokens]
    for match in GRAPHICS_MODEL.finditer(text.source):
        number = re.search(r"[a-z]?\d{2,5}", match[0].casefold())
        if number is None or number[0] in names or number[0].lstrip("abhl") in names:
            continue
        place = max(0, bisect_right(starts, match.start()) - 1)
        if not is_negated(text, place):
            before = text.source[max(0, match.start() - _LOOK_BACK_CHARS) : match.start()]
            yield match[0], _OWNS_CARD.search(before) is not None
