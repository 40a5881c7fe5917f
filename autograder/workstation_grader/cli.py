"""`workstation-cohort`: the instructor's commands.

Every command opens the course folder first, and a course whose configuration would run learners' code does not open.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from workstation import __version__
from workstation.errors import CohortError, WorkstationError
from workstation_grader.course import FAIL_CLOSED, Course, checkout_root, default_root, make_course, open_course

# traitlets reads this once, when it is first imported: before any command of ours imports nbgrader.
os.environ[FAIL_CLOSED] = "1"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it worked, 1 when it found something wrong, 2 when it could not run."""
    arguments = _parser().parse_args(argv)
    run: Callable[[argparse.Namespace], int] = arguments.run
    try:
        return run(arguments)
    except WorkstationError as error:
        print(f"workstation-cohort: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except OSError as error:
        print(
            f"workstation-cohort: {error.filename or 'a file'}: {error.strerror or error}. Nothing more was done.",
            file=sys.stderr,
        )
        return 2
    except KeyboardInterrupt:
        print("\nStopped. What was recorded stays; run the same command again to go on.", file=sys.stderr)
        return 130


def _course(arguments: argparse.Namespace) -> Course:
    return open_course(arguments.course)


def _solution(exercise: str) -> Path:
    return checkout_root() / "solutions" / exercise / f"{exercise}.ipynb"


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _require_known(exercise: str) -> None:
    from workstation.answers.score import exercise_of  # late: it reads the whole catalogue

    exercise_of(exercise)


def _generate(arguments: argparse.Namespace) -> int:
    from workstation_grader.release import regenerate_exercises

    drifted = regenerate_exercises(check=arguments.check)
    if arguments.check and drifted:
        print(f"exercises/ has drifted from solutions/: {', '.join(drifted)}. Run: workstation-cohort generate")
        return 1
    print(f"Generated anew: {', '.join(drifted)}." if drifted else "exercises/ is what solutions/ gives.")
    return 0


def _release(arguments: argparse.Namespace) -> int:
    from workstation_grader import release

    make_course(arguments.course)
    course = _course(arguments)
    release.source_of_exercise(course, arguments.name)
    _require_selftest(arguments.name)
    folder = release.generate(course, arguments.name)
    print(f"Generated {folder}; the self-test passed and nothing leaks.")
    if arguments.zip is not None:
        release.release_to_zip(course, arguments.name, arguments.zip)
        print(f"Packed {arguments.zip}: put it on the course page.")
    elif not arguments.no_exchange:
        release.release_to_exchange(course, arguments.name)
        print(f"Released {arguments.name!r} to the exchange as course {course.course_id!r}.")
    return 0


def _require_selftest(name: str) -> None:
    from workstation_grader.selftest import selftest

    _, failures = selftest(name, _solution(name))
    if failures:
        lines = "\n".join(f"  {item.case}, {item.criterion}: {item.message}" for item in failures)
        raise CohortError(f"{name!r} was not released, because its self-test failed:\n{lines}")


def _selftest(arguments: argparse.Namespace) -> int:
    from workstation_grader.selftest import selftest

    _require_known(arguments.name)
    cases, failures = selftest(arguments.name, _solution(arguments.name))
    for failure in failures:
        print(f"{failure.case}: {failure.criterion} {failure.message}")
    print(f"{cases} cases, {len(failures)} failures.")
    return 1 if failures else 0


def _collect(arguments: argparse.Namespace) -> int:
    from workstation_grader import transfer

    course = _course(arguments)
    course.master(arguments.name)
    if arguments.zips is not None:
        found = transfer.collect_from_zips(course, arguments.name, arguments.zips)
    else:
        found = transfer.collect_from_exchange(course, arguments.name)
    print(f"Collected into {course.collected}: {_count(len(found.students), 'submission')} of {arguments.name!r}.")
    for name in found.kept:
        print(f"  older than what is there, left alone: {name}")
    for name, reason in found.refused:
        print(f"  set aside: {name}: {reason}")
    for note in found.notes:
        print(f"  look again: {note}")
    return 1 if found.refused else 0


class _Progress:
    """One line of progress on a terminal: how many, how fast, how long still."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._first: int | None = None

    def __call__(self, done: int, total: int) -> None:
        if self._first is None:
            self._first = done
        elapsed = time.monotonic() - self._began
        rate = (done - self._first) / elapsed if elapsed else 0.0
        left = f", {(total - done) / rate:.0f} s left" if rate and done < total else ""
        if sys.stderr.isatty():
            print(f"\r{done} of {total} ({rate:.0f} a second{left})   ", end="", file=sys.stderr, flush=True)
            if done == total:
                print(file=sys.stderr)


def _grade(arguments: argparse.Namespace) -> int:
    from workstation_grader.batch import grade_cohort

    course = _course(arguments)
    report = grade_cohort(
        course,
        arguments.name,
        student=arguments.student,
        jobs=arguments.jobs,
        force=arguments.force,
        progress=_Progress(),
    )
    if arguments.json:
        print(json.dumps(vars(report), indent=1))
        return 0
    print(f"Graded {report.graded}, unchanged {report.unchanged}.")
    for student, _, message in report.problems:
        print(f"  {student}: {message}")
    if report.in_review:
        print(f"Waiting for a person (Formgrader shows them): {', '.join(report.in_review)}")
    return 0


def _feedback(arguments: argparse.Namespace) -> int:
    from workstation_grader.feedback import write_feedback

    course = _course(arguments)
    course.master(arguments.name)
    pages = write_feedback(course.autograded, course.feedback, course.db_url, arguments.name, arguments.student)
    if not pages:
        raise _nothing_graded(arguments.name, arguments.student)
    print(f"Wrote {_count(len(pages), 'feedback page')} in {course.feedback}.")
    if arguments.release:
        from workstation_grader.transfer import release_feedback

        released = release_feedback(course, arguments.name)
        print(f"Released {len(released)} of them to the exchange; learners fetch theirs in Assignment List.")
        others = len(pages) - len(released)
        if others > 0:
            print(f"{others} came as zips: send their pages to the learners yourself.")
    return 0


def _nothing_graded(exercise: str, student: str | None = None) -> CohortError:
    whose = f"of {student!r} " if student else ""
    return CohortError(f"No submission {whose}of {exercise!r} is graded. Run: workstation-cohort grade {exercise}.")


def _export(arguments: argparse.Namespace) -> int:
    from workstation_grader.export import rows, write_csv

    course = _course(arguments)
    course.master(arguments.name)
    found = rows(course, arguments.name)
    if not found:
        raise _nothing_graded(arguments.name)
    if arguments.to is None:
        write_csv(found, sys.stdout)
        return 0
    with arguments.to.open("w", encoding="utf-8", newline="") as target:
        write_csv(found, target)
    print(f"Wrote {_count(len(found), 'learner')} to {arguments.to}.")
    return 0


def _score(arguments: argparse.Namespace) -> int:
    from workstation_grader.jsonl import score_lines

    _require_known(arguments.name)
    source = sys.stdin if str(arguments.jsonl) == "-" else arguments.jsonl.open(encoding="utf-8", errors="replace")
    failed = False
    with source:
        for result in score_lines(source, arguments.name):
            failed = failed or "error" in result
            print(json.dumps(result, ensure_ascii=False))
    return 1 if failed else 0


def _formgrader(arguments: argparse.Namespace) -> int:
    make_course(arguments.course)
    course = _course(arguments)
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={course.root}", "--ServerApp.ip=127.0.0.1"]
    # A workspace of its own: else JupyterLab brings back the tabs of this person's other folders.
    command += [
        "--LabApp.default_url=/lab",
        f"--LabApp.workspaces_dir={course.root / '.workspaces'}",
        *arguments.jupyter,
    ]
    print("In JupyterLab, open Formgrader from the menu Nbgrader.", flush=True)
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        print("Running as root: JupyterLab is started with --allow-root.")
        command.append("--allow-root")
    if arguments.no_browser:
        command.append("--no-browser")
    return subprocess.run(command, cwd=course.root, check=False).returncode


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="workstation-cohort", description=__doc__.splitlines()[0])
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--course", type=Path, default=default_root(), metavar="DIR", help="the course folder (default: %(default)s)"
    )

    def command(name: str, run: Callable[[argparse.Namespace], int], text: str, *, takes_name: bool = True) -> argparse.ArgumentParser:  # fmt: skip  # noqa: E501
        added = commands.add_parser(name, help=text, description=text, parents=[shared])
        added.set_defaults(run=run)
        if takes_name:
            added.add_argument("name", metavar="NAME", help="the exercise, such as constraint-summary")
        return added

    release = command("release", _release, "Self-test an exercise, generate it, scan it for leaks and release it.")
    release.add_argument("--zip", type=Path, metavar="FILE", help="pack it for a course page instead of the exchange")
    release.add_argument("--no-exchange", action="store_true", help="generate only")
    collect = command("collect", _collect, "Collect submissions from the exchange, or from a folder of zips.")
    collect.add_argument("--zips", type=Path, metavar="DIR", help="a folder of zips named STUDENT__anything.zip")
    grade = command("grade", _grade, "Grade what is new or changed, without running a line of it.")
    grade.add_argument("--student", metavar="ID", help="only this learner")
    grade.add_argument("--jobs", type=int, default=-1, metavar="N", help="worker processes (default: one a core)")
    grade.add_argument("--force", action="store_true", help="grade unchanged submissions again")
    grade.add_argument("--json", action="store_true", help="print the report as JSON")
    feedback = command("feedback", _feedback, "Write the learners' feedback pages.")
    feedback.add_argument("--student", metavar="ID", help="only this learner")
    feedback.add_argument("--release", action="store_true", help="release them through the exchange as well")
    export = command("export", _export, "Write one row a learner with a column a criterion, as CSV.")
    export.add_argument("--to", type=Path, metavar="FILE", help="the file to write (default: standard output)")
    score = command("score", _score, "Score answers given as JSON lines; criteria come out as JSON lines.")
    score.add_argument("--jsonl", type=Path, required=True, metavar="FILE", help='the lines, or "-" for standard input')
    command(
        "selftest", _selftest, "Test the grader: the model earns all, each known wrong answer loses what it should."
    )
    formgrader = command("formgrader", _formgrader, "Open JupyterLab with Formgrader on the course.", takes_name=False)
    formgrader.add_argument("--no-browser", action="store_true", help="print the address instead of opening it")
    formgrader.add_argument("jupyter", nargs="*", metavar="ARG", help="arguments for JupyterLab, after --")
    generate = command("generate", _generate, "Make exercises/ anew from solutions/ (for authors).", takes_name=False)
    generate.add_argument("--check", action="store_true", help="change nothing; fail where they have drifted")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
