"""Remember, while the kernel lives, what a learner ran and which hints they have seen."""

import time
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """The body of an answer cell as it was run, and when."""

    text: str
    at_seconds: float  # since the epoch, to hold against a file's time


@dataclass(slots=True)
class Session:
    """One kernel's memory; gone with the kernel, so nothing may live here alone."""

    ran: dict[tuple[str, str], Ran] = field(default_factory=dict)  # by exercise and answer
    hints_seen: dict[str, int] = field(default_factory=dict)  # by criterion: how many

    def remember(self, exercise: str, answer: str, text: str) -> None:
        """Keep the text of an answer that has just been run."""
        self.ran[exercise, answer] = Ran(text=text, at_seconds=time.time())

    def newer_than(self, exercise: str, saved_at_seconds: float) -> dict[str, str]:
        """Give the answers that were run after the notebook was last saved."""
        return {
            answer: ran.text
            for (of, answer), ran in self.ran.items()
            if of == exercise and ran.at_seconds >= saved_at_seconds
        }

    def all_of(self, exercise: str) -> dict[str, str]:
        """Give every answer of an exercise that was run in this kernel."""
        return self.newer_than(exercise, 0.0)

    def next_hint(self, criterion: str, available: int) -> int:
        """Count one more hint as seen and say which it is, from 1; the last one repeats."""
        step = min(self.hints_seen.get(criterion, 0) + 1, available)
        self.hints_seen[criterion] = step
        return step


SESSION = Session()
