"""Decide who a file is from: by the platform's key, else by a name that is one person's alone, else nobody."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property

from workstation.ids import as_known
from workstation_grader.lms.names import Named, readings_of, slug
from workstation_grader.lms.roster import People, Person

__all__ = ["Directory", "Found", "contested_names"]


@dataclass(frozen=True, kw_only=True)
class Found:
    """Whose a file is, by which reading of its name; or why it is nobody's."""

    named: Named
    student: str | None = None
    why: str = ""
    note: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)  # settled now, to be kept


@dataclass(frozen=True, kw_only=True)
class Directory:
    """Everything that tells who a file is from: the class, what an instructor said of single files, and doubts."""

    people: People
    exercise: str
    files: Mapping[str, str] = field(default_factory=dict)  # an instructor's word on single files
    contested: frozenset[str] = frozenset()  # names that several keys carry

    @cached_property
    def _called(self) -> Mapping[str, list[Person]]:
        found: dict[str, list[Person]] = {}
        for person in self.people.people.values():
            for spelling in _spellings(person):
                found.setdefault(spelling, []).append(person)
        return found

    @cached_property
    def _numbered(self) -> frozenset[tuple[str, str]]:
        """Who has a key of which kind."""
        return frozenset((owner, key.rpartition(":")[0]) for key, owner in self.people.keys.items())

    def who(self, path: str) -> Found:
        """Say whose the file of that name is."""
        readings = readings_of(path, self.exercise)
        told = self.files.get(path) or self.files.get(path.rpartition("/")[2])
        if told:
            named = readings[0] if readings else Named(platform="plain")
            student = as_known(told, self.people.people)
            return Found(named=named, student=student, keys={named.key: student} if named.key else {})
        if not readings:
            return Found(named=Named(platform="plain"), why="")
        if readings[0].student is not None:
            return self._plain(readings[0], readings[0].student)
        return self._by_key(readings) or self._by_name(readings[0])

    def _plain(self, named: Named, told: str) -> Found:
        student = as_known(told, self.people.people)
        if not self.people.known or student in self.people.people:
            return Found(named=named, student=student)
        near = get_close_matches(student, self.people.people, n=1, cutoff=0.7)
        guess = f"; did {near[0]!r} hand it in?" if near else ""
        return Found(named=named, why=f"{told!r} is not in the roster{guess}")

    def _by_key(self, readings: Sequence[Named]) -> Found | None:
        known = {self.people.keys[key]: named for named in readings if (key := named.key or "") in self.people.keys}
        if not known:
            return None
        if len(known) > 1:
            whose = " or ".join(sorted(known))
            return Found(named=readings[0], why=f"its name can be read as {whose}'s; say which in the file of --map")
        ((student, named),) = known.items()
        person = self.people.people.get(student)
        fits = person is None or not named.name or slug(named.name) in _spellings(person) or not person.full_name
        note = "" if fits else (
            f"its number is {student!r}'s, the name in it is {named.name!r}: a group's file, or a name that was changed"
        )  # fmt: skip
        return Found(named=named, student=student, note=note)

    def _by_name(self, named: Named) -> Found:
        platform = named.platform.capitalize()
        what = f"{platform}'s {(named.key or '').rpartition(':')[2]}" + (f" ({named.name!r})" if named.name else "")
        if not self.people.known:
            return Found(named=named, why=f"{what} is nobody's yet: import the class with `workstation-cohort roster`")
        called = self._called.get(slug(named.name or ""), [])
        if len(called) != 1:
            why = (
                "nobody in the roster has that number or name" if not called else "several in the roster have that name"
            )
            return Found(named=named, why=f"{what}: {why}")
        (person,) = called
        has_one = (person.id, (named.key or "").rpartition(":")[0]) in self._numbered
        if has_one or slug(named.name or "") in self.contested:
            return Found(named=named, why=f"{what}: more than one number goes by the name of {person.id!r}")
        note = f"known as {person.id!r}'s by the name {named.name!r} alone"
        return Found(named=named, student=person.id, note=note, keys={named.key: person.id} if named.key else {})


def _spellings(person: Person) -> set[str]:
    return {slug(person.sortable_name), slug(person.full_name)} - {""}


def contested_names(paths: Iterable[str], exercise: str) -> frozenset[str]:
    """Find names that several keys carry among the files of one collecting: a name alone then tells nobody."""
    keys: dict[str, set[str]] = {}
    for path in paths:
        for named in readings_of(path, exercise)[:1]:
            if named.name and named.key:
                keys.setdefault(slug(named.name), set()).add(named.key)
    return frozenset(name for name, found in keys.items() if len(found) > 1)
