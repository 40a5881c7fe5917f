"""Run a class server: JupyterHub on this machine, a system user for each learner and one for the instructor.

python3 autograder/hub/start.py --instructor NAME --learners FILE    install what is missing, then serve
python3 autograder/hub/start.py setup --instructor ... --learners    install and prepare, then stop
python3 autograder/hub/start.py lock                                 pin the server's packages anew
"""

import argparse
import json
import os
import pwd
import re
import socket
import sys
from pathlib import Path
from typing import NoReturn

import install
import people

DEFAULT_FOLDER = Path("/opt/home-ai-workstation-hub")
UNITS = {"M": 1024**2, "G": 1024**3}


def memory(text: str) -> int:
    """Read a limit such as 2G or 1536M.

    >>> memory("2G"), memory("1536M")
    (2147483648, 1610612736)
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([MG])(?:i?B)?", text.strip(), re.IGNORECASE)
    if found is None or float(found[1]) * UNITS[found[2].upper()] < 512 * UNITS["M"]:
        raise argparse.ArgumentTypeError(f"{text!r} is no limit that JupyterLab can live with: 512M or more, as in 2G")
    return int(float(found[1]) * UNITS[found[2].upper()])


def parser() -> argparse.ArgumentParser:
    """Build the command line."""
    line = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    line.add_argument("command", nargs="?", choices=("serve", "setup", "lock"), default="serve")
    line.add_argument("--instructor", metavar="NAME", help="the instructor's user name")
    line.add_argument("--learners", type=Path, metavar="FILE", help="the learners' user names, one a line")
    line.add_argument("--memory", type=memory, default=memory("2G"), metavar="SIZE", help="a learner's limit (2G)")
    line.add_argument("--address", default="127.0.0.1", help="where to listen (default: this machine alone)")
    line.add_argument("--port", type=int, default=8000, help="the port to listen on (default: 8000)")
    line.add_argument(
        "--subdomains", default="", metavar="URL", help="the hub's address; each server gets a name of its own below it"
    )
    line.add_argument("--certificate", type=Path, metavar="FILE", help="serve HTTPS with this certificate")
    line.add_argument("--key", type=Path, metavar="FILE", help="and this key")
    line.add_argument("--folder", type=Path, default=DEFAULT_FOLDER, help="where it is installed (%(default)s)")
    return line


def main(arguments: list[str]) -> int:
    """Check, install, prepare, and become the hub; 2 with a sentence where something is missing."""
    options = parser().parse_args(arguments)
    try:
        if options.command == "lock":
            install.lock()
            return 0
        environment = prepare(options)
    except (install.InstallError, people.PeopleError) as problem:
        print(f"hub: {problem}", file=sys.stderr)
        return 2
    except OSError as problem:
        print(f"hub: {problem.filename or 'a file'}: {problem.strerror}", file=sys.stderr)
        return 2
    if options.command == "serve":
        print(
            f"JupyterHub: {'https' if options.certificate else 'http'}://{options.address}:{options.port}", flush=True
        )
        become_hub(options.folder.absolute(), environment)
    print("Prepared. Start it with the same command without the word setup.")
    return 0


def become_hub(folder: Path, environment: dict[str, str]) -> NoReturn:
    """Go on as JupyterHub, in its own folder."""
    hub = str(folder / "env/bin/jupyterhub")
    os.chdir(folder / "state")
    os.execve(hub, [hub, "--config", str(install.HERE / "jupyterhub_config.py")], environment)


def prepare(options: argparse.Namespace) -> dict[str, str]:
    """Check the machine, install, make accounts and the exchange; give the hub's environment."""
    refuse_machine()
    instructor, learners = people_of(options)
    node, python = install.find_node(), install.find_python()
    folder = options.folder.absolute()
    for line in make_people([instructor, *learners]):
        print(line)
    exchange = folder / "exchange"
    install.install(folder, node=node, python=python, instructor=instructor, exchange=exchange)
    people.make_exchange(exchange, install.course_id(), instructor)
    write_settings(folder / "state", options, node=node, instructor=instructor, learners=learners)
    kept = {name: os.environ[name] for name in ("LANG", "LC_ALL", "TZ") if name in os.environ}
    path = f"{folder / 'env/bin'}:{Path(node).parent}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    return kept | {
        "PATH": path,
        "HOME": pwd.getpwuid(0).pw_dir,
        "WORKSTATION_HUB": str(folder),
        "PYTHONPATH": str(install.HERE),
    }


def refuse_machine() -> None:
    """Refuse a machine on which this cannot work, or would leak the solutions.

    Raises:
        InstallError: says what to do.
    """
    if not sys.platform.startswith("linux"):
        raise install.InstallError("The class server needs Linux: system users, and nbgrader's exchange between them.")
    if os.geteuid() != 0:
        raise install.InstallError(
            "JupyterHub starts each learner's server as that learner, and only root can: run this with sudo."
        )
    if install.is_open(install.ROOT):
        raise install.InstallError(
            f"Every user of this machine could read the solutions in {install.ROOT}. Close it: chmod 700 {install.ROOT}"
        )


def people_of(options: argparse.Namespace) -> tuple[str, list[str]]:
    """Read who the instructor and the learners are.

    Raises:
        InstallError: one of them is not named.
        PeopleError: a name cannot be an account.
    """
    if options.instructor is None or options.learners is None:
        raise install.InstallError("Name the people: --instructor NAME --learners FILE, a user name on each line.")
    learners = people.names_in(options.learners.read_text("utf-8"))
    if not learners:
        raise install.InstallError(f"{options.learners} names no learner: write one user name on each line.")
    if options.instructor in learners:
        raise install.InstallError(f"{options.instructor} cannot be instructor and learner at once.")
    people.refuse_names([options.instructor, *learners])
    return options.instructor, learners


def make_people(names: list[str]) -> list[str]:
    """Make missing accounts and close every home; say what was done."""
    made = [name for name in names if people.make_account(name)]
    closed = [str(home) for name in names if (home := people.close_home(name)) and name not in made]
    lines = [f"Closed to others: {', '.join(closed)}."] if closed else []
    if made:
        lines.append(f"Accounts made: {', '.join(made)}. None has a password yet: set them with passwd or chpasswd.")
    return lines


def write_settings(
    state: Path, options: argparse.Namespace, *, node: str, instructor: str, learners: list[str]
) -> None:
    """Write what jupyterhub_config.py reads; the folder is root's alone, for the hub keeps its keys there too."""
    state.mkdir(exist_ok=True)
    state.chmod(0o700)
    hub_port, proxy_port = free_ports(2)
    settings = {
        "instructor": instructor, "learners": learners, "memory_limit_bytes": options.memory, "node": node,
        "address": options.address, "port": options.port, "hub_port": hub_port, "proxy_port": proxy_port,
        "certificate": str(options.certificate.absolute()) if options.certificate else "",
        "subdomains": options.subdomains,
        "key": str(options.key.absolute()) if options.key else "",
    }  # fmt: skip
    (state / "settings.json").write_text(json.dumps(settings, indent=1), encoding="utf-8")


def free_ports(count: int) -> list[int]:
    """Find ports that are free on this machine now."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
