"""A translation: which words it may replace, what it must not touch, and how it names what is wrong with it."""

import pytest

from workstation import catalog as package
from workstation.catalog import load_catalog, shown_catalog
from workstation.catalog._translate import TEXTS, language_of, translated
from workstation.errors import CatalogError

GERMAN = """
[symptom.slow-installs-and-loads]
name = "Installieren und Laden dauern lange"
first_fixes = {fixes}

[criterion."summary.measured"]
title = "Eine Messung steht dahinter"

[criterion."sentence.family"]
title = "Die Art der Arbeit ist genannt"
"""
FIXES = len(load_catalog().symptoms["slow-installs-and-loads"].first_fixes)


@pytest.fixture
def folder(tmp_path):
    """A catalogue folder with German words for three entries."""
    (tmp_path / "translations").mkdir()
    write(tmp_path, GERMAN.format(fixes=["Platz schaffen"] * FIXES))
    return tmp_path


def write(folder, text):
    (folder / "translations" / "de.toml").write_text(text, encoding="utf-8")


def test_names_and_texts_are_replaced_by_id_and_the_rest_stays(folder):
    found = translated(load_catalog(), folder, "de")
    symptom, before = found.symptoms["slow-installs-and-loads"], load_catalog().symptoms["slow-installs-and-loads"]

    assert symptom.name == "Installieren und Laden dauern lange"
    assert (symptom.constraint_text, symptom.aliases) == (before.constraint_text, before.aliases)
    assert list(found.symptoms) == list(load_catalog().symptoms)
    assert found.families == load_catalog().families


@pytest.mark.parametrize(("kind", "criterion"), [("exercises", "summary.measured"), ("practice", "sentence.family")])
def test_criteria_get_their_titles_and_keep_their_points(folder, kind, criterion):
    def all_of(catalog):
        return {item.id: item for task in getattr(catalog, kind).values() for item in task.criteria}

    found, before = all_of(translated(load_catalog(), folder, "de")), all_of(load_catalog())

    assert found[criterion].title != before[criterion].title
    assert [(item.id, item.points, item.group, item.at_grading) for item in found.values()] == [
        (item.id, item.points, item.group, item.at_grading) for item in before.values()
    ]


@pytest.mark.parametrize("language", ["", "fr"])
def test_a_language_that_is_not_there_leaves_the_catalogue_as_it_was_written(folder, language):
    assert translated(load_catalog(), folder, language) is load_catalog()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[symptoms.x]\nname = 'x'", "unknown"),
        ("[symptom.no-such]\nname = 'x'", "no such entry"),
        ("[symptom.rare-large-jobs]\naliases = ['x']", "not to be translated"),
        ("[symptom.rare-large-jobs]\nname = ' '", "must be text"),
        ("[symptom.rare-large-jobs]\nfirst_fixes = []", "as many as the original"),
        ("[symptom]\nrare-large-jobs = 'x'", "must be a table"),
        ("[criterion.'summary.measured']\npoints = 9.0", "not to be translated"),
        ("[criterion.'summary.no-such']\ntitle = 'x'", "no criterion"),
        ("[symptom", "not TOML"),
    ],
)
def test_what_is_wrong_is_named_by_file_entry_and_field(folder, text, problem):
    write(folder, text)

    with pytest.raises(CatalogError, match=rf"translations/de\.toml.*{problem}"):
        translated(load_catalog(), folder, "de")


def test_no_word_that_a_judge_compares_can_be_translated():
    compared = {"id", "aliases", "signals", "targets", "measures", "placeholders", "label", "points", "correct"}

    assert not [(table, field) for table, (_, fields) in TEXTS.items() for field in fields if field in compared]


def test_every_kind_of_entry_can_be_translated_by_the_name_of_its_table():
    from workstation.catalog._load import SOURCES

    assert {table: kind for table, (kind, _) in TEXTS.items()} == {
        source.table: kind for kind, source in SOURCES.items() if source.table in TEXTS
    }
    assert {source.table for source in SOURCES.values()} - set(TEXTS) == set()


@pytest.mark.parametrize(
    ("wish", "language"),
    [("de", "de"), ("de_AT.UTF-8", "de"), ("DE", "de"), ("", ""), ("../de", ""), ("x" * 400, ""), ("d", "")],
)
def test_a_wish_is_reduced_to_a_language(wish, language):
    assert language_of(wish) == language


def test_without_a_wish_the_reader_gets_what_the_judges_read(monkeypatch):
    monkeypatch.delenv("WORKSTATION_LANGUAGE", raising=False)

    assert shown_catalog() is load_catalog()


def test_shipped_translations_load():
    """Whatever languages there are; none has to be."""
    from importlib.resources import files

    folder = files(package) / "translations"
    for each in folder.iterdir() if folder.is_dir() else ():
        assert translated(load_catalog(), files(package), each.name.removesuffix(".toml")) is not load_catalog()
