"""`workstation export-html`: plain pages of lessons and exercises that run, load and tell nothing they should not."""

import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from planning_notebook_kit import HOSTILE, exercise, working_copy
from report_kit import predicted

from workstation import materials
from workstation.answers.prediction_store import SELF_CHECKS_FILE, append
from workstation.answers.predictions import Prediction
from workstation.catalog import load_catalog
from workstation.catalog._pages import load_page_calls
from workstation.cli import main
from workstation.errors import MaterialsError
from workstation.notebook import lesson_pages as maker
from workstation.notebook.cell_calls import calls
from workstation.notebook.lesson_pages import lesson_pages
from workstation.notebook.page_mine import gather_mine
from workstation.notebook.page_twins import DROPPED, TWINS, Mine, twin

CATALOG = load_catalog()
VOID = {"meta", "br", "img", "hr", "input", "col", "link", "wbr"}
ACTIVE = {"script", "iframe", "object", "embed", "link", "form", "base", "video", "audio", "input", "button"}


class Read(HTMLParser):
    """A page as a reader's program meets it: tags in order, attributes, words, and whether all is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        """Note a tag, and that it is open."""
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        """Close a tag, or note that another one is open."""
        if tag in VOID:
            return
        if not self.open or self.open[-1] != tag:
            self.wrong.append(f"</{tag}> where {self.open[-1:]} is open")
        else:
            self.open.pop()

    def handle_data(self, data):
        """Note what a reader would read."""
        if self.open[-1:] != ["style"]:
            self.words += data

    def values(self, name):
        """List an attribute's values, in order."""
        return [attrs[name] or "" for _tag, attrs in self.tags if name in attrs]


@pytest.fixture(scope="module")
def pages():
    return {page.name: page.html for page in lesson_pages()}


@pytest.fixture(scope="module")
def read(pages):
    return {name: Read(html) for name, html in pages.items()}


@pytest.fixture
def copy(tmp_path):
    root = working_copy(tmp_path / "copy")
    predicted(root, id="first-to-diverge", unit=None, predicted="ram", measured=None, measured_at=None)
    entry = Prediction(
        id="what-comes-first", question="?", unit=None, predicted="b", predicted_at="2026-01-01T00:00:00Z"
    )
    append(root / "evidence" / SELF_CHECKS_FILE, entry)
    exercise(root, "constraint-summary", workload=f"My own words {HOSTILE}")
    return root


# Every page


def test_there_is_a_page_for_each_lesson_and_exercise_and_an_index(pages):
    """In reading order; the exercises in the catalogue's."""
    released = materials.exercise_names()
    exercises = [f"exercise-{name}.html" for name in CATALOG.exercises if name in released]

    assert list(pages) == ["index.html", *(f"{name}.html" for name in materials.lesson_names()), *exercises]
    assert len(exercises) == len(released)


def test_nothing_runs_and_nothing_is_loaded(read):
    for name, page in read.items():
        tags = {tag for tag, _attrs in page.tags}
        assert not tags & ACTIVE, name
        assert not [attr for _tag, attrs in page.tags for attr in attrs if attr.startswith("on")], name
        assert [src for src in page.values("src") if not src.startswith("data:")] == [], name
        assert any("default-src 'none'" in content for content in page.values("content")), name


def test_every_tag_is_closed_in_order(read):
    assert {name: page.wrong for name, page in read.items() if page.wrong or page.open} == {}


def test_headings_begin_with_one_title_and_leave_no_gap(read):
    for name, page in read.items():
        levels = [int(tag[1]) for tag, _attrs in page.tags if re.fullmatch(r"h[1-6]", tag)]
        assert levels[0] == 1, name
        assert levels.count(1) == 1, name
        assert all(after - before <= 1 for before, after in pairwise(levels)), name


def test_no_id_stands_twice_and_every_link_leads_somewhere(read):
    for name, page in read.items():
        ids = page.values("id")
        assert len(ids) == len(set(ids)), name
        for target in page.values("href"):
            place, _, anchor = target.partition("#")
            if place.startswith("https://"):
                continue
            assert place in {"", *read}, (name, target)
            assert not anchor or anchor in read[place or name].values("id"), (name, target)


def test_a_reader_is_told_the_language_and_can_skip_and_every_picture_is_told(pages, read):
    for name, page in read.items():
        assert '<html lang="en">' in pages[name]
        assert page.tags[[tag for tag, _ in page.tags].index("body") + 1][1] == {"class": "skip", "href": "#content"}
        assert all(attrs.get("alt") for tag, attrs in page.tags if tag == "img"), name


def test_it_follows_the_theme_and_prints(pages):
    for html in pages.values():
        assert "prefers-color-scheme: dark" in html
        assert "@media print" in html


def test_a_diagram_is_told_in_words(read):
    told = read["00-start-here.html"].words

    assert "Diagram: The way through the course." in told
    assert not [name for name, page in read.items() if "flowchart" in page.words or "accDescr" in page.words]


def test_keys_stay_keys(pages):
    """A picture put in by nbconvert's own way would break tags inside a line."""
    assert "<kbd>Shift</kbd> + <kbd>Enter</kbd>" in pages["00-start-here.html"]


def test_no_page_says_how_to_press_a_form_alone(read):
    """Wherever a lesson has a choice, the page has the choices and the answer."""
    for question in CATALOG.questions.values():
        if f"{question.lesson}.html" in read:
            page = " ".join(read[f"{question.lesson}.html"].words.split())
            for text in (question.question, *question.choices, *question.reasons):
                assert " ".join(text.split()) in page


def test_the_review_has_all_mistakes_and_all_scenarios_with_their_answers(read):
    told = read["10-review.html"].words

    for mistake in CATALOG.mistakes.values():
        assert mistake.harm in told
        assert mistake.why in told
    for entry in CATALOG.scenarios.values():
        if entry.lesson == "10-review":
            assert entry.model_answer in told


def test_an_exercise_can_be_read_with_its_criteria_points_and_hints(read):
    told = read["exercise-constraint-summary.html"].words
    for criterion in CATALOG.exercises["constraint-summary"].criteria:
        if criterion.answer != "evidence":
            assert criterion.title in told
            assert criterion.hints[0].replace("`", "") in told
    assert "ws.check" not in re.sub(r"\s", "", told)


def test_the_index_names_every_page_with_its_minutes(pages, read):
    told = read["index.html"]

    assert set(told.values("href")) >= set(pages) - {"index.html"}
    assert told.words.count("minutes to read") == len(pages) - 1


def test_every_function_that_a_page_cannot_run_is_explained():
    """A cell of a lesson has a twin, is dropped on purpose, or has words that say what it would show."""
    known = {*TWINS, *DROPPED, *load_page_calls()}
    sources = [*materials.course_root().glob("*.ipynb"), *materials.exercises_root().glob("*/*.ipynb")]
    code = [
        "".join(cell["source"])
        for path in sources
        for cell in json.loads(path.read_text("utf-8"))["cells"]
        if cell["cell_type"] == "code"
    ]
    called = {each.name for source in code for each in calls(source)} - {"answer"}

    assert called - known == set()


def test_no_word_of_the_pages_explains_a_function_that_is_gone():
    import workstation

    names = {name.partition(".")[0] for name in load_page_calls()}

    assert names <= set(workstation.__all__)


# Cells


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


# The command


def test_the_command_writes_the_pages_into_a_new_folder(tmp_path, capsys, pages):
    folder = tmp_path / "new" / "pages"

    assert main(["export-html", "--to", str(folder)]) == 0
    assert sorted(path.name for path in folder.iterdir()) == sorted(pages)
    assert str(folder / "index.html") in capsys.readouterr().out


def test_json_names_the_folder_and_the_files(tmp_path, capsys, pages):
    assert main(["export-html", "--json", "--to", str(tmp_path / "pages")]) == 0
    document = json.loads(capsys.readouterr().out)

    assert document["schema"] == "workstation.pages/1"
    assert document["files"] == list(pages)


@pytest.mark.parametrize("other", ["mine.txt", "index.html", ".hidden"])
def test_a_folder_with_other_things_in_it_is_left_as_it_is(tmp_path, capsys, other):
    (tmp_path / other).write_text("mine", encoding="utf-8")

    assert main(["export-html", "--to", str(tmp_path)]) == 2
    assert [path.name for path in tmp_path.iterdir()] == [other]
    assert (tmp_path / other).read_text("utf-8") == "mine"
    assert "--to" in capsys.readouterr().err


def test_a_file_in_the_folders_place_is_left_as_it_is(tmp_path, capsys):
    (tmp_path / "file").write_text("mine", encoding="utf-8")

    assert main(["export-html", "--to", str(tmp_path / "file")]) == 2
    assert (tmp_path / "file").read_text("utf-8") == "mine"
    assert "--to" in capsys.readouterr().err


def test_pages_that_cannot_all_be_written_leave_none_behind(tmp_path, monkeypatch, capsys):
    from workstation import outputs
    from workstation.errors import OutputError

    write = outputs.write_new

    def full(path: Path, content: bytes, *, option: str) -> Path:
        if path.name.startswith("01"):
            raise OutputError("The disk is full.")
        return write(path, content, option=option)

    monkeypatch.setattr(outputs, "write_new", full)

    assert main(["export-html", "--to", str(tmp_path / "pages")]) == 2
    assert list((tmp_path / "pages").iterdir()) == []
    assert "The disk is full." in capsys.readouterr().err


def test_nothing_of_the_learner_is_on_the_pages_unless_it_is_asked_for(copy, tmp_path, monkeypatch):
    monkeypatch.chdir(copy / "course")
    main(["export-html", "--to", str(tmp_path / "plain"), "--dir", str(copy)])
    main(["export-html", "--to", str(tmp_path / "mine"), "--dir", str(copy), "--mine"])
    plain, mine = (
        "".join(path.read_text("utf-8") for path in (tmp_path / name).iterdir()) for name in ("plain", "mine")
    )

    assert "My own words" not in plain
    assert "You predicted System RAM." not in plain
    assert "You chose b." not in plain
    assert "My own words" in mine
    assert "You predicted System RAM." in mine
    assert "You chose b." in mine
    assert "<script" not in mine


def test_an_untouched_template_is_not_called_the_learners_words(tmp_path):
    root = working_copy(tmp_path / "copy")
    exercise(root, "constraint-summary", workload="", archetype="Archetype:\nBecause:")

    assert gather_mine(root)[0].written == {}


def test_what_of_the_learners_could_not_be_read_is_said(copy, tmp_path, capsys):
    exercise(copy, "constraint-summary", workload="x").write_bytes(b"{")
    (copy / "evidence" / SELF_CHECKS_FILE).write_bytes(b"\xff{\n")

    assert main(["export-html", "--mine", "--dir", str(copy), "--to", str(tmp_path / "pages")]) == 0
    said = capsys.readouterr().out
    assert "constraint-summary.ipynb was not read" in said
    assert f"1 line of the file evidence/{SELF_CHECKS_FILE} could not be read" in said


def test_mine_without_a_working_copy_is_refused_in_a_sentence(tmp_path, capsys):
    assert main(["export-html", "--mine", "--dir", str(tmp_path / "none"), "--to", str(tmp_path / "pages")]) == 2
    assert "--dir" in capsys.readouterr().err
