"""The recorder's own process: started by the parent, and alive until what it watches has ended.

It outlives a parent that is killed, as it has a session of its own, and imports little, so as to stay small: everything
that it needs to know comes as one line of JSON on its standard input, and what the parent has to say later follows.
"""

import json
import os
import signal
import sys
import threading
import time
from queue import SimpleQueue
from typing import Any

from workstation.recording._clock import Clock, machine_clocks
from workstation.recording._ending import Death, Kills, Witness, decide_end
from workstation.recording._gpus import GPU_SIGNALS
from workstation.recording._meter import Sample
from workstation.recording._recorder import Message, Recorder, listen
from workstation.recording._sampler import LinuxView, Sampler, Watched, is_linux, linux_sampler, signals_document
from workstation.recording._texts import LiveTexts
from workstation.recording._write import Writer

SYNC_SECONDS = 5.0  # what a power cut may take with it, at most
_OOM_SCORE = "/proc/self/oom_score_adj"
_LINE_BYTES = 1024 * 1024


def main() -> int:
    """Record as the parent's first line says; return 0 when a last line was written."""
    order = json.loads(sys.stdin.buffer.readline(_LINE_BYTES))
    _stay_out_of_the_way()
    inbox: SimpleQueue[Message] = SimpleQueue()
    watched = Watched(order["pid"], order["root"], frozenset({os.getpid(), *order["without"]}), order["folder"])
    clock = Clock(machine_clocks)
    subject = _subject(watched, inbox)
    signals = subject.begin(clock.now_s())
    writer = Writer(order["path"])
    header = _with_gpus(order["header"] | {"signals": signals}, subject.gpu_names, subject.why_no_gpu)
    if not writer.write(header):
        _tell({"problem": writer.stopped_by})
        return 1
    for signal_number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        signal.signal(signal_number, lambda number, _: inbox.put({"stop": f"stopped by {signal.Signals(number).name}"}))
    _start(_sync, writer)
    _tell({"ready": True})
    _start(listen, lambda: sys.stdin.buffer.readline(_LINE_BYTES), inbox, json.loads)
    recorder = Recorder(
        subject, writer, clock, inbox,
        interval_s=order["interval_s"], limit_s=order["limit_s"], parent_tells=order["parent_tells"],
    )  # fmt: skip
    _tell({"done": recorder.run()})
    return 0


class LinuxSubject:
    """The watched process on Linux."""

    def __init__(self, watched: Watched, inbox: "SimpleQueue[Message]") -> None:
        self._texts, self._inbox = LiveTexts(), inbox
        self._view = LinuxView(self._texts, watched)
        self._sampler: Sampler = linux_sampler(self._texts, self._view)
        self.pid, self._parent, self._witness = watched.pid, os.getppid(), self._watching(watched.pid)

    @property
    def gpu_names(self) -> list[str]:
        """Name the GPUs that are recorded."""
        return self._sampler.gpu_names

    @property
    def why_no_gpu(self) -> str | None:
        """Say why no GPU is recorded, where none is."""
        return self._sampler.why_no_gpu

    def begin(self, now_s: float) -> dict[str, dict[str, object]]:
        """Say what can be told."""
        return signals_document(self._sampler.begin(now_s))

    def sample(self, now_s: float) -> Sample:
        """Read everything now, and what is counted of kills."""
        sample = self._sampler.sample(now_s)
        self._witness.see(now_s, self._view.faults.kills)
        return sample

    def problems(self) -> list[str]:
        """Say what has stopped answering."""
        return self._sampler.problems()

    def follow(self, pid: int) -> None:
        """Watch the command, now that it has been started."""
        self.pid = pid
        self._view.follow(pid)
        self._witness = self._watching(pid)

    def has_ended(self) -> bool:
        """Tell whether the process is gone: by /proc, and where that hides it, by whether it could be signalled."""
        return self._view.tree.has_ended and not self._is_hidden()

    def _is_hidden(self) -> bool:
        return self._texts.read(f"/proc/{self.pid}/stat", once=True) is None and _is_there(self.pid)

    def end(self, t_s: float, told: Message | None) -> dict[str, object]:
        """Say how it ended."""
        self._view.faults.read(t_s, {})
        kills = self._witness.kills(self._view.groups.kills(), self._view.faults.kills, self._view.tree.ever)
        status = self._witness.status() if told is None else None
        return ending(told, kills, t_s, status=status, expected=self.pid != self._parent)

    def _watching(self, pid: int) -> Witness:
        witness = Witness(self._texts, pid)
        _start(witness.wait, lambda: self._inbox.put({"gone": pid}))
        return witness


def ending(told: Message | None, kills: Kills, t_s: float, *, status: int | None, expected: bool) -> dict[str, object]:
    """Join what the parent says with what the system tells: the parent knows how, the system knows who."""
    if told is None:
        return decide_end(Death(status=status, kills=kills, was_expected=expected), t_s)
    known = told.get("status")
    found = decide_end(Death(status=known if isinstance(known, int) else 0, kills=kills, was_expected=True), t_s)
    if told.get("how") == "exit" and not found.get("oom_killer"):
        found = {"how": "exit", "t_s": t_s}
    if known is None:  # a cell or a block of code has no exit code
        found.pop("exit_code", None)
    return found | {name: value for name, value in told.items() if name != "status"}


def _subject(watched: Watched, inbox: "SimpleQueue[Message]") -> Any:
    if is_linux():
        return LinuxSubject(watched, inbox)
    from workstation.recording._portable_subject import PortableSubject  # psutil is slow to load, and large

    return PortableSubject(watched)


def _with_gpus(header: dict[str, Any], recorded: list[str], why_not: str | None) -> dict[str, Any]:
    """Name the GPUs in the order of the samples, then those that only the inventory knows, with why they are mute."""
    others = list(header["machine"]["gpus"])
    for name in recorded:
        if name in others:
            others.remove(name)
    numbers = range(len(recorded), len(recorded) + len(others))
    mute = {"available": False, "source": None, "why_not": why_not or "nothing was found that tells of this GPU"}
    signals = header["signals"] | {f"gpus.{number}.{name}": mute for number in numbers for name in GPU_SIGNALS}
    return header | {"machine": header["machine"] | {"gpus": [*recorded, *others]}, "signals": signals}


def _stay_out_of_the_way() -> None:
    """Stand in no folder that may be unmounted, and be no likelier victim than anybody else."""
    os.chdir(os.path.abspath(os.sep))  # noqa: PTH100 - the root, on any system
    if hasattr(signal, "SIGINT"):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with open(_OOM_SCORE, "r+", encoding="ascii") as score:  # noqa: PTH123 - a file of the kernel's
            if int(score.read()) > 0:  # inherited from a parent that offers itself as the first victim
                score.seek(0)
                score.write("0")
    except (OSError, ValueError):
        return


def _sync(writer: Writer) -> None:
    while True:
        time.sleep(SYNC_SECONDS)
        writer.sync()


def _start(work: Any, *arguments: Any) -> None:
    threading.Thread(target=work, args=arguments, daemon=True).start()


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _tell(message: Message) -> None:
    """Say something to the parent, if it is still there."""
    try:
        sys.stdout.buffer.write(json.dumps(message).encode() + b"\n")
        sys.stdout.buffer.flush()
    except (OSError, ValueError):
        return


if __name__ == "__main__":
    code = main()
    os._exit(code)
