"""What sizing tests and the benchmark share: the published rows, what is expected of them, and our figure for each."""

import csv
import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from workstation.sizing import ModelShape, kv_cache_bytes, training_bytes, weight_bytes

FOLDER = Path(__file__).parent / "sizing"
COLUMNS = {
    "parameters": "params",
    "layers": "layers",
    "hidden_size": "hidden",
    "attention_heads": "heads",
    "kv_heads": "kv_heads",
    "head_dim": "head_dim",
    "vocabulary": "vocab",
}
LINE = "{:<29} {:<10} {:>16} {:>16} {:>9}  {:<9} {}"


class Row(NamedTuple):
    """One published figure, what is expected of ours, and the estimate."""

    id: str
    source: dict
    expected: dict

    @property
    def published(self) -> int:
        """The published figure, in bytes."""
        return int(self.source["published_bytes"])

    @property
    def shape(self) -> ModelShape:
        """The model by the numbers of the row."""
        return ModelShape(**{name: int(self.source[column]) for name, column in COLUMNS.items() if self.source[column]})

    def estimate(self):
        """Work out our figure from the numbers of the row alone."""
        check = self.expected["check"]
        if check == "kv":
            return kv_cache_bytes(
                self.shape,
                context_tokens=int(self.source["context"]),
                sequences=int(self.source["batch"]),
                cache_type=self.source["quant_or_dtype"],
            )
        if "recipe" in self.expected:
            return training_bytes(self.shape, **self.expected["recipe"])
        if check == "states":
            return training_bytes(self.shape, method="full").term("optimizer states")
        return weight_bytes(self.shape, quantization=self.expected.get("quantization", self.source["quant_or_dtype"]))

    @property
    def error(self) -> float:
        """How far our likely figure is off."""
        return self.estimate().likely_bytes / self.published - 1

    def is_met(self) -> bool:
        """Tell whether our figure is where it is expected."""
        check, ours = self.expected["check"], self.estimate()
        if check in {"kv", "weights", "states"}:
            return abs(self.error) <= self.expected["tolerance"]
        if check == "rule":
            return 1 / self.expected["tolerance"] <= ours.likely_bytes / self.published <= self.expected["tolerance"]
        inside = ours.low_bytes <= self.published <= ours.high_bytes
        return inside and ours.high_bytes <= 2.5 * ours.low_bytes

    def line(self) -> str:
        """Write the row of the report."""
        if self.expected["check"] == "unusable":
            return LINE.format(self.id, "unusable", f"{self.published:,}", "", "", "", self.expected["note"])
        allowed = self.expected.get("tolerance")
        limit = {"rule": "2 x", "band": "in band", "inside": "in band"}.get(self.expected["check"]) or f"{allowed:.1%}"
        ours, mark = self.estimate(), "" if self.is_met() else "MISSED "
        note = mark + self.expected.get("note", "")
        figures = f"{self.published:,}", f"{ours.likely_bytes:,}", f"{self.error:+.2%}"
        return LINE.format(self.id, self.expected["check"], *figures, limit, note)


@cache
def rows() -> tuple[Row, ...]:
    """Read all published rows with what is expected of them."""
    expected = tomllib.loads((FOLDER / "rows.toml").read_text("utf-8"))
    with (FOLDER / "sizing-numbers.csv").open(encoding="utf-8", newline="") as stream:
        return tuple(Row(source["id"], source, expected[source["id"]]) for source in csv.DictReader(stream))


def usable() -> list[Row]:
    """Return the rows that can be checked."""
    return [row for row in rows() if row.expected["check"] != "unusable"]


def report() -> str:
    """Write all rows: published, ours, error, what is allowed, and why where a row cannot be used."""
    head = LINE.format("row", "check", "published", "ours", "error", "allowed", "note")
    return "\n".join([head, *(row.line() for row in rows())])
