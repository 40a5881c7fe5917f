"""Insight's page in a real browser: accessible in both themes, nothing loaded, as wide as the window."""

import random

import pytest
from browser_kit import axe_findings
from insight_kit import EXERCISE, entry, judged, labelled
from playwright.sync_api import Browser

from workstation_grader.insight.model import Cohort
from workstation_grader.insight.page import insight_page
from workstation_grader.insight.sections import sections_of

pytestmark = pytest.mark.browser

OUTCOMES = ("met", "not met", "needs review")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory):
    """The page of a class of forty, with something in every part."""
    rng = random.Random(3)  # noqa: S311 - the same class every time
    own = list(labelled().values())
    entries = [
        entry(
            f"learner-{number}", own=own[number % 35],
            waiting=frozenset({"check-constraint-summary-1", "check-workload-1"}),
            criteria=judged(workload__family=rng.choice(OUTCOMES), summary__measured=rng.choice(OUTCOMES)),
            digests={"inventory.json": f"sha256:{number // 2}"}, named={EXERCISE: "VRAM"},
            problems=("evidence-missing",),
        )
        for number in range(40)
    ]  # fmt: skip
    path = tmp_path_factory.mktemp("insight") / "insight.html"
    sections = sections_of(Cohort(exercise=EXERCISE, entries=tuple(entries)))
    path.write_text(insight_page(EXERCISE, sections, learners=40, made_at="today"), encoding="utf-8")
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
def test_the_page_is_accessible_and_loads_nothing(browser: Browser, place, scheme, width):
    """Axe finds nothing, the browser asks for nothing else, and nothing sticks out of the window."""
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page, asked, said = context.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(place.as_uri())

    assert axe_findings(page, "html") == {}
    assert (asked, said) == ([place.as_uri()], [])
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.locator("table").count() >= 5
    context.close()
