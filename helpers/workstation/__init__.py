"""Measure, watch and size a home AI workstation.

    import workstation as ws

    ws.inventory()                    # this machine, as far as it can be known
    ws.load_inventory(path)           # one that was saved elsewhere
    ws.fits("llama-3.1-8b", on=inv)   # does it fit, what decides, what would change that
    ws.check("constraint-summary")    # points and reasons for an answer
    ws.predict("kv-8k", "How many GiB ...?", unit="GiB"); ws.compare("kv-8k", measured)
    ws.simulate(plan); ws.log_week(); ws.buy_or_rent(...); ws.decide(); ws.report()

Nothing heavy is imported until a name is used. With the environment variable EAGER_IMPORT set, everything is: that is
how the tests see a name whose home is gone.
"""

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from workstation.errors import WorkstationError

if TYPE_CHECKING:  # the same names as in _HOME, for type checkers; a test compares the two
    from workstation import sizing as sizing
    from workstation.catalog import load_catalog as load_catalog
    from workstation.diagnosis import diagnose as diagnose
    from workstation.inventory import inventory as inventory
    from workstation.inventory import load_inventory as load_inventory
    from workstation.notebook import buy_or_rent as buy_or_rent
    from workstation.notebook import capture_evidence as capture_evidence
    from workstation.notebook import case as case
    from workstation.notebook import check as check
    from workstation.notebook import compare as compare
    from workstation.notebook import decide as decide
    from workstation.notebook import demo as demo
    from workstation.notebook import draw_cases as draw_cases
    from workstation.notebook import families as families
    from workstation.notebook import hint as hint
    from workstation.notebook import last_crash as last_crash
    from workstation.notebook import log_week as log_week
    from workstation.notebook import match_mistakes as match_mistakes
    from workstation.notebook import my_bands as my_bands
    from workstation.notebook import platform_worksheet as platform_worksheet
    from workstation.notebook import predict as predict
    from workstation.notebook import progress as progress
    from workstation.notebook import recording_plot as recording_plot
    from workstation.notebook import report as report
    from workstation.notebook import scenario as scenario
    from workstation.notebook import self_check as self_check
    from workstation.notebook import simulate as simulate
    from workstation.notebook import sizing_explorer as sizing_explorer
    from workstation.notebook import storage_growth as storage_growth
    from workstation.notebook import success_check as success_check
    from workstation.notebook import surprise as surprise
    from workstation.notebook import table as table
    from workstation.notebook import upgrade_check as upgrade_check
    from workstation.notebook import watch as watch
    from workstation.notebook import watch_pid as watch_pid
    from workstation.notebook import watched as watched
    from workstation.recording import example_recording as example_recording
    from workstation.recording import load_recording as load_recording
    from workstation.sizing import bands as bands
    from workstation.sizing import fits as fits

_HOME = {
    "bands": "sizing",
    "buy_or_rent": "notebook",
    "capture_evidence": "notebook",
    "case": "notebook",
    "check": "notebook",
    "compare": "notebook",
    "decide": "notebook",
    "demo": "notebook",
    "diagnose": "diagnosis",
    "draw_cases": "notebook",
    "example_recording": "recording",
    "families": "notebook",
    "fits": "sizing",
    "hint": "notebook",
    "inventory": "inventory",
    "last_crash": "notebook",
    "load_catalog": "catalog",
    "load_inventory": "inventory",
    "load_recording": "recording",
    "log_week": "notebook",
    "match_mistakes": "notebook",
    "my_bands": "notebook",
    "platform_worksheet": "notebook",
    "predict": "notebook",
    "progress": "notebook",
    "recording_plot": "notebook",
    "report": "notebook",
    "scenario": "notebook",
    "self_check": "notebook",
    "simulate": "notebook",
    "sizing": "sizing",
    "sizing_explorer": "notebook",
    "storage_growth": "notebook",
    "success_check": "notebook",
    "surprise": "notebook",
    "table": "notebook",
    "upgrade_check": "notebook",
    "watch": "notebook",
    "watch_pid": "notebook",
    "watched": "notebook",
}
__all__ = ["WorkstationError", *_HOME]  # noqa: PLE0604 - the keys are strings


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return import_module("importlib.metadata").version("home-ai-workstation")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = import_module(f"{__name__}.{_HOME[name]}")
    # A function that has its package's name: importing the package has made the package that attribute, and callable.
    return home if name == _HOME[name] else getattr(home, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def load_ipython_extension(ipython: Any) -> None:
    """Register the course's magics; IPython calls this for ``%load_ext workstation`` and for our kernel."""
    import_module(f"{__name__}.notebook.magics").load(ipython)


def _register_where_a_notebook_runs() -> None:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is not None:
        load_ipython_extension(shell)


if os.environ.get("EAGER_IMPORT"):
    for _name in _HOME:
        getattr(import_module(__name__), _name)
_register_where_a_notebook_runs()
