"""Write the histories as a labeller may see them: letters for names, shuffled, figures only."""

import random
import sys
import tomllib

from generate import FOLDER

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def blind(seed: str) -> str:
    files = sorted(FOLDER.glob("*.toml"))
    random.Random(seed).shuffle(files)  # noqa: S311 - an order, not a secret
    parts = []
    for letter, path in zip(LETTERS, files, strict=False):
        weeks = tomllib.loads(path.read_text("utf-8"))["metrics"]
        lines = [f"{metric:24}" + " ".join(f"{value:g}" for value in values) for metric, values in weeks.items()]
        parts.append("\n".join([f"== {letter}", *lines]))
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    sys.stdout.write(blind(sys.argv[1] if len(sys.argv) > 1 else "second pass"))
