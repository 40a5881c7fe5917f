"""Make a recorded machine of this one, or of a bundle that somebody sent: a script for contributors.

    python tests/machines/record.py tests/machines/linux-ryzen5-rtx3060-32gib [BUNDLE.zip]

Without a bundle one is made here (`workstation doctor --bundle`). The slug says what to expect. Read the result before
you commit it, describe the machine in `about.toml`, and hold `expected.json` against what you know to be true.
"""

import sys
import tempfile
import zipfile
from pathlib import Path

from workstation.cli import main as workstation

KEPT = ("machine.toml", "about.toml", "expected.json")


def main(folder: Path, bundle: Path | None = None) -> None:
    """Unpack a bundle's machine into *folder*."""
    with tempfile.TemporaryDirectory() as scratch:
        packed = bundle or Path(scratch, "bundle.zip")
        if bundle is None:
            workstation(["doctor", "--bundle", str(packed)])
        folder.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(packed) as opened:
            for name in KEPT:
                (folder / name).write_bytes(opened.read(name))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(Path, sys.argv[2:3]))
