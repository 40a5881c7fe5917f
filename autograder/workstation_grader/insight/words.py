"""Word counts and learners' text for the page: what several sections share."""

import re

__all__ = ["count", "percent", "shortened", "shown"]

# Controls, and marks that turn the direction of what follows: a learner's text must not rearrange the page.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_SPACES = re.compile(r"\s+")


def count(number: int, thing: str, things: str = "") -> str:
    """Count things in words.

    >>> count(1, "pair"), count(1200, "pair"), count(2, "inventory", "inventories")
    ('1 pair', '1,200 pairs', '2 inventories')
    """
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"


def percent(part: float, whole: float) -> str:
    """Write a share; of nothing there is none.

    >>> percent(1, 3), percent(0, 0)
    ('33 %', '')
    """
    return f"{100 * part / whole:.0f} %" if whole else ""


def unseen_marked(text: str) -> str:
    r"""Mark what cannot be seen in a line, or would turn it around or break it, and leave its blanks alone.

    >>> unseen_marked("  a\nb\x1b[2J")
    '  a\ufffdb\ufffd[2J'
    """
    return _UNSEEN.sub("\ufffd", text).replace("\n", "\ufffd").replace("\t", " ")


def shown(text: str) -> str:
    r"""Make a learner's text harmless in a line: what cannot be seen, or turns the line around, is marked.

    >>> shown("RAM\x00 and\n\u202eMARV")
    'RAM\ufffd and \ufffdMARV'
    """
    return _SPACES.sub(" ", _UNSEEN.sub("\ufffd", text)).strip()


def shortened(text: str, limit: int = 240) -> str:
    """Shorten a learner's text for a table."""
    line = shown(text)
    return line if len(line) <= limit else f"{line[: limit - 1]}…"
