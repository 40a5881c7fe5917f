"""What stands for a code cell on an exported page."""

import pytest
from planning_notebook_kit import HOSTILE

from workstation import materials
from workstation.catalog import load_catalog
from workstation.errors import MaterialsError
from workstation.notebook import lesson_pages as maker
from workstation.notebook.page_twins import Mine, twin

CATALOG = load_catalog()


def test_what_a_cell_calls_is_shown_in_its_order():
    """A recording comes before the answer to what was predicted of it."""
    shown = twin('ws.recording_plot(ws.example_recording("long-chat"))\nws.compare("sofia", "vram")', None)

    assert 0 <= shown.index("The recording long-chat.") < shown.index("The answer to your prediction")
    assert "<summary>What was found in it</summary>" in shown


def test_a_cell_of_nothing_but_imports_is_left_out():
    assert twin("import workstation as ws\nfrom workstation import sizing", None) == ""


def test_other_code_is_shown_as_it_is_and_escaped():
    shown = twin('print("<b>")', None)

    assert "<pre><code>print(&quot;&lt;b&gt;&quot;)</code></pre>" in shown
    assert "runs in JupyterLab" in shown


def test_a_measuring_cell_names_the_command_that_does_the_same():
    assert "<code>workstation inventory</code>" in twin("ws.inventory()", None)


def test_a_prediction_is_put_and_its_answer_folded():
    asked = twin('ws.predict("kv", "How much?", unit="GiB")', None)
    told = twin('ws.compare("kv", "vram")', None)

    assert "How much? Write a number in GiB on paper." in asked
    assert "<details>" in told
    assert CATALOG.constraints["vram"].name in told
    assert "measurement of your own machine" in twin('ws.compare("kv", measured)', None)


def test_what_was_kept_is_escaped():
    mine = Mine(written={"workload": HOSTILE}, predicted={"kv": HOSTILE}, chosen={"what-comes-first": HOSTILE})
    shown = [
        twin("%%answer workload", CATALOG.exercises["constraint-summary"], mine),
        twin('ws.predict("kv", "?", unit="GiB")', None, mine),
        twin('ws.self_check("01-workload-first")', None, mine),
    ]

    assert not [html for html in shown if "<script" in html or "<img" in html]
    assert all("alert(1)" in html for html in shown)


def test_an_image_of_the_course_travels_in_the_page(tmp_path, monkeypatch):
    (tmp_path / "course").mkdir()
    (tmp_path / "course" / "dot.png").write_bytes(b"\x89PNG")
    monkeypatch.setattr(materials, "materials_root", lambda: tmp_path)
    shown = maker._markdown("![a dot](dot.png)", tmp_path / "course")

    assert 'src="data:image/png;base64,iVBORw=="' in shown
    assert 'alt="a dot"' in shown
    for other in ("../../secret.png", "none.png", "page.txt"):
        with pytest.raises(MaterialsError):
            maker._markdown(f"![x]({other})", tmp_path / "course")


def test_kept_outputs_are_shown_as_text():
    outputs = [{"output_type": "stream", "text": ["<b>", "4"]}, {"data": {"text/plain": "5"}}, "odd"]

    assert maker._kept_outputs({"outputs": outputs}) == [
        "<pre><samp>&lt;b&gt;4</samp></pre>",
        "<pre><samp>5</samp></pre>",
    ]
