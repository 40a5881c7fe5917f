"""Gather a report from a working copy: saved exercise notebooks, the evidence folder, and what follows from them."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from workstation.answers.calibration import calibration, comparison
from workstation.answers.notebook import extract_answers, read_notebook
from workstation.answers.parse import PARAGRAPH, is_blank, parse_fields
from workstation.answers.prediction_store import PREDICTIONS_FILE, load
from workstation.catalog import AnswerForm, Exercise, load_catalog
from workstation.catalog._planning import load_planning_words
from workstation.errors import NotebookError, WorkstationError
from workstation.inventory import sections
from workstation.notebook.capture import EVIDENCE
from workstation.notebook.decision_card import decided, end_lines, headline, path_lines
from workstation.notebook.decision_file import load_walk_on_file
from workstation.notebook.inventory_card import AT_A_GLANCE
from workstation.notebook.on_file import Kept, OnFile, citable, read_store
from workstation.notebook.plan_chart import HEAD, figures, read_as, rows, sentence
from workstation.notebook.plan_reading import simulated
from workstation.notebook.planning_tools import OWN, own_weeks
from workstation.notebook.report_model import Block, Figure, Items, Missing, Paragraphs, Report, Section, Table
from workstation.notebook.report_words import HOW, TITLES
from workstation.planning import Plan, ending, histories, history_from_log, parse_plan
from workstation.planning.model import CheckpointId

__all__ = ["SUMMARY", "gather"]

SUMMARY, PLAN = "constraint-summary", "staged-plan"
MOST_NOTEBOOK_BYTES = 64 * 1024**2
FROM_EXERCISE = "From the saved exercise"
MOST_FINDINGS = 3  # of one recording
TELLING = ("bottleneck", "watch")
BROKEN_OFF = ("error", "killed")
Answers = Mapping[str, Mapping[str, str]]  # by answer id: field id to text


def gather(root: Path, plan: Plan | None = None) -> Report:
    """Gather the report of the working copy at *root*; *plan* stands in for the saved exercise's."""
    found, problems = read_store(root), list[str]()
    summary = _answers(root, load_catalog().tasks[SUMMARY], problems)
    staged = _answers(root, load_catalog().tasks[PLAN], problems)
    parts: dict[str, list[Block]] = {
        "workload": list(_workload(summary)),
        "archetype": list(_archetype(summary)),
        "machine": list(_machine(found)),
        "recordings": list(_recordings(found)),
        "predictions": list(_predictions(root, problems)),
        "summary": list(_summary(summary)),
        "plan": list(_plan(root, plan or _saved_plan(staged), problems)),
        "recommendation": list(_recommendation(root, found, staged, problems)),
    }
    notes = [*found.problems, *found.log.problems[:5], *problems]
    if notes:
        parts["unread"] = [Items(texts=tuple(dict.fromkeys(notes)))]
    return Report(
        title=TITLES["report"],
        made_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        sections=tuple(Section(id=name, title=TITLES[name], blocks=tuple(blocks)) for name, blocks in parts.items()),
    )


def _missing(part: str) -> Missing:
    what, how = HOW[part]
    return Missing(what=what, how=how)


def _workload(summary: Answers) -> Iterator[Block]:
    words = summary.get("workload", {}).get(PARAGRAPH) or summary.get(SUMMARY, {}).get("workload")
    yield Paragraphs(texts=tuple(words.splitlines())) if words else _missing("workload")


def _archetype(summary: Answers) -> Iterator[Block]:
    form = _form(load_catalog().tasks[SUMMARY], "archetype")
    told = {field.label: text for field in form.fields if (text := summary.get("archetype", {}).get(field.id))}
    named = summary.get(SUMMARY, {}).get("archetype")
    if not told and named:
        told = {form.fields[0].label: named}
    yield _labelled(FROM_EXERCISE, told) if told else _missing("archetype")


def _machine(found: OnFile) -> Iterator[Block]:
    inv = found.inventory
    if inv is None:
        yield _missing("machine")
        return
    cells = [
        (f"{title}: {label.strip()}", value, told.source if (told := inv.provenance.get(path)) is not None else "")
        for title, group in sections(inv)
        for label, value, path in group
        if AT_A_GLANCE.fullmatch(path) or (path == "memory.limit_bytes" and inv.memory.limit_bytes is not None)
    ]
    caption = f"Read {inv.captured_at[:10]}; {len(inv.unknowns)} facts are unknown"
    yield Table(caption=caption, head=("Fact", "Value", "Read from"), rows=tuple(cells))
    if found.worksheet is None:
        yield _missing("worksheet")


def _recordings(found: OnFile) -> Iterator[Block]:
    readable = [kept for kept in found.recordings if kept.problem is None]
    if not found.recordings:
        yield _missing("recordings")
        return
    if readable:
        head = ("Recording", "What ran, and when", "How it ended", "What it showed")
        yield Table(caption="Recordings, the newest first", head=head, rows=tuple(map(_recording_row, readable)))
    unread = tuple(f"{kept.name}: {kept.problem}" for kept in found.recordings if kept.problem is not None)
    if unread:
        yield Items(texts=tuple(f"Not read: {words}" for words in unread))


def _recording_row(kept: Kept) -> tuple[str, ...]:
    told = [f"{each.verdict}: {each.statement.replace('`', '')}" for each in kept.findings if each.verdict in TELLING]
    shown = "\n".join(told[:MOST_FINDINGS]) or _quiet(kept)
    return (kept.name, f"{kept.label} ({(kept.started_at or '')[:10]})", kept.ended, shown)


def _quiet(kept: Kept) -> str:
    """Say what no finding means: a run that broke off or was too short is no run that nothing held up."""
    whole = kept.recording is not None and kept.recording.end is not None and kept.recording.end.how not in BROKEN_OFF
    verdicts = Counter[str](each.verdict for each in kept.findings)
    still_open = verdicts["undetermined"]
    if whole and verdicts["clear"] > still_open:
        left = f"; {still_open} of {len(kept.findings)} questions stay open" if still_open else ""
        return f"nothing that it could measure held the work up{left}"
    return "it does not tell what held the work up: record a whole run of ordinary work"


def _predictions(root: Path, problems: list[str]) -> Iterator[Block]:
    try:
        log = load(root / EVIDENCE / PREDICTIONS_FILE)
    except WorkstationError as error:
        problems.append(str(error))
        yield _missing("predictions")
        return
    names = {entry.id: entry.name for entry in load_catalog().constraints.values()}
    measured = [entry for entry in log.counted.values() if entry.measured is not None]
    if not log.latest:
        yield _missing("predictions")
    if measured:
        cells = []
        for entry in measured:
            try:
                cells.append((entry.question, comparison(entry, names)))
            except WorkstationError as error:
                cells.append((entry.question, str(error)))
        yield Table(caption="Predicted, then measured", head=("Question", "How it turned out"), rows=tuple(cells))
        yield Paragraphs(texts=tuple(calibration(measured)))
    waiting = [entry.question for entry in log.counted.values() if entry.measured is None]
    if waiting:
        yield Items(texts=tuple(f"Predicted and not measured yet: {question}" for question in waiting))


def _summary(summary: Answers) -> Iterator[Block]:
    form = _form(load_catalog().tasks[SUMMARY], SUMMARY)
    told = {field.label: text for field in form.fields if (text := summary.get(SUMMARY, {}).get(field.id))}
    yield _labelled(FROM_EXERCISE, told) if told else _missing("summary")
    if told and len(told) < len(form.fields):
        left = [field.label for field in form.fields if field.label not in told]
        yield Missing(what=f"Not filled in yet: {', '.join(left)}.", how=HOW["summary"][1])


def _told(plan: Plan, checkpoint: CheckpointId) -> str:
    reading = plan.at(checkpoint)
    text = reading.text.strip()
    return f"{text} ({read_as(checkpoint, reading)})" if text else "blank"


def _plan(root: Path, plan: Plan | None, problems: list[str]) -> Iterator[Block]:
    if plan is None:
        yield _missing("plan")
        return
    told = {entry.label: _told(plan, entry.id) for entry in load_planning_words().checkpoints.values()}
    yield _labelled("The staged plan, with how its rules are read", told)
    try:
        own = {OWN: history_from_log(own_weeks(root))}
    except WorkstationError as error:
        own = {}
        problems.append(str(error))
    outcomes = simulated(plan, {**own, **histories()})
    yield Paragraphs(texts=(sentence(outcomes),))
    yield Table(caption="What the plan would have done", head=HEAD, rows=tuple(rows(outcomes)))
    if own:
        yield from (Figure(drawing=drawing) for drawing in figures(outcomes[0]))
    else:
        yield _missing("log")


def _recommendation(root: Path, found: OnFile, staged: Answers, problems: list[str]) -> Iterator[Block]:
    words = staged.get("recommendation", {}).get(PARAGRAPH)
    yield Paragraphs(texts=tuple(words.splitlines())) if words else _missing("recommendation")
    try:
        walk = load_walk_on_file(root, available=frozenset(item.kind for item in citable(found)))
    except WorkstationError as error:
        walk = None
        problems.append(str(error))
    if walk is None or not walk.answers:
        yield _missing("decision")
    else:
        end = ending(walk)
        told = [f"Decision: {decided(end)}.", *(f"{name} {text}" for name, text in end_lines(end))] if end else []
        yield Paragraphs(texts=tuple(told or [f"The decision walk is not at its end. {headline(walk)}"]))
        yield Items(texts=tuple(path_lines(walk)))
    says = (found.prices or {}).get("explanation")
    day = (found.prices or {}).get("prices_of")
    of = f", at prices of {day[:10]}" if isinstance(day, str) else ""
    yield Paragraphs(texts=(f"Buy or rent{of}: {says[:2000]}",)) if isinstance(says, str) else _missing("prices")


def _labelled(caption: str, told: Mapping[str, str]) -> Table:
    return Table(caption=caption, head=("Field", "Answer"), rows=tuple(told.items()))


def _saved_plan(staged: Answers) -> Plan | None:
    fields = {name: text for name, text in staged.get("plan", {}).items() if text}
    return parse_plan(fields) if fields else None


def _answers(root: Path, exercise: Exercise, problems: list[str]) -> Answers:
    """Read an exercise's saved answers, wherever in the working copy its notebook is; blanks are left out."""
    path = next((place for place in _places(root, exercise.id) if place.is_file()), None)
    if path is None:
        return {}
    try:
        if path.stat().st_size > MOST_NOTEBOOK_BYTES:
            problems.append(f"{path.name} is larger than 64 MiB and was not read. Clear its outputs and save it.")
            return {}
        found = extract_answers(read_notebook(path.read_bytes()).cells, exercise).answers
    except (NotebookError, OSError) as error:
        problems.append(f"{path.name} was not read: {getattr(error, 'strerror', None) or error}")
        return {}
    return {form.id: _filled(found[form.id], form, exercise) for form in exercise.answers if form.id in found}


def _filled(body: str, form: AnswerForm, exercise: Exercise) -> dict[str, str]:
    return {name: text for name, text in parse_fields(body, form).items() if not is_blank(text, exercise)}


def _places(root: Path, name: str) -> Iterator[Path]:
    """Name where an exercise's notebook can be: where the course put it, or where a class's exchange fetched it."""
    folders = (root / "exercises" / name, root / name, *sorted(root.glob(f"*/{name}")))
    return (folder / f"{name}.ipynb" for folder in folders)


def _form(exercise: Exercise, answer: str) -> AnswerForm:
    return next(form for form in exercise.answers if form.id == answer)
