"""Measure the judges on labelled answers, and the labellers on each other.

The way to report is that of the labelled answers' README: a criterion without a label is not counted; *false met* says
met where the label forbids it, *false not met* says not met or not attempted where it is forbidden.
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

from workstation.answers.evidence import evidence_from_documents
from workstation.answers.score import score

ANSWERS = Path(__file__).resolve().parents[1] / "tests" / "answers"
HELD_BACK = (  # never tuned on; printed last, disagreements only on request
    *("held-back.jsonl", "held-back-3.jsonl"),
    *("held-staged-plan.jsonl", "held-symptom-mapping.jsonl"),
)
SECOND = "second-labels.jsonl"  # the same answers by id, labelled by somebody else
LINE = "{:<28} {:>6} {:>7} {:>10} {:>14} {:>8}"
PAIR = "{:<28} {:>6} {:>7} {:>7}"

Labels = Mapping[tuple[str, str], tuple[str, ...]]  # the outcomes that a label accepts, by answer and criterion


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


@dataclass(frozen=True, slots=True)
class Pair:
    """What two labellers said of one criterion of one answer."""

    criterion: str
    first: tuple[str, ...]
    second: str

    @property
    def agrees(self) -> bool:
        """Tell whether the second's outcome is among those that the first accepts."""
        return self.second in self.first

    @property
    def named(self) -> str:
        """Give the first's outcome: the second's where it is accepted, else the one named first."""
        return self.second if self.agrees else self.first[0]


One = TypeVar("One", Judgement, Pair)


def labelled_files(folder: Path = ANSWERS) -> list[Path]:
    """List the labelled files of a folder by name, those held back last."""
    files = (path for path in folder.glob("*.jsonl") if path.name != SECOND)
    return sorted(files, key=lambda path: (path.name in HELD_BACK, path.name))


def judgements(paths: Iterable[Path]) -> Iterator[Judgement]:
    """Score every line of the files and pair each labelled criterion with its outcome."""
    for path in paths:
        for entry in _entries(path):
            yield from _judged(entry)


def pairs(path: Path) -> list[Pair]:
    """Pair the labels of *path* with the second labeller's, where `SECOND` stands beside it."""
    beside = path.with_name(SECOND)
    if not beside.exists():
        return []
    second = _labels(beside)
    return [Pair(key[1], allowed, second[key][0]) for key, allowed in _labels(path).items() if key in second]


def kappa(found: Sequence[Pair]) -> float | None:
    """Compute Cohen's kappa, the agreement beyond chance; `None` where both always say one thing.

    >>> kappa([Pair("a", ("met",), "met"), Pair("a", ("not met",), "not met"), Pair("a", ("met",), "not met")])
    0.4
    """
    observed = sum(pair.agrees for pair in found) / len(found)
    outcomes = {outcome for pair in found for outcome in (pair.named, pair.second)}
    by_chance = (
        sum(
            sum(pair.named == outcome for pair in found) * sum(pair.second == outcome for pair in found)
            for outcome in outcomes
        )
        / len(found) ** 2
    )
    return None if by_chance == 1 else round((observed - by_chance) / (1 - by_chance), 3)


def table(found: list[Judgement]) -> Iterator[str]:
    """Write the per-criterion table and the overall lines."""
    yield LINE.format("criterion", "labels", "agree", "false met", "false not met", "review")
    for criterion, judged in _by_criterion(found).items():
        yield _row(criterion, judged)
    yield _row("all", found)
    yield ""
    good = [judgement for judgement in found if judgement.kind == "good"]
    faults = [judgement for judgement in found if judgement.is_fault]
    caught = sum(not judgement.is_false_met for judgement in faults)
    yield f"faults not taken for met: {_share(caught, len(faults))}"
    yield f"good answers: {_share(sum(j.is_false_not_met for j in good), len(good))} labels refused"
    yield f"good answers: {_share(sum(j.is_review for j in good), len(good))} labels sent to review"


def pair_table(found: list[Pair]) -> Iterator[str]:
    """Write how far two labellers agree, per criterion and overall."""
    yield PAIR.format("two labellers", "labels", "agree", "kappa")
    for criterion, both in (*_by_criterion(found).items(), ("all", found)):
        chance = kappa(both)
        agree = sum(pair.agrees for pair in both) / len(both)
        yield PAIR.format(criterion, len(both), f"{agree:.1%}", "-" if chance is None else f"{chance:.2f}")


def report(path: Path, *, disagreements: bool) -> Iterator[str]:
    """Write all that there is to say of one file."""
    found = list(judgements([path]))
    yield f"== {path.name}: {len(_entries(path))} answers" + (", held back" if path.name in HELD_BACK else "")
    yield from table(found)
    both = pairs(path)
    if both:
        yield ""
        yield from pair_table(both)
    for judgement in found:
        if disagreements and not judgement.agrees:
            yield f"{judgement.answer} {judgement.criterion}: {judgement.outcome}, label {judgement.allowed}"
            yield f"    {judgement.reason}"
    yield ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a report for each file."""
    parser = argparse.ArgumentParser(prog="judges.py", description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path, help=f"labelled answers; by default all in {ANSWERS}")
    parser.add_argument(
        "--show-held-back", action="store_true", help="list the disagreements on those never tuned on too"
    )
    options = parser.parse_args(arguments)
    for path in options.files or labelled_files():
        shown = path.name not in HELD_BACK or options.show_held_back
        print("\n".join(report(path, disagreements=shown)))
    return 0


@cache
def _entries(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _judged(entry: dict) -> Iterator[Judgement]:
    evidence = evidence_from_documents(entry["inventory"], entry.get("draw"))
    for criterion in score(entry["exercise"], entry["answers"], evidence):
        label = entry["expect"].get(criterion.id)
        if label is not None:
            yield Judgement(
                entry["id"], entry["kind"], criterion.id, criterion.outcome, _accepted(label), criterion.reason
            )


def _labels(path: Path) -> Labels:
    return {
        (entry["id"], criterion): _accepted(label)
        for entry in _entries(path)
        for criterion, label in entry["expect"].items()
    }


def _accepted(label: str | list[str]) -> tuple[str, ...]:
    return (label,) if isinstance(label, str) else tuple(label)


def _by_criterion(found: Iterable[One]) -> dict[str, list[One]]:
    grouped: dict[str, list[One]] = defaultdict(list)
    for one in found:
        grouped[one.criterion].append(one)
    return grouped


def _row(name: str, judged: list[Judgement]) -> str:
    count = len(judged)
    agree, review = (sum(getattr(j, what) for j in judged) / count for what in ("agrees", "is_review"))
    false_met, false_not_met = (sum(getattr(j, what) for j in judged) for what in ("is_false_met", "is_false_not_met"))
    return LINE.format(name, count, f"{agree:.1%}", false_met, false_not_met, f"{review:.1%}")


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole}" + (f" ({part / whole:.1%})" if whole else "")


if __name__ == "__main__":
    sys.exit(main())
