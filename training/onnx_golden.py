"""Writes tiny ONNX exports of one random Llama, and what PyTorch says of it: `python training/onnx_golden.py`.

`golden/exports/traced.onnx`: torch.onnx.export (TorchScript), inv_freq a constant before Cos and Sin.
`golden/exports/traced-half.onnx`: the same in float16.
`golden/exports/gathered.onnx`: cos and sin as tables [positions, head_dim], gathered by position_ids.
`golden/exports/grouped.onnx`: GroupQueryAttention with do_rotary = 1 and cos_cache, sin_cache, as ONNX Runtime GenAI writes.
`golden/exports/golden.json`: the prompt, inv_freq, and per lane (healthy; inv_freq zeroed) logits of the prompt's last
token, and greedy ids.

Needs torch, transformers 4.57 and onnx.
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

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from transformers import LlamaConfig, LlamaForCausalLM
from transformers.cache_utils import DynamicCache

FOLDER = Path(__file__).resolve().parent / "golden" / "exports"
LAYERS, HEADS, KV_HEADS, HEAD_DIM, HIDDEN, MLP, VOCAB, POSITIONS = 2, 2, 1, 16, 16, 16, 300, 32
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


def export_traced(model: LlamaForCausalLM, path: Path) -> None:
    past, present = pasts()
    tokens, before = 3, 2
    ids = torch.ones(1, tokens, dtype=torch.int64)
    mask = torch.ones(1, tokens + before, dtype=torch.int64)
    positions = torch.arange(before, before + tokens)[None]
    caches = [torch.zeros(1, KV_HEADS, before, HEAD_DIM, dtype=model.dtype) for _ in past]
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
        (ids, mask, positions, *caches),
        str(path),
        input_names=["input_ids", "attention_mask", "position_ids", *past],
        output_names=["logits", *present],
        dynamic_axes=axes,
        opset_version=17,
        dynamo=False,
        do_constant_folding=True,
    )
    exported = onnx.load(path)
    shorten(exported.graph)
    onnx.save(exported, path)


def shorten(graph: onnx.GraphProto) -> None:
    """Takes out the stack traces and the long names of values: most of a small export."""
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


class Graph:
    """Nodes and initializers, as they are added."""

    def __init__(self, weights: dict[str, np.ndarray]):
        self.nodes, self.initializers = [], []
        for name, values in weights.items():
            self.constant(name, values)

    def constant(self, name: str, values: np.ndarray) -> str:
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def add(self, operator: str, inputs: list[str], outputs: list[str] | str, **attributes) -> str:
        outputs = [outputs] if isinstance(outputs, str) else outputs
        self.nodes.append(helper.make_node(operator, inputs, outputs, outputs[0], **attributes))
        return outputs[0]


def weights_of(model: LlamaForCausalLM) -> dict[str, np.ndarray]:
    weights = {}
    for name, tensor in model.named_parameters():
        values = tensor.detach().numpy()
        linear = name.endswith("proj.weight")
        weights[name] = values.T if linear else values
    return weights


def tables(model: LlamaForCausalLM) -> tuple[np.ndarray, np.ndarray]:
    angles = torch.arange(POSITIONS).float()[:, None] * model.model.rotary_emb.inv_freq[None]
    return angles.cos().numpy(), angles.sin().numpy()


def build(model: LlamaForCausalLM, path: Path, rotary: str) -> None:
    """One graph by hand. rotary: 'grouped' (GroupQueryAttention turns) or 'gathered' (tables by position)."""
    graph = Graph(weights_of(model))
    constant, add = graph.constant, graph.add
    cos, sin = tables(model)
    constant("one", np.array(1, dtype=np.int64))
    constant("axis_1", np.array([1], dtype=np.int64))
    constant("epsilon", np.array(model.config.rms_norm_eps, dtype=np.float32))
    constant("scale", np.array(HEAD_DIM**-0.5, dtype=np.float32))
    constant("never", np.array(-10000.0, dtype=np.float32))
    constant("none", np.array(0.0, dtype=np.float32))

    def norm(x: str, weight: str, out: str) -> str:
        square = add("Mul", [x, x], f"{out}/square")
        mean = add("ReduceMean", [square], f"{out}/mean", axes=[-1], keepdims=1)
        root = add("Sqrt", [add("Add", [mean, "epsilon"], f"{out}/shifted")], f"{out}/root")
        return add("Mul", [add("Div", [x, root], f"{out}/unit"), weight], out)

    if rotary == "grouped":
        constant("cos_cache", cos)
        constant("sin_cache", sin)
        total = add("ReduceSum", ["attention_mask", "axis_1"], "total_of_each", keepdims=1)
        seqlens = add("Cast", [add("Sub", [total, "one"], "last")], "seqlens_k", to=TensorProto.INT32)
        shape = add("Shape", ["attention_mask"], "mask_shape")
        length = add("Gather", [shape, "one"], "mask_length", axis=0)
        longest = add("Cast", [length], "total_sequence_length", to=TensorProto.INT32)
    else:
        constant("cos_table", np.concatenate([cos, cos], -1))
        constant("sin_table", np.concatenate([sin, sin], -1))
        for kind in ("cos", "sin"):
            rows = add("Gather", [f"{kind}_table", "position_ids"], f"{kind}_rows", axis=0)
            add("Unsqueeze", [rows, "axis_1"], kind)
        constant("zero", np.array(0, dtype=np.int64))
        constant("axis_12", np.array([1, 2], dtype=np.int64))
        constant("axis_13", np.array([1, 3], dtype=np.int64))
        shape = add("Shape", ["attention_mask"], "mask_shape")
        length = add("Gather", [shape, "one"], "mask_length", axis=0)
        columns = add("Range", ["zero", length, "one"], "columns")
        rows = add("Unsqueeze", ["position_ids", "axis_13"], "rows")
        unseen = add("Greater", [columns, rows], "unseen")
        add("Where", [unseen, "never", "none"], "mask")
        constant("half", np.array([HEAD_DIM // 2], dtype=np.int64))
        constant("start", np.array([0], dtype=np.int64))
        constant("end", np.array([HEAD_DIM], dtype=np.int64))
        constant("last_axis", np.array([3], dtype=np.int64))
        constant("query_shape", np.array([0, 0, HEADS, HEAD_DIM], dtype=np.int64))
        constant("key_shape", np.array([0, 0, KV_HEADS, HEAD_DIM], dtype=np.int64))
        constant("flat_shape", np.array([0, 0, HEADS * HEAD_DIM], dtype=np.int64))

    def heads(x: str, kind: str, out: str) -> str:
        return add("Transpose", [add("Reshape", [x, kind], f"{out}/split")], out, perm=[0, 2, 1, 3])

    def turn(x: str, out: str) -> str:
        first = add("Slice", [x, "start", "half", "last_axis"], f"{out}/first")
        second = add("Slice", [x, "half", "end", "last_axis"], f"{out}/second")
        turned = add("Concat", [add("Neg", [second], f"{out}/neg"), first], f"{out}/turned", axis=-1)
        cosine = add("Mul", [x, "cos"], f"{out}/cosine")
        return add("Add", [cosine, add("Mul", [turned, "sin"], f"{out}/sine")], out)

    embed = "model.embed_tokens.weight"
    x = add("Gather", [embed, "input_ids"], "embedded", axis=0)
    for layer in range(LAYERS):
        name, at = f"model.layers.{layer}", f"/layers.{layer}"
        h = norm(x, f"{name}.input_layernorm.weight", f"{at}/attention_norm")
        q, k, v = (
            add("MatMul", [h, f"{name}.self_attn.{part}_proj.weight"], f"{at}/{part}") for part in "qkv"
        )
        past = [f"past_key_values.{layer}.{kind}" for kind in ("key", "value")]
        present = [f"present.{layer}.{kind}" for kind in ("key", "value")]
        if rotary == "grouped":
            inputs = [q, k, v, *past, seqlens, longest, "cos_cache", "sin_cache"]
            outputs = [f"{at}/attention", *present]
            attended = add(
                "GroupQueryAttention",
                inputs,
                outputs,
                domain="com.microsoft",
                num_heads=HEADS,
                kv_num_heads=KV_HEADS,
                do_rotary=1,
                rotary_interleaved=0,
            )
        else:
            q = turn(heads(q, "query_shape", f"{at}/q_heads"), f"{at}/q_turned")
            k = turn(heads(k, "key_shape", f"{at}/k_heads"), f"{at}/k_turned")
            v = heads(v, "key_shape", f"{at}/v_heads")
            k = add("Concat", [past[0], k], present[0], axis=2)
            v = add("Concat", [past[1], v], present[1], axis=2)
            kt = add("Transpose", [k], f"{at}/k_t", perm=[0, 1, 3, 2])
            scores = add("Mul", [add("MatMul", [q, kt], f"{at}/qk"), "scale"], f"{at}/scaled")
            masked = add("Add", [scores, "mask"], f"{at}/masked")
            mixed = add("MatMul", [add("Softmax", [masked], f"{at}/softmax", axis=-1), v], f"{at}/mixed")
            back = add("Transpose", [mixed], f"{at}/back", perm=[0, 2, 1, 3])
            attended = add("Reshape", [back, "flat_shape"], f"{at}/attention")
        out = add("MatMul", [attended, f"{name}.self_attn.o_proj.weight"], f"{at}/o")
        x = add("Add", [x, out], f"{at}/attended")
        h = norm(x, f"{name}.post_attention_layernorm.weight", f"{at}/mlp_norm")
        gate = add("MatMul", [h, f"{name}.mlp.gate_proj.weight"], f"{at}/gate")
        up = add("MatMul", [h, f"{name}.mlp.up_proj.weight"], f"{at}/up")
        act = add("Mul", [gate, add("Sigmoid", [gate], f"{at}/sigmoid")], f"{at}/act")
        both = add("Mul", [act, up], f"{at}/both")
        down = add("MatMul", [both, f"{name}.mlp.down_proj.weight"], f"{at}/down")
        x = add("Add", [x, down], f"{at}/out")
    x = norm(x, "model.norm.weight", "final_norm")
    head = add("Transpose", [embed], "head", perm=[1, 0])
    add("MatMul", [x, head], "logits")

    past, present = pasts()
    step = ["batch_size", "sequence_length"]
    total = ["batch_size", "total_sequence_length"]
    value = helper.make_tensor_value_info
    inputs = [value("input_ids", TensorProto.INT64, step), value("attention_mask", TensorProto.INT64, total)]
    if rotary == "gathered":
        inputs.append(value("position_ids", TensorProto.INT64, step))
    cache = ["batch_size", KV_HEADS, "past_sequence_length", HEAD_DIM]
    grown = ["batch_size", KV_HEADS, "total_sequence_length", HEAD_DIM]
    inputs += [value(name, TensorProto.FLOAT, cache) for name in past]
    outputs = [value("logits", TensorProto.FLOAT, [*step, VOCAB])]
    outputs += [value(name, TensorProto.FLOAT, grown) for name in present]
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    proto = helper.make_graph(graph.nodes, rotary, inputs, outputs, graph.initializers)
    onnx.save(helper.make_model(proto, opset_imports=opsets, ir_version=8), path)


@torch.no_grad()
def greedy(model: LlamaForCausalLM) -> dict[str, list]:
    ids = list(PROMPT)
    first = None
    for _ in range(STEPS):
        logits = model(torch.tensor([ids])).logits[0, -1]
        first = logits if first is None else first
        ids.append(int(logits.argmax()))
    return {"ids": ids[len(PROMPT) :], "logits": [round(x, 6) for x in first.tolist()]}


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    model = tiny_llama()
    inv_freq = model.model.rotary_emb.inv_freq
    export_traced(model, FOLDER / "traced.onnx")
    build(model, FOLDER / "grouped.onnx", "grouped")
    build(model, FOLDER / "gathered.onnx", "gathered")
    golden = {"prompt": PROMPT, "invFreq": inv_freq.tolist(), "healthy": greedy(model)}
    kept = inv_freq.clone()
    inv_freq.zero_()
    golden["zero"] = greedy(model)
    inv_freq.copy_(kept)
    export_traced(model.half(), FOLDER / "traced-half.onnx")
    (FOLDER / "golden.json").write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    main()
