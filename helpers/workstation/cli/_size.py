"""``workstation size``: what a model takes to run or to train, and whether this machine has it."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workstation.cli._options import Commands, add_json

if TYPE_CHECKING:
    from workstation.sizing import Estimate, Fit, ModelShape

__all__ = ["SCHEMA", "add_parser"]

SCHEMA = "workstation.size/1"
LOOKS_LIKE_A_FILE = (".gguf", ".safetensors", ".json")
_ABOUT = "tell what a model takes to run or to train, and whether it fits this machine"
_ELSE = "All names: workstation size --list; any other model by its number of parameters, as 7B, or by its file."
_NUMBERS = (
    ("--context", "context_tokens", "tokens of context (default: 8192)"),
    ("--sequences", "sequences", "conversations at once (default: 1)"),
)
_TRAINING = (
    ("--batch-size", "batch_size", "sequences at once in training (default: 1)"),
    ("--sequence-length", "sequence_length", "tokens of a training sequence (default: 2048)"),
    ("--lora-rank", "lora_rank", "rank of the adapters (default: 16)"),
)
_CACHE = ("--cache-type", "cache_type", "f16 (default), q8_0, q4_0")
_RECIPE = (
    ("--precision", "precision", "fp32, mixed or bf16, in training"),
    ("--optimizer", "optimizer", "adamw (default), adamw-8bit, adafactor, sgd, in training"),
    ("--no-checkpointing", "no_checkpointing", "train without gradient checkpointing"),
)


def add_parser(commands: Commands) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser("size", help=_ABOUT, description=f"{_ABOUT.capitalize()}.")
    parser.add_argument(
        "model",
        nargs="?",
        metavar="MODEL|FILE",
        help="a name as llama-3.1-8b, a count as 7B, or a .gguf, .safetensors, config.json or folder",
    )
    parser.add_argument("--quantization", metavar="NAME", help="such as Q4_K_M (default), F16, nf4; a file's own")
    for flag, name, words in (*_NUMBERS, *_TRAINING):
        parser.add_argument(flag, dest=name, type=_whole, metavar="N", help=words)
    parser.add_argument(_CACHE[0], dest=_CACHE[1], metavar="NAME", help=_CACHE[2])
    parser.add_argument("--train", metavar="METHOD", help="full, lora or qlora: size training instead of running")
    for flag, name, words in _RECIPE[:-1]:
        parser.add_argument(flag, dest=name, metavar="NAME", help=words)
    parser.add_argument(_RECIPE[-1][0], action="store_true", help=_RECIPE[-1][2])
    parser.add_argument("--list", action="store_true", help="list the models that are known by name")
    parser.add_argument("--no-machine", action="store_true", help="do not look at this machine")
    add_json(parser)
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Size the model and print it."""
    from workstation.errors import SizingError
    from workstation.sizing import known_models  # late: only this command needs it

    if options.list:
        names = known_models()
        print(json.dumps(list(names), indent=2) if options.json else "\n".join(names))
        return 0
    if not options.model:
        raise SizingError("Name a model or a file: workstation size llama-3.1-8b. All names: workstation size --list.")
    _check_flags(options)
    shape = _shape(options.model)
    needs, fit = _size(shape, options)
    if options.json:
        print(json.dumps(_document(shape, needs, fit), indent=2))
    else:
        print("\n".join([str(needs), *(["", *str(fit).splitlines()] if fit else [])]))
    return 0


def _shape(asked: str) -> "ModelShape":
    """Find what was asked for: a file where there is one or the name is a file's, else a count, else the library."""
    from workstation.errors import SizingError
    from workstation.sizing import shape, shape_from_file

    place = Path(asked).expanduser()
    if asked.lower().endswith(LOOKS_LIKE_A_FILE) or place.exists():
        return shape_from_file(place)
    try:
        return shape(asked)
    except SizingError as problem:
        raise SizingError(f"{problem} {_ELSE}") from None


def _size(shape: "ModelShape", options: argparse.Namespace) -> "tuple[Estimate, Fit | None]":
    from workstation.sizing import fits
    from workstation.sizing._fits import needs_of

    settings = _settings(options)
    if options.no_machine:
        return needs_of(shape, **settings), None
    from workstation.inventory import inventory

    fit = fits(shape, on=inventory(), **settings)
    return fit.needs, fit


def _whole(text: str) -> int:
    """Read a whole number, also with commas in it."""
    try:
        return int(text.replace(",", ""))
    except ValueError:
        raise argparse.ArgumentTypeError(f"a whole number is wanted, such as 8192, found {ascii(text)[:40]}") from None


def _check_flags(options: argparse.Namespace) -> None:
    """Refuse what belongs to the other question, rather than leave it out unsaid."""
    from workstation.errors import SizingError

    other = [*_NUMBERS, _CACHE] if options.train else [*_TRAINING, *_RECIPE]
    given = [flag for flag, name, _ in other if getattr(options, name) not in {None, False}]
    if given and options.train:
        raise SizingError(f"{', '.join(given)}: for running a model, not for --train. Training has --sequence-length.")
    if given:
        raise SizingError(f"{', '.join(given)}: only for training. Add --train lora, or leave it out.")


def _settings(options: argparse.Namespace) -> dict[str, Any]:
    names = [name for _, name, _ in (_TRAINING if options.train else _NUMBERS)]
    names += ["train", "precision", "optimizer"] if options.train else ["quantization", "cache_type"]
    given = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    if options.train and options.quantization:
        given["base_quantization"] = options.quantization
    if options.train and options.no_checkpointing:
        given["gradient_checkpointing"] = False
    return given


def _document(shape: "ModelShape", needs: "Estimate", fit: "Fit | None") -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "model": shape.name,
        "parameters": shape.parameters,
        "what": needs.what,
        "tier": needs.tier,
        "low_bytes": needs.low_bytes,
        "likely_bytes": needs.likely_bytes,
        "high_bytes": needs.high_bytes,
        "terms": [
            {
                "name": each.name,
                "low_bytes": each.low_bytes,
                "likely_bytes": each.likely_bytes,
                "high_bytes": each.high_bytes,
                "formula": each.formula,
            }
            for each in needs.terms
        ],
        "assumptions": list(needs.assumptions),
        "fit": None if fit is None else _of_fit(fit),
    }


def _of_fit(fit: "Fit") -> dict[str, Any]:
    return {
        "verdict": fit.verdict,
        "reason": fit.reason,
        "decided_by": fit.decided_by,
        "change": fit.change,
        "where": fit.where,
        "has_bytes": fit.has_bytes,
        "missing": list(fit.missing),
    }
