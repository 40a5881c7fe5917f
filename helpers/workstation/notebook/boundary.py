"""Keep tracebacks away from learners: the one place where any error at all becomes a card.

Everything a learner calls goes through `sheltered`. An error that we raise on purpose is shown as its message, which
says what was tried, what was found and what to do; anything else is a bug of ours, and the card owns up to it.
"""

import os
from collections.abc import Callable, Mapping
from functools import wraps
from html import escape
from pathlib import Path
from typing import Literal, NamedTuple, ParamSpec, TypeVar

from workstation.answers.prose import plain, with_code
from workstation.errors import WorkstationError
from workstation.notebook.theme import card, show

Mode = Literal["work", "validate", "autograde"]

_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")

CALL = "`ws.{name}` was not called in a way that it understands: {problem}. It is written `ws.{name}{signature}`."
OURS = "This could not be checked, and that is not your mistake."
NOT_KEPT = "This was not kept, and that is not your mistake: restart the kernel and run the cell again."
WHAT_TO_DO = (
    "Your words are still in the cell. Save the notebook, restart the kernel (Kernel menu), run the cells again; "
    "if this card comes back, hand in as usual and tell your instructor the line below."
)


def mode() -> Mode:
    """Say who is running the notebook: a learner at work, nbgrader's Validate, or a grading run.

    A value that we do not know counts as grading, the strictest: nothing is measured then.
    """
    running = os.environ.get("NBGRADER_EXECUTION", "")
    if not running:
        return "work"
    return "validate" if running == "validate" else "autograde"


def sheltered(otherwise: _Result) -> Callable[[Callable[_Parameters, _Result]], Callable[_Parameters, _Result]]:
    """Decorate what a learner calls: an error becomes a card, and *otherwise* is returned."""

    def decorate(function: Callable[_Parameters, _Result]) -> Callable[_Parameters, _Result]:
        @wraps(function)
        def call(*args: _Parameters.args, **kwargs: _Parameters.kwargs) -> _Result:
            try:
                return function(*args, **kwargs)
            except WorkstationError as error:
                show_refusal(str(error))
            except Exception as error:  # noqa: BLE001 - the outermost edge: a learner must never meet a traceback
                misfit = _misfit(function, args, kwargs) if isinstance(error, TypeError) else ""
                show_refusal(misfit) if misfit else show_fault(error)
            return otherwise

        return call

    return decorate


def _misfit(function: Callable[..., object], args: tuple[object, ...], kwargs: Mapping[str, object]) -> str:
    """Say what is wrong with a call whose arguments are not the function's; nothing where they are."""
    import inspect  # late: only a call that failed asks

    signature = inspect.signature(function)
    try:
        signature.bind(*args, **kwargs)
    except TypeError as error:
        kinds = {"return_annotation": inspect.Signature.empty}
        bare = [each.replace(annotation=inspect.Parameter.empty) for each in signature.parameters.values()]
        return CALL.format(name=function.__name__, problem=error, signature=signature.replace(parameters=bare, **kinds))
    return ""


class Done(NamedTuple):
    """How something that a form's button calls went, in a sentence."""

    sentence: str
    well: bool


def attempted(function: Callable[_Parameters, str]) -> Callable[_Parameters, Done]:
    """Decorate what a form's button calls, which says how it went: an error becomes the sentence.

    A card would be lost there: nobody knows in which output a button's display belongs.
    """

    @wraps(function)
    def call(*args: _Parameters.args, **kwargs: _Parameters.kwargs) -> Done:
        try:
            return Done(function(*args, **kwargs), well=True)
        except WorkstationError as error:
            return Done(str(error), well=False)
        except Exception as error:  # noqa: BLE001 - the same edge, reached by a button
            return Done(f"{NOT_KEPT} ({_detail(error)})", well=False)

    return call


def in_words(function: Callable[_Parameters, str]) -> Callable[_Parameters, str]:
    """Decorate likewise where the sentence alone is wanted."""

    @wraps(function)
    def call(*args: _Parameters.args, **kwargs: _Parameters.kwargs) -> str:
        return attempted(function)(*args, **kwargs).sentence

    return call


def show_refusal(message: str) -> None:
    """Show what one of our own errors says."""
    show(card("Something is missing", "", message), plain(message))


def show_fault(error: Exception) -> None:
    """Own up to a bug of ours: what happened, that the learner did nothing wrong, and how to go on."""
    detail = _detail(error)
    body = f"<p>{WHAT_TO_DO}</p>\n<p><code>{escape(detail)}</code></p>"
    show(card("Could not check", body, OURS), f"{OURS}\n{WHAT_TO_DO}\n{detail}")


def _detail(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".replace(str(Path.home()), "~")  # the notebook is handed in


def show_unknown_answer(wanted: str, nearest: list[str]) -> None:
    """Say which answer ids there are, the likeliest first, when the first line of a cell names none of them."""
    status = f"There is no answer called {wanted!r}." if wanted else "The first line names no answer."
    advice = f"Write `%%answer {nearest[0]}` in the first line, or another of: {', '.join(nearest)}. Then run it again."
    show_advice("Unknown answer", status, advice)


def show_advice(title: str, status: str, advice: str) -> None:
    """Show what is the matter, and below it what to do."""
    show(card(title, f"<p>{with_code(advice)}</p>", status), f"{plain(status)}\n{plain(advice)}")
