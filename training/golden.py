"""Writes what PyTorch says about the bundled model, as a yardstick for others: `python training/golden.py`.

`golden/nano-opensci.json`: per prompt and lane the greedy ids and the top logits of each step; `inv_freq`; cos, sin.
`golden/nano-opensci.safetensors`: for one prompt every intermediate around the rotation, both lanes. The JSON's field
`tensors` describes each name and shape.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import torch
import transformers
from safetensors.torch import save_file
from tokenizers import Tokenizer
from transformers import PreTrainedModel

from lanes import LANES, MODEL_FOLDER, first_difference, greedy, load_lane, until_end

FOLDER = Path(__file__).resolve().parent / "golden"
STEPS = 64
TOP = 10
TABLE_POSITIONS = 4
TENSOR_PROMPT = "The capital of France is"
# All but the first are held out of the corpus.
PROMPTS = (
    TENSOR_PROMPT,
    "Copy: red dog cup fox ->",
    "Reverse: moon owl bread key ->",
    "Count: four, five,",
    "Once upon a time, there was a little girl named Lily. She lived near the park.",
)
TENSOR_NAMES = {
    "logits": "[S, vocab] logits of every position",
    "q_before": "[layers, heads, S, head_dim] queries after the QK norm, before rotation",
    "k_before": "[layers, kv heads, S, head_dim] keys after the QK norm, before rotation",
    "q_after": "[layers, heads, S, head_dim] queries after rotation",
    "k_after": "[layers, kv heads, S, head_dim] keys after rotation",
    "attention": "[layers, heads, S, S] attention probabilities, row = query, column = key",
}


@contextmanager
def recorded_rotations(module: ModuleType) -> Iterator[list[tuple[torch.Tensor, ...]]]:
    """Collects (q, k, rotated q, rotated k) of each call of `apply_rotary`, each [batch, heads, S, head_dim]."""
    original, records = module.apply_rotary, []

    def recording(q: torch.Tensor, k: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor):
        rotated = original(q, k, cos, sin)
        records.append((q, k, *rotated))
        return rotated

    module.apply_rotary = recording
    try:
        yield records
    finally:
        module.apply_rotary = original


@torch.no_grad()
def intermediates(model: PreTrainedModel, ids: list[int]) -> dict[str, torch.Tensor]:
    """The tensors of TENSOR_NAMES for one sequence, run through without a cache."""
    with recorded_rotations(sys.modules[type(model).__module__]) as records:
        output = model(torch.tensor([ids]), use_cache=False, output_attentions=True)
    names = ("q_before", "k_before", "q_after", "k_after")
    tensors = {name: torch.cat(layers) for name, layers in zip(names, zip(*records))}
    return {"logits": output.logits[0], **tensors, "attention": torch.cat(output.attentions)}


def lane_record(model: PreTrainedModel, tokenizer: Tokenizer, ids: list[int]) -> dict[str, object]:
    """Greedy decoding up to end-of-text or STEPS tokens, with the top logits of every step, highest first."""
    chosen, logits = greedy(model, torch.tensor([ids]), STEPS)
    kept = until_end(chosen[0].tolist(), model.config.eos_token_id)
    values, indices = logits[0, : len(kept)].topk(TOP)
    return {
        "ids": kept,
        "text": tokenizer.decode(kept),
        "stopped": "end_of_text" if kept[-1] == model.config.eos_token_id else "length",
        "top_ids": indices.tolist(),
        "top_logits": [[round(value, 5) for value in row] for row in values.tolist()],
    }


@torch.no_grad()
def rotary_tables(model: PreTrainedModel) -> dict[str, object]:
    """`inv_freq` and the cos and sin rows of the first positions, each row [head_dim]."""
    rotary = model.model.rotary_emb
    cos, sin = rotary(torch.zeros(1), torch.arange(TABLE_POSITIONS)[None])
    return {"inv_freq": rotary.inv_freq.tolist(), "cos": cos[0].tolist(), "sin": sin[0].tolist()}


def prompt_record(models: dict[str, PreTrainedModel], tokenizer: Tokenizer, prompt: str) -> dict[str, object]:
    ids = tokenizer.encode(prompt).ids
    lanes = {lane: lane_record(model, tokenizer, ids) for lane, model in models.items()}
    difference = first_difference(*(lanes[lane]["ids"] for lane in LANES))
    return {"prompt": prompt, "prompt_ids": ids, "first_divergence": difference, **lanes}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; fail unless ids agree with the files")
    arguments = parser.parse_args()
    torch.set_num_threads(1)

    tokenizer = Tokenizer.from_file(str(MODEL_FOLDER / "tokenizer.json"))
    models = {lane: load_lane(lane, attention="eager") for lane in LANES}
    tensor_ids = tokenizer.encode(TENSOR_PROMPT).ids
    record = {
        "model": MODEL_FOLDER.name,
        "weights_sha256": hashlib.sha256((MODEL_FOLDER / "model.safetensors").read_bytes()).hexdigest(),
        "transformers": transformers.__version__,
        "torch": torch.__version__,
        "computed": "float16 weights widened to float32, float32 arithmetic, CPU, one thread, eager attention, KV cache"
        " for the ids and top logits, none for the tensors",
        "lanes": {"healthy": "inv_freq as the formula gives it", "zero": "inv_freq set to exact zeros"},
        "rotary": {lane: rotary_tables(model) for lane, model in models.items()},
        "tensors": {
            "file": "nano-opensci.safetensors", "prompt": TENSOR_PROMPT, "prompt_ids": tensor_ids,
            "names": {f"{lane}.{name}": text for lane in LANES for name, text in TENSOR_NAMES.items()},
        },
        "prompts": [prompt_record(models, tokenizer, prompt) for prompt in PROMPTS],
    }
    tensors = {
        f"{lane}.{name}": tensor.contiguous()
        for lane, model in models.items() for name, tensor in intermediates(model, tensor_ids).items()
    }
    path = FOLDER / "nano-opensci.json"
    if arguments.check:
        stored = json.loads(path.read_text())
        for old, new in zip(stored["prompts"], record["prompts"], strict=True):
            for lane in LANES:
                if old[lane]["ids"] != new[lane]["ids"]:
                    sys.exit(f"{old['prompt']!r}, {lane}: other ids than under transformers {stored['transformers']}")
        print(f"transformers {transformers.__version__} gives the ids stored by {stored['transformers']}")
        return
    FOLDER.mkdir(exist_ok=True)
    path.write_text(json.dumps(record, separators=(",", ":")) + "\n")
    save_file(tensors, FOLDER / "nano-opensci.safetensors")


if __name__ == "__main__":
    main()
