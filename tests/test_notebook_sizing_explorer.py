"""The sizing explorer: parts that add up to the plain call's answer, a form that says what came of it, bad input."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from notebook_kit import ipython_shell
from planning_notebook_kit import HOSTILE, Page, working_copy

from workstation import errors
from workstation.inventory import read_from
from workstation.inventory._recorded import RecordedSource
from workstation.notebook.explorer_card import explorer_card, figure, sentence
from workstation.notebook.explorer_form import DOUBLE, HALVE, LABELS, WORK_OUT, ExplorerForm
from workstation.notebook.explorer_model import Setting, explore, read_setting
from workstation.sizing import fits

MACHINES = Path(__file__).parent / "machines"
BIG, APPLE, NO_DRIVER = "linux-i9-rtx4090-64gib", "macos-m1-laptop-unified-16gib", "linux-i7-laptop-rtx3050timute-16gib"
TYPED = {
    "model": "llama-3.1-8b", "quantization": "Q4_K_M", "context_tokens": "8192", "sequences": "1", "cache_type": "f16",
}  # fmt: skip


def machine(name):
    return read_from(RecordedSource.load(MACHINES / name / "machine.toml"), "/x")


def setting(**changed: str) -> Setting:
    return read_setting(TYPED | changed)


@pytest.fixture
def course(tmp_path, monkeypatch):
    root = working_copy(tmp_path / "copy")
    monkeypatch.chdir(root / "course")
    return root


@pytest.fixture
def shell(course):
    del course
    with ipython_shell() as started:
        started.run("import workstation as ws\nfrom test_notebook_sizing_explorer import machine, BIG")
        yield started


@pytest.fixture
def form(shell, monkeypatch):
    """The form of an explorer on the big machine, caught before a page would show it."""
    caught: list[ExplorerForm] = []

    def catch(self: ExplorerForm) -> None:
        caught.append(self)

    monkeypatch.setattr(ExplorerForm, "show", catch)
    shell.run("ws.sizing_explorer(on=machine(BIG))")
    return caught[0]


def said(form) -> str:
    """What the form's live region reads."""
    return Page(form.said.value).words


# What it decides


@pytest.mark.parametrize("name", [BIG, APPLE, NO_DRIVER])
@pytest.mark.parametrize("changed", [{}, {"model": "7B"}, {"context_tokens": "128k", "sequences": "4"}])
def test_three_parts_add_up_to_what_the_plain_call_says(name, changed):
    chosen = setting(**changed)
    found = explore(chosen, machine(name))
    plain = fits(
        chosen.model,
        on=machine(name),
        quantization=chosen.quantization,
        context_tokens=chosen.context_tokens,
        sequences=chosen.sequences,
        cache_type=chosen.cache_type,
    )

    assert found.fit == plain
    for size in ("low_bytes", "likely_bytes", "high_bytes"):
        assert sum(getattr(part, size) for part in found.parts) == getattr(plain.needs, size)
    assert all(0 <= part.low_bytes <= part.likely_bytes <= part.high_bytes for part in found.parts)


def test_the_part_that_decides_is_named_with_its_share():
    assert "What decides: weights, 4.6 GiB" in sentence(explore(setting(), machine(BIG)))
    assert "What decides: KV cache, 16.0 GiB" in sentence(explore(setting(context_tokens="128k"), machine(BIG)))


def test_an_unknown_memory_gives_no_verdict_and_says_what_is_missing():
    found = explore(setting(), machine(NO_DRIVER))

    assert sentence(found).endswith("whether it fits cannot be said yet.")
    assert "Still to be found out:" in explorer_card(found).text
    assert figure(found).limit == found.fit.has_bytes


def test_the_last_change_is_told_and_only_what_moved():
    before = explore(setting(), machine(BIG))
    after = explore(setting(quantization="Q8_0"), machine(BIG), before)

    assert after.changes == ("Weights",)
    assert "Since the last answer: weights 4.6 GiB to 7.9 GiB." in explorer_card(after).text
    assert after.before is not None
    assert after.before.before is None


@pytest.mark.parametrize(("text", "tokens"), [("8192", 8192), ("32k", 32_768), ("8,192", 8192), ("131 072", 131_072)])
def test_a_context_is_read_as_people_write_it(text, tokens):
    assert setting(context_tokens=text).context_tokens == tokens


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"context_tokens": "long"}, "The context must be a whole number"),
        ({"context_tokens": "1.5"}, "The context must be a whole number"),
        ({"sequences": "4k"}, "sequences at once must be a whole number"),
        ({"model": "  "}, "The model cannot be"),
        ({"model": "x" * 5000}, "The model cannot be"),
        ({"model": 'a"; import os'}, "The model cannot be"),
        ({"quantization": ""}, "for example: Q4_K_M"),
    ],
)
def test_a_field_that_holds_nonsense_is_named_with_an_example(changed, words):
    with pytest.raises(errors.SizingError, match=re.escape(words).replace("for", "[Ff]or")):
        setting(**changed)


@pytest.mark.parametrize("changed", [{"model": "lama-8"}, {"quantization": "Q4KM5"}, {"cache_type": "f17"}])
def test_a_misspelt_name_gets_the_nearest_ones(changed):
    with pytest.raises(errors.SizingError, match="Did you mean"):
        explore(setting(**changed), machine(BIG))


# What it looks like


def test_the_figure_and_its_twin_say_the_same():
    found = explore(setting(), machine(BIG))
    card = explorer_card(found)
    label = re.search(r'role="img" aria-label="([^"]+)"', card.html)[1]

    assert "weights 4.6 GiB, KV cache 1.0 GiB" in label
    assert "has 24.0 GiB" in label
    assert card.html.count('class="ws-part"') == len(found.parts)
    for words in (found.fit.reason, *(part.name for part in found.parts), found.setting.call):
        assert words in card.text
        assert words in Page(card.html).words


def test_the_call_on_the_card_gives_the_same_answer(shell):
    found = explore(setting(), machine(BIG))
    fit = shell.run(found.setting.call.replace("ws.inventory()", "machine(BIG)"))

    assert fit == found.fit


def test_hostile_words_of_a_machine_stay_text():
    card = explorer_card(explore(setting(), machine(BIG)))
    gpu = replace(machine(BIG).gpus[0], name=HOSTILE)
    hostile = explorer_card(explore(setting(), replace(machine(BIG), gpus=(gpu,))))

    assert Page(card.html).is_harmless()
    assert Page(hostile.html).is_harmless()
    assert "<script>" in Page(hostile.html).words


# The form


def test_a_changed_field_is_worked_out_and_said_politely(form, shell):
    form.fields["context_tokens"].value = "128k"

    assert "131,072 tokens of context: it fits comfortably. What decides: KV cache" in said(form)
    assert 'role="status" aria-live="polite"' in form.said.value
    assert "131,072 tokens" in shell.text


def test_every_field_has_a_label_and_waits_until_it_is_left(form):
    """Half a name is none: nothing is said at every letter."""
    assert form.fields.keys() == LABELS.keys()
    for name, field in form.fields.items():
        assert field.description == LABELS[name]
        assert field.continuous_update is False


def test_buttons_move_the_context_and_ask_once(form, shell):
    shown = len(shell.cards)
    form.buttons[DOUBLE].click()

    assert form.fields["context_tokens"].value == "16384"
    assert "16,384 tokens" in said(form)
    assert len(shell.cards) == shown + 1
    form.fields["context_tokens"].value = "32k"
    form.buttons[HALVE].click()
    assert form.fields["context_tokens"].value == "16384"


def test_the_same_setting_again_draws_nothing_new(form, shell):
    shown = len(shell.cards)
    form.buttons[WORK_OUT].click()

    assert len(shell.cards) == shown
    assert said(form).startswith("Llama 3.1 8B in Q4_K_M, 8,192 tokens")


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("model", "lama-3.1-8b", "Did you mean llama-3.1-8b"),
        ("context_tokens", "0", "must be a whole number from 1"),
        ("sequences", "-1", "must be a whole number"),
        ("cache_type", HOSTILE[:39], "No KV cache type is called"),
        ("quantization", "<b>", "No quantisation is called"),
    ],
)
def test_bad_input_is_a_sentence_and_the_last_answer_stands(form, shell, field, typed, words):
    shown = len(shell.cards)
    form.fields[field].value = typed

    assert words in said(form)
    assert said(form).endswith("Below stands the last answer.")
    assert Page(form.said.value).tags == ["p"]
    assert len(shell.cards) == shown


def test_a_context_that_is_no_number_is_told_by_the_buttons_too(form):
    form.fields["context_tokens"].value = "long"
    form.buttons[DOUBLE].click()

    assert form.fields["context_tokens"].value == "long"
    assert "The context must be a whole number" in said(form)


# Headless, and where nothing may run


def test_without_a_front_end_a_sentence_and_the_call_are_printed(shell):
    shell.run("ws.sizing_explorer('7B', on=machine(BIG), context_tokens=4096)")
    view = shell.cards[-2]

    assert "cannot show the form" in view["text/plain"]
    assert shell.text.startswith("A model of 7 billion parameters in Q4_K_M, 4,096 tokens of context: it fits")
    assert 'ws.fits("7B", on=ws.inventory(), quantization="Q4_K_M", context_tokens=4096' in shell.text


def test_this_machine_is_taken_where_none_is_named(shell):
    shell.run("ws.sizing_explorer()")

    assert shell.text.startswith("Llama 3.1 8B in Q4_K_M")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("ws.sizing_explorer('no such model')", "No model in the shape library"),
        ("ws.sizing_explorer(on='here')", "must be a machine's inventory"),
        ("ws.sizing_explorer(context_tokens=-5)", "whole number"),
        ("ws.sizing_explorer(contxt=5)", "contxt"),
        ("ws.my_bands('no such work')", "No workload family"),
        ("ws.storage_growth(models=5)", "models must be a list"),
        ("ws.storage_growth(months=-1)", "months must be a whole number"),
        ("ws.storage_growth(new_dataset_gb_per_month='3')", "a number of GB"),
        ("ws.storage_growth(shelves=2)", "shelves"),
    ],
)
def test_a_bad_call_is_a_card(shell, call, words):
    shell.run(call)

    assert words in shell.text
    assert "Something is missing" in shell.html


@pytest.mark.parametrize("running", ["autograde", "validate"])
@pytest.mark.parametrize("call", ["ws.sizing_explorer()", "ws.my_bands()", "ws.storage_growth()", "ws.buy_or_rent()"])
def test_under_nbgrader_nothing_is_read_or_shown(shell, monkeypatch, running, call):
    monkeypatch.setenv("NBGRADER_EXECUTION", running)

    assert shell.run(call) is None
    assert shell.cards == []
