"""`tests/find_browser.py`: a Chromium that starts, wherever it is, or one sentence."""

import os
import subprocess

import find_browser
import pytest


class Commands:
    """Commands that fail by name; what is run is noted and nothing happens."""

    def __init__(self) -> None:
        self.failing: set[str] = set()
        self.ran: list[str] = []

    def run(self, *command: object, **_options: bool) -> bool:
        """Stand in for `find_browser.run`."""
        self.ran.append(" ".join(str(part) for part in command))
        return not any(name in self.ran[-1] for name in self.failing)


@pytest.fixture
def commands(monkeypatch) -> Commands:
    """A machine on which everything works and no browser is installed."""
    made = Commands()
    monkeypatch.setattr(find_browser, "run", made.run)
    monkeypatch.setattr(find_browser.shutil, "which", lambda _name: None)
    monkeypatch.setattr(
        find_browser.subprocess, "run", lambda *_a, **_k: subprocess.CompletedProcess([], 0, stdout="\n")
    )
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("WORKSTATION_CHROMIUM", raising=False)
    return made


def test_a_browser_that_is_named_is_used(commands, monkeypatch):
    monkeypatch.setenv("WORKSTATION_CHROMIUM", "/opt/chromium")

    assert find_browser.find_browser() == "/opt/chromium"


def test_a_browser_that_does_not_start_is_passed_over(commands, monkeypatch):
    """Ubuntu's chromium-browser may be a stub that only says to install a snap."""
    monkeypatch.setattr(find_browser.shutil, "which", lambda name: f"/usr/bin/{name}" if "chrom" in name else None)
    commands.failing = {"/usr/bin/chromium --version", "/usr/bin/chromium-browser --version"}

    assert find_browser.find_browser() == "/usr/bin/google-chrome"


@pytest.mark.skipif(os.name == "nt", reason="there, a browser that is a file counts as one")
def test_without_a_browser_playwright_is_asked_then_debian(commands, monkeypatch):
    commands.failing = {"--version"}
    monkeypatch.setattr(find_browser.shutil, "which", lambda name: "/usr/bin/apt-get" if name == "apt-get" else None)
    monkeypatch.setattr(find_browser.os, "geteuid", lambda: 0, raising=False)

    assert find_browser.find_browser() == ""

    installs = [words for words in commands.ran if "--version" not in words]
    assert [words.partition(" ")[2] for words in installs] == [
        "-m playwright install chromium", "update -qq", "install -qq --no-install-recommends chromium",
    ]  # fmt: skip


@pytest.mark.skipif(os.name == "nt", reason="there, a browser that is a file counts as one")
def test_no_browser_names_the_one_thing_to_install_and_fails_in_ci(commands, monkeypatch, capsys):
    commands.failing = {"--version", "playwright"}

    assert find_browser.find_browser() == ""
    assert "install Chromium or Google Chrome" in capsys.readouterr().err
    monkeypatch.setenv("CI", "true")
    with pytest.raises(SystemExit, match="1"):
        find_browser.find_browser()
