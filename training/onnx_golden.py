"""Writes tiny ONNX exports of one random Llama, and what PyTorch says of it: `python training/onnx_golden.py`.

`golden/exports/traced.onnx`: torch.onnx.export (TorchScript), inv_freq a constant before Cos and Sin.
`golden/exports/traced-half.onnx`: the same in float16.
`golden/exports/dynamo.onnx`: torch.onnx.export (torch.export), which computes the angles with a MatMul.
`golden/exports/FORM.onnx`: as export_graphs.py writes each of its FORMS.
`golden/exports/golden.json`: the prompt, inv_freq, and per lane (healthy; inv_freq zeroed) logits of the prompt's last
token, and greedy ids; `layered`: the same of the model whose second layer turns by inv_freq of base 100.

Needs torch, transformers 4.57, onnx and onnxscript.
"""

from __future__ import annotations

import json
import sys
import types
from pathlib import Path

# Only the versions of packages that this script does not use would be refused.
_unchecked = types.ModuleType("transformers.dependency_versions_check")
_unchecked.dep_version_check = lambda *_args, **_kwargs: None
sys.modules[_unchecked.__name__] = _unchecked

import onnx
import torch
from export_graphs import FORMS, POSITIONS, ExportWriter
from transformers import LlamaConfig, LlamaForCausalLM
from transformers.cache_utils import DynamicCache

FOLDER = Path(__file__).resolve().parent / "golden" / "exports"
LAYERS, HEADS, KV_HEADS, HEAD_DIM, HIDDEN, MLP, VOCAB = 2, 2, 1, 16, 16, 16, 300
LOCAL_BASE = 100.0
PROMPT = [1, 45, 120, 7, 8]
STEPS = 12


def tiny_llama() -> LlamaForCausalLM:
    torch.manual_seed(7)
    config = LlamaConfig(
        vocab_size=VOCAB,
        hidden_size=HIDDEN,
        intermediate_size=MLP,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        num_key_value_heads=KV_HEADS,
        head_dim=HEAD_DIM,
        max_position_embeddings=POSITIONS,
        tie_word_embeddings=True,
        initializer_range=0.3,
        attn_implementation="eager",
    )
    return LlamaForCausalLM(config).eval()


class Flat(torch.nn.Module):
    """The decoder with its cache as tensors, one after the other: key and value of each layer."""

    def __init__(self, model: LlamaForCausalLM):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask, position_ids, *past):
        cache = DynamicCache()
        for layer in range(LAYERS):
            cache.update(past[2 * layer], past[2 * layer + 1], layer)
        total = attention_mask.shape[1]
        columns = torch.arange(total)[None, None, None, :]
        seen = columns <= position_ids[:, None, :, None]
        mask = torch.where(seen, 0.0, -10000.0).to(self.model.dtype)
        output = self.model(
            input_ids=input_ids,
            attention_mask=mask,
            position_ids=position_ids,
            past_key_values=cache,
            use_cache=True,
        )
        present = []
        for layer in output.past_key_values.layers:
            present += [layer.keys, layer.values]
        return (output.logits, *present)


def pasts() -> tuple[list[str], list[str]]:
    kinds = ("key", "value")
    past = [f"past_key_values.{layer}.{kind}" for layer in range(LAYERS) for kind in kinds]
    present = [f"present.{layer}.{kind}" for layer in range(LAYERS) for kind in kinds]
    return past, present


def example(model: LlamaForCausalLM) -> tuple[torch.Tensor, ...]:
    """Three tokens behind two."""
    tokens, before = 3, 2
    ids = torch.ones(1, tokens, dtype=torch.int64)
    mask = torch.ones(1, tokens + before, dtype=torch.int64)
    positions = torch.arange(before, before + tokens)[None]
    caches = [torch.zeros(1, KV_HEADS, before, HEAD_DIM, dtype=model.dtype) for _ in range(2 * LAYERS)]
    return ids, mask, positions, *caches


def export_traced(model: LlamaForCausalLM, path: Path) -> None:
    past, present = pasts()
    sequence = {0: "batch_size", 1: "sequence_length"}
    axes = {
        "input_ids": sequence,
        "attention_mask": {0: "batch_size", 1: "total_sequence_length"},
        "position_ids": sequence,
        "logits": sequence,
    }
    axes |= {name: {0: "batch_size", 2: "past_sequence_length"} for name in past}
    axes |= {name: {0: "batch_size", 2: "total_sequence_length"} for name in present}
    torch.onnx.export(
        Flat(model),
        example(model),
        str(path),
        input_names=["input_ids", "attention_mask", "position_ids", *past],
        output_names=["logits", *present],
        dynamic_axes=axes,
        opset_version=17,
        dynamo=False,
        do_constant_folding=True,
    )
    shorten(path)


def export_dynamo(model: LlamaForCausalLM, path: Path) -> None:
    past, present = pasts()
    tokens, cache = {1: torch.export.Dim.DYNAMIC}, {2: torch.export.Dim.DYNAMIC}
    program = torch.onnx.export(
        Flat(model).eval(),
        example(model),
        dynamo=True,
        input_names=["input_ids", "attention_mask", "position_ids", *past],
        output_names=["logits", *present],
        dynamic_shapes=(tokens, tokens, tokens, tuple(cache for _ in past)),
        opset_version=18,
    )
    program.save(str(path))
    shorten(path)


def shorten(path: Path) -> None:
    """Takes out the stack traces and the long names of values: most of a small export."""
    model = onnx.load(path)
    graph = model.graph
    kept = {value.name for value in [*graph.input, *graph.output]}
    names = {}

    def short(name: str) -> str:
        return name if name in kept or not name else names.setdefault(name, f"v{len(names)}")

    for tensor in graph.initializer:
        tensor.name = short(tensor.name)
    for node in graph.node:
        for field in ("doc_string", "metadata_props", "name"):
            node.ClearField(field)
        node.input[:] = [short(name) for name in node.input]
        node.output[:] = [short(name) for name in node.output]
    graph.ClearField("value_info")
    for part in [model, graph, *graph.input, *graph.output, *graph.initializer]:
        part.ClearField("metadata_props")
    onnx.save(model, path)


@torch.no_grad()
def greedy(model: LlamaForCausalLM) -> dict[str, list]:
    ids = list(PROMPT)
    first = None
    for _ in range(STEPS):
        logits = model(torch.tensor([ids])).logits[0, -1]
        first = logits if first is None else first
        ids.append(int(logits.argmax()))
    return {"ids": ids[len(PROMPT) :], "logits": [round(x, 6) for x in first.tolist()]}


def lanes(model: LlamaForCausalLM, *buffers: torch.Tensor) -> dict[str, dict]:
    """What the model says as it is, and with these buffers zeroed."""
    healthy = greedy(model)
    kept = [buffer.clone() for buffer in buffers]
    for buffer in buffers:
        buffer.zero_()
    zero = greedy(model)
    for buffer, values in zip(buffers, kept):
        buffer.copy_(values)
    return {"healthy": healthy, "zero": zero}


def turn_second_layer(model: LlamaForCausalLM, inv_freq: torch.Tensor):
    """As in Gemma 3: a layer that turns by frequencies of its own. Gives the handle that ends it."""

    def hook(_module, args, kwargs):
        cos, sin = kwargs["position_embeddings"]
        angles = torch.arange(cos.shape[1]).float()[:, None] * inv_freq[None]
        both = torch.cat([angles, angles], -1)[None]
        kwargs["position_embeddings"] = (both.cos(), both.sin())
        return args, kwargs

    return model.model.layers[1].register_forward_pre_hook(hook, with_kwargs=True)


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    model = tiny_llama()
    inv_freq = model.model.rotary_emb.inv_freq
    local = LOCAL_BASE ** -(torch.arange(0, HEAD_DIM, 2).float() / HEAD_DIM)
    export_traced(model, FOLDER / "traced.onnx")
    export_dynamo(model, FOLDER / "dynamo.onnx")
    for form in FORMS:
        ExportWriter(model, form, local).write(FOLDER / f"{form}.onnx")
    golden = {"prompt": PROMPT, "invFreq": inv_freq.tolist(), **lanes(model, inv_freq)}
    handle = turn_second_layer(model, local)
    golden["layered"] = {"localInvFreq": local.tolist(), **lanes(model, inv_freq, local)}
    handle.remove()
    export_traced(model.half(), FOLDER / "traced-half.onnx")
    (FOLDER / "golden.json").write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    main()
