"""Draw a learner's cases from the bank: stable, by a keyed digest of the course id, so that nobody can forget theirs.

``draw.json`` keeps the digest and the ids of the cases, in the order of case-1 to case-8:

    {"schema": "workstation.draw/1", "learner": "hmac-sha256:5f0c...", "cases": ["white-cube", ...],
     "versions": {"catalog": "1.4", "rubric": "1.3"}}

The cases follow from the digest alone. A draw that does not is graded as it stands, and flagged: nobody loses points
over a name. One that no learner could have drawn (unknown or repeated cases, a slot left out) counts as none.
"""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from workstation.answers.model import Draw, Evidence, Problem
from workstation.catalog import load_catalog
from workstation.catalog._cases import SymptomCase, load_cases, slots

__all__ = [
    "DRAW_FILE",
    "DRAW_PROBLEMS",
    "EXERCISE",
    "SCHEMA",
    "DrawRead",
    "case_of",
    "digest_of",
    "document_of",
    "draw_for",
    "read_draw",
    "settled",
]

SCHEMA = "workstation.draw/1"
DRAW_FILE = "draw.json"
EXERCISE = "symptom-mapping"

# Public on purpose: it keeps ids from being read off, not from being guessed by whoever has the list of a class.
_KEY = b"workstation.draw/1"
_LONGEST_VERSION = 20
_ALGORITHM = "hmac-sha256"
_DIGEST = re.compile(rf"{_ALGORITHM}:[0-9a-f]{{64}}")

# code: what to say; `{detail}` is what was found.
DRAW_PROBLEMS: Mapping[str, str] = {
    "draw-missing": f"There is no {DRAW_FILE} beside this answer; the cases are those that the submitter's id draws.",
    "draw-damaged": f"{DRAW_FILE} cannot be read ({{detail}}); the cases are those that the submitter's id draws.",
    "draw-forged": f"{DRAW_FILE} is no draw of this course ({{detail}}); the cases are those of the submitter's id.",
    "draw-changed": f"The cases in {DRAW_FILE} are not those that its digest draws; they were graded as they stand.",
    "draw-of-another": f"{DRAW_FILE} was drawn with another id than the submitter's; its cases were graded.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawRead:
    """What a draw.json holds: a draw, or what is wrong with it."""

    draw: Draw | None
    problem: Problem | None = None


def digest_of(learner: str) -> str:
    """Give the keyed digest of a course id; case, blanks around it and Unicode's spellings make no difference."""
    plain = unicodedata.normalize("NFKC", learner).strip().casefold()
    return f"{_ALGORITHM}:{hmac.new(_KEY, plain.encode('utf-8', 'replace'), hashlib.sha256).hexdigest()}"


def draw_for(learner: str) -> Draw:
    """Draw the cases of a course id."""
    digest = digest_of(learner)
    return Draw(learner=digest, cases=_cases_of(digest), catalog=load_catalog().version)


def case_of(draw: Draw, answer: str) -> SymptomCase | None:
    """Give the case that stands behind an answer's id, ``"case-3"``; `None` where the answer has none."""
    number = answer.removeprefix("case-")
    if answer == number or not number.isdecimal() or not 1 <= int(number) <= len(draw.cases):
        return None
    return load_cases()[draw.cases[int(number) - 1]]


def document_of(draw: Draw) -> dict[str, object]:
    """Write a draw as the document that `draw.json` holds."""
    catalog = load_catalog()
    versions = {"catalog": draw.catalog or catalog.version, "rubric": catalog.rubric_version}
    return {"schema": SCHEMA, "learner": draw.learner, "cases": list(draw.cases), "versions": versions}


def read_draw(document: object) -> DrawRead:
    """Read a parsed draw.json, which anybody may have written; nothing raises."""
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        return _refused("draw-damaged", f"it does not say {SCHEMA}")
    cases, learner = document.get("cases"), document.get("learner")
    if not isinstance(cases, list) or not all(isinstance(name, str) for name in cases):
        return _refused("draw-damaged", "its cases are no list of names")
    fault = _fault(cases)
    if fault:
        return _refused("draw-forged", fault)
    known = learner if isinstance(learner, str) and _DIGEST.fullmatch(learner) else ""
    versions = document.get("versions")
    version = versions.get("catalog") if isinstance(versions, dict) else None
    catalog = version if isinstance(version, str) else ""
    return DrawRead(draw=Draw(learner=known, cases=tuple(cases), catalog=catalog[:_LONGEST_VERSION]))


def settled(evidence: Evidence, exercise: str, learner: str | None) -> Evidence:
    """Settle which cases a submission is graded by, and flag what is odd about its draw.

    The recorded draw counts, whosever it is. Without one, *learner*'s own is assumed: what does not match it is then
    left to a person (see `symptom_judges`).
    """
    if exercise != EXERCISE:
        kept = tuple(problem for problem in evidence.problems if problem.code not in DRAW_PROBLEMS)
        return replace(evidence, draw=None, problems=kept)
    if evidence.draw is None:
        told = any(problem.code in DRAW_PROBLEMS for problem in evidence.problems)
        problems = evidence.problems if told else (*evidence.problems, _problem("draw-missing"))
        assumed = replace(draw_for(learner), is_assumed=True) if learner else None
        return replace(evidence, draw=assumed, problems=problems)
    odd = _odd(evidence.draw, learner)
    return replace(evidence, problems=(*evidence.problems, _problem(odd))) if odd else evidence


def _odd(draw: Draw, learner: str | None) -> str:
    same_bank = draw.catalog == load_catalog().version
    if not draw.learner or (same_bank and draw.cases != _cases_of(draw.learner)):
        return "draw-changed"
    return "draw-of-another" if learner and draw.learner != digest_of(learner) else ""


def _cases_of(digest: str) -> tuple[str, ...]:
    """Take one case of each slot, look-alikes in pairs, in an order of the learner's own.

    Each case has a number of its own and the highest wins: a case that is added later moves few draws, not all.
    """
    chosen: dict[str, SymptomCase] = {}
    for slot, inside in slots(load_cases()).items():
        pairs = {case.pair for case in chosen.values() if case.pair}
        partner = next((case for case in inside if case.pair in pairs), None)
        chosen[slot] = partner or max(inside, key=lambda case: _number(digest, case.id))
    return tuple(case.id for case in sorted(chosen.values(), key=lambda case: _number(digest, f"order {case.slot}")))


def _number(digest: str, purpose: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{digest} {purpose}".encode()).digest()[:8])


def _fault(names: Sequence[str]) -> str:
    """Say why no learner can have drawn these cases; "" where one may have."""
    bank = load_cases()
    unknown = next((name for name in names if name not in bank), None)
    if unknown is not None:
        return "a case that is not in the bank"
    cases = [bank[name] for name in names]
    if len({case.slot for case in cases}) != len(slots(bank)) or len(cases) != len(slots(bank)):
        return "not one case of each kind"
    if len({case.pair for case in cases if case.pair}) > 1:
        return "look-alikes that do not belong together"
    return ""


def _problem(code: str, detail: str = "") -> Problem:
    return Problem(code=code, message=DRAW_PROBLEMS[code].format(detail=detail))


def _refused(code: str, detail: str) -> DrawRead:
    return DrawRead(draw=None, problem=_problem(code, detail))
