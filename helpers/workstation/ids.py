"""Say who handed a file in: the ids that collecting takes, and how a file's name carries one.

Handing in and collecting both go by this, so that no file is named in a way that collecting would not read.
"""

import re
from collections.abc import Collection

__all__ = ["ID_SHAPE", "as_known", "is_device", "is_student_id", "named_for", "student_of", "why_nobodys"]

MARK = "__"
ID_SHAPE = (
    "an id has at most 64 characters: letters from a to z, large or small, digits, and between them . _ @ -, never two "
    "underscores together; names that Windows keeps for devices (CON, NUL, COM1, ...) are none"
)
_ID = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._@-]{0,62}[A-Za-z0-9])?")
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)  # no folder can have that name


def student_of(name: str) -> str | None:
    """Read who handed a file in from its name: everything before the first "+" or "__".

    Without such a mark the name may be the packed file's own, or begin with half a name: nobody is guessed.

    >>> student_of("ada__constraint-summary-20261123T101500Z.zip"), student_of("constraint-summary-20261123.zip")
    ('ada', None)
    """
    first, *rest = re.split(r"__|\+", name, maxsplit=1)
    return first if rest and _ID.fullmatch(first) and not _DEVICE.fullmatch(first) else None


def why_nobodys(name: str) -> str:
    """Say why a file's name tells no learner: it has no mark, or what stands before it is no id."""
    first, *rest = re.split(r"__|\+", name, maxsplit=1)
    if not rest:
        return "its name does not begin with a learner's id and two underscores"
    return f"{first!r}, before the mark in its name, is no id: {ID_SHAPE}"


def is_student_id(text: str) -> bool:
    """Tell whether a file named for *text* would be collected as that learner's.

    >>> is_student_id("ada.l@uni.example"), is_student_id("Carla Müller"), is_student_id("a__b")
    (True, False, False)
    """
    return student_of(named_for(text, "")) == text


def as_known(student: str, known: Collection[str]) -> str:
    """Spell an id as it is *known* already: ids that differ in case alone would share a folder on many disks.

    >>> as_known("ADA", ["ada", "bob"]), as_known("ADA", ["ada", "ADA"]), as_known("Eve", ["ada"])
    ('ada', 'ADA', 'Eve')
    """
    if student in known:
        return student
    return next((each for each in known if each.casefold() == student.casefold()), student)


def is_device(name: str) -> bool:
    """Tell whether Windows keeps a file's name for a device, so that no file there can have it.

    >>> is_device("nul.json"), is_device("null.json")
    (True, False)
    """
    return _DEVICE.fullmatch(name) is not None


def named_for(student: str, name: str) -> str:
    """Name a file for its learner, as `student_of` reads it."""
    return f"{student}{MARK}{name}"
