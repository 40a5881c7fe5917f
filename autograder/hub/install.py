"""Put the class server's programs into one folder: an environment for everyone, the proxy, the instructor's checkout.

The folder lies outside the checkout. Learners' servers run from its environment, so they must reach it, and nobody but
the instructor may read a checkout: it holds the solutions.
"""

import hashlib
import importlib.util
import json
import os
import pwd
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

__all__ = ["InstallError", "course_id", "find_node", "find_python", "install", "is_open", "lock"]

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LOCK, PACKAGES, PROXY = HERE / "requirements.txt", HERE / "requirements.in", HERE / "package.json"
CHECKOUT = ("solutions", "exercises", "course", "autograder", "helpers")
EXTRAS = ("instructor", "cluster", "postgresql")
OLDEST_NODE = 18
_NOT_COPIED = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "evidence", "submissions", "node_modules")


class InstallError(Exception):
    """Something that the class server needs is missing; the message says what to install."""


def course_id() -> str:
    """Read the course's id where the instructor's configuration has it: learners' nbgrader needs the same."""
    text = (ROOT / "autograder" / "nbgrader_config.py").read_text("utf-8")
    found = re.search(r'^c\.CourseDirectory\.course_id = "([\w.-]+)"$', text, re.MULTILINE)
    if found is None:
        raise InstallError("autograder/nbgrader_config.py sets no c.CourseDirectory.course_id; the exchange needs one.")
    return found[1]


def is_open(path: Path) -> bool:
    """Tell whether every user of the system can reach *path*: each folder on the way lets them through."""
    return all(place.stat().st_mode & 0o001 for place in (path, *path.parents) if place.is_dir())


def find_node() -> str:
    """Find a Node.js that is new enough for the proxy, and npm beside it.

    Raises:
        InstallError: names the Debian packages.
    """
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        raise InstallError("JupyterHub's proxy needs Node.js and npm. On Debian: apt-get install nodejs npm")
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    found = re.match(r"v(\d+)\.", said)
    if found is None or int(found[1]) < OLDEST_NODE:
        raise InstallError(f"JupyterHub's proxy needs Node.js {OLDEST_NODE} or newer; {node} is {said or 'broken'}.")
    return node


def find_python() -> str:
    """Find a Python that learners' accounts can run: one in somebody's closed home starts for nobody else.

    Raises:
        InstallError: there is none.
    """
    base = getattr(sys, "_base_executable", sys.executable)
    for candidate in dict.fromkeys([base, "/usr/bin/python3", "/usr/local/bin/python3"]):
        if Path(candidate).exists() and is_open(Path(candidate).resolve().parent) and _is_new_enough(candidate):
            return candidate
    raise InstallError(
        f"No Python 3.11 to 3.13 was found that every account can run ({base} is in a folder that is closed to "
        "others). Install the system's own: on Debian, apt-get install python3"
    )


def install(folder: Path, *, node: str, python: str, instructor: str, exchange: Path) -> None:
    """Bring everything up to date; what is there and unchanged is left alone.

    Raises:
        InstallError: a step failed; the output of its program stands above.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    if not is_open(folder):
        raise InstallError(f"{folder} lies in a folder that is closed to others; learners' servers run from it.")
    _environment(folder / "env", python)
    _proxy(folder / "proxy", node)
    _instructors(folder / "instructor", pwd.getpwnam(instructor).pw_gid, exchange)
    _jupyter(HERE / "learner", folder / "env/etc/jupyter")
    (folder / "env/etc/jupyter/nbgrader_config.py").write_text(_nbgrader("", exchange), encoding="utf-8")
    shutil.copyfile(HERE / "singleuser.py", folder / "singleuser.py")


def lock() -> None:
    """Pin everything in the environment anew, at the versions of the learner's lock.

    Raises:
        InstallError: uv could not settle it.
    """
    extras = (word for name in EXTRAS for word in ("--extra", name))
    _run("Pinning the packages", _start().find_uv(), "pip", "compile", "--universal", "--python-version", "3.11",
         ROOT / "pyproject.toml", PACKAGES, *extras, "--group", "build", "--constraint", ROOT / "requirements.lock",
         "--generate-hashes", "--no-header", "--no-annotate", "--quiet", "--output-file", LOCK)  # fmt: skip


def _environment(env: Path, python: str) -> None:
    """Make the environment that everyone runs, the hub too; owned by root, compiled, since learners cannot write it."""
    stamp, digest = env / "prepared-from", _digest(LOCK.read_text("utf-8"), python)
    uv = _start().find_uv()
    pip = (uv, "pip", "install", "--quiet", "--compile-bytecode", "--link-mode", "copy", "--python", env / "bin/python")
    if not stamp.exists() or stamp.read_text("utf-8") != digest:
        shutil.rmtree(env, ignore_errors=True)
        _run("Making the environment", uv, "venv", "--quiet", "--python", python, env)
        _run("Installing the pinned packages", *pip, "--require-hashes", "--requirement", LOCK)
        stamp.write_text(digest, "utf-8")
    package = "home-ai-workstation"
    _run("Installing the course", *pip, "--no-deps", "--no-build-isolation", "--reinstall-package", package, ROOT)
    (env / ".lock").unlink(missing_ok=True)  # uv's, and everybody could write it


def _proxy(folder: Path, node: str) -> None:
    wanted, stamp = PROXY.read_text("utf-8"), folder / "package.json"
    if stamp.exists() and stamp.read_text("utf-8") == wanted and (folder / "node_modules").is_dir():
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    stamp.write_text(wanted, "utf-8")
    os.environ["PATH"] = os.pathsep.join([str(Path(node).parent), os.environ.get("PATH", "")])
    try:
        _run("Installing the proxy", "npm", "install", "--prefix", folder, "--no-package-lock", "--ignore-scripts",
             "--no-audit", "--no-fund", "--loglevel", "error")  # fmt: skip
    except InstallError:
        stamp.unlink()
        raise


def _instructors(folder: Path, group: int, exchange: Path) -> None:
    """Copy the checkout, solutions and all, to where root writes and the instructor alone reads."""
    folder.mkdir(exist_ok=True)
    os.chown(folder, 0, group)
    folder.chmod(0o750)
    shutil.rmtree(folder / "checkout", ignore_errors=True)
    for name in CHECKOUT:
        shutil.copytree(ROOT / name, folder / "checkout" / name, ignore=_NOT_COPIED)
    _jupyter(HERE / "instructor", folder / "jupyter")
    ours = (ROOT / "autograder" / "nbgrader_config.py").read_text("utf-8")
    (folder / "jupyter/nbgrader_config.py").write_text(_nbgrader(ours, exchange), encoding="utf-8")
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)  # the folder above closes them, whatever root's umask was


def _jupyter(source: Path, target: Path) -> None:
    shutil.copytree(source, target, dirs_exist_ok=True)


def _nbgrader(ours: str, exchange: Path) -> str:
    """Write an nbgrader configuration: the instructor's whole one, or for learners only the exchange and the course.

    The instructor's is there twice, here and in the course folder: one that broke there leaves this one, which also
    never runs learners' code.
    """
    lines = [ours or "c = get_config()", f"c.Exchange.root = {str(exchange)!r}"]
    return "\n".join([*lines, *([] if ours else [f"c.CourseDirectory.course_id = {course_id()!r}"])]) + "\n"


def _is_new_enough(python: str) -> bool:
    asked = "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))"
    return subprocess.run([python, "-c", asked], capture_output=True, check=False).returncode == 0


def _digest(*texts: str) -> str:
    return hashlib.sha256(json.dumps(texts).encode()).hexdigest()


def _start() -> ModuleType:
    """Load the checkout's own start.py, which finds uv or brings it."""
    spec = importlib.util.spec_from_file_location("course_start", ROOT / "start.py")
    if spec is None or spec.loader is None:
        raise InstallError("start.py is missing at the top of the checkout.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _run(what: str, *command: object) -> None:
    print(f"{what} ...", file=sys.stderr, flush=True)
    if subprocess.run(
        [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False
    ).returncode:
        raise InstallError(f"{what} failed: the message above says why. Look at the network too, then try again.")
