"""The gradebook's tables as we read and write them, and a way in that waits for locks.

The tables are nbgrader's own, named here again because importing nbgrader takes seconds; a test holds the two together.
"""

import contextlib
from collections.abc import Iterator
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
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError

from workstation.errors import CohortError

LOCK_WAIT_SECONDS = 60

_ALL = MetaData()


def _table(name: str, *texts: str, **others: Any) -> Table:
    columns = [Column(text, String) for text in texts] + [Column(other, kind) for other, kind in others.items()]
    return Table(name, _ALL, *columns)


ASSIGNMENT = _table("assignment", "id", "name", duedate=DateTime)
NOTEBOOK = _table("notebook", "id", "name", "assignment_id")
BASE_CELL = _table("base_cell", "id", "name", "notebook_id", "type")
GRADE_CELL = _table("grade_cells", "id", max_score=Float)
STUDENT = _table("student", "id")
SUBMISSION = _table("submitted_assignment", "id", "assignment_id", "student_id", timestamp=DateTime, extension=Interval)
SUBMITTED_NOTEBOOK = _table(
    "submitted_notebook", "id", "assignment_id", "notebook_id", flagged=Boolean, late_submission_penalty=Float
)
GRADE = _table(
    "grade", "id", "notebook_id", "cell_id",
    auto_score=Float, manual_score=Float, extra_credit=Float, needs_manual_grade=Boolean,
)  # fmt: skip
COMMENT = _table("comment", "id", "notebook_id", "cell_id", "auto_comment", "manual_comment")


def open_engine(db_url: str) -> Engine:
    """Open the gradebook so that a lock held elsewhere (Formgrader saving a score) is waited for, not failed on."""
    if not db_url.startswith("sqlite"):
        return create_engine(db_url)
    engine = create_engine(db_url, connect_args={"timeout": LOCK_WAIT_SECONDS})

    @event.listens_for(engine, "begin")
    def _take_the_write_lock_first(connection: Connection) -> None:
        # A read that later turns into a write fails at once instead of waiting: https://sqlite.org/isolation.html
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    @event.listens_for(engine, "connect")
    def _leave_transactions_to_us(connection: Any, _record: object) -> None:
        connection.isolation_level = None

    return engine


@contextlib.contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """Work in one transaction: all of it is in the gradebook afterwards, or nothing.

    Raises:
        CohortError: the gradebook stayed locked, is not there, or cannot be written.
    """
    try:
        with engine.begin() as connection:
            yield connection
    except OperationalError as error:
        place = engine.url.render_as_string(hide_password=True)
        raise CohortError(
            f"The gradebook {place} could not be used ({error.orig}). What was recorded before stays. Close whatever "
            "holds it (Formgrader, another grading run), see that its disk has room, and run the same command again."
        ) from error
