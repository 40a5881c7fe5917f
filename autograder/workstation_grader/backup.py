"""Keep dated copies of the gradebook, and put one back.

A copy is always an SQLite gradebook of nbgrader's own form, wherever the gradebook itself is: one file, which needs no
tool of a server's version and which nbgrader opens as it stands. SQLite's own backup makes it beside writers at work;
from PostgreSQL the rows are read in one snapshot.
"""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, MetaData, Table, insert, select
from sqlalchemy.engine import Engine, make_url

from workstation.errors import CohortError
from workstation_grader.files import told
from workstation_grader.gradebook import open_engine, transaction
from workstation_grader.waits import Wait

__all__ = ["FOLDER", "back_up", "backups", "restore"]

FOLDER = "backups"
KEPT_LAST, KEPT_DAYS = 20, 30
TABLES = (
    "alembic_version", "assignment", "base_cell", "comment", "course", "grade", "grade_cells", "notebook",
    "solution_cells", "source_cell", "student", "submitted_assignment", "submitted_notebook", "task_cells",
)  # fmt: skip
"""Nbgrader's tables; a database may hold others, which are not ours to copy or to replace."""
_ROWS_AT_ONCE = 1_000


def back_up(db_url: str, root: Path, *, now: datetime | None = None) -> Path | None:
    """Copy the gradebook into *root*'s backups, for its owner alone, and drop copies that are no longer needed.

    The last 20 stay, and of each of the last 30 days that have any the newest. Gives the copy, or None where there is
    no gradebook yet.

    Raises:
        CohortError: the gradebook cannot be read, or the copy cannot be written.
    """
    url = make_url(db_url) if db_url.startswith("sqlite") else None
    if url is not None and not Path(url.database or "").is_file():
        return None
    folder = root / FOLDER
    with told(folder):
        folder.mkdir(mode=0o700, exist_ok=True)
    path = _free_name(folder, now or datetime.now(UTC))
    with _partial(path) as partial:
        if url is not None:
            _copy_file(Path(url.database or ""), partial)
        else:
            _copy_rows(db_url, partial)
    _prune(folder)
    return path


def backups(root: Path) -> list[Path]:
    """List the copies, the newest first."""
    return sorted((root / FOLDER).glob("gradebook-*.db"), key=lambda path: path.stem, reverse=True)


def restore(db_url: str, root: Path, copy: Path) -> Path | None:
    """Put a copy back in the gradebook's place, after a copy was made of what is there now; give that one.

    Raises:
        CohortError: the copy is none or is damaged, or the gradebook cannot be written; then it is as it was.
    """
    _require_sound(copy)
    before = back_up(db_url, root)
    if db_url.startswith("sqlite"):
        _copy_file(copy, Path(make_url(db_url).database or ""))
    else:
        _put_rows_back(db_url, copy)
    return before


def _free_name(folder: Path, now: datetime) -> Path:
    stem = f"gradebook-{now:%Y%m%d-%H%M%S}"
    names = (folder / f"{stem}{f'-{number:03}' if number else ''}.db" for number in range(1_000))
    return next(name for name in names if not name.exists())


@contextlib.contextmanager
def _partial(path: Path) -> Iterator[Path]:
    """Give a private file to write to, which takes *path*'s name once it is whole; what a killed run left goes."""
    partial = path.with_name(f".{path.name}.partial")
    for stale in path.parent.glob(".gradebook-*.partial*"):
        stale.unlink(missing_ok=True)
    with told(path):
        os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            yield partial
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)


def _copy_file(source: Path, target: Path) -> None:
    """Copy one SQLite file over another with SQLite's own backup: never torn, and waiting for whoever holds either."""
    wait = Wait()

    def look(status: int, _remaining: int, _total: int) -> None:
        busy = status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
        if busy and not wait.goes_on(f"The gradebook is locked by another program; copying it to {target}."):
            raise CohortError(f"The gradebook {source} stayed locked, so that it could not be copied to {target}.")

    try:
        with contextlib.closing(_connect(source)) as old, contextlib.closing(_connect(target)) as new:
            old.backup(new, progress=look)
    except sqlite3.Error as error:
        raise CohortError(
            f"The gradebook could not be copied from {source} to {target} ({error}). Nothing else was done. See that "
            "the disk has room and that both can be read and written."
        ) from error
    wait.over()


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=1)


def _require_sound(copy: Path) -> None:
    """Make sure that a file is a gradebook, and whole.

    Raises:
        CohortError: it is not.
    """
    if not copy.is_file():
        raise CohortError(f"There is no file {copy}. `workstation-cohort restore` alone lists the copies.")
    try:
        with contextlib.closing(_connect(copy)) as opened:
            found = {name for (name,) in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            verdict = opened.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.Error as error:
        raise CohortError(f"{copy} cannot be read as a copy of a gradebook ({error}). Nothing was changed.") from error
    if verdict != "ok" or not set(TABLES) <= found:
        why = "it is damaged" if verdict != "ok" else "it lacks nbgrader's tables"
        raise CohortError(f"{copy} is no copy of a gradebook that could be put back: {why}. Nothing was changed.")


def _copy_rows(db_url: str, target: Path) -> None:
    """Read PostgreSQL's rows in one snapshot and write them as an SQLite gradebook."""
    with (
        _opened(db_url) as source,
        _opened_file(target) as copy,
        transaction(source, reading=True) as old,
        transaction(copy) as new,
    ):
        tables = _reflect(old)
        tables.create_all(new)
        _copy(tables, old, new)


def _put_rows_back(db_url: str, copy: Path) -> None:
    """Replace PostgreSQL's rows by a copy's, in one transaction."""
    with (
        _opened(db_url) as target,
        _opened_file(copy) as source,
        transaction(source) as old,
        transaction(target) as new,
    ):
        tables = _reflect(new)
        for table in reversed(tables.sorted_tables):
            new.execute(table.delete())
        _copy(tables, old, new)


def _reflect(connection: Connection) -> MetaData:
    """Read the tables as they are on the server, with types that SQLite has too."""
    tables = MetaData()
    tables.reflect(bind=connection, only=TABLES)
    for table in tables.tables.values():
        for column in table.columns:
            column.type = column.type.as_generic()
    return tables


def _copy(tables: MetaData, old: Connection, new: Connection) -> None:
    for table in tables.sorted_tables:
        for rows in _rows(old, table):
            new.execute(insert(table), rows)


def _rows(connection: Connection, table: Table) -> Iterator[list[dict[str, object]]]:
    found = connection.execute(select(table)).mappings()
    while rows := found.fetchmany(_ROWS_AT_ONCE):
        yield [dict(row) for row in rows]


@contextlib.contextmanager
def _opened(db_url: str) -> Iterator[Engine]:
    engine = open_engine(db_url)
    try:
        yield engine
    finally:
        engine.dispose()


def _opened_file(path: Path) -> contextlib.AbstractContextManager[Engine]:
    return _opened(f"sqlite:///{path.absolute()}")


def _prune(folder: Path) -> None:
    """Drop copies beyond the last ones and each day's newest."""
    names = [path.name for path in backups(folder.parent)]
    for name in set(names) - kept(names):
        (folder / name).unlink(missing_ok=True)


def kept(names: list[str], *, last: int = KEPT_LAST, days: int = KEPT_DAYS) -> set[str]:
    """Decide which copies stay, from their names, the newest first.

    >>> sorted(kept(["gradebook-20261103-2.db", "gradebook-20261102-9.db", "gradebook-20261102-8.db"], last=1, days=2))
    ['gradebook-20261102-9.db', 'gradebook-20261103-2.db']
    """
    newest_of_day: dict[str, str] = {}
    for name in names:
        newest_of_day.setdefault(name.split("-")[1], name)
    return {*names[:last], *list(newest_of_day.values())[:days]}
