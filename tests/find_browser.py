"""Find a Chromium for the browser tests, or bring one, and print where it is; `start.py test` asks this script.

It runs in the prepared environment, where Playwright is, and prints nothing else on stdout.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ON_PATH = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
IN_PLACES = [f"/Applications/{name}.app/Contents/MacOS/{name}" for name in ("Chromium", "Google Chrome")]
IN_PLACES += [f"{os.environ.get(v, '')}/Google/Chrome/Application/chrome.exe" for v in ("PROGRAMFILES", "LOCALAPPDATA")]
OF_PLAYWRIGHT = "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path)"


def run(*command: object, quiet: bool = False) -> bool:
    """Run a command, its output on stderr or nowhere; say whether it started and ended well."""
    words, out = [str(part) for part in command], subprocess.DEVNULL if quiet else sys.stderr
    try:
        return subprocess.run(words, stdin=subprocess.DEVNULL, stdout=out, stderr=out, check=False).returncode == 0
    except OSError:
        return False


def find_browser() -> str:
    """Find a Chromium that starts, else bring one; the empty string where none can be had."""
    told = subprocess.run([sys.executable, "-c", OF_PLAYWRIGHT], stdout=subprocess.PIPE, text=True, check=False)
    asked = told.stdout.strip()
    bring: list[tuple[object, ...]] = [(sys.executable, "-m", "playwright", "install", "chromium")]
    if shutil.which("apt-get") and os.geteuid() == 0:
        bring += [("apt-get", "update", "-qq"), ("apt-get", "install", "-qq", "--no-install-recommends", "chromium")]
    for command in [(), *bring]:
        candidates = (os.environ.get("WORKSTATION_CHROMIUM"), *map(shutil.which, ON_PATH), *IN_PLACES, asked)
        for path in candidates if not command or run(*command) else ():
            # Asked for its version, a Windows Chrome opens a window; elsewhere the answer tells a stub from a browser.
            if path and (Path(path).is_file() if os.name == "nt" else run(path, "--version", quiet=True)):
                return str(path)
    sys.stderr.write("No Chromium could be had for the browser tests: install Chromium or Google Chrome.\n")
    return sys.exit(1) if os.environ.get("CI") else ""


if __name__ == "__main__":
    sys.stdout.write(f"{find_browser()}\n")
