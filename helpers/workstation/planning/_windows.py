"""Read how many weeks in a row a rule waits: "for 3 weeks", "two weeks running", "for a month"."""

from workstation.catalog._planning import load_planning_words
from workstation.planning import _lexicon as lexicon
from workstation.planning._cursor import Cursor, number_at

__all__ = ["note_weeks"]

WEEKS_IN_A_MONTH = 4
DAYS_IN_A_WEEK = 7


def note_weeks(cursor: Cursor) -> None:
    """Read "for N weeks" where it stands; wherever that is, it covers the whole condition, so two must agree."""
    start = cursor.place
    weeks = _weeks_window(cursor)
    if weeks is None:
        return
    if cursor.weeks not in {None, weeks}:
        raise cursor.wrong(
            "“for N weeks” covers the whole condition, and two different ones stand here. Write two rules.", at=start
        )
    cursor.weeks = weeks


def _weeks_window(cursor: Cursor) -> int | None:
    """Read "for 3 weeks", "for three consecutive weeks", "2 weeks in a row"; `None` where none stands here."""
    start = cursor.place
    cursor.skip_commas()
    announced = cursor.take(lexicon.phrases("window")) is not None
    more = cursor.take(lexicon.phrases("more_weeks")) is not None
    if announced:
        cursor.skip(lexicon.phrases("row_before"))
    place, count = cursor.place, _count(cursor, announced=announced)
    if count is not None:
        length = _weeks(cursor, announced=announced)
        if length is not None and (announced or _is_row(cursor, start, place, length)):
            cursor.skip(lexicon.phrases("row"))
            return _bounded(cursor, round(count * length, 6) + more, place)
    if announced:
        raise cursor.wrong(f"After “for” a number of weeks is wanted, such as “for 3 weeks”; found {cursor.seen()}.")
    cursor.place = start
    return None


def _is_row(cursor: Cursor, start: int, place: int, length: float) -> bool:
    """Tell whether weeks without a "for" are weeks in a row; "2 jobs in 2 weeks" and "1 a month" say how often."""
    said = cursor.comes(lexicon.phrases("row")) or any(
        lexicon.phrases("row_before").at(cursor.tokens, at) for at in range(place, cursor.place)
    )
    rate = start > 0 and lexicon.phrases("within").at(cursor.tokens, start - 1) is not None
    return said or (length == 1 and not rate)


def _count(cursor: Cursor, *, announced: bool) -> float | None:
    """Read the number of weeks; "for a month" is one."""
    value = number_at(cursor)
    if value is None:
        return 1.0 if announced and cursor.comes(lexicon.phrases("month")) else None
    cursor.place += 1
    if cursor.comes(lexicon.signs_after()):
        cursor.take(lexicon.signs_after())
    cursor.skip(lexicon.phrases("row_before"))
    return value


def _weeks(cursor: Cursor, *, announced: bool) -> float | None:
    """Read how long one is: a week, a month, and after "for" also a day ("for 14 days")."""
    if cursor.take(lexicon.phrases("week")) is not None:
        return 1
    if announced and cursor.take(lexicon.phrases("day")) is not None:
        return 1 / DAYS_IN_A_WEEK
    return WEEKS_IN_A_MONTH if cursor.take(lexicon.phrases("month")) is not None else None


def _bounded(cursor: Cursor, weeks: float, place: int) -> int:
    most = load_planning_words().limits.window_weeks
    if not 1 <= weeks <= most or weeks != int(weeks):
        raise cursor.wrong(f"A rule can wait for 1 to {most} whole weeks.", at=place)
    return int(weeks)
