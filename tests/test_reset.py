"""`workstation reset` of an exercise whose notebook nobody touched: what else lies in its folder."""

import pytest

from workstation.cli import main
from workstation.cli._workspace import WorkingCopy

EXERCISE = "exercises/constraint-summary/constraint-summary.ipynb"


@pytest.fixture
def copy(tmp_path) -> WorkingCopy:
    """A working copy as it was made."""
    made = WorkingCopy(tmp_path / "mine")
    made.sync()
    return made


def test_reset_after_evidence_alone_sets_it_aside_and_says_where(copy, capsys):
    """Captured evidence is the learner's as much as an answer is: the same is done with it in both cases."""
    evidence = (copy.root / EXERCISE).parent / "evidence"
    evidence.mkdir()
    (evidence / "inventory.json").write_text("{}", encoding="utf-8")

    assert main(["reset", "constraint-summary", "--dir", str(copy.root)]) == 0

    (kept,) = evidence.parent.parent.glob("constraint-summary.kept-*/evidence/inventory.json")
    said = capsys.readouterr().out
    assert str(kept.parent) in said
    assert "Nothing of yours" not in said
    assert not evidence.exists()


def test_what_jupyterlab_leaves_beside_an_untouched_exercise_is_not_the_learners(copy):
    litter = (copy.root / EXERCISE).parent / ".ipynb_checkpoints"
    litter.mkdir()
    (litter / "constraint-summary-checkpoint.ipynb").write_text("{}", encoding="utf-8")

    assert copy.reset("constraint-summary").kept is None
