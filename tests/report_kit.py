"""What tests of the report share: a working copy with every part on file, and the pages that come of it."""

from inventory_kit import small
from planning_notebook_kit import exercise, log_weeks, recorded

from workstation.answers.prediction_store import append
from workstation.answers.predictions import Prediction
from workstation.catalog import load_catalog

SUMMARY = {
    field.label: f"my words on {field.id}" for field in load_catalog().exercises["constraint-summary"].answers[3].fields
}
RULE = "if swap_used_gib above 4 for 3 weeks then upgrade ram"
PARTS = ("workload", "archetype", "machine", "recordings", "predictions", "summary", "plan", "recommendation")


def summary_cell(text=None):
    return "\n".join(f"{label}: {text or words}" for label, words in SUMMARY.items())


def predicted(root, **changes):
    entry = {
        "id": "kv-8k", "question": "How many GiB does the cache take?", "unit": "GiB", "predicted": 4.0,
        "predicted_at": "2026-01-01T00:00:00Z", "measured": 1.0, "measured_at": "2026-01-01T00:01:00Z",
    }  # fmt: skip
    append(root / "evidence" / "predictions.jsonl", Prediction(**entry | changes))


def fill(root, monkeypatch, words=None, inventory=None):
    """Put every part of a report on file; *words* are those of the learner everywhere."""
    exercise(
        root,
        "constraint-summary",
        workload=words or "For 4 months I will build RAG over my recipes.",
        archetype=f"Archetype: {words or 'laptop-first'}\nBecause: {words or 'I carry it'}",
        constraint_summary=summary_cell(words),
    )
    rule = f"{RULE}\nand {words}" if words else RULE
    exercise(
        root,
        "staged-plan",
        plan=f"Now: keep {words or ''}\nAfter one month: keep\nRepeated: {rule}\nCloud: never",
        recommendation=words or "Keep the laptop, and add memory if swap returns.",
    )
    recorded(root, "rag-index", monkeypatch, label=words or "python index.py")
    log_weeks(root, 4, swap_used_gib=6.0)
    predicted(root, question=words or "How many GiB does the cache take?")
    (inventory or small()).save(root / "evidence" / "inventory.json")


def decide(shell, words=None):
    shell.run(f"ws.decide(workload={words or 'For 4 months RAG.'!r})")
    shell.run(f"ws.decide(answer='yes', evidence='recording rag-index', says={words!r})")
    shell.run(
        "ws.buy_or_rent(price=2000, resale=600, months=36, power_price=0.3, idle_watts=40, busy_watts=400, rate=1.2, "
        "currency='EUR', on='2026-11-20')"
    )


def pages(root):
    return (root / "report.html").read_text("utf-8"), (root / "report.md").read_text("utf-8")
