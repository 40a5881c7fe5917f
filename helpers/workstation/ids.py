"""Say who handed a file in: the ids that collecting takes, and how a file's name carries one.

Handing in and collecting both go by this, so that no file is named in a way that collecting would not read.
"""

import re

__all__ = ["ID_SHAPE", "is_student_id", "named_for", "student_of"]

MARK = "__"
ID_SHAPE = (
    "an id has at most 64 characters: letters from a to z, digits, and between them . _ @ -, never two underscores "
    "together"
)
_ID = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._@-]{0,62}[A-Za-z0-9])?")


def student_of(name: str) -> str | None:
    """Read who handed a file in from its name: everything before the first "+" or "__".

    Without such a mark the name may be the packed file's own, or begin with half a name: nobody is guessed.

    >>> student_of("ada__constraint-summary-20261123T101500Z.zip"), student_of("constraint-summary-20261123.zip")
    ('ada', None)
    """
    first, *rest = re.split(r"__|\+", name, maxsplit=1)
    return first if rest and _ID.fullmatch(first) else None


def is_student_id(text: str) -> bool:
    """Tell whether a file named for *text* would be collected as that learner's.

    >>> is_student_id("ada.l@uni.example"), is_student_id("Carla Müller"), is_student_id("a__b")
    (True, False, False)
    """
    return student_of(named_for(text, "")) == text


def named_for(student: str, name: str) -> str:
    """Name a file for its learner, as `student_of` reads it."""
    return f"{student}{MARK}{name}"
