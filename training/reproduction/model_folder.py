"""The model to load and what must be in its folder; the golden outputs and whether they are of these weights."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from .report import Golden, Model

GOLDEN_FILE = Path(__file__).resolve().parent.parent / "golden" / "nano-opensci.json"
NEEDED = ("config.json", "model.safetensors", "tokenizer.json")


class CannotStart(Exception):
    """Why nothing can be measured, in one sentence with the next step."""


def read_config(folder: Path) -> dict:
    """The folder's config.json, once everything that a load needs is there; CannotStart otherwise."""
    missing = [name for name in NEEDED if not (folder / name).is_file()]
    if missing:
        raise CannotStart(
            f"{folder} has no {', '.join(missing)}: give --model the folder of a model, such as public/models/nano-opensci."
        )
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        usable = isinstance(config["head_dim"], int) and config["rope_theta"] > 0 and code_file(folder, config).is_file()
    except (ValueError, KeyError, TypeError, AttributeError):
        usable = False
    if not usable:
        raise CannotStart(
            f"{folder / 'config.json'} names no head_dim, rope_theta and model code in the same folder (auto_map): "
            "give --model a folder with the bundled model's layout."
        )
    return config


def code_file(folder: Path, config: dict) -> Path:
    """The Python file of the remote code's model class."""
    return folder / f"{config['auto_map']['AutoModelForCausalLM'].split('.')[0]}.py"


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def describe(folder: Path, config: dict) -> Model:
    return {
        "name": folder.resolve().name,
        "weights_sha256": sha256(folder / "model.safetensors"),
        "code_sha256": sha256(code_file(folder, config)),
        "head_dim": config["head_dim"],
        "rope_theta": config["rope_theta"],
    }


def golden_of(model: Model) -> Golden | None:
    """Where the golden outputs come from; None if they are of other weights, so that there is nothing to compare."""
    if not GOLDEN_FILE.is_file():
        raise CannotStart(f"{GOLDEN_FILE} is missing: get it from the repository, or write it with training/golden.py.")
    record = json.loads(GOLDEN_FILE.read_text(encoding="utf-8"))
    if record["weights_sha256"] != model["weights_sha256"]:
        return None
    return {name: record[name] for name in ("transformers", "torch", "weights_sha256")}
