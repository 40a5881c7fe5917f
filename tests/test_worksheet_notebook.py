"""The worksheet in a notebook: the form, the call, where it is kept, and what a learner sees of a part."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from notebook_kit import ipython_shell

from workstation.catalog._platform import load_platform_rules
from workstation.inventory import Platform, fill_in, load_platform, prefill
from workstation.notebook import worksheet
from workstation.notebook.worksheet_form import WorksheetForm

VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working copy, with the learner in a lesson's folder."""
    (tmp_path / ".workstation").mkdir()
    (tmp_path / ".workstation/manifest.json").write_text("{}", encoding="utf-8")
    (tmp_path / "course").mkdir()
    monkeypatch.chdir(tmp_path / "course")
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    return tmp_path


@pytest.fixture
def shell(course: Path):
    """A real IPython shell in the lesson's folder."""
    del course
    with ipython_shell() as started:
        started.run("import workstation as ws")
        yield started


def kept(course: Path) -> Platform:
    return load_platform(course / "evidence/platform.json")


class Tags(HTMLParser):
    """Collects what tables and lists are made of."""

    def __init__(self) -> None:
        super().__init__()
        self.scopes: list[str | None] = []
        self.statuses = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count table headings and live regions."""
        given = dict(attrs)
        if tag == "th":
            self.scopes.append(given.get("scope"))
        self.statuses += given.get("role") == "status"


def tags(html: str) -> Tags:
    parser = Tags()
    parser.feed(html)
    return parser


def test_answers_by_call_are_kept_in_the_courses_store(shell, course):
    shell.run('ws.platform_worksheet(psu_watts=650, psu_standard="yes")')

    assert (kept(course).psu_watts, kept(course).psu_standard) == (650, True)
    assert not (course / "course/evidence").exists()
    assert shell.text.startswith("Saved in evidence/platform.json.")


def test_one_answer_is_counted_as_one(shell, course):
    shell.run("ws.platform_worksheet(psu_watts=650)")
    shell.run("ws.platform_worksheet()")

    assert "1 answers" not in shell.text


def test_a_later_call_adds_to_what_is_kept(shell, course):
    shell.run("ws.platform_worksheet(psu_watts=650)")
    shell.run("ws.platform_worksheet(memory_max_gib=64)")
    shell.run("ws.platform_worksheet(psu_watts=None)")

    assert (kept(course).psu_watts, kept(course).memory_max_gib) == (None, 64)


def test_in_an_exercise_a_copy_is_handed_in(shell, course, monkeypatch):
    exercise = course / "exercises/constraint-summary"
    exercise.mkdir(parents=True)
    monkeypatch.chdir(exercise)

    shell.run("ws.platform_worksheet(psu_watts=650)")

    assert load_platform(exercise / "evidence/platform.json") == kept(course)


def test_an_answer_that_is_none_is_refused_and_changes_nothing(shell, course):
    shell.run("ws.platform_worksheet(psu_watts=650)")
    shell.run('ws.platform_worksheet(psu_watts="lots")')

    assert "whole number from 1 to 5000" in shell.text
    assert kept(course).psu_watts == 650


def test_a_damaged_worksheet_is_kept_aside_and_said(shell, course):
    (course / "evidence").mkdir()
    (course / "evidence/platform.json").write_text("{", encoding="utf-8")

    shell.run("ws.platform_worksheet(psu_watts=650)")

    assert (course / "evidence/platform-damaged-1.json").read_text("utf-8") == "{"
    assert "platform-damaged-1.json" in shell.text
    assert kept(course).psu_watts == 650


def test_a_store_that_cannot_be_made_is_said_without_a_traceback(shell, course):
    (course / "evidence").write_text("a file in the way", encoding="utf-8")

    shell.run("ws.platform_worksheet(psu_watts=650)")

    assert "Making the folder evidence failed" in shell.text


def test_the_table_names_every_item_and_where_to_look(shell):
    shell.run("ws.platform_worksheet(psu_watts=650)")

    for item in load_platform_rules().items.values():
        assert item.id in shell.text
        assert f"<code>{item.id}</code>" in shell.html
    found = tags(shell.html)
    assert None not in found.scopes
    assert found.statuses == 1


def test_what_a_learner_types_cannot_become_markup(shell):
    shell.run('ws.platform_worksheet(other_limits="<script>alert(1)</script>")')

    assert "<script" not in shell.html
    assert "&lt;script&gt;" in shell.html


def test_without_answers_a_form_is_shown_with_its_table(shell, course):
    shell.run("ws.platform_worksheet()")

    assert any(VIEW in card for card in shell.cards)
    assert "ws.platform_worksheet(psu_watts=650)" in shell.cards[-2]["text/plain"]
    assert "not known yet" in shell.text
    assert not (course / "evidence/platform.json").exists()


def form(platform, course):
    """Make the form of a working copy as `platform_worksheet` does."""
    return WorksheetForm(platform, worksheet._saver(platform, course, "slot", ""))


def test_each_field_has_its_label_and_starts_with_what_is_known(shell, course):
    del shell
    filled = fill_in(Platform(filled_in_at=""), {"psu_watts": 650, "psu_standard": True, "chassis": "desktop"})
    fields = form(filled, course).fields

    assert {name: field.description for name, field in fields.items()} == {
        name: item.label for name, item in load_platform_rules().items.items()
    }
    assert (fields["psu_watts"].value, fields["psu_standard"].value, fields["chassis"].value) == (
        "650",
        "yes",
        "desktop",
    )
    assert fields["memory_max_gib"].value == ""


def test_pressing_the_button_keeps_what_stands_in_the_fields(shell, course):
    del shell
    made = form(Platform(filled_in_at=""), course)
    made.fields["psu_watts"].value = "650 W"
    made.fields["memory_soldered"].value = "no"

    made.button.click()

    assert (kept(course).psu_watts, kept(course).memory_soldered) == (650, False)
    assert "Saved in evidence/platform.json" in made.said.value
    assert 'aria-live="polite"' in made.said.value


def test_a_field_can_be_changed_back(shell, course):
    del shell
    made = form(fill_in(Platform(filled_in_at=""), {"psu_watts": 650}), course)
    for typed in ("750", "650", ""):
        made.fields["psu_watts"].value = typed
        made.button.click()
        assert kept(course).psu_watts == (int(typed) if typed else None)


def test_a_wrong_answer_in_the_form_is_said_beside_it_and_nothing_is_kept(shell, course):
    made = form(Platform(filled_in_at=""), course)
    made.fields["psu_watts"].value = "lots"

    made.button.click()

    assert "whole number from 1 to 5000" in made.said.value
    assert not (course / "evidence/platform.json").exists()
    assert shell.cards == []


def test_what_a_program_filled_in_stays_its_word_when_the_form_is_saved(shell, course, monkeypatch):
    del shell
    from inventory_kit import small

    from workstation.inventory._worksheet_prefill import MemorySlots

    inv = small(files={"/proc/cpuinfo": "processor : 0\nflags : fpu\n"})
    made = form(prefill(inv, MemorySlots(total=4)), course)
    made.fields["psu_watts"].value = "650"

    made.button.click()

    told = kept(course).provenance
    assert told["memory_slots_total"].source == "the firmware's memory table"
    assert told["psu_watts"].source == "worksheet"


def test_a_verdict_is_a_card_and_a_text_and_a_value(shell):
    shell.run('ws.platform_worksheet(chassis="laptop", memory_soldered="yes", memory_slots_total=0)')
    check = shell.run('ws.upgrade_check("ram")')

    html = shell.ipython.display_formatter.format(check)[0]["text/html"]
    text = shell.ipython.display_formatter.format(check)[0]["text/plain"]
    assert check.verdict == "does not fit"
    assert text.startswith("More memory does not fit this machine")
    for reason in check.reasons:
        assert reason.sentence in text
    assert "does not fit</strong>" in html
    assert tags(html).statuses == 1


def test_needs_of_the_part_are_passed_on(shell):
    shell.run("ws.platform_worksheet(psu_watts=650)")

    assert shell.run('ws.upgrade_check("gpu", psu_watts=750)').verdict == "does not fit"


def test_a_part_that_is_none_is_a_card(shell):
    assert shell.run('ws.upgrade_check("toaster")') is None
    assert "Parts: ram, gpu" in shell.text


@pytest.mark.parametrize("running", ["validate", "autograde"])
def test_under_nbgrader_the_handed_in_worksheet_is_shown_and_nothing_is_asked(shell, course, monkeypatch, running):
    exercise = course / "exercises/constraint-summary"
    exercise.mkdir(parents=True)
    monkeypatch.chdir(exercise)
    shell.run("ws.platform_worksheet(psu_watts=650)")
    before = (exercise / "evidence/platform.json").read_bytes()
    monkeypatch.setenv("NBGRADER_EXECUTION", running)
    monkeypatch.setattr(worksheet, "read_machine", None)

    shell.run("ws.platform_worksheet(psu_watts=850)")
    shell.run("ws.platform_worksheet()")
    assert shell.text.startswith("This is the worksheet that was handed in.")
    assert shell.run('ws.upgrade_check("gpu", psu_watts=750)').verdict == "does not fit"
    assert (exercise / "evidence/platform.json").read_bytes() == before


def test_under_nbgrader_a_missing_worksheet_is_said(shell, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")

    shell.run("ws.platform_worksheet()")

    assert shell.text.startswith("There is no worksheet beside this notebook.")


def test_no_file_names_a_place_or_a_person(shell, course):
    shell.run("ws.platform_worksheet(psu_watts=650)")

    text = (course / "evidence/platform.json").read_text("utf-8")
    assert json.loads(text)["schema"] == "workstation.platform/1"
    assert not re.search(rf"{re.escape(str(Path.home()))}|{re.escape(str(course))}", text)


def test_every_field_is_typed_into(shell, course):
    """JupyterLab takes the arrow keys and the letters that a list to choose from would need."""
    form = WorksheetForm(Platform(filled_in_at="2026-01-31T12:00:00Z"), save=lambda _values: "")

    assert {type(field).__name__ for field in form.fields.values()} == {"Text", "Combobox"}
    assert list(form.fields["psu_standard"].options) == ["yes", "no"]
    assert "desktop" in form.fields["chassis"].placeholder
