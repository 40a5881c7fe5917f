"""Measure what a learner waits for at the start: the inventory, the import, the feedback card.

    python benchmarks/start.py [--runs N]

The inventory is timed four ways: warm; the first call in a bare interpreter, which has loaded nothing yet; and the
first call in a notebook's kernel, right after the cell that imports the course and after a reader's pause there.

Every row sets two things side by side in one run. Nothing is installed; commands that this machine lacks are left out
of the block and named. Fresh interpreters find their modules compiled, as they do from the second start on.
"""

import argparse
import io
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import chdir, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import workstation as ws
from workstation.inventory import read_from
from workstation.inventory._nvml import NvmlReport
from workstation.inventory._read import READ_LIMIT_BYTES, LiveSource

if TYPE_CHECKING:
    from jupyter_client.blocking.client import BlockingKernelClient

IMPORT_GOAL_MS = 30
CARD_GOAL_MS = 100
HANGING_GOAL_MS = 150
# Two cards of which the files tell nothing, so that each command of the inventory is asked, and none answers.
MUTE_CARDS = {"01": ("0x10de", "0x2204", "nvidia"), "03": ("0x1002", "0x66a1", "amdgpu")}
COMMANDS = ("nvidia-smi", "rocm-smi", "lspci")
# The commands of the source's block for Linux, each with the filter that it is piped through.
BLOCK = (
    ("uname", "uname -a"),
    ("lscpu", "lscpu | sed -n '1,20p'"),
    ("free", "free -h"),
    ("df", "df -h"),
    ("lsblk", "lsblk -o NAME,SIZE,TYPE,MOUNTPOINT"),
    ("lspci", "lspci | grep -Ei 'vga|3d|display' || true"),
    ("nvidia-smi", "nvidia-smi --query-gpu=name,memory.total,driver_version --format=csv || true"),
)
KERNELS = 5  # a kernel takes seconds to start
IN_A_KERNEL = "import time; t = time.perf_counter(); inv = ws.inventory(); print(time.perf_counter() - t)"
IS_READY = "import sys; print('workstation.notebook.checking' in sys.modules)"
FIRST_CALL = "import time, workstation as ws; t = time.perf_counter(); ws.inventory(); print(time.perf_counter() - t)"

ANSWER = """%%answer constraint-summary
Workload: retrieval over my own notes for the next four months
Archetype: laptop first
Likely first bottleneck: RAM
Evidence: available memory fell to 0.6 GiB and 1.9 GiB went to swap while the index was built
Second likely bottleneck: storage
Keep, upgrade, cloud, or hybrid: keep
Next action: close the browser and record available memory during one full indexing run
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table: ours, what it is held against, and whether that is good enough."""

    what: str
    ours_ms: float
    other: str
    other_ms: float
    verdict: str


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Measure what a learner waits for at the start.")
    parser.add_argument("--runs", type=int, default=15, help="repetitions; medians are shown (default 15)")
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as cache:
        os.environ |= {"PYTHONPYCACHEPREFIX": cache}
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        rows = [*measure_inventory(runs), *measure_hanging(runs), measure_import(runs), measure_card(runs)]
    print(f"{'what':<40}{'ours':>10}   {'beside':<28}{'takes':>10}   verdict")
    for row in rows:
        print(f"{row.what:<40}{row.ours_ms:>7.1f} ms   {row.other:<28}{row.other_ms:>7.1f} ms   {row.verdict}")
    absent = [name for name, _ in BLOCK if shutil.which(name) is None]
    if absent:
        print(f"Left out of the block, because they are not on this machine: {', '.join(absent)}.")


def measure_inventory(runs: int) -> list[Row]:
    """Time the inventory in this process, and its first call in a fresh one, beside the block run by sh."""
    if platform.system() != "Linux":
        print("The inventory is not compared here: the source's block is for Linux.")
        return []
    block = "\n".join(command for name, command in BLOCK if shutil.which(name))
    ours, theirs = side_by_side(runs, ws.inventory, lambda: run(["sh", "-c", block]))
    run([sys.executable, "-c", FIRST_CALL])
    bare = statistics.median(float(run([sys.executable, "-c", FIRST_CALL])) for _ in range(runs)) * 1000
    at_once, rested = (first_in_kernels(rest=rest) for rest in (False, True))
    found = {"warm": ours, "first, bare": bare, "first in a kernel": at_once, "first in a rested kernel": rested}
    return [
        Row(
            what=f"ws.inventory(), {what}",
            ours_ms=took,
            other="command block",
            other_ms=theirs,
            verdict=ratio(took, theirs),
        )
        for what, took in found.items()
    ]


def first_in_kernels(*, rest: bool) -> float:
    """Return the median milliseconds of the first inventory in a new kernel, as `workstation lab` starts it.

    With *rest* the kernel was idle between the cell that imports the course and this one, as while somebody reads.
    """
    from jupyter_client.manager import KernelManager

    taken = []
    for _ in range(KERNELS):
        manager = KernelManager()
        manager.start_kernel(extra_arguments=["--IPKernelApp.extra_extensions=workstation"], stderr=subprocess.DEVNULL)
        client = manager.blocking_client()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=60)
            answer(client, "import workstation as ws")
            while rest and answer(client, IS_READY).strip() != "True":
                time.sleep(0.2)
            taken.append(float(answer(client, IN_A_KERNEL)) * 1000)
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
    return statistics.median(taken)


def answer(client: "BlockingKernelClient", code: str) -> str:
    """Run code in a kernel and return what it printed."""
    said: list[str] = []

    def note(message: dict[str, Any]) -> None:
        said.append(message["content"].get("text", "") if message["msg_type"] == "stream" else "")

    reply = client.execute_interactive(code, timeout=60, output_hook=note)
    if reply["content"]["status"] != "ok":
        raise SystemExit(f"The kernel could not run {code!r}: {reply['content'].get('evalue')}")
    return "".join(said)


def measure_hanging(runs: int) -> list[Row]:
    """Time the inventory of a machine on which every fallback command hangs, beside one that lacks the commands."""
    if platform.system() != "Linux":
        return []
    with tempfile.TemporaryDirectory() as folder:
        for name in COMMANDS:
            path = Path(folder, name)
            path.write_text("#!/bin/sh\ntail -f /dev/null\n", encoding="utf-8")
            path.chmod(0o755)
        path_before = os.environ["PATH"]
        os.environ["PATH"] = f"{folder}{os.pathsep}{path_before}"
        try:
            hanging, absent = side_by_side(runs, lambda: read_from(MuteCards(), "/"), read_without_commands)
        finally:
            os.environ["PATH"] = path_before
    verdict = f"goal: under {HANGING_GOAL_MS} ms"
    return [
        Row(what="every fallback hangs", ours_ms=hanging, other="no command there", other_ms=absent, verdict=verdict)
    ]


class MuteCards(LiveSource):
    """This machine with two more cards, of which only commands could tell."""

    def __init__(self) -> None:
        super().__init__()
        folder, self._cards, self._links = "/sys/bus/pci/devices", {}, {}
        for bus, (vendor, device, driver) in MUTE_CARDS.items():
            card = f"{folder}/0000:{bus}:00.0"
            self._cards |= {f"{card}/class": "0x030000", f"{card}/vendor": vendor, f"{card}/device": device}
            self._links[f"{card}/driver"] = f"../drivers/{driver}"

    def names(self, folder: str) -> tuple[str, ...] | None:
        """List the two cards beside what is here."""
        here = super().names(folder)
        return (*(here or ()), "0000:01:00.0", "0000:03:00.0") if folder == "/sys/bus/pci/devices" else here

    def read(self, path: str, limit_bytes: int = READ_LIMIT_BYTES) -> str | None:
        """Read the cards' files, or those that are here."""
        return self._cards.get(path) or super().read(path, limit_bytes)

    def link(self, path: str) -> str | None:
        """Name the cards' drivers, or follow a link that is here."""
        return self._links.get(path) or super().link(path)

    def nvml(self, *_only: object) -> NvmlReport:
        """Do without the library, so that the commands are asked."""
        return NvmlReport(problem="LibraryNotFound")


class MuteCardsAlone(MuteCards):
    """The same machine without any of the commands."""

    def run_all(self, commands: Sequence[Sequence[str]], *_limit: object) -> dict[tuple[str, ...], str | None]:
        """Answer at once that there is no such command."""
        return dict.fromkeys(map(tuple, commands))


def read_without_commands() -> object:
    """Read the machine with two more cards where no command is installed."""
    return read_from(MuteCardsAlone(), "/")


def measure_import(runs: int) -> Row:
    """Time a fresh interpreter that imports the package beside one that does nothing."""
    python = sys.executable
    ours, bare = side_by_side(
        runs * 2, lambda: run([python, "-c", "import workstation"]), lambda: run([python, "-c", "pass"])
    )
    over = ours - bare
    verdict = f"{over:.1f} ms over it (goal: under {IMPORT_GOAL_MS})"
    return Row(what="import workstation", ours_ms=ours, other="bare interpreter", other_ms=bare, verdict=verdict)


def measure_card(runs: int) -> Row:
    """Time running an answer cell until its card is shown, beside running a cell that does nothing."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    shell.run_line_magic("load_ext", "workstation")
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        Path("evidence").mkdir()
        ws.inventory().save("evidence/inventory.json")
        shown = io.StringIO()
        with redirect_stdout(shown):
            ours, bare = side_by_side(runs, lambda: shell.run_cell(ANSWER), lambda: shell.run_cell("None"))
    if "met" not in shown.getvalue():
        raise SystemExit(f"No card was shown, so nothing was measured:\n{shown.getvalue()[:500]}")
    verdict = f"goal: under {CARD_GOAL_MS} ms"
    return Row(what="feedback card", ours_ms=ours, other="a cell that does nothing", other_ms=bare, verdict=verdict)


def side_by_side(runs: int, one: Callable[[], object], other: Callable[[], object]) -> tuple[float, float]:
    """Return the median milliseconds of two things, run in turn so that a busy moment hits both."""
    one(), other()
    pairs = [(milliseconds(one), milliseconds(other)) for _ in range(runs)]
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)


def milliseconds(action: Callable[[], object]) -> float:
    """Time one call."""
    start = time.perf_counter()
    action()
    return (time.perf_counter() - start) * 1000


def run(command: list[str]) -> str:
    """Run a command to its end and return what it printed."""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def ratio(ours: float, theirs: float) -> str:
    """Say how many times faster the first is."""
    return f"{theirs / ours:.1f} times faster" if ours <= theirs else f"{ours / theirs:.1f} times slower"


if __name__ == "__main__":
    main()
