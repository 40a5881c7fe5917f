"""Show what the catalogue and our messages put between backticks: code on a page, plain words in a terminal.

>>> with_code("run `df -h` & read"), plain("run `df -h` & read")
('run <code>df -h</code> &amp; read', 'run df -h & read')
"""

import re
from html import escape

__all__ = ["plain", "with_code"]

_CODE = re.compile(r"`([^`\n]+)`")


def with_code(text: str) -> str:
    """Escape *text* for a page, with a code element for each pair of backticks."""
    return _CODE.sub(r"<code>\1</code>", escape(text))


def plain(text: str) -> str:
    """Write *text* without its backticks."""
    return _CODE.sub(r"\1", text)
