"""Record what a machine does while work runs on it, and read such recordings.

Names resolve on first use: the recorder's own process imports this package too, and must stay small.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the same names as in _HOME, for type checkers; a test compares the two
    from workstation.recording._crash import Crash as Crash
    from workstation.recording._crash import ended_in_words as ended_in_words
    from workstation.recording._crash import last_crash as last_crash
    from workstation.recording._document import end_document as end_document
    from workstation.recording._examples import example_recording as example_recording
    from workstation.recording._read import load_recording as load_recording
    from workstation.recording._store import clean_label as clean_label
    from workstation.recording._store import place_of as place_of
    from workstation.recording._store import store_of as store_of
    from workstation.recording._thin import thin as thin
    from workstation.recording._watch import Watch as Watch
    from workstation.recording._watch import watch as watch
    from workstation.recording._watch import watch_pid as watch_pid
    from workstation.recording._write import Writer as Writer
    from workstation.recording.model import SCHEMA as SCHEMA
    from workstation.recording.model import SUFFIX as SUFFIX
    from workstation.recording.model import Recording as Recording

_HOME = {
    "SCHEMA": "model",
    "SUFFIX": "model",
    "Crash": "_crash",
    "Recording": "model",
    "Watch": "_watch",
    "Writer": "_write",
    "clean_label": "_store",
    "end_document": "_document",
    "ended_in_words": "_crash",
    "example_recording": "_examples",
    "last_crash": "_crash",
    "load_recording": "_read",
    "place_of": "_store",
    "store_of": "_store",
    "thin": "_thin",
    "watch": "_watch",
    "watch_pid": "_watch",
}
__all__ = [*_HOME]  # noqa: PLE0604 - the keys are strings


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
