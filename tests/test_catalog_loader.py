"""The loader: what it builds from files, and how it names whatever is wrong with them."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from workstation.catalog import Exercise, load_catalog, load_catalog_from
from workstation.errors import CatalogError

# One or two entries of each kind: small enough to read, complete enough to load.
SMALL = Path(__file__).parent / "small_catalog"
FILES = sorted(path.name for path in SMALL.iterdir())

WHOLE = "(the whole file)"

ANSWER = """
[[exercise.answers]]
id = "rest"
title = "The rest"
has_text = true
fields = []

"""

CRITERION = """
[[exercise.criteria]]
id = "work.{number}"
answer = "work"
group = 1
title = "One more"
points = 1
at_grading = false
hints = ["Try."]
"""


@pytest.fixture
def folder(tmp_path):
    """A folder that holds the small catalogue."""
    return Path(shutil.copytree(SMALL, tmp_path / "catalog"))


def edit(folder: Path, file: str, old: str, new: str) -> None:
    """Replace *old* in *file* once; a test whose edit finds nothing is wrong itself."""
    text = (folder / file).read_text(encoding="utf-8")
    old = text if old == WHOLE else old
    assert old in text, f"{old!r} is not in {file}"
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_correct_catalogue_becomes_entries_by_id_in_the_order_of_the_file(folder):
    catalog = load_catalog_from(folder)

    assert (catalog.version, catalog.rubric_version) == ("9.1", "9.2")
    assert list(catalog.constraints) == ["ram", "time"]
    assert catalog.families["rag"].secondary == ("time",)
    assert catalog.constraints["ram"].aliases == ("ram", "main-memory", "unified memory")


def test_answers_and_criteria_know_the_exercise_they_stand_in(folder):
    exercise = load_catalog_from(folder).exercises["summary"]

    assert isinstance(exercise, Exercise)
    assert [answer.exercise for answer in exercise.answers] == ["summary"]
    assert [criterion.exercise for criterion in exercise.criteria] == ["summary", "summary"]
    assert [criterion.points for criterion in exercise.criteria] == [1.0, 0.5]
    assert exercise.answers[0].fields[0].aliases == ("because",)


def test_a_field_that_may_be_none_can_be_left_out(folder):
    metrics = load_catalog_from(folder).metrics

    assert metrics["swap_used_gib"].constraint == "ram"
    assert metrics["cloud_hours"].constraint is None


def test_entries_cannot_be_changed_after_loading(folder):
    catalog = load_catalog_from(folder)

    with pytest.raises(TypeError):
        catalog.families["other"] = catalog.families["rag"]


BROKEN = {
    "unknown key": ("families.toml", 'local_fit = "good"', 'local_fit = "good"\nfitt = "x"', "rag", "fitt",
                    "unknown key"),
    "missing key": ("families.toml", 'local_fit = "good"', "", "rag", "local_fit", "is missing"),
    "missing key of a nested entry": ("rubric.toml", 'title = "It fits"', "", "summary > work.fits", "title",
                                      "missing"),
    "inherited key": ("rubric.toml", 'title = "It fits"', 'title = "It fits"\nexercise = "x"', "summary > work.fits",
                      "exercise", "unknown key"),
    "number for text": ("archetypes.toml", 'limits = "heat"', "limits = 3", "laptop", "limits", "must be text"),
    "blank text": ("archetypes.toml", 'limits = "heat"', 'limits = " "', "laptop", "limits", "must be text"),
    "text for a list": ("archetypes.toml", '["in my bag"]', '"in my bag"', "laptop", "signals", "must be a list"),
    "number in a list": ("archetypes.toml", '["in my bag"]', "[1]", "laptop", "signals", "must be text"),
    "text for yes or no": ("rubric.toml", "at_grading = true", 'at_grading = "yes"', "summary > work.fits",
                           "at_grading",
                           "true or false"),
    "yes or no for a number": ("rubric.toml", "points = 0.5", "points = true", "summary > work.fits", "points",
                               "a number"),
    "fraction for a whole number": ("rubric.toml", "group = 1", "group = 1.0", "summary > work.named", "group",
                                    "whole number"),
    "word outside a closed list": ("metrics.toml", 'week = "sum"', 'week = "total"', "cloud_hours", "week",
                                   "one of peak"),
    "table for an array of tables": ("bands.toml", "[[band]]", "[band]", "(whole file)", "ResourceBands",
                                     "array of tables"),
    "entry that is no table": ("mistakes.toml", WHOLE, 'mistake = ["x"]', "#1", "(the entry)",
                               "must be a table"),
    "entry without an id": ("mistakes.toml", 'id = "hype"\n', "", "#1", "id", "is missing"),
    "id with a capital": ("mistakes.toml", 'id = "hype"', 'id = "Hype"', "Hype", "id", "must match"),
    "metric that is no identifier": ("metrics.toml", '"cloud_hours"', '"cloud-hours"', "cloud-hours", "id",
                                     "must match"),
    "id of two entries": ("constraints.toml", 'id = "time"', 'id = "ram"', "ram", "id", "twice"),
    "alias of two entries": ("constraints.toml", '"job length"', '"Main memory"'.lower(), "time", "aliases",
                             "'main memory' already belongs to 'ram'"),
    "signal that is another's alias": ("constraints.toml", '"all night"', '"ram"', "time", "signals",
                                       "already belongs to 'ram'"),
    "word that is shared without saying so": ("constraints.toml", 'shared_words = ["unified memory"]', "", "time",
                                              "aliases",
                                              "already belongs"),
    "alias twice in an entry": ("constraints.toml", '"ram", ', '"ram", "ram", ', "ram", "aliases", "twice"),
    "alias with a capital": ("constraints.toml", '"ram", ', '"RAM", ', "ram", "aliases", "lower case"),
    "alias outside ASCII": ("constraints.toml", '"ram", ', '"m\u00e9moire", ', "ram", "aliases", "ASCII"),
    "no alias at all": ("decisions.toml", 'aliases = ["keep"]', "aliases = []", "keep", "aliases",
                        "must not be empty"),
    "family of an unknown constraint": ("families.toml", 'primary = ["ram"]', 'primary = ["rom"]', "rag", "primary",
                                        "'rom' is none of the constraints: ram, time"),
    "bottleneck both first and second": ("families.toml", 'secondary = ["time"]', 'secondary = ["ram"]', "rag",
                                         "secondary",
                                         "already a primary"),
    "band of an unknown constraint": ("bands.toml", 'constraint = "ram"', 'constraint = "rom"', "ram", "constraint",
                                      "none of"),
    "metric of an unknown constraint": ("metrics.toml", 'constraint = "ram"', 'constraint = "rom"', "swap_used_gib",
                                        "constraint", "none of"),
    "symptom of an unknown constraint": ("symptoms.toml", '["ram"]', '["rom"]', "slow", "constraint", "none of"),
    "criterion of an unknown answer": ("rubric.toml", 'answer = "work"', 'answer = "play"', "summary", "criteria",
                                       "unknown answer 'play'; known: work"),
    "criterion twice": ("rubric.toml", '"work.fits"', '"work.named"', "summary", "criteria",
                        "'work.named' stands here twice"),
    "points of nothing": ("rubric.toml", "points = 0.5", "points = 0", "summary > work.fits", "points",
                          "more than 0"),
    "hints of nothing": ("rubric.toml", 'hints = ["Does it?"]', "hints = []", "summary > work.fits", "hints",
                         "empty"),
    "group zero": ("rubric.toml", "group = 1", "group = 0", "summary > work.named", "group", "counted from 1"),
    "group left out": ("rubric.toml", "group = 1", "group = 3", "summary", "criteria", "group 3 but no group 2"),
    "five criteria in a group": ("rubric.toml", 'hints = ["Does it?"]',
                                 'hints = ["Does it?"]' + "".join(CRITERION.format(number=n) for n in range(3)),
                                 "summary", "criteria", "holds 5 criteria"),
    "label twice": ("rubric.toml", '"because"', '"why"', "summary", "fields", "'why' stands twice in 'work'"),
    "answer without a criterion": ("rubric.toml", "[[exercise.criteria]]", f"{ANSWER}[[exercise.criteria]]",
                                   "summary",
                                   "answers", "'rest' has no criterion"),
    "reason too few": ("scenarios.toml", '["cheap", "dear"]', '["cheap"]', "two-ways", "reasons",
                       "each of the 2 choices"),
    "right choice out of range": ("scenarios.toml", "correct = 0", "correct = 2", "two-ways", "correct", "0 to 1"),
    "one choice only": ("scenarios.toml", '["measure", "buy"]', '["measure"]', "two-ways", "choices", "two choices"),
    "foreign table in a file": ("bands.toml", "[[band]]", "[[bands]]\nid = 'x'\n[[band]]", "(whole file)", "bands",
                                "takes [[band]]"),
    "file without entries": ("mistakes.toml", WHOLE, "", "(whole file)", "mistake", "no entry"),
    "file that is no TOML": ("mistakes.toml", "[[mistake]]", "[[mistake", "(whole file)", "(none)", "is not TOML"),
    "shared words that are no list": ("constraints.toml", '["unified memory"]\n\n', '"unified memory"\n\n',
                                      "(whole file)",
                                      "shared_words", "a list of words"),
    "version that is a number": ("catalog.toml", '"9.1"', "9.1", "(whole file)", "version", "must be a version"),
    "version left out": ("catalog.toml", 'rubric_version = "9.2"', "", "(whole file)", "rubric_version",
                         "must be a version"),
    "unknown version": ("catalog.toml", "rubric_version", "course = '1'\nrubric_version", "(whole file)", "course",
                        "unknown"),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_is_refused_by_file_entry_and_field(folder, case):
    file, old, new, entry, field, problem = BROKEN[case]
    edit(folder, file, old, new)

    with pytest.raises(CatalogError) as caught:
        load_catalog_from(folder)

    error = caught.value
    assert (error.file, error.entry, error.field) == (file, entry, field)
    assert problem in error.problem
    assert all(part in str(error) for part in (file, entry, field))


@pytest.mark.parametrize("file", FILES)
def test_a_missing_file_is_named(folder, file):
    (folder / file).unlink()

    with pytest.raises(CatalogError, match="the file is missing") as caught:
        load_catalog_from(folder)

    assert caught.value.file == file


def test_a_file_in_another_encoding_is_named(folder):
    (folder / "mistakes.toml").write_bytes('[[mistake]]\nid = "h\u00f6he"'.encode("latin-1"))

    with pytest.raises(CatalogError, match="not TOML in UTF-8") as caught:
        load_catalog_from(folder)

    assert caught.value.file == "mistakes.toml"


def test_what_is_found_is_quoted_but_never_at_length(folder):
    edit(folder, "mistakes.toml", 'harm = "money"', f"harm = {[0] * 500}")

    with pytest.raises(CatalogError) as caught:
        load_catalog_from(folder)

    assert len(str(caught.value)) < 250


def test_the_shipped_catalogue_is_read_once_a_process():
    assert load_catalog() is load_catalog()


def test_importing_the_catalogue_reads_nothing_and_needs_no_toml_parser():
    code = "import sys, workstation.catalog; print(sorted({'tomllib', 'importlib.resources'} & set(sys.modules)))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
