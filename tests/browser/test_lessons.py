"""Every lesson and exercise in a real browser: run, in both themes, narrow, without a way out; and one heard, not seen.

One JupyterLab and one page serve all of it, since starting them takes longer than most lessons.
"""

import pytest
from browser_kit import (
    DARK,
    LIGHT,
    PANEL,
    axe_findings,
    close_notebook,
    errors_of,
    open_notebook,
    outputs_of,
    run_all,
    select,
    set_theme,
    tab_to,
    too_wide,
    wait_done,
    wait_drawn,
)
from grading_kit import ROOT
from nbval_cards import wrong_cards
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

NOTEBOOKS = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("course/*.ipynb")) + sorted(
    path.relative_to(ROOT).as_posix() for path in ROOT.glob("exercises/*/*.ipynb")
)
DRAWN = "exercises/symptom-mapping/symptom-mapping.ipynb"  # shows its cases to who gave an id
EXPLORER = "course/04-sizing-rules.ipynb"
PLAN = "exercises/staged-plan/staged-plan.ipynb"
WINDOW_PX, ZOOMED_PX = 1280, 640
ANSWER = """%%answer plan
Now: keep
After one month: if swap_used_gib above 4 for 3 weeks then upgrade ram
After the first repeated bottleneck: if vram_used_percent above 95 for 4 weeks then desktop
Cloud: if large_jobs at least 1 then cloud"""

# What a screen reader finds, in this order; what is left out here may stand between.
HEARD = """
- group "Feedback on plan":
  - status: 4 of 4 met; 5 are checked at grading.
  - list:
    - listitem:
      - paragraph:
        - strong: You decide what happens now
        - text: /met \\(2 of 2 points\\)/
      - paragraph: “keep” is read as the decision to keep.
    - listitem:
      - paragraph:
        - strong: The one-month checkpoint is a rule with a threshold
"""
EXPLORER_HEARD = """
- combobox "Quantisation:": Q4_K_M
- textbox "Context in tokens, or as 32k:"
- button "Work it out"
- button "Half the context"
- button "Twice the context"
- status: /A model of 70 billion parameters/
"""


def _draw_cases(page: Page) -> None:
    """Give an id by keyboard, as the exercise's first step asks."""
    select(page, "draw")
    page.keyboard.press("Control+Enter")
    wait_done(page, "draw")
    page.get_by_label("Course id:").focus()
    page.keyboard.type("ada.l")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(f"{PANEL} .ws-form [role=status]")).not_to_be_empty()


def _type_plan(page: Page) -> None:
    """Write the exercise's first answer and run it by keyboard, from the setup on."""
    select(page, "setup")
    page.keyboard.press("Shift+Enter")
    wait_done(page, "setup")
    select(page, "answer-plan")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(ANSWER)
    page.keyboard.press("Shift+Enter")
    wait_done(page, "answer-plan")


BEFORE = {DRAWN: _draw_cases, PLAN: _type_plan}  # what a learner does first where cells read an answer


@pytest.mark.parametrize("path", NOTEBOOKS)
def test_it_runs_is_read_and_fits_in_both_themes(lab, path: str) -> None:
    """Nothing goes wrong, is wrong for assistive technology, is cut off, or is fetched from elsewhere."""
    page = lab.page
    set_theme(page, LIGHT)
    open_notebook(page, path)
    if path in BEFORE:
        BEFORE[path](page)
    run_all(page)
    wait_drawn(page)
    assert errors_of(page) == []
    assert [text for outputs in outputs_of(page) for text in wrong_cards(outputs)] == []

    assert axe_findings(page, PANEL) == {}
    set_theme(page, DARK)
    assert axe_findings(page, PANEL) == {}
    assert too_wide(page, WINDOW_PX) == []
    page.evaluate("() => jupyterapp.shell.collapseLeft()")  # the list of files alone would take half of such a page
    assert too_wide(page, ZOOMED_PX) == []
    assert lab.asked_outside == []
    close_notebook(page)


def test_a_plan_is_typed_run_and_heard(lab) -> None:
    """By keyboard alone; what a screen reader finds in the card has roles, names and the verdict as its first words."""
    page = lab.page
    set_theme(page, LIGHT)
    open_notebook(page, PLAN)
    _type_plan(page)

    card = page.get_by_role("group", name="Feedback on plan").first
    expect(card).to_match_aria_snapshot(HEARD)
    expect(card.get_by_role("status")).to_have_attribute("aria-live", "polite")
    expect(card.get_by_role("listitem")).to_have_count(9)
    table = card.get_by_role("table", name="What the plan would have done")
    expect(table.get_by_role("rowheader", name="Hardly anything")).to_have_count(1)
    assert table.get_by_role("columnheader").all_inner_texts()[:2] == ["History", "Verdict"]
    close_notebook(page)


def test_the_explorer_by_keyboard(lab) -> None:
    """A button moves the context, Enter in a field works a model out, a slip is a sentence: all without a mouse."""
    page = lab.page
    set_theme(page, LIGHT)
    open_notebook(page, EXPLORER)
    run_all(page)
    assert errors_of(page) == []
    said = page.locator(f"{PANEL} .ws-form", has_text="What would you like to run?").locator("[role=status]")

    select(page, "explorer")
    tab_to(page, "Twice the context")
    page.keyboard.press("Space")
    expect(said).to_contain_text("16,384 tokens of context")
    expect(
        page.locator(f"{PANEL} .ws-card", has_text="Since the last answer: KV cache 1.0 GiB to 2.0 GiB")
    ).to_be_visible()

    page.get_by_label("Model, or a count such as 7B:").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("lama-3.1-8b")
    page.keyboard.press("Enter")
    expect(said).to_contain_text("Did you mean llama-3.1-8b")
    page.keyboard.press("Control+a")
    page.keyboard.type("70B")
    page.keyboard.press("Enter")
    expect(said).to_contain_text("A model of 70 billion parameters")

    assert axe_findings(page, PANEL) == {}
    set_theme(page, DARK)
    assert axe_findings(page, PANEL) == {}
    expect(page.locator(f"{PANEL} .ws-form", has_text="What would you like to run?")).to_match_aria_snapshot(
        EXPLORER_HEARD
    )
    expect(said).to_have_attribute("aria-live", "polite")
    close_notebook(page)
