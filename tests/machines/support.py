"""Render the support table from its rows and the recordings: a script for contributors.

python tests/machines/support.py
"""

import tomllib
from pathlib import Path

from workstation import inventory

HOUSE = Path(inventory.__file__).parent
MACHINES = Path(__file__).parent
HEAD = """# What the inventory was tried on

Rendered from `support.toml` and the recordings by `python tests/machines/support.py`; change those, not this file.
*Proved* means that a machine of the kind was recorded for real and read right. *Unproved* rows ran only on recordings
built from documented formats and from texts that others published: expect them to be nearly right, and send a
`workstation doctor --bundle FILE.zip` where they are not.

| what | told by | recordings | |
| --- | --- | --- | --- |
"""


def machines():
    """Return what each recorded machine says about itself, by its name."""
    return {path.parent.name: tomllib.loads(path.read_text(encoding="utf-8")) for path in MACHINES.glob("*/about.toml")}


def rows():
    """Return the rows of the table as data, each with the machines that name it."""
    told = machines()
    table = tomllib.loads((HOUSE / "support.toml").read_text(encoding="utf-8"))["row"]
    return [
        row | {"machines": sorted(name for name, about in told.items() if row["what"] in about.get("rows", ()))}
        for row in table
    ]


def is_proved(row):
    """Tell whether one of the row's machines was recorded rather than constructed."""
    told = machines()
    return any(not told[machine]["constructed"] for machine in row["machines"])


def render():
    """Return SUPPORT.md."""
    marks = {True: "proved", False: "unproved"}
    cells = ((row["what"], row["told_by"], str(len(row["machines"])), marks[is_proved(row)]) for row in rows())
    lines = (f"| {' | '.join(row)} |\n" for row in cells)
    return HEAD + "".join(lines)


if __name__ == "__main__":
    (HOUSE / "SUPPORT.md").write_text(render(), encoding="utf-8")
