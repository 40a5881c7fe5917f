"""The public names of `workstation`: there, light to import, and callable however the package was imported."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import workstation

HEAVY = (
    "IPython",
    "ipywidgets",
    "matplotlib",
    "numpy",
    "pandas",
    "psutil",
    "pynvml",
    "nbgrader",
    "jupyterlab",
    "tomllib",
)


def run(program: str, **environment: str) -> str:
    """Run a program in a fresh interpreter and give what it printed."""
    import os

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, env=os.environ | environment
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_the_package_imports_nothing_heavy():
    program = f"import sys, workstation; print([name for name in {HEAVY} if name in sys.modules])"

    assert run(program) == "[]"


def test_every_public_name_resolves():
    """With EAGER_IMPORT every name is fetched at import: one whose home is gone would fail here."""
    assert run("import workstation; print(workstation.__all__)", EAGER_IMPORT="1") == str(workstation.__all__)


@pytest.mark.parametrize("package", ["workstation", "workstation.notebook"])
def test_type_checkers_and_python_know_the_same_names(package):
    module = import_module(package)
    tree = ast.parse(Path(module.__file__).read_text("utf-8"))
    for_checkers = next(
        node for node in tree.body if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
    )
    names = {alias.asname for node in for_checkers.body for alias in node.names}

    assert names == set(module._HOME)
    assert set(module.__all__) - {"WorkstationError"} == names


def test_a_name_that_is_none_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'no_such_name'"):
        workstation.no_such_name  # noqa: B018 - looked at, as a learner's typing slip would be


def test_the_lists_of_names_agree():
    assert set(workstation.__all__) <= set(dir(workstation))


@pytest.mark.parametrize(
    "imports",
    [
        "import workstation as ws",
        "import workstation as ws; import workstation.inventory",
        "import workstation.inventory; import workstation as ws",
        "import workstation as ws; from workstation.inventory.model import Inventory",
        "import workstation as ws; ws.inventory(); import workstation.inventory",
        "import workstation as ws; from workstation import inventory; assert inventory() is not None",
    ],
)
def test_inventory_is_called_the_same_way_whatever_was_imported_before(imports):
    """Importing the package of that name must not put a module in the function's place."""
    assert run(f"{imports}\nprint(type(ws.inventory()).__name__)") == "Inventory"


def test_the_package_inventory_stays_a_package():
    program = (
        "import workstation as ws; ws.inventory(); import workstation.inventory as i; print(i.load_inventory.__name__)"
    )

    assert run(program) == "load_inventory"


def test_arguments_reach_the_function(tmp_path):
    program = f"import workstation as ws; print(ws.inventory(project={str(tmp_path)!r}).storage.project is not None)"

    assert run(program) == "True"
