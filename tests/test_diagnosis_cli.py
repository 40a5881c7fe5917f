"""``workstation diagnose``: a table, a document, an answer, and a sentence for a bad file."""

import json

import pytest
from diagnosis_kit import RECORDINGS

from workstation.cli import main
from workstation.recording import SUFFIX

FILE = str(RECORDINGS / f"checkpoints-on-spinning-disk{SUFFIX}")


def test_the_table_names_what_was_found_and_what_would_refute_it(capsys):
    assert main(["diagnose", FILE]) == 0

    shown = capsys.readouterr().out
    assert "Disk speed       bottleneck" in shown
    assert "What would change this: The same work with its files on a faster disk" in " ".join(shown.split())
    assert all(len(line) <= 80 for line in shown.splitlines())


def test_the_document_holds_every_finding(capsys):
    assert main(["diagnose", FILE, "--json"]) == 0

    document = json.loads(capsys.readouterr().out)
    first = document["findings"][0]
    assert document["schema"] == "workstation.diagnosis/1"
    assert (first["constraint"], first["verdict"], first["timing"]) == ("storage", "bottleneck", "writing-checkpoints")
    assert len(document["findings"]) == 9


def test_why_not_is_one_sentence(capsys):
    assert main(["diagnose", FILE, "--why-not", "vram"]) == 0

    assert capsys.readouterr().out.startswith("It is not named: GPU memory did not hold")


def test_why_not_can_be_read_by_programs(capsys):
    assert main(["diagnose", FILE, "--why-not", "vram", "--json"]) == 0

    assert json.loads(capsys.readouterr().out)["about"] == "vram"


@pytest.mark.parametrize("content", [None, b"", b"{}\n", b"\x00\xff\x00", b'{"schema": "workstation.recording/9"}\n'])
def test_a_bad_file_gives_a_sentence(content, tmp_path, capsys):
    path = tmp_path / f"odd{SUFFIX}"
    if content is not None:
        path.write_bytes(content)

    assert main(["diagnose", str(path)]) == 2

    told = capsys.readouterr()
    assert told.err.startswith("workstation: Cannot read odd")
    assert "Traceback" not in told.err


def test_a_truncated_file_is_judged_by_what_it_holds(tmp_path, capsys):
    whole = (RECORDINGS / f"checkpoints-on-spinning-disk{SUFFIX}").read_bytes()
    path = tmp_path / f"cut{SUFFIX}"
    path.write_bytes(whole[: len(whole) * 2 // 3])

    assert main(["diagnose", str(path)]) == 0

    shown = capsys.readouterr().out
    assert "how it ended is not known" in shown
    assert "What could not be read" in shown
