"""What inventory tests share: a small made-up Linux machine that a test changes in one place."""

from workstation.inventory._linux import read_linux
from workstation.inventory._recorded import RecordedSource

PLATFORM = {"system": "Linux", "release": "6", "version": "#1", "machine": "x", "python": "3.12.1"}
MOUNTS = """42 28 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw
28 1 8:1 / / rw - ext4 /dev/sda1 rw
"""


def small(**tables):
    """Return a machine of 16 GiB with version 2 control groups, changed by *tables*."""
    recording = {
        "now": "2026-01-31T12:00:00Z",
        "platform": {"system": "Linux", "release": "6.8", "version": "#1", "machine": "x86_64", "python": "3.12.1"},
        "spaces": {"/": {"total_bytes": 500 * 10**9, "free_bytes": 300 * 10**9}},
        "variables": tables.get("variables", {}),
        "files": {
            "/proc/meminfo": "MemTotal: 16777216 kB\nMemAvailable: 12582912 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n",
            "/proc/self/mountinfo": MOUNTS,
            "/proc/self/cgroup": "0::/a/b\n",
        }
        | tables.get("files", {}),
    } | {name: table for name, table in tables.items() if name not in {"files", "variables"}}
    return read_linux(RecordedSource(recording), "/x")
