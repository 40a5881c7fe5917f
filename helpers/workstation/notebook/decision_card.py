"""Show a walk through the decision framework: the path with its evidence, the open question, or the end."""

from collections.abc import Iterator, Sequence
from html import escape

from workstation.catalog import shown_catalog
from workstation.catalog._walk import WalkQuestion, load_walk
from workstation.notebook.on_file import Citable, of_kinds
from workstation.notebook.theme import Fragment, card
from workstation.planning import Ending, Walk, collecting, ending, print_step, question

TITLE = "Decide"
MOST_CITABLE = 12  # of one kind, listed in the plain list
BEGIN = 'Begin with your work in one sentence: ws.decide(workload="For the next 4 months I will ...").'


def begin_card(note: str) -> Fragment:
    """Ask for the work, from which every walk starts."""
    status = "A decision starts from the work of your next 3 to 6 months."
    words = [*filter(None, [note]), BEGIN]
    return Fragment(
        card(TITLE, "".join(f"<p>{escape(each)}</p>\n" for each in words), status), "\n".join([status, *words])
    )


def walk_card(walk: Walk, items: Sequence[Citable], note: str = "") -> Fragment:
    """Show where a walk has come to, with everything that is needed to go on without a form."""
    status = headline(walk)
    html = [f"<p>{escape(words)}</p>" for words in filter(None, [note, f"The work: {walk.workload}"])]
    text = [status, *filter(None, [note]), f"The work: {walk.workload}"]
    if walk.answers:
        html.append(f"<ol>{''.join(f'<li>{escape(line)}</li>' for line in path_lines(walk))}</ol>")
        text += [f"  {number}. {line}" for number, line in enumerate(path_lines(walk), 1)]
    missing, end, asked = collecting(walk), ending(walk), question(walk)
    if missing is not None:
        html.append(f"<p><strong>{escape(missing)}</strong></p>")
        text.append(missing)
    if end is not None:
        html += [f"<p><strong>{escape(name)}</strong> {escape(words)}</p>" for name, words in end_lines(end)]
        text += [f"{name} {words}" for name, words in end_lines(end)]
    if asked is not None:
        plain = _question_list(asked, items)
        html.append(plain.html)
        text.append(plain.text)
    return Fragment(card(TITLE, "\n".join(html), status), "\n".join(text))


def headline(walk: Walk) -> str:
    """Say in one sentence where a walk has come to."""
    end, asked = ending(walk), question(walk)
    if end is not None:
        return f"The walk ends in: {decided(end)}."
    if collecting(walk) is not None:
        return "This answer has no evidence yet, so the walk waits here."
    return f"Question {len(walk.answers) + 1}: {asked.question}" if asked is not None else ""


def decided(end: Ending) -> str:
    """Name a decision as the catalogue does, an upgrade with what it is aimed at."""
    name = shown_catalog().decisions[end.step.decision].name
    return f"{name} ({print_step(end.step)})" if end.step.target else name


def end_lines(end: Ending) -> list[tuple[str, str]]:
    """Give the end of a walk: what it means, what should wait, when to look again."""
    return [("What to do:", end.means), ("What should wait:", end.waits), ("Look again:", f"{end.revisit}.")]


def path_lines(walk: Walk) -> Iterator[str]:
    """Give each answer with its question and what it cites."""
    questions = load_walk().questions
    for each in walk.answers:
        asked = questions[each.question]
        chosen = next(choice.text for choice in asked.choices if choice.id == each.choice)
        cited = "; ".join(f"{known.kind} {known.reference}: {known.says}" for known in each.evidence)
        yield f"{asked.question} {chosen} ({cited or 'no evidence yet'})"


def _question_list(asked: WalkQuestion, items: Sequence[Citable]) -> Fragment:
    """List the question's answers, what can carry each, and the calls that give them."""
    html, text = [], [asked.question, asked.why]
    for choice in asked.choices:
        can = of_kinds(items, choice.evidence)
        known = [f"{item.title}: {item.says}" for item in can[:MOST_CITABLE]]
        more = f" (and {len(can) - MOST_CITABLE} more)" if len(can) > MOST_CITABLE else ""
        how = f"Can rest on: {', '.join(choice.evidence)}{more}." if can else f"Collect it first: {choice.collect}"
        call = f'ws.decide(answer="{choice.id}", evidence="{can[0].title if can else "recording NAME"}")'
        listed = "".join(f"<li>{escape(line)}</li>" for line in known)
        html.append(
            f"<li><p><strong>{escape(choice.id)}</strong>: {escape(choice.text)}</p><p>{escape(how)}</p>"
            f"{f'<ul>{listed}</ul>' if listed else ''}<p><code>{escape(call)}</code></p></li>"
        )
        text += [
            f"  {choice.id}: {choice.text}",
            f"      {how}",
            *(f"      - {line}" for line in known),
            f"      {call}",
        ]
    summary = "The question as a list, with its evidence (no form needed)"
    body = f"<p>{escape(asked.question)} {escape(asked.why)}</p><ul>{''.join(html)}</ul>"
    return Fragment(f"<details><summary>{summary}</summary>\n{body}</details>", "\n".join(text))
