"""Everything that a learner sees in a notebook: answer cells, cards, hints, evidence.

The only floor that knows IPython and, later, widgets and figures. Names resolve on first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the same names as in _HOME, for type checkers; a test compares the two
    from workstation.notebook.capture import capture_evidence as capture_evidence
    from workstation.notebook.checking import check as check
    from workstation.notebook.decision_flow import decide as decide
    from workstation.notebook.demonstrating import demo as demo
    from workstation.notebook.drawing import case as case
    from workstation.notebook.drawing import draw_cases as draw_cases
    from workstation.notebook.exploring import my_bands as my_bands
    from workstation.notebook.exploring import sizing_explorer as sizing_explorer
    from workstation.notebook.exploring import storage_growth as storage_growth
    from workstation.notebook.hints import hint as hint
    from workstation.notebook.matching import match_mistakes as match_mistakes
    from workstation.notebook.planning_tools import buy_or_rent as buy_or_rent
    from workstation.notebook.planning_tools import simulate as simulate
    from workstation.notebook.predicting import compare as compare
    from workstation.notebook.predicting import predict as predict
    from workstation.notebook.progressing import progress as progress
    from workstation.notebook.recording_chart import recording_plot as recording_plot
    from workstation.notebook.reporting import report as report
    from workstation.notebook.scenarios import scenario as scenario
    from workstation.notebook.self_checking import self_check as self_check
    from workstation.notebook.success_checking import success_check as success_check
    from workstation.notebook.surprise_card import surprise as surprise
    from workstation.notebook.tables import families as families
    from workstation.notebook.tables import table as table
    from workstation.notebook.watching import last_crash as last_crash
    from workstation.notebook.watching import watch as watch
    from workstation.notebook.watching import watch_pid as watch_pid
    from workstation.notebook.watching import watched as watched
    from workstation.notebook.week_log import log_week as log_week
    from workstation.notebook.worksheet import platform_worksheet as platform_worksheet
    from workstation.notebook.worksheet import upgrade_check as upgrade_check

# No module here has the name of a function: importing it would put the module in the function's place.
_HOME = {
    "buy_or_rent": "planning_tools",
    "capture_evidence": "capture",
    "case": "drawing",
    "check": "checking",
    "compare": "predicting",
    "decide": "decision_flow",
    "demo": "demonstrating",
    "draw_cases": "drawing",
    "families": "tables",
    "hint": "hints",
    "last_crash": "watching",
    "log_week": "week_log",
    "match_mistakes": "matching",
    "my_bands": "exploring",
    "platform_worksheet": "worksheet",
    "predict": "predicting",
    "progress": "progressing",
    "recording_plot": "recording_chart",
    "report": "reporting",
    "scenario": "scenarios",
    "self_check": "self_checking",
    "simulate": "planning_tools",
    "sizing_explorer": "exploring",
    "storage_growth": "exploring",
    "success_check": "success_checking",
    "surprise": "surprise_card",
    "table": "tables",
    "upgrade_check": "worksheet",
    "watch": "watching",
    "watch_pid": "watching",
    "watched": "watching",
}
__all__ = [*_HOME]  # noqa: PLE0604 - the keys are strings


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
