"""Take out of what a learner wrote or recorded whatever names them: people, hosts, folders, addresses, ids.

What is replaced, and by what, is the inventory's business; here is who we are, and that nobody's home folder stays.
"""

import re
from collections.abc import Mapping, Sequence
from typing import TypeVar

from workstation.inventory._redact import redact
from workstation.probing.private import Names, own_names

__all__ = ["Names", "cleaned", "own_names"]

_Told = TypeVar("_Told", bound=str | Sequence[object] | Mapping[str, object])
_HOMES = re.compile(r"(?i)(?:/home/|/users/|/root(?=/|\b)|[a-z]:[\\/]+users[\\/]+)[^/\\\s\"':<>|]*")


def cleaned(told: _Told, names: Names | None = None) -> _Told:
    """Return texts, alone or in lists and tables, without private names and numbers; everything else as it is."""
    known = own_names() if names is None else names
    found: _Told = redact({"told": told}, **known)["told"]
    return _without_homes(found)


def _without_homes(told: _Told) -> _Told:
    if isinstance(told, str):
        return _HOMES.sub("~", told)  # type: ignore[return-value]  # a text for a text
    if isinstance(told, Mapping):
        return {key: _without_homes(each) for key, each in told.items()}  # type: ignore[return-value,type-var]  # likewise
    if isinstance(told, list | tuple):
        return [_without_homes(each) for each in told]  # type: ignore[return-value]  # likewise
    return told
