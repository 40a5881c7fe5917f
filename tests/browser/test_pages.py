"""The exported pages in a real browser: nothing is wrong for assistive technology, in light, in dark, and enlarged."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from workstation.cli import main

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages as the command writes them."""
    place = tmp_path_factory.mktemp("pages") / "out"
    assert main(["export-html", "--to", str(place)]) == 0
    return place


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_is_clean_and_works_by_keyboard(browser: Browser, folder: Path, theme: str) -> None:
    """Opened from the disk, every answer unfolded; at 640 pixels, which is 1280 at 200 %, nothing sticks out."""
    context = browser.new_context(viewport={"width": 640, "height": 900}, color_scheme=theme, bypass_csp=True)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in sorted(folder.glob("*.html")):
        page.goto(path.as_uri())
        page.evaluate("() => document.querySelectorAll('details').forEach(each => { each.open = true; })")
        found = Axe().run(page).response["violations"]
        assert [(rule["id"], node["html"][:120]) for rule in found for node in rule["nodes"]] == [], path.name
        assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth"), path.name
        page.keyboard.press("Tab")
        assert page.evaluate("() => document.activeElement.className") == "skip", path.name
        page.keyboard.press("Enter")
        assert page.evaluate("() => document.activeElement.id") == "content", path.name
    context.close()

    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
