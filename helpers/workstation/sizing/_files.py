"""Read a shape from a file: a GGUF or safetensors header, a config.json, or a folder that holds them."""

from dataclasses import replace
from pathlib import Path

from workstation.errors import SizingError
from workstation.sizing._config import read_config
from workstation.sizing._gguf import read_headers
from workstation.sizing._gguf_shape import shape_of
from workstation.sizing._safetensors import Stored, read_safetensors
from workstation.sizing.model import ModelShape

CONFIG, INDEX = "config.json", "model.safetensors.index.json"
SUFFIXES = (".gguf", ".safetensors", ".json")


def shape_from_file(path: str | Path) -> ModelShape:
    """Read a model's shape from a file; of a model file only the header, however large it is.

    A ``.gguf`` (all parts of one in several files) and ``.safetensors`` (or their index) give exact sizes; a
    ``config.json`` beside safetensors adds the architecture. A ``config.json`` alone is enough for the formulas. A
    folder is searched for these.

    Raises:
        SizingError: no such file, a damaged or foreign one, or one that contradicts itself.
    """
    place = Path(path)
    try:
        return _read(place)
    except FileNotFoundError:
        raise SizingError(f"There is no file {place.name!a}. Give a .gguf, a .safetensors or a config.json.") from None
    except IsADirectoryError:
        raise SizingError(f"{place.name} is a folder. Give a file, or a folder that holds a model.") from None
    except OSError as problem:
        raise SizingError(f"{place.name} cannot be read ({problem.strerror or 'unknown error'}).") from None


def _read(place: Path) -> ModelShape:
    if place.is_dir():
        return _read(_in_folder(place))
    if not place.is_file() and place.exists():
        raise SizingError(f"{place.name} is no plain file. Give a .gguf, a .safetensors or a config.json.")
    if place.name.endswith(".index.json") or place.suffix.lower() == ".safetensors":
        return _with_config(read_safetensors(place), place.with_name(CONFIG))
    if place.suffix.lower() == ".json":
        return read_config(place)
    return shape_of(read_headers(place))


def _in_folder(folder: Path) -> Path:
    """Choose what to read of a folder: safetensors, then GGUF, then the config."""
    if (folder / INDEX).is_file():
        return folder / INDEX
    for suffix in (".safetensors", ".gguf"):
        found = sorted(each for each in folder.iterdir() if each.suffix.lower() == suffix)
        if found:
            return found[0]
    if (folder / CONFIG).is_file():
        return folder / CONFIG
    raise SizingError(f"The folder {folder.name} holds no .safetensors, no .gguf and no config.json.")


def _with_config(stored: Stored, config: Path) -> ModelShape:
    if config.is_file():
        shape = read_config(config)
        return replace(
            shape,
            parameters=stored.parameters,
            tensors=stored.tensors,
            quantization=stored.quantization,
            source=f"{stored.name} and its config.json",
        )
    return ModelShape(
        parameters=stored.parameters,
        tensors=stored.tensors,
        quantization=stored.quantization,
        name=stored.name,
        source=f"{stored.name}, without its config.json",
    )
