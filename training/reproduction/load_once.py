"""One load in a process of its own, as `reproduce.py` starts it: `python -m reproduction.load_once SPEC RESULT`.

SPEC is a `Spec` as JSON, RESULT the file to write. The process loads once, before anything else, so the memory that
`inv_freq` gets is what a script gets that loads a model and uses it: the heap as the imports left it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TypedDict

import torch
import transformers
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel
from transformers.dynamic_module_utils import get_class_from_dynamic_module

from .contents import decimal
from .decode import decode, decodes_like
from .environment import environment
from .observe import NotThisKindOfModel, Watch, bits, contents_of
from .report import Attention, Environment, Formula, Load, Remedy
from .sentences import verdict

GUARDS = ("none", "patch5", "refill")


class Spec(TypedDict):
    """`golden_file` is read for its prompts; `comparable` says whether its outputs are of these weights."""

    folder: str
    remedy: Remedy
    number: int
    attention: Attention
    deterministic: bool
    golden_file: str
    comparable: bool


class Result(TypedDict):
    load: Load
    environment: Environment
    formula: Formula


def from_pretrained(spec: Spec, config: dict) -> PreTrainedModel:
    """The model as `from_pretrained` gives it in float32; the guard is chosen through the configuration."""
    choices: dict[str, object] = {} if spec["attention"] == "library" else {"attn_implementation": spec["attention"]}
    if "rope_guard" in config:
        choices["rope_guard"] = spec["remedy"] if spec["remedy"] in GUARDS else "none"
    major, minor = (int(part) for part in transformers.__version__.split(".")[:2])
    choices["dtype" if (major, minor) >= (4, 56) else "torch_dtype"] = torch.float32
    return AutoModelForCausalLM.from_pretrained(spec["folder"], trust_remote_code=True, **choices)


@torch.no_grad()
def run(spec: Spec) -> Result:
    """Loads, watches, decodes. Raises what the library raises, and NotThisKindOfModel."""
    config = json.loads((Path(spec["folder"]) / "config.json").read_text())
    torch.use_deterministic_algorithms(spec["deterministic"])
    model_class = get_class_from_dynamic_module(config["auto_map"]["AutoModelForCausalLM"], spec["folder"])
    watch = Watch(config, refill=spec["remedy"] == "init_weights")
    watch.wrap(model_class)

    model = from_pretrained(spec, config).eval()
    inv_freq = watch.inv_freq(model)
    after_loading = contents_of(inv_freq, watch.formula)

    torch.set_num_threads(1)  # as the golden outputs were made
    golden = json.loads(Path(spec["golden_file"]).read_text())
    tokenizer = AutoTokenizer.from_pretrained(spec["folder"], trust_remote_code=True)
    decodings = decode(model, tokenizer, golden, spec["comparable"])
    if watch.forward is None:
        raise NotThisKindOfModel("its rotary embedding was never called")
    return {
        "load": {
            "remedy": spec["remedy"],
            "number": spec["number"],
            "attention": model.config._attn_implementation,
            "lifecycle": {
                "init": watch.init(),
                "init_weights": watch.init_weights,
                "device_after_loading": inv_freq.device.type,
                "same_tensor_as_in_init": inv_freq is watch.init_tensor,
            },
            "after_loading": after_loading,
            "forward": watch.forward,
            "decodings": decodings,
            "decodes_like": decodes_like(decodings),
            "verdict": verdict(spec["remedy"], after_loading, watch.forward, decodings),
        },
        "environment": environment(),
        "formula": {
            "bits": [f"{item:08x}" for item in bits(watch.formula)],
            "values": [decimal(value) for value in watch.formula.tolist()],
            "equal_to_golden": _equal_to_golden(watch.formula, golden) if spec["comparable"] else None,
        },
    }


def _equal_to_golden(formula: torch.Tensor, golden: dict) -> int:
    return int((formula == torch.tensor(golden["rotary"]["healthy"]["inv_freq"])).sum())


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(json.dumps(run(json.loads(sys.argv[1])), allow_nan=False))
