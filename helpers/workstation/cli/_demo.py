"""``workstation demo``: a demonstration in the terminal, from the plan to the verdict."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from workstation.cli._options import Commands, add_json
from workstation.errors import DemoError, PredictionError
from workstation.units import parse_size

if TYPE_CHECKING:
    from workstation.answers.predictions import Asked
    from workstation.demos import Event, Line, Plan, Result, Run, Sampled

__all__ = ["add_parser"]

_TALL = "▁▂▃▄▅▆▇█"
_PLAIN = "_.-=+*%#"
_WIDTH = 32
_QUIET_SECONDS = 2.0  # between two lines where nobody sees a line change in place


def add_parser(commands: Commands) -> None:
    """Add the command to the command line."""
    about = "show what happens when memory, a disk or the processor meets its limit, safely"
    parser = commands.add_parser("demo", help=about, description=f"{about.capitalize()}.")
    parser.add_argument("name", nargs="?", metavar="NAME", help="which one; without it, all are listed")
    parser.add_argument("--limit", type=_size, metavar="SIZE", help="take at most this much, such as 2GiB")
    parser.add_argument("--seconds", type=float, metavar="N", help="how long it may grow, or work")
    parser.add_argument("--replay", action="store_true", help="play a recorded run, and take nothing")
    parser.add_argument("--yes", action="store_true", help="start without asking anything")
    add_json(parser)
    parser.set_defaults(command=run)


def _size(text: str) -> int:
    found = parse_size(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no size: write one such as 2GiB or 500MiB")
    return found


def run(options: argparse.Namespace) -> int:
    """Show the plan, take a prediction, run, compare."""
    from workstation import demos  # late: only this needs it

    if options.name is None:
        print(_listing())
        return 0
    asked = demos.Request(limit_bytes=options.limit, seconds=options.seconds, replay=options.replay)
    with demos.run(options.name, asked) as running:
        _require_consent(options, running.plan)
        if options.json:
            result = _watch(running, lambda _sample: None, lambda _text: None)
            print(json.dumps(_document(result), ensure_ascii=False))
            return 0
        print(_opening(running.plan))
        predicted = None if options.yes or not _somebody_there() else _ask(running.plan)
        drawn = _Drawn(running.plan, predicted)
        result = _watch(running, drawn.sample, drawn.note)
        drawn.close()
        print(_closing(result, predicted))
    return 0


def _listing() -> str:
    from workstation.demos import NAMES
    from workstation.demos._words import words

    return "\n".join(["Demonstrations:", *(f"  {name:10} {words(name).name}" for name in NAMES)])


def _somebody_there() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _require_consent(options: argparse.Namespace, plan: "Plan") -> None:
    """Start nothing live that nobody said yes to."""
    if plan.mode == "live" and not options.yes and (options.json or not _somebody_there()):
        raise DemoError(
            f"The demonstration {plan.name!r} would run live, and there is no terminal to ask in. "
            "Add --yes to start it, or --replay to play a recorded run."
        )


def _opening(plan: "Plan") -> str:
    return f"{plan.title}\n\n{plan.text}\n{plan.mechanism}\n"


def _ask(plan: "Plan") -> float | None:
    """Ask for a prediction until it can be read; nothing typed skips it, and no more input (Ctrl-D) leaves."""
    from workstation.answers.predictions import Asked

    question = Asked(id=plan.question.id, question=plan.question.text, unit=plan.question.unit, choices={})
    print(plan.question.text)
    while typed := _typed(f"Your prediction in {plan.question.unit} (Enter skips it, Ctrl-C leaves): ").strip():
        value = _read(question, typed)
        if value is not None:
            return value
    return None


def _typed(prompt: str) -> str:
    try:
        return input(prompt)
    except EOFError:
        raise KeyboardInterrupt from None


def _read(question: "Asked", typed: str) -> float | None:
    try:
        return float(question.read(typed))
    except PredictionError as problem:
        print(problem)
        return None


def _watch(running: "Run", sample: "Callable[[Sampled], None]", note: Callable[[str], None]) -> "Result":
    """Follow a run to its end; Ctrl-C, whenever it comes, stops it, and its end is still told."""
    going = True
    while going:
        try:
            event = next(running, None)
            going = event is not None
            _show(event, sample, note)
        except KeyboardInterrupt:
            running.stop()
    if running.result is None:  # interrupted where even the end could not be told any more
        raise KeyboardInterrupt
    return running.result


def _show(event: "Event | None", sample: "Callable[[Sampled], None]", note: Callable[[str], None]) -> None:
    from workstation.demos import Noted, Sampled

    if isinstance(event, Sampled):
        sample(event)
    elif isinstance(event, Noted):
        note(event.text)


class _Drawn:
    """One line that changes in place, or a line now and then where the output is a file."""

    def __init__(self, plan: "Plan", predicted: float | None) -> None:
        self._plan, self._predicted = plan, predicted
        self._values: list[float] = []
        self._in_place, self._last_s, self._shown = sys.stdout.isatty(), -_QUIET_SECONDS, 0
        self._marks = _TALL if _can_print(_TALL) else _PLAIN

    def sample(self, sample: "Sampled") -> None:
        """Draw how things stand."""
        line = self._plan.lines[0]
        if line.key in sample.values:
            self._values.append(sample.values[line.key] / line.divisor)
        if self._in_place or sample.t_s - self._last_s >= _QUIET_SECONDS:
            self._last_s = sample.t_s
            self._print(f"{sample.t_s:6.1f} s  {self._text(line, sample)}")

    def note(self, text: str) -> None:
        """Say what happens now, on a line of its own."""
        self._print(text)
        self._end_line()

    def close(self) -> None:
        """Leave the line."""
        self._end_line()

    def _text(self, line: "Line", sample: "Sampled") -> str:
        from workstation.answers.calibration import shown
        from workstation.demos import ANSWER

        unit = self._plan.question.unit
        parts = [spark(self._values[-_WIDTH:], self._marks)]
        if self._values:
            parts.append(f"{line.name} {self._values[-1]:,.2f} {line.unit}")
        if ANSWER in sample.values:
            parts.append(f"so far {shown(sample.values[ANSWER], unit)}")
        if self._predicted is not None:
            parts.append(f"you said {shown(self._predicted, unit)}")
        return "  ".join(parts)

    def _print(self, text: str) -> None:
        if self._in_place:
            print("\r" + text.ljust(self._shown), end="", flush=True)
            self._shown = len(text)
        else:
            print(text, flush=True)

    def _end_line(self) -> None:
        if self._in_place and self._shown:
            print(flush=True)
            self._shown = 0


def spark(values: list[float], marks: str = _TALL) -> str:
    """Draw values as a row of bars between their lowest and their highest.

    >>> spark([1, 2, 3, 8])
    '▁▂▃█'
    """
    low, high = min(values, default=0.0), max(values, default=0.0)
    span = high - low
    return "".join(marks[int((value - low) / span * (len(marks) - 1)) if span else 0] for value in values)


def _can_print(text: str) -> bool:
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _closing(result: "Result", predicted: float | None) -> str:
    return "\n".join(["", *_closing_lines(result, predicted)])


def _closing_lines(result: "Result", predicted: float | None) -> Iterator[str]:
    from workstation.answers.calibration import comparison, shown
    from workstation.answers.predictions import Prediction

    yield result.ended
    yield result.verdict
    if result.measured is not None and predicted is not None:
        asked = result.question
        entry = Prediction(
            id=asked.id, question=asked.text, unit=asked.unit,
            predicted=predicted, predicted_at="", measured=result.measured, measured_at="",
        )  # fmt: skip
        yield comparison(entry)
    elif result.measured is not None:
        yield f"Measured: {shown(result.measured, result.question.unit)}."
    yield result.limits


def _document(result: "Result") -> dict[str, object]:
    return {
        "name": result.name, "mode": result.mode, "stand_in": result.stand_in, "question": result.question.text,
        "unit": result.question.unit, "measured": result.measured, "ended_by": result.ended_by, "ended": result.ended,
        "verdict": result.verdict, "limits": result.limits, "lowest_available_bytes": result.lowest_available_bytes,
        "floor_bytes": result.floor_bytes, "ceiling_bytes": result.ceiling_bytes, "seconds": result.seconds,
        "release_seconds": result.release_seconds, "source": result.source, "columns": dict(result.columns),
    }  # fmt: skip
