"""The judges of lesson 06's practice: one testable statement, looked at from four sides."""

from collections.abc import Callable, Mapping
from typing import Protocol

from workstation.answers.criteria import statement, verdicts
from workstation.answers.criteria.verdict import Verdict

__all__ = ["STATEMENT_JUDGES"]

STATEMENT = "testable-statement"


class Fields(Protocol):
    """What a judge asks a submission for: the text of an answer."""

    def get(self, answer: str) -> str:
        """Give an answer's text; ``""`` where it is blank or missing."""


STATEMENT_JUDGES: Mapping[str, Callable[[Fields], Verdict]] = {
    "statement.constraint": lambda sub: statement.judge_limit(sub.get(STATEMENT)),
    "statement.workload": lambda sub: statement.judge_work(sub.get(STATEMENT)),
    "statement.observation": lambda sub: statement.judge_observation(sub.get(STATEMENT)),
    "statement.no-verdict": lambda sub: verdicts.judge_no_verdict((sub.get(STATEMENT),)),
}
