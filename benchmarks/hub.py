"""Measure what a learner costs on the class server: memory at rest, with lessons open, and processor time to start.

Usage, as root: python benchmarks/hub.py [--learners 3] [--folder DIR]

A real JupyterHub is installed and started, with system users that are made for it and removed; each learner logs in
with a real Chromium (whose own memory is not counted) and works as a learner does. Memory is the proportional size
(PSS): what several processes share is shared out among them, so that the figures add up to what the machine uses.
"""

import argparse
import contextlib
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from browser_kit import poll, run_all  # noqa: E402 - the path is set above
from find_browser import find_browser  # noqa: E402 - likewise
from hub_kit import ClassServer, copy_checkout, processes_of, why_not  # noqa: E402 - likewise
from playwright.sync_api import Page, sync_playwright  # noqa: E402 - likewise

MIB = 1024**2
SIZES = (30, 300, 3000)
LESSONS = ("course/00-start-here.ipynb", "course/04-sizing-rules.ipynb")
TICKS = os.sysconf("SC_CLK_TCK")


def pss_bytes(processes: list[int]) -> int:
    """Add up the proportional sizes of processes; one that ended meanwhile counts as nothing."""
    total = 0
    for process in processes:
        with contextlib.suppress(OSError):
            lines = Path(f"/proc/{process}/smaps_rollup").read_text("ascii").splitlines()
            total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    return total


def cpu_seconds(processes: list[int]) -> float:
    """Add up the processor time of processes, and of their children that ended."""
    total = 0
    for process in processes:
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()
            total += sum(map(int, fields[11:15]))
    return total / TICKS


def family(root: int) -> list[int]:
    """List a process of root's and its children that root also owns: the hub and its proxy."""
    children = Path(f"/proc/{root}/task/{root}/children").read_text("ascii").split()
    return [root, *(int(child) for child in children if Path(f"/proc/{child}").stat().st_uid == 0)]


def work(page: Page, lesson: str) -> None:
    """Open a lesson beside what is open, and run all of it."""
    page.evaluate("async (path) => { await jupyterapp.commands.execute('docmanager:open', {path}); }", lesson)
    poll(
        page,
        f"const w = app.shell.currentWidget; return w.context && w.context.path === '{lesson}' && w.context.isReady",
    )
    run_all(page)


def measure(server: ClassServer, browser_path: str) -> dict[str, list[float]]:
    """Let each learner log in and work; give the figures, one of each learner in every list."""
    found: dict[str, list[float]] = {}

    def note(what: str, name: str) -> None:
        found.setdefault(what, []).append(pss_bytes(processes_of(name)) / MIB)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"])
        pages = {}
        for name in server.learners:
            context = browser.new_context()
            context.set_default_timeout(120_000)
            pages[name] = server.log_in(context, name)
            found.setdefault("start", []).append(cpu_seconds(processes_of(name)))
        for place, lesson in enumerate(LESSONS):
            for page in pages.values():
                work(page, lesson)
            for name in server.learners:  # once all are there, as they share what they can
                note(f"lessons {place + 1}", name)
        for name, page in pages.items():
            page.evaluate("async () => { await jupyterapp.serviceManager.sessions.shutdownAll(); }")
            poll(page, "const k = app.serviceManager.kernels; await k.refreshRunning(); return k.runningCount === 0")
            note("rest", name)
        assert server.process is not None
        found["hub"] = [pss_bytes(family(server.process.pid)) / MIB]
        browser.close()
    return found


def show(found: dict[str, list[float]], learners: int) -> None:
    """Print what was measured, and what it comes to for classes."""
    lines = {
        "JupyterHub and its proxy": "hub", "a learner, no notebook running": "rest",
        "a learner, lesson 00 run": "lessons 1", "a learner, lessons 00 and 04 run": "lessons 2",
    }  # fmt: skip
    print(f"{learners} learners at once; median, and the largest. MiB of proportional memory.")
    for label, key in lines.items():
        print(f"{label:36}{statistics.median(found[key]):8.0f}{max(found[key]):8.0f}")
    start = statistics.median(found["start"])
    print(f"{'processor seconds to a usable page':36}{start:8.1f}{max(found['start']):8.1f}")
    each, hub = statistics.median(found["lessons 2"]), found["hub"][0]
    print("\nComputed: memory with two lessons open each, and minutes of one core if all start at once.")
    for size in SIZES:
        print(f"{size:6} learners{(hub + size * each) / 1024:8.1f} GiB{size * start / 60:8.1f} min")


def main() -> None:
    """Install, measure, print, and leave nothing behind."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--learners", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="keep the installed server here for the next run")
    arguments = parser.parse_args()
    if reason := why_not():
        sys.exit(f"Not measured: {reason}.")
    browser_path = find_browser()
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.folder or Path(
            tempfile.mkdtemp(prefix="workstation-hub-", dir="/var/tmp")
        )  # all must reach it
        names = [f"l{number}" for number in range(arguments.learners)]
        server = ClassServer(copy_checkout(Path(scratch) / "checkout"), folder, learners=names)
        try:
            server.set_up()
            server.expose_lab()
            server.start()
            found = measure(server, browser_path)
        finally:
            server.close()
            for place in (
                [folder / name for name in ("exchange", "instructor", "state")] if arguments.folder else [folder]
            ):
                shutil.rmtree(place, ignore_errors=True)
    show(found, arguments.learners)


if __name__ == "__main__":
    main()
