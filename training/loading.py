"""Writes what from_pretrained makes of `inv_freq`, for every way to write the module: `python training/loading.py`.

`golden/loading-VERSION.json`, for the transformers that is installed. `outcomes` has a row for each combination of what
fresh memory holds, whether the buffer is persistent, whether the checkpoint holds it, whose `_init_weights` runs, whether
the module has `original_inv_freq`, and the guard: what the buffer is when loading returns, whether the guard fired, and
what it is after a forward pass. `stages` says what each kind of tensor is after each stage of loading. Needs Linux with
glibc, whose MALLOC_PERTURB_ decides what fresh memory holds.

The checkpoint's own `inv_freq`, where it has one, is twice the right one, so that loaded and computed can be told apart;
and one weight is taken out of the checkpoint, to see what becomes of it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
import transformers
from safetensors.torch import load_file, save_file
from transformers import PreTrainedModel

import remote_code.modeling_opensci as modeling
from lanes import MODEL_FOLDER

FOLDER = Path(__file__).resolve().parent / "golden"
INV_FREQ = "model.rotary_emb.inv_freq"
# What glibc is told, for each kind of fresh memory; it writes the complement of the byte. "leftovers" is memory as it comes.
MEMORIES = {"leftovers": "0", "zeros": "255", "huge": "165", "nan": "0"}
INIT_WEIGHTS = ("inherited", "own", "own-super", "own-refills")
GUARDS = ("none", "patch5", "refill")
WAY = ("persistent", "in_checkpoint", "init_weights", "original_inv_freq")
OUTCOME = ("memory", *WAY, "guard", "missing", "loaded", "fired", "forward")
STAGE = (*WAY, "after")
TAKEN_OUT = "model.layers.1.self_attn.q_norm.weight"
WATCHED = {"weight": "model.layers.0.self_attn.q_proj.weight", "taken_out": TAKEN_OUT, "head": "lm_head.weight"}
# The methods after which a stage is over, in 4.57 and in 5.x.
STAGES = {
    "_move_missing_keys_from_meta_to_cpu": "materialise",
    "_move_missing_keys_from_meta_to_device": "materialise",
    "_initialize_missing_keys": "initialise",
    "_load_pretrained_model": "load",
}

Rotary = modeling.OpensciRotaryEmbedding
WEIGHTS_ONLY = modeling.OpensciPreTrainedModel._init_weights
HEALTHY = modeling.inverse_frequencies(64, 1e6)


def rotary_class(persistent: bool, original: bool) -> type[Rotary]:
    """The model's rotary embedding, written otherwise. With `original` it has what the library's own have."""

    class OpensciRotaryEmbedding(Rotary):
        def __init__(self, config: Any, device: torch.device | None = None) -> None:
            super().__init__(config, device)
            self.register_buffer("inv_freq", self._compute(device), persistent=persistent)
            if original:
                self.rope_type = "default"
                self.register_buffer("original_inv_freq", self.inv_freq.clone(), persistent=False)

    if original:
        compute = staticmethod(lambda config: (modeling.inverse_frequencies(config.head_dim, config.rope_theta), 1.0))
        OpensciRotaryEmbedding.compute_default_rope_parameters = compute
    return OpensciRotaryEmbedding


def weights_then_super(self: PreTrainedModel, module: torch.nn.Module) -> None:
    WEIGHTS_ONLY(self, module)
    PreTrainedModel._init_weights(self, module)


def weights_and_buffer(self: PreTrainedModel, module: torch.nn.Module) -> None:
    WEIGHTS_ONLY(self, module)
    if isinstance(module, Rotary):
        module.inv_freq.copy_(modeling.inverse_frequencies(module.config.head_dim, module.config.rope_theta))


def write_module(persistent: bool, init_weights: str, original: bool) -> None:
    modeling.OpensciRotaryEmbedding = rotary_class(persistent, original)
    modeling.OpensciPreTrainedModel._init_weights = {
        "inherited": PreTrainedModel._init_weights,
        "own": WEIGHTS_ONLY,
        "own-super": weights_then_super,
        "own-refills": weights_and_buffer,
    }[init_weights]


def buffer_state(buffer: torch.Tensor) -> str:
    if buffer.device.type == "meta":
        return "meta"
    if buffer.equal(HEALTHY):
        return "computed"
    if buffer.equal(2 * HEALTHY):
        return "from-checkpoint"
    if buffer.isnan().all():
        return "nan"
    if not buffer.any():
        return "zeros"
    return "huge" if (buffer.view(torch.int32) == 0x5A5A5A5A).all() else "leftovers"


def states(model: PreTrainedModel, checkpoint: dict[str, torch.Tensor]) -> dict[str, str]:
    """What the buffer, a weight, the weight that was taken out and the tied head are now."""

    def weight_state(name: str) -> str:
        weight = model.get_parameter(name)
        if weight.device.type == "meta":
            return "meta"
        if name == TAKEN_OUT:
            return "computed" if (weight == 1).all() else "empty"
        stored = checkpoint[name if name in checkpoint else "model.embed_tokens.weight"]
        return "from-checkpoint" if weight.equal(stored.float()) else "empty"

    buffer = model.model.rotary_emb.inv_freq
    return {"inv_freq": buffer_state(buffer), **{name: weight_state(place) for name, place in WATCHED.items()}}


def watch_stages(seen: dict[str, dict[str, str]], checkpoint: dict[str, torch.Tensor]) -> None:
    """From now on every load writes into `seen` what the tensors are after each stage."""
    for method, stage in STAGES.items():
        if method not in PreTrainedModel.__dict__:
            continue
        original = PreTrainedModel.__dict__[method]

        def watching(*args: Any, _original: Any = original, _stage: str = stage, **kwargs: Any) -> Any:
            model = next(argument for argument in args if isinstance(argument, PreTrainedModel))
            if _stage == "load":
                seen["construct"] = states(model, checkpoint)
            call = _original.__func__ if isinstance(_original, (classmethod, staticmethod)) else _original
            result = call(*args, **kwargs)
            seen[_stage] = states(model, checkpoint)
            return result

        kind = type(original) if isinstance(original, (classmethod, staticmethod)) else None
        setattr(PreTrainedModel, method, kind(watching) if kind else watching)


def write_checkpoints(folder: Path) -> dict[bool, Path]:
    """The bundled model twice, without and with an `inv_freq` in its checkpoint, both without one weight."""
    checkpoints = {}
    for holds in (False, True):
        checkpoints[holds] = Path(shutil.copytree(MODEL_FOLDER, folder / str(holds)))
        path = str(checkpoints[holds] / "model.safetensors")
        tensors = load_file(path)
        del tensors[TAKEN_OUT]
        if holds:
            tensors[INV_FREQ] = 2 * HEALTHY
        save_file(tensors, path, metadata={"format": "pt"})
    return checkpoints


@torch.no_grad()
def measure(memory: str) -> dict[str, list[list[Any]]]:
    """All combinations, in this process, whose fresh memory is as the caller has arranged."""
    torch.use_deterministic_algorithms(memory == "nan")
    seen: dict[str, dict[str, str]] = {}
    outcomes, stages = [], []
    checkpoint = load_file(str(MODEL_FOLDER / "model.safetensors"))
    watch_stages(seen, checkpoint)
    with TemporaryDirectory() as folder:
        checkpoints = write_checkpoints(Path(folder))
        for way in product((False, True), (False, True), INIT_WEIGHTS, (False, True), GUARDS):
            persistent, in_checkpoint, init_weights, original, guard = way
            write_module(persistent, init_weights, original)
            seen.clear()
            model, report = modeling.OpensciForCausalLM.from_pretrained(
                checkpoints[in_checkpoint], dtype=torch.float32, rope_guard=guard, output_loading_info=True
            )
            seen["tie"] = states(model, checkpoint)
            rotary = model.model.rotary_emb
            loaded = rotary.inv_freq
            model(torch.tensor([[0, 1, 2, 3]]))
            fired = rotary.inv_freq is not loaded
            missing = INV_FREQ in report["missing_keys"]
            outcomes.append([memory, *way, missing, buffer_state(loaded), fired, buffer_state(rotary.inv_freq)])
            if guard == "none":
                stages.append([*way[:-1], dict(seen)])
    return {"outcomes": outcomes, "stages": stages if memory == "huge" else []}


def measure_apart(memory: str) -> dict[str, list[list[Any]]]:
    """The same in a process of its own, whose memory holds that."""
    command = [sys.executable, __file__, "--memory", memory]
    environment = {**os.environ, "MALLOC_PERTURB_": MEMORIES[memory]}
    return json.loads(subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE).stdout)


def lines(rows: list[list[Any]]) -> str:
    return "[\n    " + ",\n    ".join(json.dumps(row) for row in rows) + "\n  ]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--memory", choices=MEMORIES, help="measure with the memory of this process, and print")
    memory = parser.parse_args().memory
    if memory is not None:
        transformers.utils.logging.set_verbosity_error()
        json.dump(measure(memory), sys.stdout)
        return
    measured = [measure_apart(memory) for memory in MEMORIES]
    fields = {
        "transformers": json.dumps(transformers.__version__),
        "torch": json.dumps(torch.__version__),
        "outcome_columns": json.dumps(OUTCOME),
        "outcomes": lines([row for part in measured for row in part["outcomes"]]),
        "stage_columns": json.dumps(STAGE),
        "stages": lines([row for part in measured for row in part["stages"]]),
    }
    text = ",\n".join(f'  "{name}": {value}' for name, value in fields.items())
    path = FOLDER / f"loading-{transformers.__version__}.json"
    path.write_text(f"{{\n{text}\n}}\n")
    print(f"{path.name}: {sum(len(part['outcomes']) for part in measured)} outcomes")


if __name__ == "__main__":
    main()
