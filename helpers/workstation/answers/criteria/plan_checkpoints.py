"""Judge the four fields of a staged plan, each on its own, and read them into one plan to simulate."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache, lru_cache

from workstation.answers.criteria.choices import A_LIST, decisions_in, judge_decision
from workstation.answers.criteria.phrases import NameBook
from workstation.answers.criteria.text import Text, denies, quote, read
from workstation.answers.criteria.verdict import Verdict, decide, met, not_attempted, not_met, review
from workstation.answers.criteria.words import word_list, word_set
from workstation.catalog import load_catalog
from workstation.planning import Plan, Reading, Step, print_rule, print_step, read_field

__all__ = ["RENTS", "judge_cloud", "judge_now", "judge_rule", "plan_of", "reading_of", "steps_of"]

RENTS = frozenset({"cloud", "hybrid"})
_FEW_TOKENS = 3
_MOST_RULES, _LONGEST = 3, 300  # rules, and characters of one, that a reason repeats
_ASK_NOW = "Write one of keep, upgrade (and what), desktop, server, cloud or hybrid."
_ASK_RULE = "Write a rule: if, a weekly metric, a comparison, a number, for some weeks, then a decision."
_ASK_CLOUD = "Say for which job, or how often, you would rent a machine."


@lru_cache(maxsize=32)
def plan_of(fields: tuple[str, ...]) -> Plan:
    """Read the four fields as a simulation understands them: a decision counts although a figure stands beside it."""
    now, month, repeated, cloud = map(reading_of, fields)
    if now.kind in {"unparsed", "prose"} and now.step is not None:
        now = replace(now, kind="decision")
    if cloud.kind not in {"rule", "blank"}:  # a plain sentence that says when waits for a job that is too large
        says_when = judge_cloud(fields[3]).outcome == "met"
        cloud = Reading(text=cloud.text, kind="prose", step=Step(decision="cloud") if says_when else None)
    return Plan(now=now, one_month=month, repeated=repeated, cloud=cloud)


@lru_cache(maxsize=128)
def reading_of(field: str) -> Reading:
    """Read one field, once for all the judges that ask."""
    return read_field(field)


def judge_now(field: str) -> Verdict:
    """Judge that it is decided what happens now; a plain decision is enough."""
    reading, words = reading_of(field), quote(field)
    found = decisions_in(field)
    chosen = judge_decision(field)
    return decide(
        (reading.kind == "blank" or not field.strip(), not_attempted(next_step=_ASK_NOW)),
        (len(found) >= A_LIST, not_met(f"{words} lists the ways forward and takes none.", _ASK_NOW)),
        (reading.kind == "rule", met(f"{words} is read as: {_rules(reading)}.")),
        (_decides(reading), met(f"{words} is read as the decision to {_step(reading)}.")),
        (chosen.outcome == "met", met(f"{words} is a decision.")),
        (reading.kind == "unparsed", review(f"{words} holds a threshold, but no rule that can be read")),
        (chosen.outcome == "needs review", chosen),
        otherwise=not_met(f"{words} decides nothing yet.", _ASK_NOW),
    )


def _decides(reading: Reading) -> bool:
    return reading.step is not None and reading.kind in {"decision", "unparsed"}


def judge_rule(field: str) -> Verdict:
    """Judge that a checkpoint holds a rule with a threshold."""
    reading, words = reading_of(field), quote(field)
    why = f": {reading.problems[0].message.rstrip('.')[:_LONGEST]}" if reading.problems else ""
    return decide(
        (reading.kind == "blank" or not field.strip(), not_attempted(next_step=_ASK_RULE)),
        (not read(field), not_met(f"{words} is addressed to the grader, and is no rule.", _ASK_RULE)),
        (reading.kind == "rule", met(f"{words} is read as: {_rules(reading)}.")),
        (reading.kind == "unparsed", review(f"{words} holds a threshold, but no rule that can be read{why}")),
        (reading.kind == "decision", not_met(f"{words} decides without a threshold to look up in a log.", _ASK_RULE)),
        otherwise=not_met(f"{words} names no metric with a number to compare it with.", _ASK_RULE),
    )


def judge_cloud(field: str) -> Verdict:
    """Judge that it is said when the cloud would be used; the field's own label says what is spoken of."""
    reading, text, words = reading_of(field), read(field), quote(field)
    rents = any(part.decision in RENTS for part in steps_of(reading))
    said, occasion = rents or _names_renting(text), _names_occasion(text)
    sized = reading.kind != "unparsed" and any(t.word in word_set("sizes_of_jobs") for t in text.tokens)
    refused = not rents and _refuses(text)
    return decide(
        (reading.kind == "blank" or not field.strip(), not_attempted(next_step=_ASK_CLOUD)),
        (reading.kind == "rule" and rents, met(f"{words} is read as: {_rules(reading)}.")),
        (reading.kind == "rule", not_met(f"{words} is a rule that never rents anything.", _ASK_CLOUD)),
        (refused, not_met(f"{words} refuses the cloud, and names no job for it.", _ASK_CLOUD)),
        (occasion and (rents or _names_job(text)), met(f"{words} says when.")),
        (reading.kind == "unparsed", review(f"{words} holds a threshold, but no rule that can be read")),
        (said and (occasion or sized), met(f"{words} says when.")),
        (
            said and len(text.tokens) > _FEW_TOKENS,
            review(f"{words} may say when, but not in words that the rules know"),
        ),
        (said, not_met(f"{words} does not say when.", _ASK_CLOUD)),
        otherwise=not_met(f"{words} does not say when the cloud would be used.", _ASK_CLOUD),
    )


def steps_of(reading: Reading) -> Iterator[Step]:
    """Give every single step that a field may take."""
    named = [step for rule in reading.rules for step in (rule.then, rule.otherwise) if step is not None]
    for step in [*named, *([reading.step] if reading.step is not None else [])]:
        yield from step.parts


def _names_renting(text: Text) -> bool:
    return any(hit.ids & RENTS for hit in _renting().affirmed(text))


def _refuses(text: Text) -> bool:
    """Tell "no cloud, ever" and "not for me" from "not before the card is full"."""
    renting = _renting()
    denied = renting.find(text) and not renting.affirmed(text) and not _names_exception(text)
    opening = any(denies(token.word) or token.word in word_set("refusals") for token in text.tokens[:_FEW_TOKENS])
    return bool(denied) or (opening and not _names_exception(text))


def _names_exception(text: Text) -> bool:
    return any(token.word in word_set("exceptions") for token in text.tokens)


def _names_occasion(text: Text) -> bool:
    """Tell "for the two large runs" and "once a month" from "hybrid"."""
    words = [token.word for token in text.tokens]
    return any(word in word_set("occasions") for word in words) or bool(_book("rare_occasions").find(text))


def _names_job(text: Text) -> bool:
    return bool(_book("large_work").find(text))


def _rules(reading: Reading) -> str:
    return "; ".join(print_rule(rule)[:_LONGEST] for rule in reading.rules[:_MOST_RULES])


def _step(reading: Reading) -> str:
    return print_step(reading.step) if reading.step is not None else ""


@cache
def _renting() -> NameBook:
    known = load_catalog().decisions
    return NameBook({name: (*known[name].aliases, *known[name].signals) for name in sorted(RENTS)}, forgiving=True)


@cache
def _book(name: str) -> NameBook:
    return NameBook({phrase: (phrase,) for phrase in word_list(name)})
