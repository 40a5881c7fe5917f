"""A real class server for tests and measurements: JupyterHub, and system users that are made for it and removed."""

import contextlib
import os
import pwd
import secrets
import select
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import BrowserContext, Page

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("autograder", "course", "exercises", "helpers", "solutions")
FILES = ("LICENSE", "LICENSE-COURSE", "README.md", "pyproject.toml", "requirements.lock", "start.py")
PREFIX = "wshubtest-"  # accounts with this beginning are ours to remove
LIMIT_SECONDS = 240


def why_not() -> str | None:
    """Say why no class server can be had here; `None` where one can."""
    if not sys.platform.startswith("linux"):
        return "the class server needs Linux"
    if os.geteuid() != 0:
        return "making system users needs root"
    missing = [tool for tool in ("node", "npm", "useradd", "chpasswd") if shutil.which(tool) is None]
    return f"not installed: {', '.join(missing)} (Debian: nodejs npm passwd)" if missing else None


def copy_checkout(target: Path) -> Path:
    """Copy what the server is started from to a folder that only root can enter, as an instructor would keep it."""
    target.mkdir(mode=0o700)
    ignore = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "evidence", "submissions")
    for name in COPIED:
        shutil.copytree(ROOT / name, target / name, ignore=ignore)
    for name in FILES:
        shutil.copyfile(ROOT / name, target / name)
    return target


class ClassServer:
    """One class server with an instructor and learners, each with a password."""

    def __init__(self, checkout: Path, folder: Path, *, learners: Sequence[str], memory: str = "1G") -> None:
        self.checkout, self.folder, self.memory = checkout, folder, memory
        self.instructor = f"{PREFIX}teach"
        self.learners = [f"{PREFIX}{name}" for name in learners]
        self.passwords = {name: secrets.token_urlsafe(12) for name in (self.instructor, *self.learners)}
        self.process: subprocess.Popen[bytes] | None = None
        self.port = 0
        self.log = checkout.parent / "hub.log"

    @property
    def url(self) -> str:
        """Where the hub answers."""
        return f"http://127.0.0.1:{self.port}"

    def home(self, name: str) -> Path:
        """Where an account lives."""
        return Path(pwd.getpwnam(name).pw_dir)

    def set_up(self) -> None:
        """Install, make the accounts, and give them passwords; accounts that a killed run left are removed first."""
        remove_accounts()
        done = self._start_script("setup")
        assert done.returncode == 0, done.stderr.decode()
        lines = "".join(f"{name}:{password}\n" for name, password in self.passwords.items())
        subprocess.run(["chpasswd"], input=lines.encode(), check=True)

    def start(self) -> None:
        """Start the hub and wait until it shows its login page."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self._command("serve"), env=self._environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        for _ in range(LIMIT_SECONDS * 5):
            if self._answers():
                return
            assert self.process.poll() is None, self.log.read_text(encoding="utf-8")[-4000:]
        raise AssertionError(self.log.read_text(encoding="utf-8")[-4000:])

    def stop(self) -> None:
        """Stop the hub, and with it everybody's servers."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(timeout=30)

    def close(self) -> None:
        """Stop everything and remove the accounts with their homes."""
        try:
            self.stop()
        finally:
            remove_accounts()

    def log_in(self, context: BrowserContext, name: str) -> Page:
        """Log in by the hub's form, and wait until that person's JupyterLab stands."""
        page = context.new_page()
        page.goto(f"{self.url}/hub/login")
        page.fill("#username_input", name)
        page.fill("#password_input", self.passwords[name])
        page.click("#login_submit")
        page.wait_for_url(f"**/user/{name}/lab**", timeout=LIMIT_SECONDS * 1000)
        page.wait_for_selector("#jupyterlab-splash", state="detached", timeout=120_000)
        return page

    def expose_lab(self) -> None:
        """Let a test ask everybody's JupyterLab what it is doing."""
        for name in self.passwords:
            account = pwd.getpwnam(name)
            folder = Path(account.pw_dir, ".jupyter")
            folder.mkdir(exist_ok=True)
            config = folder / "jupyter_lab_config.json"
            config.write_text('{"LabApp": {"expose_app_in_browser": true}}', encoding="ascii")
            for path in (folder, config):
                os.chown(path, account.pw_uid, account.pw_gid)

    def _answers(self) -> bool:
        with (
            contextlib.suppress(OSError, urllib.error.URLError),
            urllib.request.urlopen(f"{self.url}/hub/login") as got,
        ):
            return got.status == 200
        assert self.process is not None
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=0.2)
        return False

    def _command(self, command: str) -> list[str]:
        roster = self.checkout.parent / "learners.csv"
        roster.write_text("id\n" + "\n".join(self.learners) + "\n", encoding="ascii")
        script = self.checkout / "autograder/hub/start.py"
        return [
            sys.executable, str(script), command, "--instructor", self.instructor, "--learners", str(roster),
            "--memory", self.memory, "--folder", str(self.folder), "--port", str(self.port or 8000),
        ]  # fmt: skip

    def _start_script(self, command: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            self._command(command), env=self._environment(), stdin=subprocess.DEVNULL, capture_output=True, check=False
        )

    @staticmethod
    def _environment() -> dict[str, str]:
        """The environment, with uv on PATH where the checkout brought its own."""
        kept = {
            key: value for key, value in os.environ.items() if not key.startswith(("JUPYTER", "NBGRADER", "PYTHON"))
        }
        return kept | {"PATH": os.pathsep.join([str(ROOT / ".tools/uv/bin"), os.environ["PATH"]])}


def processes_of(name: str) -> list[int]:
    """List the processes of an account."""
    uid, found = pwd.getpwnam(name).pw_uid, []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdecimal() and entry.stat().st_uid == uid:
                found.append(int(entry.name))
    return found


def remove_accounts() -> None:
    """End every process of the accounts that these tests made, and remove the accounts with their homes."""
    for name in [entry.pw_name for entry in pwd.getpwall() if entry.pw_name.startswith(PREFIX)]:
        for process in processes_of(name):
            _kill(process)
        subprocess.run(["userdel", "--remove", "--force", name], capture_output=True, check=False)
        shutil.rmtree(Path("/home", name), ignore_errors=True)


def _kill(process: int) -> None:
    """Kill a process and wait until it is gone."""
    with contextlib.suppress(ProcessLookupError):
        handle = os.pidfd_open(process)
        try:
            signal.pidfd_send_signal(handle, signal.SIGKILL)
            select.select([handle], [], [], 10)
        finally:
            os.close(handle)
