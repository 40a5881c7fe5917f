"""Show beside a practice's criteria what the catalogue knows about the words that the learner chose."""

from collections.abc import Callable, Mapping

from workstation.answers.criteria.families import families_in
from workstation.catalog import load_catalog
from workstation.notebook.tables import family_rows
from workstation.notebook.theme import NOTHING, Fragment

MOST_ROWS = 3  # more kinds of work than these are no longer one sentence's
YOUR_ROW = {1: "Your row of the workload table"}
YOUR_ROWS = "Your rows of the workload table"


def beside(answer_id: str, text: str) -> Fragment:
    """Give what follows the criteria on the card of an answer; nothing for most of them."""
    return BESIDE[answer_id](text) if answer_id in BESIDE else NOTHING


def rows_of_the_work(text: str) -> Fragment:
    """Draw the rows of the families that *text* names or describes, those named first."""
    known = load_catalog().families
    found = [known[family] for family in families_in(text)[:MOST_ROWS]]
    if not found:
        return NOTHING
    table = family_rows(found, YOUR_ROW.get(len(found), YOUR_ROWS))
    return Fragment(f"\n{table.html}", f"\n{table.text}")


BESIDE: Mapping[str, Callable[[str], Fragment]] = {"workload-sentence": rows_of_the_work}
