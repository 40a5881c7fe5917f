"""What tests of planning in a notebook share: a working copy, logged weeks, a made-up recording, a page read."""

import json
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from workstation import diagnosis, recording
from workstation.catalog import load_catalog
from workstation.materials import MARKER
from workstation.planning import LOG_FILE, LogRow, append_row
from workstation.recording.model import SUFFIX, End, Header, Machine, Recording

HOSTILE = (
    '</td></table><script>alert(1)</script><img src=x onerror="a()"> [x](javascript:alert(1)) ![i](http://e.x/i.png) '
    "| `x` http://e.x/ www.e.x \u202e <!-- --> &lt;b&gt; $a$ {{7*7}}"
)
MODEL_MACHINE = Machine(
    os="Linux", virtualization="none", ram_usable_bytes=16 * 1024**3, ram_limit_bytes=None, swap_total_bytes=0,
    swap_kind="none", logical_cores=8, cpu_max_hz=None, disk_total_bytes=500 * 10**9, disk_medium="nvme",
    link_mbps=None, gpus=(), unified_memory=None,
)  # fmt: skip


class Page(HTMLParser):
    """A page's tags, attributes and words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words = ""
        self.styles = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag and its attributes."""
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        """Note what a reader would read."""
        if self.tags and self.tags[-1] == "style" and self.cdata_elem == "style":
            self.styles += data
        else:
            self.words += data

    def is_harmless(self) -> bool:
        """Tell whether nothing on the page runs, loads or leads anywhere."""
        active = {"script", "img", "iframe", "object", "embed", "link", "form", "a", "base", "video", "audio"}
        loads = {name for name, _ in self.attributes if name.startswith("on") or name in {"src", "href", "style"}}
        styled = any(word in self.styles for word in ("url(", "@import", "expression"))
        return not (active & set(self.tags) or loads or styled)


def working_copy(root: Path) -> Path:
    """Make a working copy of the course with an empty evidence folder."""
    (root / MARKER).parent.mkdir(parents=True)
    (root / MARKER).write_text("{}", encoding="utf-8")
    (root / "course").mkdir()
    (root / "evidence").mkdir()
    return root


def log_weeks(root: Path, count: int, **figures: float) -> None:
    """Log some weeks with every metric at 0 except *figures*."""
    metrics = dict.fromkeys(load_catalog().metrics, 0.0) | {"disk_free_percent": 60.0, "disk_free_gib": 300.0} | figures
    for number in range(1, count + 1):
        append_row(root / "evidence" / LOG_FILE, LogRow(week=f"2026-W{number:02d}", metrics=metrics))


def exercise(root: Path, name: str, **answers: str) -> Path:
    """Save an exercise's notebook with answers by id (dashes as underscores)."""
    cells = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "source": f"%%answer {answer.replace('_', '-')}\n{text}"}
        for answer, text in answers.items()
    ]
    path = root / "exercises" / name / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), encoding="utf-8")
    return path


def recorded(
    root: Path, name: str, monkeypatch, *, label: str = "python index.py", started: str = "2026-01-06T10:00:00Z"
):
    """Put a recording on file that is read as one made up in memory, with one finding."""
    (root / "evidence" / f"{name}{SUFFIX}").write_text("{}\n", encoding="utf-8")
    header = Header(
        name=name,
        label=label,
        started_at=started,
        interval_s=0.1,
        inventory_digest=None,
        machine=MODEL_MACHINE,
        signals={},
    )
    columns = {"ram_used_bytes": np.array([8.0, 15.0]) * 1024**3}
    made = Recording(
        header=header, t_s=np.array([0.0, 60.0]), columns=columns, end=End(how="exit", t_s=60.0, exit_code=0)
    )
    finding = SimpleNamespace(constraint="ram", verdict="bottleneck", statement=f"{label} ran from swap for 30 s.")
    monkeypatch.setattr(recording, "load_recording", lambda _path: made, raising=False)
    monkeypatch.setattr(diagnosis, "diagnose", lambda _found: [finding], raising=False)
