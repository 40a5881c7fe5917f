"""Read plan rules from text: `if <metric> <op> <number>[unit] [and|or ...] [for N weeks] then <decision>`.

Nothing is evaluated: words are looked up in the catalogue, and what is not there is an error that points at it.
"""

from collections.abc import Iterator, Mapping, Sequence

from workstation.catalog._planning import load_planning_words
from workstation.errors import PlanningError, RuleError
from workstation.planning import _lexicon as lexicon
from workstation.planning._conditions import condition
from workstation.planning._cursor import Cursor
from workstation.planning._plain import plain_step
from workstation.planning._steps import segment_end, step
from workstation.planning._thresholds import has_metric_with_number, has_threshold
from workstation.planning._tokens import Token, fold, tokens_of
from workstation.planning._windows import note_weeks
from workstation.planning.model import Plan, Problem, Reading, ReadingKind, Rule, Step

__all__ = ["parse_plan", "parse_rule", "read_field"]


def parse_rule(text: str) -> Rule:
    """Read the first rule in *text*; words may stand around it.

    Raises:
        RuleError: no rule is there, or it cannot be read; `start` and `end` are the places of what stopped it.
    """
    reading = read_field(text)
    if reading.rules:
        return reading.rules[0]
    if reading.problems:
        first = reading.problems[0]
        raise RuleError(first.message, start=first.start, end=first.end)
    raise RuleError(
        "There is no rule here: write one that starts with “if”, such as "
        "“if swap_used_gib above 4 for 3 weeks then upgrade ram”.",
        start=0,
        end=len(text),
    )


def read_field(text: str) -> Reading:
    """Read all rules of one field of a plan, or its plain decision; never raises for what a learner wrote."""
    longest = load_planning_words().limits.text_chars
    if len(text) > longest:
        message = f"The field has {len(text)} characters; {longest} are read at most. Write the rule alone."
        return Reading(
            text=text[:longest], kind="unparsed", problems=(Problem(message=message, start=longest, end=longest),)
        )
    tokens = tokens_of(text)
    if not any(token.kind in {"word", "number"} for token in tokens):
        return Reading(text=text, kind="blank")
    rules, problems = _rules(text, tokens)
    if rules:
        return Reading(text=text, kind="rule", rules=tuple(rules), problems=tuple(problems))
    plain, open_choices = plain_step(text, tokens)
    if has_threshold(tokens) or (problems and has_metric_with_number(tokens)):
        return Reading(text=text, kind="unparsed", step=plain, problems=tuple(problems) or (_no_opener(text),))
    # "If it hurts, upgrade" decides nothing yet; "keep the laptop and watch it when ..." does.
    certain = plain is not None and (not problems or plain.decision == "keep")
    kind: ReadingKind = "decision" if certain else "prose"
    if plain is None and not problems and _names_exception(tokens) and open_choices:
        return Reading(text=text, kind="unparsed", problems=open_choices)
    return Reading(text=text, kind=kind, step=plain, problems=(*problems, *open_choices))


def parse_plan(fields: Mapping[str, str] | str) -> Plan:
    """Read a staged plan: its four fields by id or label, or one text with a label before each.

    A field that is not there is blank. Fields that cannot be read say so in their `Reading`; nothing is lost.

    Raises:
        PlanningError: a label is none of Now, After one month, After the first repeated bottleneck, Cloud.
    """
    by_label = _labelled(fields) if isinstance(fields, str) else fields
    found: dict[str, str] = {}
    for label, text in by_label.items():
        found[_checkpoint(label)] = text
    now, month, repeated, cloud = (read_field(found.get(name, "")) for name in load_planning_words().checkpoints)
    return Plan(now=now, one_month=month, repeated=repeated, cloud=cloud)


def _checkpoint(label: str) -> str:
    found = _known_label(label)
    if found is None:
        wanted = ", ".join(f"“{entry.label}”" for entry in load_planning_words().checkpoints.values())
        raise PlanningError(f"“{label[:60]}” is no field of a plan. Its fields are {wanted}.")
    return found


def _known_label(label: str) -> str | None:
    for entry in load_planning_words().checkpoints.values():
        if fold(label) in {fold(name) for name in (entry.id, entry.label, *entry.aliases)}:
            return entry.id
    return None


def _labelled(text: str) -> dict[str, str]:
    """Cut one text into its labelled fields; what stands before the first label belongs to Now."""
    found: dict[str, list[str]] = {}
    label = "now"
    for line in text[: load_planning_words().limits.text_chars].splitlines():
        head, colon, rest = line.strip(" \t-*#>").partition(":")
        known = _known_label(head) if colon and len(head) <= 60 else None  # noqa: PLR2004 - a label is short
        label = known or label
        found.setdefault(label, []).append(rest if known else line)
    return {name: "\n".join(lines) for name, lines in found.items()}


def _rules(text: str, tokens: Sequence[Token]) -> tuple[list[Rule], list[Problem]]:
    """Try a rule at every opener; go on behind what was read."""
    rules: list[Rule] = []
    problems: list[Problem] = []
    place = behind = failures = 0
    while place < len(tokens) and failures < load_planning_words().limits.problems:
        opener = lexicon.phrases("openers").at(tokens, place)
        if opener is None:
            place += 1
            continue
        cursor = Cursor(text, tokens, place + opener[1])
        try:
            _refuse_denied(cursor, sentence=behind, opener=place)
            rules.append(_rule(cursor, sentence=behind, opener=place))
            place = behind = max(cursor.place, place + opener[1])
        except RuleError as error:
            failures += 1
            if all(each.message != error.message for each in problems):
                problems.append(Problem(message=error.message, start=error.start, end=error.end))
            place += opener[1]
    return (rules, problems) if rules or problems else (list(_unopened(text, tokens)), [])


def _unopened(text: str, tokens: Sequence[Token]) -> Iterator[Rule]:
    """Read sentences that are rules but for their "if": "large_jobs >= 1: cloud", "Should swap exceed 4, add RAM"."""
    starts = [place for place in range(len(tokens)) if place == 0 or tokens[place - 1].kind == "stop"]
    for start in starts[: load_planning_words().limits.problems]:
        cursor = Cursor(text, tokens, start)
        cursor.take(lexicon.phrases("suppositions"))
        try:
            yield _rule(cursor, sentence=start, opener=start)
        except RuleError:
            continue


def _refuse_denied(cursor: Cursor, *, sentence: int, opener: int) -> None:
    """Refuse a rule that its own sentence denies: "I will not follow a rule such as if ..."; "No cloud if ..." decides.

    A comma, a colon or a "but" between them begins a new thought.
    """
    for place in range(opener - 1, _sentence_start(cursor.tokens, sentence, opener) - 1, -1):
        ends = cursor.tokens[place].kind == "comma" or lexicon.phrases("contrast").at(cursor.tokens, place)
        if ends or lexicon.decisions().at(cursor.tokens, place):
            return
        if lexicon.phrases("denied").at(cursor.tokens, place):
            word = cursor.text[cursor.tokens[place].start : cursor.tokens[place].end]
            message = f"“{word}” denies this rule. Write only the rule that you will follow."
            raise cursor.wrong(message, at=place)


def _rule(cursor: Cursor, *, sentence: int, opener: int) -> Rule:
    """Read what follows an opener; a decision may also stand before it ("use the cloud if ...")."""
    note_weeks(cursor)
    _skip(cursor, "comma")
    wanted = condition(cursor)
    cursor.skip_filler()
    note_weeks(cursor)
    weeks = cursor.weeks or 1
    cursor.skip_filler()
    if _then(cursor):
        return _whole(cursor, Rule(condition=wanted, weeks=weeks, then=_step(cursor), otherwise=_otherwise(cursor)))
    ended = cursor.token is None or cursor.token.kind in {"stop", "other"} or cursor.comes(lexicon.phrases("openers"))
    if not ended:
        raise cursor.wrong(f"Expected “for”, “and”, “or” or “then” and found {cursor.seen()}.")
    first = _sentence_start(cursor.tokens, sentence, opener)
    taken = step(cursor.text, cursor.tokens, first, opener) if first < opener else _missing(cursor)
    return _whole(cursor, Rule(condition=wanted, weeks=weeks, then=taken, otherwise=_otherwise(cursor)))


def _whole(cursor: Cursor, rule: Rule) -> Rule:
    """Give the rule, or refuse it where an exception follows: half a rule would buy what the whole one does not."""
    start = cursor.place
    _skip(cursor, "comma")
    excepted = cursor.comes(lexicon.phrases("exceptions"))
    _skip(cursor, "stop", "comma")
    if excepted or cursor.comes(lexicon.phrases("exceptions_alone")):
        raise cursor.wrong(f"{cursor.seen()} takes back a part of the rule. Write it into the condition, with “and”.")
    cursor.place = start
    return rule


def _missing(cursor: Cursor) -> Step:
    raise cursor.wrong("The rule has no decision: write “then” and what you will do.")


def _then(cursor: Cursor) -> bool:
    """Step over `then`, an arrow or a comma; a decision may also follow at once."""
    start = cursor.place
    _refuse_split_number(cursor)
    while cursor.token is not None:
        if cursor.token.kind == "comma":
            cursor.place += 1
        elif cursor.take(lexicon.phrases("then")) is None:
            break
    return cursor.place > start or cursor.comes(lexicon.decisions(), lexicon.phrases("buying"))


def _refuse_split_number(cursor: Cursor) -> None:
    """Refuse "1:30 h" and "1, 000", whose second half would be lost."""
    after = cursor.tokens[cursor.place + 1 : cursor.place + 2]
    if cursor.token is not None and cursor.token.kind == "comma" and after and after[0].kind == "number":
        raise cursor.wrong("A number goes on here and cannot be read. Write it in one piece, such as 1.5 hours.")


def _step(cursor: Cursor) -> Step:
    end = segment_end(cursor.tokens, cursor.place)
    for place in range(cursor.place, end):
        if lexicon.phrases("retracted").at(cursor.tokens, place) is not None:
            raise cursor.wrong("These words take the rule back. Write only the rule that you will follow.", at=place)
    taken = step(cursor.text, cursor.tokens, cursor.place, end)
    cursor.place = end
    return taken


def _otherwise(cursor: Cursor) -> Step | None:
    """Read the other decision, which may stand in a sentence of its own."""
    start = cursor.place
    _skip(cursor, "comma", "stop")
    if cursor.take(lexicon.phrases("otherwise")) is None:
        cursor.place = start
        return None
    _skip(cursor, "comma")
    if cursor.comes(lexicon.phrases("openers")):  # "otherwise, if ...": the next rule
        return None
    return _step(cursor)


def _skip(cursor: Cursor, *kinds: str) -> None:
    while cursor.token is not None and cursor.token.kind in kinds:
        cursor.place += 1


def _sentence_start(tokens: Sequence[Token], earliest: int, opener: int) -> int:
    for place in range(opener - 1, earliest - 1, -1):
        if tokens[place].kind == "stop":
            return place + 1
    return earliest


def _names_exception(tokens: Sequence[Token]) -> bool:
    """Tell whether a decision is named and taken back in part: "no cloud unless the budget allows it"."""
    places = range(len(tokens))
    return any(lexicon.phrases("exceptions").at(tokens, place) for place in places) and any(
        lexicon.decisions().at(tokens, place) for place in places
    )


def _no_opener(text: str) -> Problem:
    return Problem(message="A threshold stands here, but no rule: start it with “if”.", start=0, end=len(text))
