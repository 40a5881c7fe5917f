"""The catalogue's files beside what is said of them, and the two that only an inventory needs."""

import re
import shutil
import tomllib
from pathlib import Path

import pytest

from workstation import catalog
from workstation.catalog._facts import (
    fact_name,
    load_fact_names_from,
    load_surprise_limits,
    load_surprise_limits_from,
)
from workstation.errors import CatalogError
from workstation.inventory import facts, read_from
from workstation.inventory._recorded import RecordedSource
from workstation.inventory.boxes import boxed_gib
from workstation.units import GIB

FOLDER = Path(catalog.__file__).parent
MACHINES = sorted((Path(__file__).parent / "machines").glob("*/machine.toml"))


def rows():
    table = (FOLDER / "README.md").read_text("utf-8")
    return dict(re.findall(r"^\| `([\w.]+\.toml)` \|[^|]+\| (.*?) \|$", table, re.MULTILINE))


def test_the_readme_has_a_row_for_every_file_and_no_other():
    assert sorted(rows()) == sorted(path.name for path in FOLDER.glob("*.toml"))


@pytest.mark.parametrize("file", sorted(rows()))
def test_a_row_names_the_tables_that_its_file_has(file):
    tables = re.findall(r"\[\[(\w+)\]\]", rows()[file])

    document = tomllib.loads((FOLDER / file).read_text("utf-8"))
    assert {key for key, value in document.items() if isinstance(value, list) and isinstance(value[0], dict)} == {
        *tables
    }


@pytest.mark.parametrize("path", MACHINES, ids=lambda path: path.parent.name)
def test_every_fact_and_every_unknown_of_a_machine_has_a_name(path):
    """No dotted path reaches a learner; two facts are never called alike."""
    about = tomllib.loads((path.parent / "about.toml").read_text("utf-8"))
    inv = read_from(RecordedSource.load(path), about["project"])
    paths = [*facts(inv), *(each.what for each in inv.unknowns), *inv.provenance]

    names = {each: fact_name(each) for each in dict.fromkeys(paths)}
    assert [each for each, name in names.items() if "." in name or "{" in name] == []
    assert len(set(names.values())) == len(names)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('name = "total memory"', 'name = "total memory {number}"', "number"),
        ('name = "the driver of GPU {number}"', 'name = "its driver"', "number"),
        ('name = "total memory"', 'name = "total {memory}"', "number"),
        ('id = "memory.total_bytes"', 'id = "memory.limit_bytes"', "id"),
        ('name = "total memory"', 'label = "total memory"', "unknown key"),
    ],
)
def test_a_broken_name_is_refused_by_its_entry(tmp_path, old, new, problem):
    text = (FOLDER / "facts.toml").read_text("utf-8")
    assert old in text
    (tmp_path / "facts.toml").write_text(text.replace(old, new), encoding="utf-8")

    with pytest.raises(CatalogError, match=rf"facts\.toml.*{problem}"):
        load_fact_names_from(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("disk_low_percent = 15.0", "disk_low_percent = 150.0", "disk_low_percent"),
        ("disk_low_percent = 15.0", "", "disk_low_percent"),
        ("disk_low_percent = 15.0", "disk_low = 15.0", "disk_low"),
        ("boxed_gib = [4, 6", "boxed_gib = [6, 4", "boxed_gib"),
        ("swap_worth_telling_mib = 64", "swap_worth_telling_mib = 'much'", "swap_worth_telling_mib"),
    ],
)
def test_a_broken_limit_is_refused_by_its_field(tmp_path, old, new, field):
    shutil.copy(FOLDER / "surprises.toml", tmp_path)
    file = tmp_path / "surprises.toml"
    assert old in file.read_text("utf-8")
    file.write_text(file.read_text("utf-8").replace(old, new), encoding="utf-8")

    with pytest.raises(CatalogError, match=rf"surprises\.toml.*{field}"):
        load_surprise_limits_from(tmp_path)


def test_each_size_on_a_box_is_known_again_from_what_a_machine_shows():
    """Right below the size, and at the most that firmware keeps; nothing above it."""
    limits = load_surprise_limits()
    for size in limits.boxed_gib:
        assert boxed_gib(size * GIB) == size
        assert boxed_gib(int(size * GIB * (1 - limits.box_shortfall_percent / 100)) + 1) <= size
    assert boxed_gib((limits.boxed_gib[-1] + 1) * GIB) is None
