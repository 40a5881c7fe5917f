"""Read which of the course's functions a cell calls, with its plain arguments; nothing is run."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Called", "calls"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """A call of ``ws.name(...)``: the arguments that stand there as values; `None` for all others."""

    name: str  # "predict", "demo.ram"
    arguments: tuple[object, ...]
    named: Mapping[str, object]

    @property
    def first(self) -> str:
        """The first argument where it is a text."""
        return self.arguments[0] if self.arguments and isinstance(self.arguments[0], str) else ""


def calls(source: str) -> list[Called]:
    """List the calls in a cell, magics (``%%watch``) first, then in the order of the text; of what is no Python, none.

    >>> [(each.name, each.first) for each in calls('ws.predict("kv-8k", "How many?", unit="GiB")')]
    [('predict', 'kv-8k')]
    """
    lines = source.splitlines()
    magics = [line.lstrip().lstrip("%").partition(" ")[0] for line in lines if line.lstrip().startswith("%")]
    try:
        tree = ast.parse("\n".join(line for line in lines if not line.lstrip().startswith("%")))
    except (SyntaxError, ValueError):
        tree = ast.Module(body=[], type_ignores=[])
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    found = ((node, _name(node.func)) for node in sorted(nodes, key=lambda node: (node.lineno, node.col_offset)))
    first = [Called(name=name, arguments=(), named={}) for name in magics if name]
    return first + [_called(node, name) for node, name in found if name]


def _called(node: ast.Call, name: str) -> Called:
    named = {each.arg: _value(each.value) for each in node.keywords if each.arg is not None}
    return Called(name=name, arguments=tuple(map(_value, node.args)), named=named)


def _name(node: ast.expr) -> str:
    """Give the dotted name after ``ws.``; nothing for what is not ours."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.insert(0, node.attr)
        node = node.value
    return ".".join(parts) if isinstance(node, ast.Name) and node.id == "ws" else ""


def _value(node: ast.expr) -> object:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError):
        return None
