"""What every test gets: a home of its own, and an environment that says nothing about this machine."""

from pathlib import Path

import pytest

# Scripts that made data, kept beside it; they import each other, and pytest would take them for modules with doctests.
collect_ignore_glob = ["histories/*.py", "recordings/make/*.py"]

_UNSET = (
    "EAGER_IMPORT", "JUPYTER_CONFIG_PATH", "JUPYTER_PATH", "JUPYTER_TOKEN", "JUPYTERHUB_USER", "MEM_LIMIT",
    "NBGRADER_EXECUTION", "WORKSTATION_LANGUAGE", "XDG_CONFIG_HOME", "XDG_DATA_HOME",
)  # fmt: skip


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder, where Jupyter and IPython keep their things too; matplotlib's font cache is shared."""
    folder = tmp_path_factory.mktemp("home")
    places = {
        "HOME": folder, "USERPROFILE": folder, "IPYTHONDIR": folder / "ipython",
        "JUPYTER_CONFIG_DIR": folder / "jupyter" / "config", "JUPYTER_DATA_DIR": folder / "jupyter" / "data",
        "JUPYTER_RUNTIME_DIR": folder / "jupyter" / "runtime",
        "MPLCONFIGDIR": tmp_path_factory.getbasetemp() / "matplotlib",
    }  # fmt: skip
    for name, place in places.items():
        monkeypatch.setenv(name, str(place))
    for name in _UNSET:
        monkeypatch.delenv(name, raising=False)
    return folder
