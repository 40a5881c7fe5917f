"""Run a command on a machine without internet, sensors and graphics, then become it: bare_machine.py COMMAND ...

Started by `unshare --net --mount` as root: what it hides, it hides from this command alone.
"""

import os
import subprocess
import sys
from pathlib import Path

SENSORS = ("/sys/class/hwmon", "/sys/class/thermal")


def hide() -> None:
    """Cover sensors and graphics, and switch on the loopback that a kernel talks over."""
    for folder in filter(os.path.isdir, SENSORS):
        subprocess.run(["mount", "-t", "tmpfs", "none", folder], check=True)
    for device in Path("/dev").glob("nvidia*"):
        if not device.is_dir():
            subprocess.run(["mount", "--bind", "/dev/null", str(device)], check=True)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


if __name__ == "__main__":
    hide()
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606 - it becomes the command that it was given
