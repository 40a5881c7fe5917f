"""Measure the judges on labelled answers: per criterion false met, false not met and the share sent to review.

    python benchmarks/judges.py [FILE.jsonl ...]

The labels and the way to report are those of the labelled answers' README: a criterion without a label is not counted;
*false met* says met where the label forbids it, *false not met* says not met or not attempted where it is forbidden.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from workstation.answers.evidence import evidence_from_documents
from workstation.answers.score import score

ANSWERS = Path(__file__).resolve().parents[1] / "tests" / "answers"
DEFAULT = ANSWERS / "constraint-summary.jsonl"
LINE = "{:<28} {:>6} {:>7} {:>10} {:>14} {:>8}"


@dataclass(frozen=True, slots=True)
class Judgement:
    """One labelled criterion of one answer, and what the judge made of it."""

    answer: str
    kind: str
    criterion: str
    outcome: str
    allowed: tuple[str, ...]
    reason: str

    @property
    def agrees(self) -> bool:
        """Tell whether the outcome is the label or in its list."""
        return self.outcome in self.allowed

    @property
    def is_false_met(self) -> bool:
        """Tell whether a fault went unnoticed."""
        return self.outcome == "met" and not self.agrees

    @property
    def is_false_not_met(self) -> bool:
        """Tell whether content was refused that the label accepts."""
        return self.outcome in {"not met", "not attempted"} and not self.agrees

    @property
    def is_review(self) -> bool:
        """Tell whether a person has to look."""
        return self.outcome == "needs review"

    @property
    def is_fault(self) -> bool:
        """Tell whether the label says that something is wrong or missing."""
        return "met" not in self.allowed


def judgements(paths: Iterable[Path]) -> Iterator[Judgement]:
    """Score every line of the files and pair each labelled criterion with its outcome."""
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            yield from _judged(json.loads(line))


def _judged(entry: dict) -> Iterator[Judgement]:
    evidence = evidence_from_documents(entry["inventory"])
    for criterion in score(entry["exercise"], entry["answers"], evidence):
        label = entry["expect"].get(criterion.id)
        if label is not None:
            allowed = (label,) if isinstance(label, str) else tuple(label)
            yield Judgement(entry["id"], entry["kind"], criterion.id, criterion.outcome, allowed, criterion.reason)


def table(found: list[Judgement]) -> Iterator[str]:
    """Write the per-criterion table and the overall lines."""
    by_criterion: dict[str, list[Judgement]] = defaultdict(list)
    for judgement in found:
        by_criterion[judgement.criterion].append(judgement)
    yield LINE.format("criterion", "labels", "agree", "false met", "false not met", "review")
    for criterion, judged in by_criterion.items():
        yield _row(criterion, judged)
    yield _row("all", found)
    yield ""
    good = [judgement for judgement in found if judgement.kind == "good"]
    faults = [judgement for judgement in found if judgement.is_fault]
    caught = sum(not judgement.is_false_met for judgement in faults)
    yield f"faults not taken for met: {caught} of {len(faults)}"
    yield f"good answers: {sum(j.is_false_not_met for j in good)} of {len(good)} labels refused"
    yield f"good answers: {sum(j.is_review for j in good)} of {len(good)} labels sent to review"


def _row(name: str, judged: list[Judgement]) -> str:
    count = len(judged)
    agree, review = (sum(getattr(j, what) for j in judged) / count for what in ("agrees", "is_review"))
    false_met, false_not_met = (sum(getattr(j, what) for j in judged) for what in ("is_false_met", "is_false_not_met"))
    return LINE.format(name, count, f"{agree:.1%}", false_met, false_not_met, f"{review:.1%}")


def main(arguments: list[str]) -> int:
    """Print the table, then each disagreement."""
    found = list(judgements([Path(argument) for argument in arguments] or [DEFAULT]))
    print("\n".join(table(found)))
    for judgement in found:
        if not judgement.agrees:
            print(f"{judgement.answer} {judgement.criterion}: {judgement.outcome}, label {judgement.allowed}")
            print(f"    {judgement.reason}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
