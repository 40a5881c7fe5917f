"""`workstation lab`: a real JupyterLab on a working copy, set as the course wants it."""

import json
import os
import socket
import stat
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from course_kit import ROOT, Lab, lab
from jupyter_client.manager import KernelManager

from workstation import materials, serving
from workstation.cli import _lab, main
from workstation.cli._kernels import CourseKernelSpecManager
from workstation.cli._server import START_PAGE
from workstation.errors import OutputError

SETTINGS = "lab/api/settings"
LIMIT_SECONDS = 120
KNOWS_ANSWER = "print('answer' in get_ipython().magics_manager.magics['cell'], flush=True)"


@pytest.fixture(scope="module")
def home_of_lab(tmp_path_factory) -> Path:
    """The home of a learner who once installed another project's kernel, and likes code lines unwrapped."""
    folder = tmp_path_factory.mktemp("learner")
    kernel = folder / "data" / "kernels" / "python3" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    kernel.write_text(json.dumps({"argv": ["/another/python"], "display_name": "x", "language": "python"}), "utf-8")
    return folder


@pytest.fixture(scope="module")
def running(home_of_lab, tmp_path_factory) -> Iterator[Lab]:
    """A server on a fresh working copy."""
    folders = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime"}
    places = {"HOME": home_of_lab, **{name: home_of_lab / folder for name, folder in folders.items()}}
    with lab("--dir", tmp_path_factory.mktemp("copy") / "mein Kürs", **places) as started:
        yield started
        assert started.interrupt() == 0  # Ctrl-C ends it, and well


def test_the_address_leads_to_the_first_lesson(running):
    assert running.page == f"/lab/tree/{START_PAGE}"
    assert len(running.token) >= 32


def test_the_lesson_that_opens_is_the_checkouts(running):
    served = running.get(f"api/contents/{START_PAGE}?type=file&format=text")["content"]

    assert served == (ROOT / START_PAGE).read_text("utf-8")


def test_without_the_token_nothing_is_served(running):
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(f"{running.base}/api/contents", timeout=LIMIT_SECONDS)


def test_the_news_are_off_and_lines_are_wrapped(running):
    news = running.get(f"{SETTINGS}/@jupyterlab/apputils-extension:notification")["schema"]["properties"]
    cells = running.get(f"{SETTINGS}/@jupyterlab/notebook-extension:tracker")["schema"]["properties"]

    assert (news["fetchNews"]["default"], news["checkForUpdates"]["default"]) == ("false", False)
    assert cells["codeCellConfig"]["default"]["lineWrap"] is True


def test_kernels_are_this_environments_with_our_extension(running):
    """A `python3` that another project left in the learner's home would lack the course."""
    argv = running.get("api/kernelspecs")["kernelspecs"]["python3"]["spec"]["argv"]

    assert "/another/python" not in argv
    assert argv[-1] == "--IPKernelApp.extra_extensions=workstation"


def test_where_the_copy_is_comes_first(running):
    assert running.lines[0].startswith("Your working copy: ")


@pytest.fixture
def kernel() -> Iterator[object]:
    """A real kernel, started as the course's server starts one."""
    manager = KernelManager(kernel_name="python3", kernel_spec_manager=CourseKernelSpecManager())
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(LIMIT_SECONDS)
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def run_cell(client, source: str) -> list[dict]:
    """Run a cell; give the content of its outputs."""
    outputs: list[dict] = []
    client.execute_interactive(
        source, timeout=LIMIT_SECONDS, output_hook=lambda message: outputs.append(message["content"])
    )
    return outputs


def test_a_fresh_kernel_knows_the_answer_magic_without_a_setup_cell(kernel):
    assert "True\n" in [output.get("text") for output in run_cell(kernel, KNOWS_ANSWER)]


def test_importing_the_package_in_any_notebook_registers_the_magic(kernel):
    """On a class's server the kernel is not ours: the import of the setup cell does it."""
    forget = "import sys; del sys.modules['workstation'], get_ipython().magics_manager.magics['cell']['answer']"
    found = run_cell(kernel, f"{forget}\n{KNOWS_ANSWER}\nimport workstation\n{KNOWS_ANSWER}")

    assert "".join(output.get("text", "") for output in found) == "False\nTrue\n"


def test_a_taken_port_is_a_sentence(tmp_path, capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        assert main(["lab", "--no-browser", "--dir", str(tmp_path), "--port", str(port)]) == 2

    assert f"Port {port} is taken" in capsys.readouterr().err


@pytest.mark.parametrize(("served", "said"), [("copy", True), ("elsewhere", False)])
def test_a_second_start_on_the_same_folder_names_the_first(served, said, tmp_path, monkeypatch, capsys):
    """Two servers on one folder are allowed, and nobody should start the second without knowing."""
    notes = tmp_path / "runtime"
    notes.mkdir()
    note = {"pid": os.getpid(), "url": "http://localhost:9/", "token": "abc", "root_dir": str(tmp_path / served)}
    (notes / "jpserver-1.json").write_text(json.dumps(note), encoding="utf-8")
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(notes))
    monkeypatch.setattr(_lab, "serve", lambda *_, **__: 0)

    assert main(["lab", "--no-browser", "--dir", str(tmp_path / "copy")]) == 0

    assert ("already: http://localhost:9/lab?token=abc" in capsys.readouterr().out) is said


@pytest.mark.parametrize("note", [b"\xff", b"[]", b'{"pid": 1}'])
def test_a_damaged_note_of_another_server_stops_nothing(note, tmp_path, monkeypatch):
    (tmp_path / "jpserver-1.json").write_bytes(note)
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))

    assert serving.running_on(tmp_path) == []


@pytest.mark.parametrize(("user", "allowed"), [(0, True), (1000, False)])
def test_only_root_is_told_about_allow_root(monkeypatch, user, allowed):
    monkeypatch.setattr(os, "geteuid", lambda: user, raising=False)
    said: list[str] = []

    arguments = serving._for_root(said.append)

    assert ("--allow-root" in arguments) is allowed
    assert ("--allow-root" in " ".join(said)) is allowed


def test_what_jupyterlab_logs_is_in_a_file_and_not_on_the_terminal(running):
    """Four lines to read; the log, which names the token, is this user's alone."""
    place = next(line for line in running.read_until("To stop:") if line.startswith("Its log: "))
    log = Path(place.removeprefix("Its log: "))

    said = [line for line in running.lines if not line.startswith("You are root")]
    assert [line.split(":")[0] for line in said] == ["Your working copy", "JupyterLab", "Its log", "To stop"]
    assert "ServerApp" in log.read_text("utf-8")
    assert os.name == "nt" or stat.S_IMODE(log.stat().st_mode) == 0o600


def test_verbose_shows_the_log_and_keeps_no_file(home_of_lab, tmp_path):
    with lab("--verbose", "--dir", tmp_path / "copy", HOME=home_of_lab) as started:
        assert any("ServerApp" in line for line in started.lines)
    assert not (tmp_path / "copy" / ".workstation" / "jupyterlab.log").exists()


@pytest.mark.skipif(os.name == "nt", reason="there Ctrl-C never asks")
def test_ctrl_c_on_a_terminal_stops_at_once_without_a_question(home_of_lab, tmp_path):
    """JupyterLab's own question goes on working where nobody answers: who pressed Ctrl-C wants an end."""
    here, there = os.openpty()
    with lab("--dir", tmp_path / "copy", stdin=there, HOME=home_of_lab) as started:
        started.read_until("To stop:")
        assert started.interrupt() == 0
        said = "\n".join(started.read_until("Stopped."))
    os.close(here)
    os.close(there)

    assert "(y/" not in said


def test_who_still_logs_when_jupyterlab_has_ended_writes_to_the_file(tmp_path):
    """Its threads outlive it for a moment; their words are no fault to show on the terminal."""
    log = tmp_path / "lab.log"
    with serving._stderr_into(log):
        late = sys.stderr

    late.write("one more word\n")

    assert log.read_text("utf-8") == "one more word\n"


def test_the_last_log_is_kept_and_an_unwritable_one_is_a_sentence(tmp_path):
    log = tmp_path / "lab.log"
    log.write_text("yesterday", encoding="utf-8")

    with serving._stderr_into(log) as place:
        sys.stderr.write("today\n")
        os.write(2, b"a kernel\n")

    assert place == log
    assert log.read_text("utf-8").split("\n") == ["today", "a kernel", ""]
    assert (tmp_path / "lab.previous.log").read_text("utf-8") == "yesterday"
    with pytest.raises(OutputError, match="--verbose"), serving._stderr_into(tmp_path / "none" / "lab.log"):
        pass


def test_a_folder_that_cannot_be_used_is_a_sentence(tmp_path, capsys):
    (tmp_path / "file").write_text("", encoding="utf-8")

    assert main(["lab", "--no-browser", "--dir", str(tmp_path / "file")]) == 2
    assert "is a file" in capsys.readouterr().err


def test_an_edited_lesson_of_a_checkout_is_what_the_package_finds():
    """An editable install reads the checkout itself, never a copy made when it was installed."""
    assert materials.materials_root() == ROOT


def test_an_installed_package_finds_the_copy_inside_it(tmp_path):
    package = tmp_path / "site-packages" / "workstation"
    (package / "_materials" / "course").mkdir(parents=True)

    assert materials.materials_root(package) == package / "_materials"


def test_a_checkout_wins_over_the_copy_inside_the_package(tmp_path):
    package = tmp_path / "helpers" / "workstation"
    for folder in (tmp_path / "course", package / "_materials" / "course"):
        folder.mkdir(parents=True)

    assert materials.materials_root(package) == tmp_path


def test_a_package_without_lessons_says_how_to_mend_it(tmp_path):
    with pytest.raises(materials.MaterialsError, match="Install the course again"):
        materials.materials_root(tmp_path)
