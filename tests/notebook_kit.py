"""What notebook tests share: a real IPython shell in this process that keeps what it is told to display."""

import atexit
from collections.abc import Iterator
from contextlib import contextmanager

from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from workstation.notebook import magics
from workstation.notebook.session import SESSION


class Shell:
    """A shell with the course's magics: run cells, look at the cards."""

    def __init__(self, ipython: InteractiveShell) -> None:
        self.ipython = ipython
        self.published = CapturingDisplayPublisher(parent=ipython)
        ipython.display_pub = self.published

    def run(self, source: str) -> object:
        """Run a cell, let errors through, and give the value it ends in."""
        done = self.ipython.run_cell(source)
        done.raise_error()
        return done.result

    @property
    def cards(self) -> list[dict[str, str]]:
        """Every card shown so far: its HTML and its plain text by MIME type."""
        return [output["data"] for output in self.published.outputs]

    @property
    def html(self) -> str:
        """The last card."""
        return self.cards[-1]["text/html"]

    @property
    def text(self) -> str:
        """The last card's plain-text twin."""
        return self.cards[-1]["text/plain"]


@contextmanager
def ipython_shell() -> Iterator[Shell]:
    """Start a shell that leaves no history and no singleton behind, and begin with an empty session."""
    InteractiveShell.clear_instance()
    ipython = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    magics.load(ipython)
    SESSION.ran.clear()
    SESSION.hints_seen.clear()
    try:
        yield Shell(ipython)
    finally:
        ipython.atexit_operations()
        atexit.unregister(ipython.atexit_operations)
        InteractiveShell.clear_instance()
