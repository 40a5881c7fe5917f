"""Replace learners' ids by pseudonyms that stay the same from run to run, and that only the course's own key makes.

The key is the course's seed, which stands in its configuration alone: who has a list of the class cannot make the
pseudonyms from it. Words that a learner wrote stay as they are, but for their own id.
"""

import hashlib
import hmac
import re
from dataclasses import replace

from workstation_grader.insight.model import Cohort, Entry

__all__ = ["anonymous", "pseudonym"]

_PURPOSE = b"workstation.insight/1 "
_DIGITS = 10
_FEWEST_CHARS = 3  # a shorter id would be found inside other words
GONE = "(learner)"


def pseudonym(student: str, key: str) -> str:
    """Give a learner's pseudonym under a course's key.

    >>> pseudonym("ada", "k") == pseudonym("ada", "k"), pseudonym("ada", "k") == pseudonym("ada", "other")
    (True, False)
    """
    digest = hmac.new(key.encode(), _PURPOSE + student.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()
    return f"learner-{digest[:_DIGITS]}"


def anonymous(cohort: Cohort, key: str) -> Cohort:
    """Replace every id in a cohort, and each learner's own id inside their words."""
    return replace(
        cohort, entries=tuple(sorted((_entry(entry, key) for entry in cohort.entries), key=lambda entry: entry.student))
    )


def _entry(entry: Entry, key: str) -> Entry:
    def hidden(text: str) -> str:
        if len(entry.student) < _FEWEST_CHARS:
            return text
        return re.sub(rf"(?<!\w){re.escape(entry.student)}(?!\w)", GONE, text, flags=re.IGNORECASE)

    return replace(
        entry,
        student=pseudonym(entry.student, key),
        criteria=tuple(replace(criterion, reason=hidden(criterion.reason)) for criterion in entry.criteria),
        own=tuple(map(hidden, entry.own)),
    )
