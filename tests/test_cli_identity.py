"""Who hands in: `workstation submit` takes an id that collecting reads, asks for it once, and keeps it."""

import json
import sys
from pathlib import Path

import pytest

from workstation.cli import main
from workstation.cli._submission import pack
from workstation.cli._workspace import WorkingCopy
from workstation.ids import is_student_id, student_of

NAME = "constraint-summary"
ODD_IDS = ["", " ", "ada l", "a/b", "..", "../x", "-rf", ".ada", "ada.", "ada_", "a__b", "a+b", "Müller", "課程",
           "a" * 65, "a" * 300, "a\nb", "a\0b", "=cmd", "ada ", "\u202eada",
           "CON", "nul", "Aux", "com1", "LPT9.x"]  # fmt: skip


@pytest.fixture
def copy(tmp_path) -> WorkingCopy:
    """A working copy as it was made."""
    made = WorkingCopy(tmp_path / "w")
    made.sync()
    return made


class Typist:
    """Somebody at a terminal, with answers ready; `None` is Ctrl-D."""

    def __init__(self, monkeypatch, *answers: str | None) -> None:
        self.answers, self.questions = list(answers), []
        monkeypatch.setattr("builtins.input", self.type)
        for stream in (sys.stdin, sys.stdout):
            monkeypatch.setattr(stream, "isatty", lambda: True)

    def type(self, question: str) -> str:
        """Answer the next question."""
        self.questions.append(question)
        answer = self.answers.pop(0)
        if answer is None:
            raise EOFError
        return answer


def submit(copy, *arguments: str) -> int:
    return main(["submit", NAME, "--dir", str(copy.root), *arguments])


def test_an_id_stands_before_the_name_as_collecting_reads_it(copy):
    assert pack(copy, NAME, claimed_id="s1234").path.name.startswith(f"s1234__{NAME}-")
    assert pack(copy, NAME).path.name.startswith(f"{NAME}-")


@pytest.mark.parametrize("odd", ODD_IDS, ids=range(len(ODD_IDS)))
def test_an_id_that_collecting_would_not_read_is_refused_with_the_allowed_shape(copy, capsys, odd):
    """One rule for both: what is packed for somebody is collected as theirs."""
    assert student_of(f"{odd}__x.zip") != odd

    assert submit(copy, f"--as={odd}") == 2

    printed = capsys.readouterr()
    assert printed.out == ""
    assert "is no id: an id has at most 64 characters" in printed.err
    assert len(printed.err) < 400
    assert not (copy.root / "submissions").exists()


@pytest.mark.parametrize("plain", ["s1234", "ada.l-2@uni.example", "7", "A_b", "a" * 64, "conrad", "com10", "aux2"])
def test_a_plain_id_is_packed_for_and_collected_as_its_learner(copy, plain):
    assert is_student_id(plain)
    assert student_of(pack(copy, NAME, claimed_id=plain).path.name) == plain


def test_on_a_terminal_the_id_is_asked_once_and_kept(copy, monkeypatch, capsys):
    """Wrong answers are told why; the next submission goes by what is kept, and --as changes it."""
    typist = Typist(monkeypatch, "Carla Müller", "  carla ")

    assert submit(copy) == 0
    first = capsys.readouterr().out
    assert submit(copy) == 0
    second = capsys.readouterr().out
    assert submit(copy, "--as", "dan") == 0
    assert submit(copy, "--json") == 0
    last = json.loads(capsys.readouterr().out.splitlines()[-1])

    assert len(typist.questions) == 2
    assert "'Carla Müller' is no id" in first
    assert all("It is named for carla" in text and f"carla__{NAME}-" in text for text in (first, second))
    assert last["manifest"]["claimed_id"] == "dan"


@pytest.mark.parametrize("answer", ["", "   ", None])
def test_who_has_no_id_gets_a_file_that_names_nobody(copy, monkeypatch, capsys, answer):
    Typist(monkeypatch, answer)

    assert submit(copy) == 0

    assert "names nobody" in capsys.readouterr().out
    assert not (copy.own / "learner.json").exists()


def test_three_answers_that_are_no_id_pack_nothing(copy, monkeypatch, capsys):
    Typist(monkeypatch, "../x", "a b", "-")

    assert submit(copy) == 2

    assert "--as ID" in capsys.readouterr().err
    assert not (copy.root / "submissions").exists()


def test_an_exercise_that_is_not_there_is_told_before_anything_is_asked(copy, monkeypatch):
    typist = Typist(monkeypatch)

    assert main(["submit", "constraint-sumary", "--dir", str(copy.root)]) == 2
    assert typist.questions == []


def test_without_a_terminal_the_file_names_nobody_and_says_so(copy, capsys):
    """Collecting will set it aside: one sentence, in words and in JSON."""
    assert submit(copy) == 0
    words = capsys.readouterr().out
    assert submit(copy, "--json") == 0
    document = json.loads(capsys.readouterr().out)

    assert student_of(Path(document["path"]).name) is None
    for text in (words, " ".join(document["warnings"])):
        assert "names nobody: a class that collects zips sets it aside" in text


@pytest.mark.parametrize("damage", [b"", b"[]", b"{", b'{"schema": "workstation.learner/1", "id": "../x"}', b"\xff"])
def test_a_damaged_memory_of_the_id_is_asked_again(copy, monkeypatch, damage):
    (copy.own / "learner.json").write_bytes(damage)
    typist = Typist(monkeypatch, "ada")

    submit(copy)

    assert len(typist.questions) == 1


def test_the_id_stays_out_of_a_folder_that_is_no_working_copy(tmp_path, capsys):
    """Fetched elsewhere and packed from there: the file goes where --out says, and nothing else is written."""
    fetched = tmp_path / "class" / NAME
    fetched.mkdir(parents=True)
    (fetched / f"{NAME}.ipynb").write_text("{}", encoding="utf-8")
    command = ["submit", NAME, "--dir", str(tmp_path / "class"), "--as", "ada"]

    assert main(command) == 2
    assert "--out" in capsys.readouterr().err
    assert main([*command, "--out", str(tmp_path / "out")]) == 0

    assert sorted(path.name for path in (tmp_path / "class").iterdir()) == [NAME]
