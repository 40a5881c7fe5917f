"""The gradebook's tables as we read and write them, in SQLite or PostgreSQL, and a way in that waits for locks.

The tables are nbgrader's own, named here again because importing nbgrader takes seconds; a test holds the two together.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    DateTime,
    Float,
    Interval,
    MetaData,
    String,
    Table,
    create_engine,
    event,
)
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from workstation.errors import CohortError
from workstation_grader.waits import Wait

TRY_SECONDS = 1.0  # a try for a lock takes this long at most; then the wait is told, and tried again
_POSTGRESQL_TRY = "500ms"  # shorter than its deadlock_timeout: we give way before it ends somebody else's transaction

_ALL = MetaData()


def _table(name: str, *texts: str, **others: Any) -> Table:
    columns = [Column(text, String) for text in texts] + [Column(other, kind) for other, kind in others.items()]
    return Table(name, _ALL, *columns)


ASSIGNMENT = _table("assignment", "id", "name", duedate=DateTime)
NOTEBOOK = _table("notebook", "id", "name", "assignment_id")
BASE_CELL = _table("base_cell", "id", "name", "notebook_id", "type")
GRADE_CELL = _table("grade_cells", "id", max_score=Float)
STUDENT = _table("student", "id", "first_name", "last_name", "email", "lms_user_id")
SUBMISSION = _table("submitted_assignment", "id", "assignment_id", "student_id", timestamp=DateTime, extension=Interval)
SUBMITTED_NOTEBOOK = _table(
    "submitted_notebook", "id", "assignment_id", "notebook_id", flagged=Boolean, late_submission_penalty=Float
)
GRADE = _table(
    "grade", "id", "notebook_id", "cell_id",
    auto_score=Float, manual_score=Float, extra_credit=Float, needs_manual_grade=Boolean,
)  # fmt: skip
COMMENT = _table("comment", "id", "notebook_id", "cell_id", "auto_comment", "manual_comment")


_WRITTEN = (STUDENT, SUBMISSION, SUBMITTED_NOTEBOOK, GRADE, COMMENT)
_REFERRED = (ASSIGNMENT, NOTEBOOK, BASE_CELL, GRADE_CELL)


def open_engine(db_url: str) -> Engine:
    """Open the gradebook: SQLite, or PostgreSQL by its address.

    Raises:
        CohortError: the address is none, of another database, or needs a driver that is not installed.
    """
    url = _address(db_url)
    if url.get_backend_name() == "postgresql":
        return _create(url)
    # One connection a transaction: an open one would keep a restored or replaced file from being seen.
    engine = _create(url, connect_args={"timeout": TRY_SECONDS}, poolclass=NullPool)

    @event.listens_for(engine, "connect")
    def _leave_transactions_to_us(connection: Any, _record: object) -> None:
        connection.isolation_level = None

    return engine


def _address(db_url: str) -> URL:
    """Read an address; a message about a bad one never repeats it, since it may hold a password."""
    try:
        url = make_url(db_url)
        backend = url.get_backend_name()
    except (ArgumentError, ValueError):
        raise CohortError(
            "The gradebook's address (c.CourseDirectory.db_url) cannot be read. It has to be like "
            "postgresql+psycopg://USER@HOST/DATABASE, or left out."
        ) from None
    if "@" in (url.host or ""):
        raise CohortError(
            "The gradebook's address (c.CourseDirectory.db_url) has more than one @. Write an @ in a password as %40, "
            "or leave the password out and keep it in ~/.pgpass."
        )
    if backend not in ("sqlite", "postgresql"):
        raise CohortError(
            f"The gradebook can be in SQLite or PostgreSQL, not in {backend!r} (c.CourseDirectory.db_url)."
        )
    return url


def _create(url: URL, **options: Any) -> Engine:
    try:
        return create_engine(url, **options)
    except (ImportError, NoSuchModuleError):
        raise CohortError(
            f"The gradebook is {place_of(url)}, and Python's driver for it is missing. Install it with: "
            "pip install 'home-ai-workstation[postgresql]', and begin the address with postgresql+psycopg://."
        ) from None


def place_of(url: URL) -> str:
    """Name a gradebook for a message: where it is and who asks, without the password and without the options.

    >>> place_of(make_url("postgresql+psycopg://ada:secret@db.school:5433/grades?password=secret"))
    'postgresql://ada@db.school:5433/grades'
    >>> place_of(make_url("sqlite:////home/ada/gradebook.db"))
    '/home/ada/gradebook.db'
    """
    if url.get_backend_name() == "sqlite":
        return url.database or "in memory"
    bare = URL.create(url.get_backend_name(), url.username, None, url.host, url.port, url.database)
    return bare.render_as_string()


@contextlib.contextmanager
def transaction(engine: Engine, *, reading: bool = False, locking: bool = True) -> Iterator[Connection]:
    """Work in one transaction: all of it is in the gradebook afterwards, or nothing.

    A lock held elsewhere (Formgrader saving a score) is waited for. From the first statement on nobody else writes, so
    that what was read is still so when something is written; keep it short, because Formgrader waits five seconds only.

    Args:
        engine: from `open_engine`.
        reading: nothing will be written; on PostgreSQL others may then write meanwhile, unseen here.
        locking: ask PostgreSQL for its tables; without them there (a new database) leave it.

    Raises:
        CohortError: the gradebook stayed locked, is not there, or cannot be written.
    """
    try:
        with engine.connect() as connection:
            _begin(connection, reading=reading, locking=locking)
            yield connection
            _commit(connection)
    except DBAPIError as error:
        raise CohortError(
            f"The gradebook {place_of(engine.url)} could not be used ({_first_line(error)}). What was recorded before "
            "stays. Close whatever holds it (Formgrader, another grading run), see that it runs and its disk has room, "
            "and run the same command again."
        ) from error


def _first_line(error: DBAPIError) -> str:
    return (str(error.orig).strip().splitlines() or [type(error.orig).__name__])[0]


def _begin(connection: Connection, *, reading: bool, locking: bool) -> None:
    if connection.dialect.name == "sqlite":
        # A read that later turns into a write fails at once instead of waiting: https://sqlite.org/isolation.html
        _patiently(connection, lambda: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    elif locking:
        connection.execution_options(isolation_level="REPEATABLE READ" if reading else "READ COMMITTED")
        _patiently(connection, lambda: _lock_tables(connection, reading=reading))


def _lock_tables(connection: Connection, *, reading: bool) -> None:
    """Ask PostgreSQL for all tables at once, so that nothing later in the transaction has to wait."""
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_POSTGRESQL_TRY}'")
    written, referred = (", ".join(table.name for table in tables) for tables in (_WRITTEN, _REFERRED))
    connection.exec_driver_sql(f"LOCK TABLE {referred} IN {'ACCESS' if reading else 'ROW'} SHARE MODE")
    connection.exec_driver_sql(f"LOCK TABLE {written} IN {'ACCESS SHARE' if reading else 'SHARE ROW EXCLUSIVE'} MODE")


def _commit(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        # Here, because SQLite's commit waits for readers, and SQLAlchemy's would roll everything back where it fails.
        _patiently(connection, lambda: connection.exec_driver_sql("COMMIT"))
    connection.commit()


def _patiently(connection: Connection, attempt: Callable[[], object]) -> None:
    """Try until the lock is ours; say after a few seconds what is waited for."""
    wait, place = Wait(), place_of(connection.engine.url)
    while True:
        try:
            attempt()
        except DBAPIError as error:
            if not is_lock(error) or not wait.goes_on(f"The gradebook {place} is locked by another program."):
                raise
            if connection.dialect.name != "sqlite":
                connection.rollback()
        else:
            wait.over()
            return


def is_lock(error: DBAPIError) -> bool:
    """Tell whether a statement failed over a lock that somebody else holds."""
    if getattr(error.orig, "sqlstate", None) == "55P03":  # lock_not_available
        return True
    return getattr(error.orig, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))
