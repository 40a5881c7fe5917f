"""The support table says what was tried on what, and no more than that."""

import importlib.util
from pathlib import Path

MACHINES = Path(__file__).parent / "machines"
_spec = importlib.util.spec_from_file_location("support_table", MACHINES / "support.py")
support = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(support)

RECORDED = {path.parent.name for path in MACHINES.glob("*/machine.toml")}


def test_the_table_is_what_its_rows_and_the_recordings_say():
    """Else run `python tests/machines/support.py`."""
    assert (support.HOUSE / "SUPPORT.md").read_text(encoding="utf-8") == support.render()


def test_every_recording_stands_in_a_row_and_every_row_has_recordings():
    named = [machine for row in support.rows() for machine in row["machines"]]
    known = {row["what"] for row in support.rows()}

    assert set(named) == RECORDED
    assert {what for about in support.machines().values() for what in about.get("rows", ())} == known


def test_what_only_ran_on_constructed_machines_is_called_unproved():
    (proved,) = [row["what"] for row in support.rows() if support.is_proved(row)]

    assert proved == "Linux virtual machine without graphics"
    assert support.render().count("| unproved |") == len(support.rows()) - 1
