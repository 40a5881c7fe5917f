"""Print our error beside that of the formulas that other calculators use, on published figures.

python benchmarks/sizing.py [--rows]

The other formulas are those of the reference notes (hardware-facts, section 1.5), applied to the same rows; nothing of
those projects runs here. With --rows, every published row, ours, the error and what is allowed, also those that cannot
be used and why.
"""

import argparse
import statistics
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from sizing_kit import Row, report, usable  # the path is set above

LINE = "{:<38} {:>6} {:>12} {:>12} {:>14}"
MIB = 1024**2
NOMINAL_BITS = {
    "Q2_K": 2, "Q3_K_M": 3, "Q4_0": 4, "Q4_1": 4, "Q4_K_M": 4, "Q4_K_S": 4, "Q5_0": 5, "Q5_1": 5, "Q5_K_M": 5,
    "Q6_K": 6, "Q8_0": 8, "F16": 16, "BF16": 16, "F32": 32,
}  # fmt: skip
WHICHLLM_BYTES = {"Q4_K_M": 0.5625, "Q4_0": 0.5}
LLMFIT_BYTES = {"Q4_K_M": 0.58}
TOO_LOW = -0.05
Formula = Callable[[Row], float | None]


def number(row: Row, column: str) -> float:
    """Read a column of a row."""
    return float(row.source[column])


def tokens(row: Row) -> float:
    """Return all tokens that a row's cache holds."""
    return number(row, "context") * number(row, "batch")


def cookbook_kv(row: Row) -> float:
    """Work as EleutherAI's cookbook does: hidden size instead of KV heads, and one of keys and values."""
    return 2 * number(row, "hidden") * number(row, "layers") * tokens(row)


def whichllm_kv(row: Row) -> float:
    """Work as whichllm does: 3.5 MiB for a billion parameters and a thousand tokens."""
    return 3.5 * MIB * number(row, "params") / 1e9 * tokens(row) / 1000


def llmfit_kv(row: Row) -> float:
    """Work as llmfit does where it does not know the architecture: 8e-6 GB for a billion parameters and a token."""
    return 8e-6 * 1e9 * number(row, "params") / 1e9 * tokens(row)


def hidden_kv(row: Row) -> float:
    """Take every head for a KV head: 2 x layers x hidden x 2 B."""
    return 2 * 2 * number(row, "hidden") * number(row, "layers") * tokens(row)


def by_table(table: Mapping[str, float]) -> Formula:
    """Make the formula "parameters x bytes per weight", for the quantisations of a table."""

    def formula(row: Row) -> float | None:
        each = table.get(row.source["quant_or_dtype"].upper())
        return None if each is None else number(row, "params") * each

    return formula


def accelerate_training(row: Row) -> float | None:
    """Work as accelerate's estimator does: four times the weights in 32 bit; nothing for adapters."""
    return 16 * number(row, "params") if row.expected["recipe"]["method"] == "full" else None


def sixteen_bytes(row: Row) -> float | None:
    """Take 16 bytes for each trained parameter and 2 for each frozen one, without activations (DeepSpeed's rule)."""
    each = {"full": 16.0, "lora": 2.0, "qlora": 0.5}[row.expected["recipe"]["method"]]
    return each * number(row, "params")


def ours(row: Row) -> float:
    """Return our likely figure."""
    return float(row.estimate().likely_bytes)


FORMULAS: Mapping[str, Mapping[str, Formula]] = {
    "KV cache": {
        "ours": ours,
        "cookbook calc_transformer_mem": cookbook_kv,
        "whichllm heuristic": whichllm_kv,
        "llmfit without architecture": llmfit_kv,
        "hidden size for KV heads": hidden_kv,
    },
    "weights": {
        "ours": ours,
        "parameters x nominal bits": by_table({name: bits / 8 for name, bits in NOMINAL_BITS.items()}),
        "whichllm bytes per weight": by_table(WHICHLLM_BYTES),
        "llmfit bytes per weight": by_table(LLMFIT_BYTES),
    },
    "training": {
        "ours": ours,
        "accelerate: 4 x 32 bit": accelerate_training,
        "16 B trained, 2 B frozen": sixteen_bytes,
    },
}
CHECKS = {"KV cache": "kv", "weights": "weights", "training": "band"}


def compare(what: str) -> None:
    """Print one table."""
    rows = [row for row in usable() if row.expected["check"] == CHECKS[what]]
    print(LINE.format(what, "rows", "median", "worst", "too low by >5 %"))
    for name, formula in FORMULAS[what].items():
        errors = [found / row.published - 1 for row in rows if (found := formula(row)) is not None]
        sizes = [abs(error) for error in errors]
        low = sum(error < TOO_LOW for error in errors)
        worst = max(errors, key=abs)
        print(LINE.format(f"  {name}", len(errors), f"{statistics.median(sizes):.2%}", f"{worst:+.1%}", low))


def main() -> None:
    """Print the tables, and the rows on request."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", action="store_true", help="print every row")
    if parser.parse_args().rows:
        print(report())
        return
    for what in FORMULAS:
        compare(what)
        print()
    band = [row for row in usable() if row.expected["check"] == "band"]
    widths = [row.estimate().high_bytes / row.estimate().low_bytes for row in band]
    inside = sum(row.is_met() for row in band)
    print(f"measured training runs inside our band: {inside} of {len(band)}; widest band {max(widths):.2f} x")


if __name__ == "__main__":
    main()
