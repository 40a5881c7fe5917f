"""Render the support table from its rows and the recordings: a script for contributors.

python tests/machines/support.py
"""

import tomllib
from pathlib import Path

from workstation import inventory

HOUSE = Path(inventory.__file__).parent
MACHINES = Path(__file__).parent
HEAD = """# What the inventory was tried on

Rendered from `support.toml` by `python tests/machines/support.py`; change that file, not this one. *Proved* means that
a machine of the kind was recorded for real and read right. *Unproved* rows ran only on recordings built from documented
formats and from texts that others published: expect them to be nearly right, and send a
`workstation doctor --bundle FILE.zip` where they are not.

| what | told by | recordings | |
| --- | --- | --- | --- |
"""


def rows():
    """Return the rows of the table as data."""
    return tomllib.loads((HOUSE / "support.toml").read_text(encoding="utf-8"))["row"]


def is_proved(row):
    """Tell whether one of the row's machines was recorded rather than constructed."""
    abouts = (MACHINES / machine / "about.toml" for machine in row["machines"])
    return any(not tomllib.loads(path.read_text(encoding="utf-8"))["constructed"] for path in abouts)


def render():
    """Return SUPPORT.md."""
    marks = {True: "proved", False: "unproved"}
    cells = ((row["what"], row["told_by"], str(len(row["machines"])), marks[is_proved(row)]) for row in rows())
    lines = (f"| {' | '.join(row)} |\n" for row in cells)
    return HEAD + "".join(lines)


if __name__ == "__main__":
    (HOUSE / "SUPPORT.md").write_text(render(), encoding="utf-8")
