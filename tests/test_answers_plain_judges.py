"""A criterion may name a judge that the house has already; what it looks at is its own field."""

from dataclasses import replace

import pytest

from workstation.answers.criteria.verdict import Verdict
from workstation.answers.parse import PARAGRAPH
from workstation.answers.plain_judges import PLAIN_JUDGES, named_judge
from workstation.catalog import load_catalog
from workstation.errors import CatalogError

ENTRY = replace(load_catalog().exercises["constraint-summary"].criteria[0], id="archetype.measured", answer="archetype")
GOOD = {
    "archetype": "hybrid",
    "before-hardware": "For four months I will search my notes with embeddings.",
    "constraint": "system RAM",
    "family": "embeddings and RAG",
    "horizon": "for the next four months",
    "measured": "Available memory fell to 0.9 GiB while the index was built.",
    "no-verdict": "Available memory fell to 0.9 GiB while the index was built.",
    "priority": "portability",
}


class Fields:
    """One field with text, all others blank."""

    def __init__(self, place, text):
        self.place, self.text = place, text

    def get(self, answer, name=PARAGRAPH):
        """Give the text where it stands."""
        return self.text if (answer, name) == self.place else ""


@pytest.mark.parametrize("name", sorted(PLAIN_JUDGES))
def test_a_named_judge_meets_what_its_own_criterion_meets_and_calls_silence_silence(name):
    judge = named_judge(replace(ENTRY, judge=name, field="because"))

    assert judge(Fields(("archetype", "because"), GOOD[name])).outcome == "met"
    assert judge(Fields(("archetype", "archetype"), GOOD[name])).outcome == "not attempted"


def test_without_a_field_it_looks_at_the_paragraph():
    judge = named_judge(replace(ENTRY, answer="workload", judge="horizon"))

    assert isinstance(judge(Fields(("workload", PARAGRAPH), GOOD["horizon"])), Verdict)
    assert judge(Fields(("workload", PARAGRAPH), GOOD["horizon"])).outcome == "met"


def test_a_name_that_is_none_is_refused_with_the_names_there_are():
    with pytest.raises(CatalogError, match=r"archetype\.measured.*'measure'.*measured"):
        named_judge(replace(ENTRY, judge="measure"))
