"""Show a demonstration's plan before anything happens, and afterwards what it came to; each with its text twin."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape

from workstation.answers.calibration import shown
from workstation.demos.model import Plan, Question, Result
from workstation.notebook.chart import Chart
from workstation.notebook.chart_svg import chart_html
from workstation.notebook.signal_values import format_time
from workstation.notebook.theme import Fragment, card
from workstation.units import format_memory

CALL = "ws.demo.{name}(run=True)"
NO_BUTTONS = "No buttons here? Keep a prediction with {predict}, then run {call}; stop it with the kernel's Interrupt."
ON_A_PAGE = (
    "Close this page and a run that is under way is stopped, as a rule within two seconds. In a hidden tab it goes on, "
    "until the browser puts the tab to sleep, some after five minutes: then it is stopped too."
)
REPLAYED = "a recorded run"
LIVE = "measured on this machine just now"


def question_of(plan: Plan) -> Question:
    """Give the question to predict on; a recorded run asks about another machine, so it has an id of its own."""
    if plan.mode == "live":
        return plan.question
    return replace(plan.question, id=f"{plan.question.id}-recorded")


def plan_card(plan: Plan, *, on_a_page: bool = False) -> Fragment:
    """Say what is going to happen, in plain words, before anything does; *on_a_page* where buttons will start it."""
    status = f"{plan.title}. Nothing has happened yet: read the plan and predict first."
    lines = [*filter(None, plan.text.splitlines()), *([ON_A_PAGE] if on_a_page else [])]
    how = NO_BUTTONS.format(
        predict=f'ws.predict("{question_of(plan).id}", "...", unit="{plan.question.unit}", value=...)',
        call=CALL.format(name=plan.name),
    )
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    more = f"<p>{escape(plan.mechanism)}</p>\n<p>{escape(plan.limits)}</p>\n<p>{escape(how)}</p>"
    details = f"<details><summary>How it works, and what it does not show</summary>\n{more}</details>"
    body = f"<p>The plan:</p>\n<ul>{items}</ul>\n{details}"
    text = [status, "The plan:", *(f"  {line}" for line in lines), plan.mechanism, plan.limits, plan.question.text, how]
    return Fragment(card(f"Demonstration {plan.name}", body, status), "\n".join(text))


def running_card(title: str, chart: Chart) -> Fragment:
    """Show a run as far as it has come; without a live region, since it changes twice a second."""
    return Fragment(card(title, chart_html(chart)), chart.description)


def result_card(result: Result, chart: Chart, predicted: float | None, lessons: Sequence[str]) -> Fragment:
    """Show what a run came to: the verdict, what ended it, prediction beside measurement, and the figures."""
    told, more = first_sentence(result.verdict or result.ended)
    rows = list(_rows(result, predicted))
    table = "".join(f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>' for name, value in rows)
    said = [*filter(None, [more]), result.ended, *filter(None, [result.stand_in]), *lessons]
    body = [
        chart_html(chart),
        *(f"<p>{escape(sentence)}</p>" for sentence in said),
        f"<table><caption>In figures</caption><tbody>{table}</tbody></table>",
        f"<p>{escape(result.limits)}</p>",
    ]
    text = [told, *said, *(f"  {name}: {value}" for name, value in rows), result.limits]
    return Fragment(card(f"Demonstration {result.name}: what it came to", "\n".join(body), told), "\n".join(text))


def first_sentence(text: str) -> tuple[str, str]:
    """Split what is said first from the rest.

    >>> first_sentence("It took 1.5 GiB. Then it ended.")
    ('It took 1.5 GiB.', 'Then it ended.')
    """
    first, _, rest = text.partition(". ")
    return (f"{first}.", rest) if rest else (text, "")


def _rows(result: Result, predicted: float | None) -> Iterator[tuple[str, str]]:
    unit = result.question.unit
    yield "You predicted", "nothing" if predicted is None else shown(predicted, unit)
    yield "Measured", "not to be told" if result.measured is None else shown(result.measured, unit)
    yield "Where the figures come from", _where(result)
    yield "It took", format_time(result.seconds)
    if result.lowest_available_bytes is not None:
        yield "Lowest available memory", format_memory(result.lowest_available_bytes)
    if result.floor_bytes is not None:
        yield "The floor", format_memory(result.floor_bytes)
    if result.release_seconds is not None:
        yield "Everything given back after", f"{result.release_seconds:.1f} s"


def _where(result: Result) -> str:
    if result.mode == "live":
        return LIVE
    return f"{REPLAYED}. {result.source}" if result.source else REPLAYED
