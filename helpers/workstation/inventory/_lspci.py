"""Read names from ``lspci -D -mm -nn``, for systems that keep the table of PCI names where only that tool finds it."""

import re

LSPCI_COMMAND = ("lspci", "-D", "-mm", "-nn")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_NUMBER = re.compile(r"^(.*?)\s*\[([0-9a-f]{4})\]$")


def parse_lspci(text: str) -> dict[str, str]:
    r"""Return device names by bus id; a device that the table does not know has none.

    >>> parse_lspci('0000:c1:00.0 "VGA compatible controller [0300]" "AMD [1002]" "Strix Halo [Radeon 8060S] [1586]"\n')
    {'0000:c1:00.0': 'Strix Halo [Radeon 8060S]'}
    """
    rows = ((line.split(" ", 1)[0], _QUOTED.findall(line)) for line in text.splitlines())
    named = ((bus_id, _NUMBER.match(parts[2])) for bus_id, parts in rows if len(parts) > 2)  # noqa: PLR2004 - class, vendor, device
    return {bus_id: match[1] for bus_id, match in named if match and match[1] not in {"", "Device"}}
