"""Write grades as learning platforms import them: a file of our own, or the platform's own file filled in.

Canvas (Gradebook, Import; `lib/gradebook_importer.rb` of instructure/canvas-lms): the columns Student, ID, SIS User ID,
SIS Login ID and Section stand first and in this order, then a column an assignment, called ``Title (number)`` where it
exists already; a line says the possible points. Canvas looks for the number, then the SIS id, the login, the name.

Moodle, two ways. Grade import (docs.moodle.org, "Grade import"): any columns, mapped by hand to "ID number" or "Email
address" and to a grade item; Moodle stops the import at a learner whom it does not know and skips an empty cell.
Offline grading worksheet (`mod/assign/feedback/offline/importgradeslib.php`): Moodle's own file, in which only grade
and feedback may change; it goes by "Identifier" and refuses what was graded in Moodle since "Last modified (grade)".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from workstation.errors import CohortError
from workstation_grader.lms.names import slug
from workstation_grader.lms.roster import People, Person
from workstation_grader.lms.tables import Table, as_text, platform_words, safe_cell, tidy

__all__ = ["Earned", "Filled", "canvas_table", "fill_canvas", "fill_worksheet", "moodle_table"]

Lines = list[list[str]]


@dataclass(frozen=True, kw_only=True)
class Earned:
    """What one learner earned: the total, and each criterion's points and outcome where they are asked for."""

    student: str
    score: float
    max_score: float
    points: Mapping[str, float] = field(default_factory=dict)
    outcomes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Filled:
    """A platform's table with the grades in it, how many, and what a person should know about it."""

    lines: Lines
    written: int
    notes: tuple[str, ...] = ()


def canvas_table(
    earned: Sequence[Earned], people: People, title: str, possible: float, criteria: Mapping[str, float]
) -> Filled:
    """Make a gradebook import for Canvas; *criteria*, with their points, become assignments of their own."""
    words = platform_words()["canvas"]
    header = [words[name] for name in ("student", "user_id", "sis_user_id", "login_id", "section")]
    lines = [
        [*header, title, *(f"{title}: {name}" for name in criteria)],
        [words["points_possible"], *[""] * (len(header) - 1), _number(possible), *map(_number, criteria.values())],
    ]
    for each in earned:
        person = people.people.get(each.student, Person(id=each.student))
        own = [person.sortable_name or each.student, person.lms_id, person.sis_id, person.login or each.student]
        cells = [str(safe_cell(cell)) for cell in (*own, person.section)]
        lines.append([*cells, _number(each.score), *(_number(each.points.get(name)) for name in criteria)])
    return Filled(lines=lines, written=len(earned), notes=_strangers(earned, people))


def moodle_table(earned: Sequence[Earned], people: People, title: str, criteria: Mapping[str, float]) -> Filled:
    """Make a grade import for Moodle, to be mapped by ID number or by e-mail address."""
    words = platform_words()["moodle"]
    header = [words[name] for name in ("id_number", "email", "first_name", "last_name")]
    lines = [[*header, title, *(f"{title}: {name}" for name in criteria)]]
    nameless = []
    for each in earned:
        person = people.people.get(each.student, Person(id=each.student))
        nameless += [] if person.sis_id or person.email else [each.student]
        cells = [str(safe_cell(cell)) for cell in (person.sis_id, person.email, person.first_name, person.last_name)]
        lines.append([*cells, _number(each.score), *(_number(each.points.get(name)) for name in criteria)])
    skipped = "Moodle will skip who has neither ID number nor e-mail address in the roster: "
    notes = (*_strangers(earned, people), *([skipped + ", ".join(nameless)] if nameless else []))
    return Filled(lines=lines, written=len(earned), notes=notes)


def fill_canvas(table: Table, earned: Sequence[Earned], people: People, title: str) -> Filled:
    """Fill one assignment's column of Canvas' gradebook export; other assignments are left out, and so untouched.

    Raises:
        CohortError: it is no gradebook export, or no column is the assignment's.
    """
    words = platform_words()["canvas"]
    header = list(table.header)
    if words["user_id"] not in header or words["section"] not in header or words["student"] not in header[0]:
        raise CohortError(
            f"This is no gradebook export of Canvas; its columns are {as_text(header)}. Nothing was written."
        )
    width = header.index(words["section"]) + 1
    column = _assignment(header, width, title)
    by_student = {each.student: each for each in earned}
    lines: Lines = [[*header[:width], header[column]]]
    notes: list[str] = []
    written: set[str] = set()
    for row in table.rows:
        if words["marker"] in row[0]:
            lines.append([*row[:width], row[column]])
            notes += _other_maximum(row[column], earned)
            continue
        student = _canvas_student(dict(zip(header, row, strict=True)), people, by_student)
        if student is not None and student not in written:
            cells = [_inert(name, cell, words) for name, cell in zip(header[:width], row[:width], strict=True)]
            lines.append([*cells, _number(by_student[student].score)])
            written.add(student)
    return Filled(lines=lines, written=len(written), notes=(*notes, *_missing(by_student, written)))


def _assignment(header: Sequence[str], start: int, title: str) -> int:
    """Find the assignment's column: by its whole heading, or by its title without the number that Canvas adds."""
    wanted = slug(title)
    found = [
        place for place in range(start, len(header))
        if header[place] == title or slug(header[place].rpartition(" (")[0]) == wanted or slug(header[place]) == wanted
    ]  # fmt: skip
    if len(found) != 1:
        raise CohortError(
            f"{'No column' if not found else 'More than one column'} of this export is called {title!r}; there are "
            f"{as_text(header[start:])}. Say which with --title."
        )
    return found[0]


def _canvas_student(row: Mapping[str, str], people: People, by_student: Mapping[str, Earned]) -> str | None:
    words = platform_words()["canvas"]
    number = tidy(row[words["user_id"]])
    owner = people.keys.get(f"canvas:{int(number)}") if number.isascii() and number.isdigit() else None
    told = [owner, *(tidy(row.get(words[name], "")) for name in ("login_id", "sis_user_id"))]
    return next((student for student in told if student in by_student), None)


def fill_worksheet(
    table: Table, earned: Sequence[Earned], people: People, exercise: str, *, feedback: bool = False
) -> Filled:
    """Fill Moodle's offline grading worksheet: the grade, and with *feedback* a line a criterion; no other cell.

    Raises:
        CohortError: it is no grading worksheet in English; Moodle goes by its own headings.
    """
    words = platform_words()["moodle"]
    header = list(table.header)
    needed = [words[name] for name in ("identifier", "grade", "modified")]
    if not set(needed) <= set(header):
        raise CohortError(
            f"This is no grading worksheet of Moodle: it needs {', '.join(needed)} and has {as_text(header)}. "
            "Download it with Moodle set to English. Nothing was written."
        )
    by_student = {each.student: each for each in earned}
    by_mail = {person.email.casefold(): student for student, person in people.people.items() if person.email}
    by_number = {person.sis_id: student for student, person in people.people.items() if person.sis_id}
    lines: Lines = [header]
    notes: list[str] = []
    written: set[str] = set()
    for row in table.rows:
        cells = dict(zip(header, row, strict=True))
        student = _moodle_student(cells, people, exercise, by_number | by_mail)
        each = by_student.get(student or "")
        if each is not None and each.student not in written:
            written.add(each.student)
            notes += _refusals(cells, each)
            cells[words["grade"]] = _number(each.score)
            if feedback and words["feedback"] in cells:
                cells[words["feedback"]] = "; ".join(f"{name}: {outcome}" for name, outcome in each.outcomes.items())
        lines.append([_inert(name, cell, words) for name, cell in cells.items()])
    return Filled(lines=lines, written=len(written), notes=(*notes, *_missing(by_student, written)))


def _moodle_student(cells: Mapping[str, str], people: People, exercise: str, others: Mapping[str, str]) -> str | None:
    words = platform_words()["moodle"]
    number = tidy(cells[words["identifier"]]).removeprefix(words["participant"].strip()).strip()
    owner = people.keys.get(f"moodle:{exercise}:{int(number)}") if number.isascii() and number.isdigit() else None
    told = tidy(cells.get(words["id_number"], ""))
    mail = tidy(cells.get(words["email"], ""))
    return owner or others.get(told) or others.get(mail.casefold()) or told or None


def _refusals(cells: Mapping[str, str], each: Earned) -> list[str]:
    """Name what Moodle would refuse about one grade."""
    words = platform_words()["moodle"]
    notes = []
    if tidy(cells.get(words["changeable"], "")).casefold() == "no":
        notes.append(f"{each.student}: Moodle says that this grade cannot be changed")
    notes += _other_maximum(cells.get(words["maximum"], ""), [each])
    return notes


def _other_maximum(told: str, earned: Sequence[Earned]) -> list[str]:
    try:
        possible = float(tidy(told).replace(",", "."))
    except ValueError:
        return []
    ours = max((each.max_score for each in earned), default=possible)
    if abs(possible - ours) < 0.005:  # noqa: PLR2004 - platforms keep two decimals
        return []
    return [
        f"the platform's maximum is {_number(possible)}, the exercise has {_number(ours)}: set the same there first"
    ]


def _inert(name: str, cell: str, words: Mapping[str, str]) -> str:
    """Defuse a formula in a column that people write names into; what the platform goes by stays as it is."""
    gone_by = {words.get(key) for key in ("user_id", "sis_user_id", "login_id", "identifier", "id_number", "email",
                                          "grade", "maximum", "modified", "changeable", "feedback")}  # fmt: skip
    return cell if name in gone_by or cell.strip() == "-" else str(safe_cell(cell))


def _strangers(earned: Sequence[Earned], people: People) -> tuple[str, ...]:
    strangers = [each.student for each in earned if each.student not in people.people]
    return (f"not in the roster, so known by the course's id alone: {', '.join(strangers)}",) if strangers else ()


def _missing(earned: Mapping[str, Earned], written: set[str]) -> tuple[str, ...]:
    missing = sorted(set(earned) - written)
    return (f"graded, and no line of that file is theirs: {', '.join(missing)}",) if missing else ()


def _number(value: float | None) -> str:
    """Write points as both platforms read them: a point, at most two decimals.

    >>> _number(12.0), _number(7.125), _number(None)
    ('12', '7.12', '')
    """
    return "" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")
