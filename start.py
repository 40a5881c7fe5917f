"""Open the course, or run its tests, on a machine that has nothing but Python 3.11 or newer.

python3 start.py [ARGS]         open the course; ARGS go to `workstation lab`
python3 start.py test [ARGS]    run the tests; ARGS go to pytest
python3 start.py setup          prepare everything for development and run nothing
python3 start.py lock [ARGS]    pin the dependencies anew; ARGS go to `uv pip compile`
"""

from __future__ import annotations  # parses on Python 3.8 too: an old Python gets a sentence, not a syntax error

import difflib
import hashlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
TOOLS, VENV, LOCK = ROOT / ".tools" / "uv", ROOT / ".venv", "requirements.lock"
BIN, EXE = ("Scripts", ".exe") if os.name == "nt" else ("bin", "")
PYTHON, STAMP = VENV / BIN / f"python{EXE}", VENV / "prepared-from"
COMMANDS = ("lab", "test", "setup", "lock")
WHOLE_SUITE = ("-n", "auto", "--maxprocesses", "4", "--dist", "loadfile")  # more browsers than that want more memory
PREPARED_FROM = (LOCK, "pyproject.toml", "helpers/workstation/cli/overrides.json")
COMPILE = "pip compile --universal --python-version 3.11 pyproject.toml --all-extras --group dev --generate-hashes"


def run(*command: object, quiet: bool = False) -> bool:
    """Run a command, its output on stderr or nowhere; say whether it started and ended well."""
    words, out = [str(part) for part in command], subprocess.DEVNULL if quiet else sys.stderr
    try:
        return subprocess.run(words, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=out).returncode == 0
    except OSError:
        return False


def find_uv() -> str | Path:
    """Find uv on PATH or in the checkout; else install it into the checkout."""
    ours = TOOLS / BIN / f"uv{EXE}"
    for candidate in (shutil.which("uv"), ours):
        if candidate and run(candidate, "--version", quiet=True):
            return candidate
    shutil.rmtree(TOOLS, ignore_errors=True)
    if run(sys.executable, "-m", "venv", TOOLS, quiet=True):
        pip = (TOOLS / BIN / f"python{EXE}", "-m", "pip", "install", "uv")
    elif run(sys.executable, "-m", "pip", "--version", quiet=True):  # Debian's python3 may lack ensurepip
        pip = (sys.executable, "-m", "pip", "install", "--target", TOOLS, "uv")
    else:
        sys.exit("This Python has neither venv nor pip: install uv (on Debian, python3-venv will do), then try again.")
    if not (run(*pip, quiet=True) and run(ours, "--version", quiet=True)):
        sys.exit("uv could not be downloaded: look at the network connection, or install uv, then try again.")
    return ours


def prepare() -> bool:
    """Make `.venv` hold what requirements.lock pins, and this checkout; say whether anything was to do."""
    python = getattr(sys, "_base_executable", "python3") if sys.version_info < (3, 14) else "3.13"  # not .venv's own
    parts = [str(ROOT), sys.base_prefix, sys.version, *((ROOT / name).read_text("utf-8") for name in PREPARED_FROM)]
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    if PYTHON.exists() and STAMP.exists() and STAMP.read_text("utf-8") == digest:
        return False
    print("Preparing .venv from requirements.lock (once; minutes on a slow line) ...", file=sys.stderr)
    uv, install = find_uv(), ("pip", "install", "--python", PYTHON)
    shutil.rmtree(VENV, ignore_errors=True)
    for failure, words in {
        "The folder .venv could not be made anew": ("venv", "--quiet", "--python", python, VENV),
        "The pinned packages could not be installed": (*install, "--require-hashes", "-r", LOCK),
        "The course could not be installed": (*install, "--no-deps", "--no-build-isolation", "--editable", "."),
    }.items():
        if not run(uv, *words):
            sys.exit(f"{failure}: see uv's message above, then try again.")
    STAMP.write_text(digest, "utf-8")
    return True


def become(*command: object) -> int:
    """Go on as another program; where the system cannot, wait for it and end as it ends."""
    words = [str(part) for part in command]
    if os.name == "posix":
        os.execv(words[0], words)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the child too, which decides
    return subprocess.call(words)


def main(arguments: list[str]) -> int:
    """Prepare what the command needs, then run it."""
    if sys.version_info < (3, 11):
        sys.exit(f"This course needs Python 3.11 or newer; this is Python {sys.version.split()[0]}.")
    if arguments and arguments[0] in ("-h", "--help", "help"):
        print(__doc__)
        return 0
    if arguments and arguments[0] not in COMMANDS and not arguments[0].startswith("-"):
        near = difflib.get_close_matches(arguments[0], COMMANDS, 1) or ["--help"]
        sys.exit(f"start.py has no command {arguments[0]!r}. Did you mean: python3 start.py {near[0]}")
    command = arguments.pop(0) if arguments and arguments[0] in COMMANDS else "lab"
    os.chdir(Path.cwd() if command == "lab" else ROOT)
    if command == "lock":
        return become(find_uv(), *COMPILE.split(), "--no-header", "--quiet", "--output-file", LOCK, *arguments)
    was_to_do = prepare()
    if command == "lab":
        return become(VENV / BIN / f"workstation{EXE}", "lab", *arguments)
    found = subprocess.run([str(PYTHON), "tests/find_browser.py"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if found.returncode:
        return found.returncode
    os.environ["WORKSTATION_CHROMIUM"] = found.stdout.strip()
    if command == "test":
        return become(PYTHON, "-m", "pytest", *(arguments or WHOLE_SUITE))
    print("Prepared: .venv holds what requirements.lock pins." if was_to_do else "Nothing was to do: all is prepared.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
