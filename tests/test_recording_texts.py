"""The recorder's files: one that is kept open and then fails is let go of once."""

import subprocess
import sys

import pytest

from workstation.recording._texts import LiveTexts


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
@pytest.mark.parametrize("once", [True, False])
def test_a_kept_file_of_a_process_that_has_died_is_no_fault(once):
    """Asked for once more after its death, it used to be closed twice, and the recorder ended without its last line."""
    texts = LiveTexts()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        path = f"/proc/{process.pid}/stat"
        assert texts.read(path)
        process.stdin.close()
        process.wait()

    assert texts.read(path, once=once) is None
    assert "gone" in texts.why(path) or "not there" in texts.why(path)
