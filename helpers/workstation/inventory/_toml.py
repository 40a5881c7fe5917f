"""Write a recording as TOML: the standard library reads that format and does not write it."""

import json
from collections.abc import Mapping
from typing import Any


def to_toml(document: Mapping[str, Any]) -> str:
    """Return *document* as TOML; `None` has no form there and is left out, lists of tables come last in theirs."""
    return "\n".join(_table(document, "")).strip("\n") + "\n"


def _table(table: Mapping[str, Any], path: str) -> list[str]:
    known = {key: value for key, value in table.items() if value is not None}
    tables = {key: value for key, value in known.items() if isinstance(value, Mapping) and path == ""}
    lists = {key: value for key, value in known.items() if _is_tables(value)}
    lines = [f"{_key(key)} = {_value(value)}" for key, value in known.items() if key not in tables and key not in lists]
    for key, value in tables.items():
        lines += ["", f"[{_key(key)}]", *_table(value, f"{path}{_key(key)}.")]
    for key, rows in lists.items():
        for row in rows:
            lines += [f"[[{path}{_key(key)}]]", *_table(row, f"{path}{_key(key)}.")]
    return lines


def _is_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, Mapping) for row in value)


def _key(key: str) -> str:
    return key if key.replace("_", "").isalnum() and key.isascii() else _text(key)


def _value(value: Any) -> str:
    if isinstance(value, str):
        return _block(value) if value.count("\n") > 1 and _is_plain(value) else _text(value)
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items() if item is not None)
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    return json.dumps(value)


def _block(text: str) -> str:
    return f"'''\n{text}'''"


def _is_plain(text: str) -> bool:
    """Tell whether a text can stand as it is: no quotes that end it, no characters that TOML forbids there."""
    return "'''" not in text and not text.endswith("'") and all(c.isprintable() or c in "\n\t" for c in text)


def _text(text: str) -> str:
    """Quote as JSON does, which TOML reads, except for one character; halves of pairs are no text in either."""
    clean = text.encode("utf-8", errors="replace").decode("utf-8")
    return json.dumps(clean, ensure_ascii=False).replace("\x7f", "\\u007f")
