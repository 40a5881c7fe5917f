"""``workstation watch -- COMMAND``: run a command as it is, and record what the machine does meanwhile."""

import argparse
import json
import math
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workstation.cli._options import Commands, add_json
from workstation.units import format_memory

if TYPE_CHECKING:
    from workstation.recording import Recording, Watch

__all__ = ["add_parser"]

SCHEMA = "workstation.watch/1"
NOT_FOUND, NOT_ALLOWED = 127, 126  # as shells have it
LOOK_SECONDS = 0.2
_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
_PASSED_ON = ("SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2")
_FROM_THE_TERMINAL = ("SIGINT", "SIGQUIT")


def add_parser(commands: Commands) -> None:
    """Add the command to the command line."""
    about = "run a command and record what the machine does meanwhile"
    parser = commands.add_parser(
        "watch",
        help=about,
        usage="workstation watch [--name NAME] [--seconds LIMIT] [--json] -- COMMAND ...",
        description=f"{about.capitalize()}. Its input, output, signals and exit code stay its own.",
    )
    parser.add_argument("--name", metavar="NAME", help="what to call the recording (default: the command's name)")
    parser.add_argument(
        "--seconds", type=float, metavar="LIMIT", help="record no longer than this; the command goes on"
    )
    add_json(parser)
    parser.add_argument("words", nargs=argparse.REMAINDER, metavar="-- COMMAND ...", help="the command to run")
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Run the command under a recorder; its exit code is ours."""
    words = options.words[1:] if options.words[:1] == ["--"] else options.words
    if options.seconds is not None and not options.seconds > 0:  # NaN is no limit either
        print("workstation: --seconds takes a number above 0. Nothing was run or recorded.", file=sys.stderr)
        return 2
    if not words:
        print("workstation: Name a command to watch: workstation watch -- COMMAND ...", file=sys.stderr)
        return 2
    refusal = _refusal(words[0])
    if refusal is not None:
        print(f"workstation: {refusal[1]}", file=sys.stderr)
        return refusal[0]
    watch = _watch(options, words)
    if os.environ.get("NBGRADER_EXECUTION"):
        _say(watch, as_json=options.json)
        return 0
    return _recorded(watch, words, as_json=options.json)


def _recorded(watch: "Watch", words: Sequence[str], *, as_json: bool) -> int:
    watch.start(pid=os.getpid(), root=os.getpid(), parent_tells=True)
    _adopt_orphans()
    try:
        process = subprocess.Popen(words)
    except OSError as error:
        watch.finish(how="error", error="the command could not be started")
        print(f"workstation: Starting {words[0]!r} failed: {error.strerror}.", file=sys.stderr)
        return NOT_ALLOWED
    watch.follow(process.pid)
    with _signals_to(process) as interrupted:
        code = process.wait()
        _follow_what_is_left(watch, code, interrupted)
    watch.finish(**_how(code))
    _say(watch, as_json=as_json)
    return _end_like(code)


def _watch(options: argparse.Namespace, words: Sequence[str]) -> "Watch":
    from workstation.inventory import inventory, to_document  # late, like all that only this command needs
    from workstation.recording import Watch

    limit = {} if options.seconds is None else {"limit_s": options.seconds}
    if os.environ.get("NBGRADER_EXECUTION"):
        return Watch(options.name or _name_of(words[0]), only_load=True)
    document = to_document(inventory())
    return Watch(options.name or _name_of(words[0]), label=shlex.join(words), inventory=document, **limit)


def _refusal(word: str) -> tuple[int, str] | None:
    """Say why a command cannot be run, before anything is recorded."""
    if shutil.which(word) is not None:
        return None
    path = Path(word)
    if path.name != word and path.exists():
        what = "is a folder" if path.is_dir() else "may not be run by you (chmod +x lets you)"
        return NOT_ALLOWED, f"{word!r} {what}. Nothing was run or recorded."
    return NOT_FOUND, f"There is no command {word!r}. Check its spelling; nothing was run or recorded."


def _name_of(word: str) -> str:
    """Make a recording's name of a command.

    >>> _name_of("/usr/bin/python3"), _name_of("./my tool.sh")
    ('python3', 'my-tool.sh')
    """
    return re.sub(r"[^A-Za-z0-9._-]+", "-", Path(word).name).strip(".-_")[:60] or "command"


@contextmanager
def _signals_to(process: "subprocess.Popen[bytes]") -> Iterator[list[int]]:
    """Hand signals on to the command, but for those that the terminal has sent it already; yield those that came."""
    came: list[int] = []

    def pass_on(number: int, _: Any) -> None:
        came.append(number)
        if signal.Signals(number).name in _PASSED_ON or not _is_in_front():
            with suppress(OSError):
                process.send_signal(number)

    names = [name for name in (*_PASSED_ON, *_FROM_THE_TERMINAL) if hasattr(signal, name)]
    numbers = [number for name in names if signal.getsignal(number := getattr(signal, name)) is not signal.SIG_IGN]
    before = {number: signal.signal(number, pass_on) for number in numbers}
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _is_in_front() -> bool:
    """Tell whether we are what the terminal sends its keys' signals to: the command has then had them, too."""
    if not hasattr(os, "tcgetpgrp"):
        return True
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)


def _adopt_orphans() -> None:
    """Become the parent of what the command leaves behind, so that it can still be found (Linux only)."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _follow_what_is_left(watch: "Watch", code: int, interrupted: list[int]) -> None:
    """Go on recording while processes run that the command has started and left."""
    left = _left_behind(watch)
    if not left:
        return
    interrupted.clear()  # before it is said that Ctrl-C ends the recording: from then on one counts
    many = f"{len(left)} {'process' if len(left) == 1 else 'processes'}"
    print(
        f"workstation: The command has returned {code} and left {many} running. Recording goes on until "
        f"{'it ends' if len(left) == 1 else 'they end'}; Ctrl-C ends the recording alone.",
        file=sys.stderr,
        flush=True,
    )
    while not interrupted and watch.is_recording and _left_behind(watch):
        time.sleep(LOOK_SECONDS)


def _left_behind(watch: "Watch") -> list[int]:
    """List our children other than the recorder, letting go of those that have ended."""
    words = "".join(_read(path) for path in Path("/proc/self/task").glob("*/children")).split()
    return [pid for pid in map(int, words) if pid != watch.recorder_pid and not _has_ended(pid)]


def _has_ended(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except OSError:
        return ""


def _how(code: int) -> dict[str, object]:
    """Say how the command ended, for the recording's last line: on POSIX as wait(2) codes it."""
    if os.name == "posix":
        return {"status": -code if code < 0 else (code & 0xFF) << 8}
    return {"how": "error" if code else "exit", "exit_code": code}


def _end_like(code: int) -> int:
    """Return the command's exit code; where a signal ended it, end by the same, as whoever started us expects."""
    if code >= 0:
        return code
    import resource

    sys.stderr.flush()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # one core dump is enough
    with suppress(OSError, ValueError):
        signal.signal(-code, signal.SIG_DFL)
    os.kill(os.getpid(), -code)
    return 128 - code  # reached where the signal is blocked or ends nobody


def _say(watch: "Watch", *, as_json: bool) -> None:
    """Say on the standard error what was recorded: the standard output is the command's."""
    found = summary(watch.recording, watch.path)
    problems = [watch.problem] if watch.problem else []
    if as_json:
        print(json.dumps(found | {"problems": [*problems, *watch.recording.problems]}), file=sys.stderr)
        return
    for problem in problems:
        print(f"workstation: {problem}", file=sys.stderr)
    print(f"workstation: {sentence(watch.recording, watch.path)}", file=sys.stderr)


def summary(recording: "Recording", path: Path) -> dict[str, object]:
    """Return what was recorded as plain data."""
    from workstation.recording import end_document

    return {
        "schema": SCHEMA,
        "name": recording.header.name,
        "path": _shown(path),
        "samples": len(recording.t_s),
        "seconds": _seconds(recording),
        **(end_document(recording.end) if recording.end else {"end": None}),
        "process_resident_bytes_highest": _extreme(recording, "process_resident_bytes", max) or None,
        "ram_available_bytes_lowest": _extreme(recording, "ram_available_bytes", min),
    }


def sentence(recording: "Recording", path: Path) -> str:
    """Say in two sentences what was recorded and where it is."""
    from workstation.recording import ended_in_words

    held, left = (
        _extreme(recording, "process_resident_bytes", max), _extreme(recording, "ram_available_bytes", min),
    )  # fmt: skip
    parts = [f"Recorded {recording.header.name!r} for {_seconds(recording):.1f} s: {ended_in_words(recording.end)}"]
    parts += [f"it held at most {format_memory(held)}"] if held else []  # 0: gone before anybody looked
    parts += [f"at least {format_memory(left)} of memory was left"] if left is not None else []
    return f"{'; '.join(parts)}. To read it: workstation diagnose {shlex.quote(_shown(path))}"


def _seconds(recording: "Recording") -> float:
    if recording.end is not None:
        return recording.end.t_s
    return float(recording.t_s[-1]) if len(recording.t_s) else 0.0


def _extreme(recording: "Recording", name: str, which: Callable[[list[float]], float]) -> int | None:
    column = recording.columns.get(name)
    values = [] if column is None else [value for value in column.tolist() if not math.isnan(value)]
    return int(which(values)) if values else None


def _shown(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
