"""Our steps inside nbgrader's own converters, for `nbgrader autograde` and for Formgrader's buttons.

`nbgrader_config.py` names these classes; nbgrader then calls them where it would have executed the notebook. The work
is done by the same functions that `workstation-cohort grade` uses, so both ways give the same copy and the same scores.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from nbconvert.exporters import Exporter, NotebookExporter
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode, from_dict
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Unicode

from workstation_grader.feedback import handed_in_of, refuse_leaking_pages, scanned_page
from workstation_grader.grade import grade_submission, rebuild_submission
from workstation_grader.leaks import secrets_of
from workstation_grader.lms.extensions import read_extensions
from workstation_grader.marks import read_marks
from workstation_grader.master import Master, read_master
from workstation_grader.record import Recorder
from workstation_grader.submission import EVIDENCE_ENDINGS, EXCHANGE_FILES, Submission, read_submission


def _course(step: Any) -> CourseDirectory:
    """Find the course folder: steps hang below the exporter, the exporter below the converter."""
    owner = step
    while getattr(owner, "coursedir", None) is None:
        owner = owner.parent
    return cast("CourseDirectory", owner.coursedir)


def _master(course: CourseDirectory, exercise: str) -> Master:
    return read_master(exercise, Path(course.root) / course.release_directory)


def _folder(course: CourseDirectory, step: str, who: Mapping[str, str]) -> Path:
    return Path(course.format_path(step, who["student"], who["assignment"]))


def _submission(course: CourseDirectory, who: Mapping[str, str]) -> Submission:
    folder = _folder(course, course.submitted_directory, who)
    return read_submission(folder, student=who["student"], exercise=who["assignment"])


class SubmissionExporter(NotebookExporter):
    """Open a submitted notebook whatever its state: nbgrader would stop at one that is not valid JSON."""

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Hand an empty notebook to the steps; they read the submitted bytes themselves, by our own rules."""
        found = ResourcesDict() if resources is None else resources
        found["metadata"] = ResourcesDict(name=Path(filename).stem, path=str(Path(filename).parent))
        empty = from_dict({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
        exported: tuple[NotebookNode, dict[str, Any]] = self.from_notebook_node(empty, resources=found, **kw)
        return exported


class RebuildFromMaster(NbGraderPreprocessor):
    """The sanitizing pass: the master's cells with the learner's answers as text, and nothing else of theirs."""

    def preprocess(self, _nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Replace the submitted notebook by its clean copy; remove stray files from the autograded folder."""
        who, course = resources["nbgrader"], _course(self)
        submission = _submission(course, who)
        rebuilt = rebuild_submission(submission.notebook, _master(course, who["assignment"]), submission.problems)
        _remove_strays(_folder(course, course.autograded_directory, who))
        return from_dict(rebuilt.notebook), resources


def _remove_strays(folder: Path) -> None:
    """Keep only evidence and the time stamp: nbgrader copied every file that the learner handed in."""
    for path in sorted(folder.rglob("*"), reverse=True):
        inside = path.relative_to(folder)
        evidence = inside.parent == Path("evidence") and path.suffix in EVIDENCE_ENDINGS and path.is_file()
        if evidence or inside.as_posix() in ("evidence", *EXCHANGE_FILES):
            continue
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        else:
            path.unlink()


class ScoreAnswers(NbGraderPreprocessor):
    """The scoring pass, in the place of nbgrader's `Execute` and `SaveAutoGrades`."""

    seed = Unicode("", help="Draws the weeks that staged plans are tried on; without it they are the open ones.").tag(
        config=True
    )

    def preprocess(self, _nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Score the answers, record the scores in the gradebook, and return the scored clean copy."""
        who, course = resources["nbgrader"], _course(self)
        submission = _submission(course, who)
        graded = grade_submission(submission, _master(course, who["assignment"]), self.seed or None)
        for problem in graded.problems:
            self.log.warning("%s: %s", who["student"], problem.message)
        extensions = read_extensions(Path(course.root), who["assignment"])
        with Recorder(who["db_url"], who["assignment"], extensions) as recorder:
            recorder.record([(graded, submission.timestamp)])
        return from_dict(graded.notebook), resources


class FeedbackExporter(Exporter):
    """Write our feedback page where nbgrader would have rendered the notebook with its tests."""

    file_extension = ".html"
    output_mimetype = "text/html"

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **_: Any
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Render the feedback page of one autograded notebook."""
        found = resources if resources is not None else ResourcesDict()
        who = found["nbgrader"]
        found["output_extension"] = self.file_extension
        notebook = json.loads(Path(filename).read_text(encoding="utf-8"))
        marks = read_marks(who["db_url"], who["assignment"], [who["student"]])[who["student"]]
        handed_in = handed_in_of(Path(filename).parent)
        page, leaks = scanned_page(
            notebook,
            marks,
            secrets_of(Path(_course(self).root) / "solutions" / who["assignment"]),
            exercise=who["assignment"],
            handed_in=handed_in,
            student=who["student"],
        )
        refuse_leaking_pages(leaks)
        return cast("NotebookNode", page), found  # the base class says notebook; exporters to HTML give text


__all__ = ["FeedbackExporter", "RebuildFromMaster", "ScoreAnswers", "SubmissionExporter"]
