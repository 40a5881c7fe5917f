"""Write the histories as a labeller may see them: letters for names, shuffled, figures only."""

import random
import sys
import tomllib

from generate import FOLDER

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def letters(seed: str) -> dict[str, str]:
    """Say which letter stands for which history."""
    files = sorted(path.stem for path in FOLDER.glob("*.toml"))
    random.Random(seed).shuffle(files)  # noqa: S311 - an order, not a secret
    return dict(zip(LETTERS, files, strict=False))


def blind(seed: str) -> str:
    """Write all figures under their letters."""
    parts = []
    for letter, name in letters(seed).items():
        weeks = tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))["metrics"]
        lines = [f"{metric:24}" + " ".join(f"{value:g}" for value in values) for metric, values in weeks.items()]
        parts.append("\n".join([f"== {letter}", *lines]))
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    sys.stdout.write(blind(sys.argv[1] if len(sys.argv) > 1 else "second pass"))
