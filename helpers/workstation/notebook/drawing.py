"""Draw the cases of symptom-mapping, once, and show them one by one.

Kept in the working copy's ``evidence/draw.json`` and copied beside the exercise, which is what is handed in. Under
nbgrader the draw that is there is shown, and nothing is drawn.
"""

import json
import os
from pathlib import Path

from workstation.answers.draws import DRAW_FILE, case_of, digest_of, document_of, draw_for
from workstation.answers.evidence import load_evidence
from workstation.answers.model import Draw
from workstation.catalog._cases import SymptomCase
from workstation.errors import DrawError
from workstation.ids import ID_SHAPE, is_student_id
from workstation.materials import working_copy_of
from workstation.notebook.boundary import mode, sheltered
from workstation.notebook.capture import EVIDENCE
from workstation.notebook.draw_card import ask_card, case_card, drawn_card
from workstation.notebook.theme import show

__all__ = ["case", "draw_cases"]

HUB_USER = "JUPYTERHUB_USER"
NONE_HERE = "No cases are drawn yet. Run `ws.draw_cases()` in this exercise; it asks for your id in the course, once."
NO_ID = "{id!r} is no id that collecting would know you by: {shape}. Give the one that your class writes."
UNKNOWN = "There is no {name!r}. Your cases are called case-1 to case-{count}."
DRAWN = "Your {count} cases are drawn, and they stay yours: the same id always draws the same."
KEPT = "Your {count} cases are drawn already, and these are they."
OTHERS = (
    "Your {count} cases were drawn with another id, and they are kept: nothing is lost by it, since the cases that "
    "were drawn are the ones that count. To draw anew on purpose, and give these up, use "
    "`ws.draw_cases({id!r}, again=True)`."
)
HANDED_IN = "These are the cases that were handed in."


@sheltered(otherwise=None)
def draw_cases(course_id: str | None = None, *, again: bool = False) -> None:
    """Draw your cases by your id in the course, or show the ones that are drawn already.

    The id is asked for once; on a class hub it is the hub's user name. It is kept as a keyed digest only. A draw that
    is there is never replaced unless you ask for it to be done *again*.
    """
    folder = Path.cwd()
    if mode() != "work":
        show(*drawn_card(_require(drawn_in(folder / EVIDENCE)), HANDED_IN))
        return
    kept = drawn(folder)
    learner = (course_id or ("" if kept else os.environ.get(HUB_USER, ""))).strip()
    if not learner and kept is None:
        _ask(folder)
        return
    found, said = _settle(kept, learner, again=again)
    keep(found, folder)
    show(*drawn_card(found, said))


@sheltered(otherwise=None)
def case(name: str | int) -> None:
    """Show one of your cases, ``"case-3"`` or 3: what happened, and for a recording how to plot it."""
    found, number = _case(name)
    show(*case_card(found, number))


def drawn(folder: Path) -> Draw | None:
    """Find the draw of the exercise in *folder*: the one beside it, else the working copy's."""
    return drawn_in(folder / EVIDENCE) or drawn_in(working_copy_of(folder) / EVIDENCE)


def drawn_in(evidence: Path) -> Draw | None:
    """Read the draw in an evidence folder; a damaged one counts as none."""
    return load_evidence(evidence).draw


def keep(found: Draw, folder: Path) -> None:
    """Write a draw to the course's store and beside the exercise.

    Raises:
        DrawError: the folder cannot be written.
    """
    text = json.dumps(document_of(found), indent=1) + "\n"
    for place in dict.fromkeys([working_copy_of(folder) / EVIDENCE, folder / EVIDENCE]):
        try:
            place.mkdir(parents=True, exist_ok=True)
            _write(place / DRAW_FILE, text)
        except OSError as error:
            raise DrawError(
                f"Keeping your cases in {place.name}/{DRAW_FILE} failed: {error.strerror}. "
                "Check that you may write to the course folder and that the disk has room, then draw again."
            ) from None


def _write(path: Path, text: str) -> None:
    """Put a whole file in place at once; what stood there, be it a link, is replaced and not followed."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _settle(kept: Draw | None, learner: str, *, again: bool) -> tuple[Draw, str]:
    """Choose between the draw that is there and a new one, and say which it is."""
    if kept is not None and not learner:
        return kept, KEPT.format(count=len(kept.cases))
    if not is_student_id(learner):
        raise DrawError(NO_ID.format(id=learner, shape=ID_SHAPE))
    if kept is None or again:
        new = draw_for(learner)
        return new, DRAWN.format(count=len(new.cases))
    said = KEPT if kept.learner == digest_of(learner) else OTHERS
    return kept, said.format(count=len(kept.cases), id=learner)


def _ask(folder: Path) -> None:
    """Ask for the id with a form, and say how to give it without one."""
    from workstation.notebook.draw_form import id_form  # widgets are slow to load, and only wanted here

    def save(typed: str) -> str:
        found, said = _settle(drawn(folder), typed.strip(), again=False)
        keep(found, folder)
        return f"{said} Run the next cells to see them."

    id_form(save).show()
    show(*ask_card())


def _case(name: str | int) -> tuple[SymptomCase, int]:
    found = _require(drawn_in(Path.cwd() / EVIDENCE) if mode() != "work" else drawn(Path.cwd()))
    asked = str(name).strip().casefold().removeprefix("case").strip(" -_")
    case = case_of(found, f"case-{asked}")
    if case is None:
        raise DrawError(UNKNOWN.format(name=name, count=len(found.cases)))
    return case, int(asked)


def _require(found: Draw | None) -> Draw:
    if found is None:
        raise DrawError(NONE_HERE)
    return found
