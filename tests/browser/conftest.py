"""A real Chromium, and a real JupyterLab started the way a learner or an instructor starts it."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from browser_kit import open_lab
from grading_fixtures import *  # noqa: F403 - fixtures are found by name
from playwright.sync_api import Browser, Page, Route, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/\S+")
START_LIMIT_SECONDS = 240
LEAVES_THE_MACHINE = re.compile(r"^(?!(?:https?|wss?)://127\.0\.0\.1[:/])(?:http|ws|ftp)")


def _chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return os.environ.get("WORKSTATION_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="module")  # no wider: while Playwright runs, no other test can call asyncio.run
def browser() -> Iterator[Browser]:
    """Chromium, headless; without one the test is skipped, or fails in CI."""
    path = _chromium()
    if path is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("No Chromium here. Run: python3 start.py setup")
    flags = ["--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-component-update"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        flags.append("--no-sandbox")  # Chromium refuses to sandbox for root
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=flags)
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page in a 1280-pixel window."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


class Server:
    """A started JupyterLab: its address and what it printed."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        self.url = ""
        self._found = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            match = ADDRESS.search(line)
            if match and not self.url:
                self.url = match[0]
                self._found.set()
        self._found.set()

    def wait(self) -> "Server":
        """Wait for the address; fail with what was printed where none comes."""
        if not self._found.wait(START_LIMIT_SECONDS) or not self.url:
            pytest.fail("JupyterLab printed no address:\n" + "\n".join(self.lines[-40:]))
        end = time.monotonic() + START_LIMIT_SECONDS
        while not self._answers():  # JupyterLab logs its address a moment before it listens
            if self.process.poll() is not None or time.monotonic() > end:
                pytest.fail("JupyterLab does not listen:\n" + "\n".join(self.lines[-40:]))
        return self

    def _answers(self) -> bool:
        parts = urlsplit(self.url)
        with contextlib.suppress(OSError), socket.create_connection((parts.hostname, parts.port), timeout=1):
            return True
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=0.1)
        return False

    def stop(self) -> None:
        """Stop the server and its kernels."""
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait(timeout=30)
        self._reader.join(timeout=30)
        if self.process.stdout is not None:
            self.process.stdout.close()


@dataclass  # no slots: Playwright notes things on the object whose method it calls
class Lab:
    """A page that shows JupyterLab, its working copy, and each address outside this machine that the page asked for."""

    page: Page
    work: Path
    asked_outside: list[str] = field(default_factory=list)

    def refuse(self, route: Route) -> None:
        """Note an address and let nothing out."""
        self.asked_outside.append(route.request.url)
        route.abort()


def _environment(folder: Path) -> dict[str, str]:
    """Make a home in *folder* and give an environment that knows no other."""
    (folder / ".jupyter").mkdir(parents=True)
    # window.jupyterapp lets a test ask JupyterLab what it is doing.
    (folder / ".jupyter/jupyter_lab_config.json").write_text('{"LabApp": {"expose_app_in_browser": true}}')
    # No exchange of this machine's: where one hands an exercise out, the working copy leaves it to the class.
    exchange = f"c = get_config()\nc.Exchange.root = {str(folder.parent / 'no-exchange')!r}\n"
    (folder / ".jupyter/nbgrader_config.py").write_text(exchange)
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("JUPYTER", "IPYTHON", "NBGRADER"))}
    return kept | {"HOME": str(folder), "IPYTHONDIR": str(folder / "ipython"), "JUPYTER_PLATFORM_DIRS": "0"}


@contextlib.contextmanager
def _servers(env: dict[str, str]) -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def _start(*command: str | Path, cwd: Path, **extra: str) -> Server:
        process = subprocess.Popen(
            [str(part) for part in command], cwd=cwd, env=env | extra, text=True, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        servers.append(Server(process))
        return servers[-1].wait()

    yield _start
    for server in servers:
        server.stop()


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """An environment whose home and Jupyter folders are this test's own."""
    return _environment(tmp_path / "home")


@pytest.fixture
def start(home: dict[str, str]) -> Iterator[Callable[..., Server]]:
    """Start a command that serves JupyterLab; every one is stopped at the end."""
    with _servers(home) as begin:
        yield begin


@pytest.fixture(scope="module")
def lab(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """One JupyterLab and one page for all tests of a module, as `workstation lab` starts it.

    JupyterLab draws the cells that are in sight only; here it draws them all, so that all of them can be looked at.
    """
    root = tmp_path_factory.mktemp("lab")
    env = _environment(root / "home")
    settings = root / "home/.jupyter/lab/user-settings/@jupyterlab/notebook-extension"
    settings.mkdir(parents=True)
    (settings / "tracker.jupyterlab-settings").write_text('{"windowingMode": "none"}')
    with _servers(env) as begin:
        server = begin(_command("workstation"), "lab", "--no-browser", "--dir", root / "my course", cwd=root)
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.set_default_timeout(60_000)
        made = Lab(page=context.new_page(), work=root / "my course")
        made.page.route(LEAVES_THE_MACHINE, made.refuse)
        open_lab(made.page, server.url)
        yield made
        context.close()


@pytest.fixture
def tool() -> Callable[[str], Path]:
    """Find a command of this environment."""
    return _command


def _command(name: str) -> Path:
    return Path(sys.executable).parent / name
