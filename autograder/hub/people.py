"""The people of a class server as accounts of its system: their names, their closed homes, their exchange.

Each learner has an account of their own, because nbgrader's exchange tells who handed in by the owner of a file.
"""

import os
import pwd
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

__all__ = ["PeopleError", "account_of", "close_home", "make_account", "make_exchange", "names_in", "refuse_names"]

FIRST_ORDINARY_UID = 1000
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,30}[a-z0-9]")
_HEADINGS = frozenset({"id", "name", "user", "username", "learner", "student"})


class PeopleError(Exception):
    """A name that cannot be a learner's account, or an account that cannot be made; the message says what to do."""


def names_in(text: str) -> list[str]:
    r"""Read user names, one a line: the first column of a CSV; a heading, empty lines and lines with # are skipped.

    >>> names_in("id,first,last\nada,Ada,L\n\n# left the class\nbob\nada\n")
    ['ada', 'bob']
    """
    columns = (
        re.split(r"[,;\t]", line, maxsplit=1)[0].strip().strip('"') for line in text.lstrip("\ufeff").splitlines()
    )
    names = [name for name in columns if name and not name.startswith("#")]
    if names and names[0].casefold() in _HEADINGS:
        del names[0]
    return list(dict.fromkeys(names))


def refuse_names(names: Iterable[str]) -> None:
    """Refuse names that are no user name of Linux and id in the course at once, or belong to the system.

    Raises:
        PeopleError: names the first such name.
    """
    for name in names:
        if not _NAME.fullmatch(name) or "__" in name:
            raise PeopleError(
                f"{name!r} cannot be a user name here: 2 to 32 small letters, digits, - and _, beginning with a "
                "letter, never two underscores together."
            )
        account = account_of(name)
        if account is not None and account.pw_uid < FIRST_ORDINARY_UID:
            raise PeopleError(f"{name!r} is an account of the system itself. Choose another name.")


def account_of(name: str) -> pwd.struct_passwd | None:
    """Look an account up; `None` where there is none."""
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def make_account(name: str) -> bool:
    """Make an account with a home of its own and no password yet; say whether there was anything to do.

    Raises:
        PeopleError: the system refused.
    """
    if account_of(name) is not None:
        return False
    made = subprocess.run(
        ["useradd", "--create-home", "--user-group", "--shell", "/bin/bash", name],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if made.returncode:
        raise PeopleError(f"The account {name!r} could not be made: {made.stderr.strip()}")
    return True


def close_home(name: str) -> Path | None:
    """Close a home to everybody else; give it where it was open.

    Raises:
        PeopleError: there is no home, or it belongs to somebody else.
    """
    account = pwd.getpwnam(name)
    home = Path(account.pw_dir)
    if not home.is_dir() or home.stat().st_uid != account.pw_uid:
        raise PeopleError(f"{home} is not there, or is not {name}'s own. Give {name} a home, then try again.")
    if home.stat().st_mode & 0o077 == 0:
        return None
    home.chmod(0o700)
    return home


def make_exchange(root: Path, course_id: str, instructor: str) -> None:
    """Make nbgrader's exchange so that only the instructor can put a course, and nobody can move another's work.

    nbgrader wants the root open to all. Its sticky bit keeps learners from renaming the course and putting their own in
    its place, and the course is there from the start, so that nobody makes it before the instructor does.
    """
    owner = pwd.getpwnam(instructor)
    root.mkdir(parents=True, exist_ok=True)
    root.chmod(0o1777)
    course = root / course_id
    folders = {course: 0o755, course / "outbound": 0o755, course / "inbound": 0o3733, course / "feedback": 0o711}
    for folder, mode in folders.items():
        folder.mkdir(exist_ok=True)
        if folder.is_symlink() or folder.stat().st_uid not in {0, owner.pw_uid}:
            raise PeopleError(f"{folder} belongs to somebody else than {instructor}. Look at it, and move it away.")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        folder.chmod(mode)
