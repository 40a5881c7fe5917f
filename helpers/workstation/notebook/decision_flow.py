"""Walk from the work to a decision, one question after another, each answer resting on evidence that is on file.

Kept in ``evidence/decision.json`` after every answer, so it goes on after a reload. Under nbgrader the walk that is
there is shown, and nothing is asked or written.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import uuid4

from workstation.errors import DocumentError, PlanningError
from workstation.notebook.boundary import in_words, mode, sheltered
from workstation.notebook.capture import EVIDENCE
from workstation.notebook.decision_card import begin_card, walk_card
from workstation.notebook.decision_file import load_walk_on_file, save_walk, set_aside
from workstation.notebook.on_file import DECISION_FILE, Citable, citable, read_store, working_copy
from workstation.notebook.private import own_names
from workstation.notebook.theme import show
from workstation.planning import Evidence, Walk, answer, back, begin, question

KEPT = f"Kept in {EVIDENCE}/{DECISION_FILE}."


@sheltered(otherwise=None)
def decide(
    *,
    workload: str | None = None,
    answer: str | None = None,
    evidence: str | Sequence[str] = (),
    says: str | None = None,
    undo: bool = False,
    again: bool = False,
) -> None:
    """Walk through the decision framework, by form or by call.

    ``ws.decide()`` shows where you are, with a form. Without one: *workload* begins with your work in one sentence,
    *answer* gives an answer by its id with the *evidence* that it cites (``"recording ctx-16k"``), *says* puts what it
    shows in your words, *undo* takes the last answer back, *again* begins anew and keeps the older walk.
    """
    root = working_copy()
    if mode() != "work":
        walk = load_walk_on_file(root)
        show(*(walk_card(walk, ()) if walk is not None else begin_card("")))
        return
    flow = Flow(root)
    if again:
        flow.start_again()
    if workload is not None:
        flow.begin(workload)
    if undo:
        flow.undo()
    if answer is not None:
        flow.answer(answer, [evidence] if isinstance(evidence, str) else list(evidence), says)
    if (workload, answer) == (None, None) and not undo:
        _show_form(flow)
        return
    show(*flow.card())


class Flow:
    """A walk on file and the evidence that it can cite; every step is kept at once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.items: list[Citable] = citable(read_store(root))
        self.note = ""
        self.walk: Walk | None = None
        self._names = own_names()
        try:
            self.walk = load_walk_on_file(root, available=frozenset(item.kind for item in self.items))
        except DocumentError as error:
            self.note = f"{error} {set_aside(root, 'damaged')}"

    def card(self) -> tuple[str, str]:
        """Show where the walk has come to."""
        return begin_card(self.note) if self.walk is None else walk_card(self.walk, self.items, self.note)

    def begin(self, workload: str) -> str:
        """Begin with the work in one sentence; a walk that was begun keeps its answers."""
        new = begin(workload, available=frozenset(item.kind for item in self.items))
        if self.walk is not None:
            new = Walk(workload=new.workload, answers=self.walk.answers, available=new.available)
        return self._keep(new)

    def answer(self, choice: str, cited: Sequence[str], says: str | None = None) -> str:
        """Answer the open question, citing what is on file.

        Raises:
            PlanningError: no such answer, or nothing of that name is on file.
        """
        walk = self._begun()
        return self._keep(answer(walk, choice, *(self._evidence(each, says) for each in cited)))

    def undo(self) -> str:
        """Take the last answer back."""
        return self._keep(back(self._begun()))

    def start_again(self) -> str:
        """Begin anew; the older walk is kept beside the new one."""
        self.note = set_aside(self.root, "older") if self.walk is not None else ""
        self.walk = None
        return self.note

    def can_cite(self) -> list[Citable]:
        """List what any answer of the open question can rest on."""
        asked = question(self.walk) if self.walk is not None else None
        kinds = {kind for choice in asked.choices for kind in choice.evidence} if asked is not None else set()
        return [item for item in self.items if item.kind in kinds]

    def _begun(self) -> Walk:
        if self.walk is None:
            raise PlanningError('Say your work first: ws.decide(workload="For the next 4 months I will ...").')
        return self.walk

    def _evidence(self, cited: str, says: str | None) -> Evidence:
        wanted = " ".join(str(cited).split()).casefold()
        for item in self.items:
            if wanted in {item.title.casefold(), item.reference.casefold()}:
                return Evidence(kind=item.kind, reference=item.reference, says=(says or item.says).strip())
        known = ", ".join(item.title for item in self.can_cite()[:12]) or "nothing that could carry an answer here"
        raise PlanningError(f"There is no evidence {str(cited)[:60]!r} on file. On file: {known}.")

    def _keep(self, walk: Walk) -> str:
        save_walk(walk, self.root, self._names)
        self.walk, self.note = walk, ""
        return KEPT


def _show_form(flow: Flow) -> None:
    from workstation.notebook.decision_form import DecisionForm  # widgets are slow to load, and only wanted here

    slot = uuid4().hex

    def shown(step: Callable[[], str]) -> str:
        @in_words
        def take() -> str:
            said = step()
            show(*flow.card(), slot=slot, again=True)
            return said

        return take()

    DecisionForm(flow, shown).show()
    show(*flow.card(), slot=slot)
