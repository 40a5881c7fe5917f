"""Read who a file is from out of the name that a learning platform, or a person, gave it. Nothing here is looked up.

Canvas (`lib/content_zipper.rb` of instructure/canvas-lms): the sortable name in small letters without signs, ``LATE``
where the platform says so, the user's number, the attachment's number, the learner's own file name. Where grading is
anonymous, ``anon_`` and a short code stand for name and number. Of a group, the group's name and one member's number.

Moodle (`download_submissions` and `mod/assign/classes/downloader.php` of moodle/moodle): the full name with its
underscores made spaces, a number that this assignment alone has for the learner, ``assignsubmission_file_``, and then
the file's name, or a folder with it. Blind marking puts ``Participant`` in the name's place.

What a learner can choose (the own file name) is never read as who it is from: it stands behind the platform's part.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from workstation.ids import student_of, why_nobodys

__all__ = ["Named", "parse_name", "readings_of", "slug"]

_NUMBER = re.compile(r"[0-9]{1,20}")
_CODE = re.compile(r"[A-Za-z0-9]{3,12}")
_MOODLE = re.compile(r"(?P<name>[^_]+)_(?P<number>[0-9]{1,20})_assignsubmission_file(?:_.*)?", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Named:
    """What a name says: who it is from by which platform's key or name, and what else the platform told."""

    platform: str  # "plain", "canvas" or "moodle"
    student: str | None = None  # plain: the course's id itself
    key: str | None = None  # the platform's number or code of the learner, marked with where it means something
    name: str | None = None  # the platform's spelling of the learner's name
    late: bool = False  # the platform says so; that it does not say so means nothing
    attachment: int = 0  # Canvas: a later upload has a greater one
    why_not: str | None = None  # a sentence where nobody can be read


def parse_name(path: str, exercise: str) -> Named:
    """Read the name of a file, or of a file in the folder that Moodle made for a learner.

    A platform's pattern goes before a plain id: a learner may choose what stands behind the platform's part, and on
    some platforms the own name, but never the number.

    >>> parse_name("lovelaceada_LATE_12345_67890_bob__work.zip", "x").key
    'canvas:12345'
    >>> parse_name("Ada Lovelace_77_assignsubmission_file_/bob__work.zip", "x").name
    'Ada Lovelace'
    >>> parse_name("ada__work.zip", "x").student
    'ada'
    """
    readings = readings_of(path, exercise)
    if readings:
        return readings[0]
    return Named(platform="plain", why_not=why_nobodys(PurePosixPath(path.replace("\\", "/")).name))


def readings_of(path: str, exercise: str) -> tuple[Named, ...]:
    """Give every way in which a name can be read, the usual one first.

    More than one is rare: a name with a number at its end, or a file that begins with one. Whoever knows the class can
    tell which it is.
    """
    parts = PurePosixPath(path.replace("\\", "/")).parts
    for part in parts:  # the first one is Moodle's; a folder of that name further in is the learner's
        if found := _MOODLE.fullmatch(part):
            blind = found["name"].casefold() == "participant"
            key = f"moodle:{exercise}:{int(found['number'])}"
            return (Named(platform="moodle", key=key, name=None if blind else found["name"]),)
    file = parts[-1] if parts else ""
    if read := tuple(_canvas_readings(file.split("_"))):
        return read
    student = student_of(file)
    return () if student is None else (Named(platform="plain", student=student),)


def _canvas_readings(words: list[str]) -> Iterator[Named]:
    """Read a name wherever two numbers stand in it, or a code and a number where grading is anonymous."""
    for place in range(len(words) - 2):
        before, who, attachment = words[:place], words[place], words[place + 1]
        if not _NUMBER.fullmatch(attachment):
            continue
        late = bool(before) and before[-1].casefold() in {"late", "anon"} and "late" in map(str.casefold, before[-2:])
        if [word.casefold() for word in before] in (["anon"], ["late", "anon"]) and _CODE.fullmatch(who):
            yield Named(platform="canvas", key=f"anon:{who}", late=late, attachment=int(attachment))
        elif _NUMBER.fullmatch(who) and (name := "_".join(before[:-1] if late else before)):
            yield Named(platform="canvas", key=f"canvas:{int(who)}", name=name, late=late, attachment=int(attachment))


def slug(name: str) -> str:
    """Spell a name as it can be compared: letters and digits alone, without accents, large or small.

    >>> slug("Lovelace, Ada"), slug("O'Müller-Ó")
    ('lovelaceada', 'omullero')
    """
    apart = unicodedata.normalize("NFKD", name.casefold())
    return "".join(char for char in apart if char.isalnum())
