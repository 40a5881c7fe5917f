"""Read a rule's condition from tokens: recursive descent, `and` binding tighter than `or`."""

import math
import re
from collections.abc import Callable
from typing import Literal, NamedTuple

from workstation.catalog import load_catalog
from workstation.catalog._planning import UnitWord, load_planning_words
from workstation.errors import RuleError
from workstation.planning import _lexicon as lexicon
from workstation.planning._cursor import Cursor, number_at
from workstation.planning._tokens import fold
from workstation.planning._windows import note_weeks
from workstation.planning.model import Comparison, Condition, Group, Sign

__all__ = ["condition"]


def condition(cursor: Cursor) -> Condition:
    """Read comparisons joined by `and` and `or`."""
    return _joined(cursor, "or", lambda inner: _joined(inner, "and", _primary))


def _joined(cursor: Cursor, joint: Literal["and", "or"], part: Callable[[Cursor], Condition]) -> Condition:
    parts = [part(cursor)]
    while _take_joint(cursor, joint):
        parts.append(part(cursor))
    return parts[0] if len(parts) == 1 else Group(joint=joint, parts=tuple(parts))


def _take_joint(cursor: Cursor, joint: str) -> bool:
    start = cursor.place
    cursor.skip_commas()
    if cursor.take(lexicon.phrases(joint)) is not None:
        return True
    cursor.place = start
    return False


def _primary(cursor: Cursor) -> Condition:
    cursor.skip_filler()
    token = cursor.token
    if token is None or token.word != "(":
        found = _comparison(cursor)
        cursor.skip_filler()
        note_weeks(cursor)
        return found
    if cursor.depth >= load_planning_words().limits.depth:
        raise cursor.wrong("The parentheses are nested too deep here. Write the rule with fewer of them.")
    cursor.place, cursor.depth = cursor.place + 1, cursor.depth + 1
    inner = condition(cursor)
    cursor.skip_filler()
    if cursor.token is None or cursor.token.word != ")":
        raise cursor.wrong(f"A parenthesis is not closed: expected “)” and found {cursor.seen()}.")
    cursor.place, cursor.depth = cursor.place + 1, cursor.depth - 1
    note_weeks(cursor)
    return inner


_SHARE, _ROOM = "disk_free_percent", "disk_free_gib"
_TAIL_REACH = 9  # tokens from "the disk" to "full"
_LONGEST_NUMBER = 24
_GLUED = re.compile(r"[-+]?\d+(?:[.,]\d+)*(?!e[-+]?\d)[^\W\d_]+\d", re.IGNORECASE)  # not 1e3
_TURNED = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "=": "="}  # "90 < ram_used_percent"


class _Amount(NamedTuple):
    """A number as written, where it and its unit stand, and the sign that followed it."""

    value: float
    place: int
    unit_place: int | None
    sign_after: str | None


def _comparison(cursor: Cursor) -> Comparison:
    cursor.comparisons += 1
    if cursor.comparisons > load_planning_words().limits.comparisons:
        raise cursor.wrong("The rule has too many comparisons. Keep the few that decide.")
    if cursor.comes(lexicon.signs()) or number_at(cursor) is not None:
        return _number_first(cursor)
    metric_place = cursor.place
    metric = _metric(cursor)
    sign = _sign(cursor)
    amount = _amount(cursor, may_follow=sign is None)
    if amount is None:
        _refuse_misspelt(cursor, metric_place)
        raise cursor.wrong(_no_number(cursor, metric, sign))
    return _checked(cursor, metric, metric_place, sign or amount.sign_after, amount)


def _refuse_misspelt(cursor: Cursor, place: int) -> None:
    """Offer the metric for an id that only begins like another's name: "swap_usd_gib", where "swap" was read."""
    start = cursor.tokens[place].start
    written = re.match(r"\w+", cursor.text[start:])
    if written is None or "_" not in written[0]:
        return
    near = lexicon.nearest(written[0], lexicon.metrics())
    if near is not None and fold(written[0]) != fold(near):
        end = start + len(written[0])
        raise RuleError(f"“{written[0]}” is no weekly metric. Did you mean {near}?", start=start, end=end)


def _number_first(cursor: Cursor) -> Comparison:
    """Read "at least 3 days of local inference" and "2 or more OOM events"."""
    sign = _sign(cursor)
    amount = _amount(cursor, may_follow=sign is None)
    if amount is None:
        raise cursor.wrong(f"A number is missing: expected one and found {cursor.seen()}.")
    cursor.skip_filler()
    turned = _TURNED.get(cursor.take(lexicon.signs()) or "") if (sign or amount.sign_after) is None else None
    cursor.skip_filler()
    metric_place = cursor.place
    return _checked(cursor, _metric(cursor), metric_place, sign or amount.sign_after or turned, amount)


def _metric(cursor: Cursor) -> str:
    while True:
        metric = cursor.take(lexicon.metrics())
        if metric is None:
            metric = _disk(cursor)
        if metric is not None:
            return metric
        if cursor.take(lexicon.phrases("filler")) is None:
            break
    words = " ".join(token.word for token in cursor.tokens[cursor.place : cursor.place + 3] if token.kind == "word")
    near = _nearest_metric(words)
    hint = f"Did you mean {near}?" if near else f"Metrics are {', '.join(load_catalog().metrics)}."
    raise cursor.wrong(f"{cursor.seen()} is no weekly metric. {hint}")


def _disk(cursor: Cursor) -> str | None:
    """Read "the disk ... free" and "the disk ... full", the amount between or before; full is free, turned round."""
    if cursor.take(lexicon.phrases("disk_used")) is not None:
        cursor.of_hundred = True
        return _SHARE
    head = lexicon.phrases("disk").at(cursor.tokens, cursor.place)
    for place in range(cursor.place + 1, min(len(cursor.tokens), cursor.place + _TAIL_REACH)) if head else ():
        full = lexicon.phrases("full").at(cursor.tokens, place) is not None
        if full or lexicon.phrases("free").at(cursor.tokens, place) is not None:
            cursor.place += head[1] if head else 0
            cursor.of_hundred = full
            if all(lexicon.phrases("filler").at(cursor.tokens, at) for at in range(cursor.place, place)):
                cursor.place = place + 1
            return _SHARE if full else _ROOM
    return None


def _nearest_metric(words: str) -> str | None:
    parts = words.split()
    tries = (" ".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((near for each in tries if (near := lexicon.nearest(each, lexicon.metrics()))), None)


def _sign(cursor: Cursor) -> str | None:
    sign = cursor.take(lexicon.signs())
    while sign is None and cursor.take(lexicon.phrases("filler")) is not None:
        sign = cursor.take(lexicon.signs())
    return sign


def _amount(cursor: Cursor, *, may_follow: bool) -> _Amount | None:
    """Read "20", "20 GB", "€ 20", "2 or more", "3 days or more"; `None` where no number stands here."""
    start = cursor.place
    unit_place = _unit(cursor)
    cursor.skip_filler()
    place, value = cursor.place, number_at(cursor)
    if value is None:
        cursor.place = start
        return None
    cursor.place += 1
    _refuse_glued(cursor, place)
    after = cursor.take(lexicon.signs_after()) if may_follow else None
    if not cursor.comes(lexicon.metrics()) or cursor.comes(lexicon.units("percent")):
        unit_place = unit_place if unit_place is not None else _unit(cursor)
    if may_follow and after is None:
        after = cursor.take(lexicon.signs_after())
    return _Amount(value, place, unit_place, after)


def _refuse_glued(cursor: Cursor, place: int) -> None:
    """Refuse "1h30" and "2k5", whose second half would be lost."""
    start = cursor.tokens[place].start
    written = re.match(r"\S+", cursor.text[start : start + _LONGEST_NUMBER])
    if written is not None and _GLUED.match(written[0]):
        message = f"“{written[0]}” cannot be read. Write one number and one unit, such as 1.5 hours or 90 minutes."
        raise RuleError(message, start=start, end=start + len(written[0]))


def _unit(cursor: Cursor) -> int | None:
    place = cursor.place
    return place if cursor.take(lexicon.units()) is not None else None


def _checked(cursor: Cursor, metric: str, metric_place: int, sign: str | None, amount: _Amount) -> Comparison:
    cursor.skip(lexicon.phrases("full"), lexicon.phrases("free"))
    metric, unit = _with_unit(cursor, metric, metric_place, amount)
    if sign is None:
        raise cursor.wrong(f"{metric} is not compared: write above, at least, below or at most.", at=amount.place)
    _refuse_fraction(cursor, metric, unit, amount)
    value = amount.value * (unit.factor if unit else 1.0)
    limits = load_planning_words().ranges[load_catalog().metrics[metric].unit]
    if not math.isfinite(value) or not limits.low <= value <= limits.high:
        number = cursor.text[cursor.tokens[amount.place].start : cursor.tokens[amount.place].end]
        raise cursor.wrong(f"“{number}” cannot be: {limits.why}.", at=amount.place)
    if cursor.of_hundred:
        cursor.of_hundred = False
        return Comparison(metric=metric, sign=_known_sign(_TURNED[sign]), number=100 - amount.value)
    converted = unit if unit is not None and unit.factor != 1.0 else None
    return Comparison(
        metric=metric,
        sign=_known_sign(sign),
        number=amount.value,
        unit=converted.id if converted else None,
        factor=converted.factor if converted else 1.0,
    )


def _refuse_fraction(cursor: Cursor, metric: str, unit: UnitWord | None, amount: _Amount) -> None:
    """Refuse 0.9 where a share is counted in percent; "0.9 %" is meant so."""
    if unit is None and load_catalog().metrics[metric].unit == "percent" and 0 < amount.value < 1:
        share = f"{amount.value * 100:g}"
        raise cursor.wrong(f"{metric} is counted in percent: write {share} %, or {amount.value:g} %.", at=amount.place)


def _known_sign(sign: str) -> Sign:
    return next(entry.id for entry in load_planning_words().comparators if entry.id == sign)


def _with_unit(cursor: Cursor, metric: str, metric_place: int, amount: _Amount) -> tuple[str, UnitWord | None]:
    """Find the unit among those of the metric, or the metric that this unit means ("free disk below 10 %")."""
    if amount.unit_place is None:
        return metric, None
    wanted = load_catalog().metrics[metric].unit
    found = lexicon.units(wanted).at(cursor.tokens, amount.unit_place)
    if found is None:
        metric, wanted = _sibling(cursor, metric, metric_place, amount.unit_place)
        found = lexicon.units(wanted).at(cursor.tokens, amount.unit_place)
    return metric, next((unit for unit in load_planning_words().units if found and unit.id == found[0]), None)


def _sibling(cursor: Cursor, metric: str, metric_place: int, unit_place: int) -> tuple[str, str]:
    sibling = load_planning_words().siblings.get(metric)
    token = cursor.tokens[unit_place]
    length = (lexicon.metrics().at(cursor.tokens, metric_place) or ("", 0))[1]
    name = {each.word for each in cursor.tokens[metric_place : metric_place + length]}
    if sibling is not None and not name & set(sibling.unless) and lexicon.units(sibling.unit).at([token], 0):
        return sibling.means, sibling.unit
    counted = load_catalog().metrics[metric].unit
    unit = cursor.text[token.start : token.end]
    raise cursor.wrong(f"{metric} is counted in {counted}, and “{unit}” is not that.", at=unit_place)


def _no_number(cursor: Cursor, metric: str, sign: str | None) -> str:
    if sign is None:
        return f"{metric} needs a comparison such as “above 90”; found {cursor.seen()}."
    return f"{metric} is compared with no number: expected one after “{sign}” and found {cursor.seen()}."
