"""How sizes look in a notebook: parts that add up, a verdict with its reason, bands; in HTML and in plain text."""

import re
from html.parser import HTMLParser

import pytest
from inventory_kit import small
from notebook_kit import ipython_shell

from workstation.notebook.sizing_card import bands_html, bands_text, estimate_html, estimate_text, fit_html, fit_text
from workstation.sizing import (
    Estimate,
    Term,
    bands,
    combine,
    fits,
    kv_cache_bytes,
    overhead_bytes,
    shape,
    weight_bytes,
)

HOSTILE = '<script>alert(1)</script><img src=x onerror="a()">"\'&'


class Tags(HTMLParser):
    """Collects a page's tags and attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        """Note a tag and its attributes."""
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        """Note what a reader would read."""
        self.words.append(data)


@pytest.fixture
def shell():
    with ipython_shell() as started:
        yield started


def model() -> Estimate:
    llama = shape("llama-3.1-8b")
    return combine("Llama 3.1 8B in Q4_K_M", weight_bytes(llama), kv_cache_bytes(llama), overhead_bytes(llama))


def hostile_estimate() -> Estimate:
    term = Term(name=HOSTILE, low_bytes=1, likely_bytes=2, high_bytes=3, formula=HOSTILE)
    return Estimate(
        what=HOSTILE, low_bytes=1, likely_bytes=2, high_bytes=3, terms=(term,), assumptions=(HOSTILE,), tier="band"
    )


def test_the_parts_of_an_estimate_add_up_as_they_are_shown():
    html = estimate_html(model())
    body, foot = html.split("<tfoot>")
    likely = [
        float(cells[1]) for cells in (re.findall(r"<td>([\d.,]+) GiB</td>", row) for row in body.split("<tr>")[2:])
    ]
    whole = float(re.findall(r"<td>([\d.,]+) GiB</td>", foot)[1])

    assert len(likely) == len(model().terms)
    assert sum(likely) == pytest.approx(whole, abs=0.005 * (len(likely) + 1))


def test_an_estimate_says_how_sure_it_is_and_what_was_assumed():
    estimate = model()

    for shown in (estimate_html(estimate), estimate_text(estimate)):
        assert estimate.assumptions[0].split("<")[0][:20] in shown
    assert "worked out from known numbers" in estimate_html(estimate)


def test_the_figure_says_in_words_what_it_draws():
    html = estimate_html(model())
    label = re.search(r'role="img" aria-label="([^"]+)"', html)[1]

    assert "Lower bar: from where to where" in label
    assert html.count('class="ws-part"') == len(model().terms)


def test_an_estimate_of_nothing_is_a_card_without_a_figure():
    nothing = combine("nothing")

    assert 'role="img"' not in estimate_html(nothing)
    assert "0.0 MiB" in estimate_html(nothing)


@pytest.mark.parametrize("name", ["llama-3.1-8b", "llama-3.1-70b"])
def test_a_fit_leads_with_its_verdict_and_ends_with_the_change(name):
    fit = fits(name, on=small(provenance={"gpus": 1}))

    for shown in (fit_html(fit), fit_text(fit)):
        assert fit.verdict.replace("unknown", "cannot be said yet") in shown
        assert fit.decided_by in shown
    if fit.change:
        assert fit.change in fit_text(fit)


def test_bands_say_why_and_what_is_missing():
    found = bands(small())

    text = bands_text(found)

    assert "unknown" in text
    assert "missing: " in text
    assert all(band.name in bands_html(found) for band in found)


def test_what_a_cell_ends_in_is_shown_as_a_card(shell):
    shell.run("from workstation.sizing import shape, weight_bytes, bands, fits\nfrom inventory_kit import small")
    formats = shell.ipython.display_formatter.format
    for source, words in {
        'weight_bytes(shape("llama-3.1-8b"))': "The parts add up",
        'fits("llama-3.1-8b", on=small())': "What takes most",
        "bands(small())": "Why, or what is missing",
    }.items():
        bundle, _ = formats(shell.run(source))

        assert words in bundle["text/html"]
        assert bundle["text/html"].startswith("<style>")
        assert "ResourceBand(" not in bundle["text/plain"]
        assert "Estimate(" not in bundle["text/plain"]


def test_other_tuples_look_as_they_always_did(shell):
    bundle, _ = shell.ipython.display_formatter.format((1, "a"))

    assert bundle == {"text/plain": "(1, 'a')"}


def test_a_tuple_that_has_a_card_of_its_own_keeps_it(shell):
    class Own(tuple):
        """A tuple as other packages have them."""

        def _repr_html_(self) -> str:
            return "<p>own</p>"

    bundle, _ = shell.ipython.display_formatter.format(Own((1, 2)))

    assert bundle["text/html"] == "<p>own</p>"


def test_loading_the_magics_again_changes_nothing_for_tuples(shell):
    from workstation.notebook import magics

    before = shell.ipython.display_formatter.formatters["text/plain"].for_type(tuple)
    magics.load(shell.ipython)

    assert shell.ipython.display_formatter.formatters["text/plain"].for_type(tuple) is before


def test_hostile_names_stay_text():
    page = Tags(estimate_html(hostile_estimate()))

    assert not {"script", "img"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert any("<script>" in words for words in page.words)


def test_cards_ask_nothing_of_the_network():
    html = estimate_html(model()) + bands_html(bands(small()))

    assert not re.search(r"https?://|@import|url\(|<link|<script", html)
