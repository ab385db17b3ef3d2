"""Decoders as ONNX graphs, node by node, as exporters other than PyTorch's write them.

`grouped`: GroupQueryAttention with do_rotary = 1 and cos_cache, sin_cache, as ONNX Runtime GenAI writes.
`chosen`: the same, but an If chooses between caches of short and of long texts, as it writes for longrope (Phi-3).
`layered`: the same, but the second layer has caches of its own, as it writes for Gemma 3.
`gathered`: cos and sin as tables [positions, head_dim], gathered by position_ids.
`merged`: the same under names that say nothing, in the two branches of use_cache_branch, as optimum merges decoders.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from transformers import LlamaForCausalLM

POSITIONS = 32
# Of short texts, where an If chooses.
SHORT_POSITIONS = 24
FORMS = ("grouped", "chosen", "layered", "gathered", "merged")


class Graph:
    """Nodes and initializers, as they are added."""

    def __init__(self):
        self.nodes, self.initializers = [], []

    def constant(self, name: str, values: np.ndarray) -> str:
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def add(self, operator: str, inputs: list[str], outputs: list[str] | str, **attributes) -> str:
        outputs = [outputs] if isinstance(outputs, str) else outputs
        self.nodes.append(helper.make_node(operator, inputs, outputs, outputs[0], **attributes))
        return outputs[0]

    def take_nodes(self) -> list[onnx.NodeProto]:
        nodes, self.nodes = self.nodes, []
        return nodes


def tables(inv_freq: torch.Tensor, positions: int = POSITIONS) -> tuple[np.ndarray, np.ndarray]:
    angles = torch.arange(positions).float()[:, None] * inv_freq[None]
    return angles.cos().numpy(), angles.sin().numpy()


class ExportWriter:
    """One decoder of a Llama in one of the FORMS. local_inv_freq: what the second layer turns by, where it is layered."""

    def __init__(self, model: LlamaForCausalLM, form: str, local_inv_freq: torch.Tensor | None = None):
        self.config, self.form, self.graph = model.config, form, Graph()
        self.inv_freq, self.local_inv_freq = model.model.rotary_emb.inv_freq, local_inv_freq
        self.is_grouped = form in ("grouped", "chosen", "layered")
        for name, tensor in model.named_parameters():
            values = tensor.detach().numpy()
            self.graph.constant(name, values.T if name.endswith("proj.weight") else values)

    def write(self, path: Path) -> None:
        self._constants()
        config, add = self.config, self.graph.add
        value, float32 = helper.make_tensor_value_info, TensorProto.FLOAT
        step, total = ["batch_size", "sequence_length"], ["batch_size", "total_sequence_length"]
        cache = ["batch_size", config.num_key_value_heads, "past_sequence_length", config.head_dim]
        grown = ["batch_size", config.num_key_value_heads, "total_sequence_length", config.head_dim]
        past, present = self.cache_names("past_key_values"), self.cache_names("present")
        inputs = [value("input_ids", TensorProto.INT64, step)]
        inputs.append(value("attention_mask", TensorProto.INT64, total))
        if not self.is_grouped:
            inputs.append(value("position_ids", TensorProto.INT64, step))
        inputs += [value(name, float32, cache) for name in past]
        outputs = [value("logits", float32, [*step, config.vocab_size])]
        outputs += [value(name, float32, grown) for name in present]
        if self.form == "merged":
            inputs.append(value("use_cache_branch", TensorProto.BOOL, [1]))
            branches = {}
            for branch, has_past in (("then_branch", True), ("else_branch", False)):
                self._decoder(has_past)
                branches[branch] = helper.make_graph(self.graph.take_nodes(), branch, [], outputs)
            add("If", ["use_cache_branch"], [one.name for one in outputs], **branches)
        else:
            self._decoder(True)
        opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
        nodes, initializers = self.graph.nodes, self.graph.initializers
        proto = helper.make_graph(nodes, self.form, inputs, outputs, initializers)
        onnx.save(helper.make_model(proto, opset_imports=opsets, ir_version=8), path)

    def cache_names(self, prefix: str) -> list[str]:
        layers = range(self.config.num_hidden_layers)
        return [f"{prefix}.{layer}.{kind}" for layer in layers for kind in ("key", "value")]

    def _constants(self) -> None:
        config, constant = self.config, self.graph.constant
        integers = lambda name, *values: constant(name, np.array(values, dtype=np.int64))  # noqa: E731
        constant("one", np.array(1, dtype=np.int64))
        constant("epsilon", np.array(config.rms_norm_eps, dtype=np.float32))
        integers("axis_1", 1)
        cos, sin = tables(self.inv_freq)
        if self.is_grouped:
            if self.form != "chosen":
                constant("cos_cache", cos)
                constant("sin_cache", sin)
            if self.form == "layered":
                for name, values in zip(("cos", "sin"), tables(self.local_inv_freq)):
                    constant(f"{name}_cache_local", values)
            return
        constant(self._table("cos"), np.concatenate([cos, cos], -1))
        constant(self._table("sin"), np.concatenate([sin, sin], -1))
        size, heads, kv_heads = config.head_dim, config.num_attention_heads, config.num_key_value_heads
        constant("scale", np.array(size**-0.5, dtype=np.float32))
        constant("never", np.array(-10000.0, dtype=np.float32))
        constant("none", np.array(0.0, dtype=np.float32))
        constant("zero", np.array(0, dtype=np.int64))
        integers("axis_13", 1, 3)
        integers("start", 0)
        integers("half", size // 2)
        integers("end", size)
        integers("last_axis", 3)
        integers("query_shape", 0, 0, heads, size)
        integers("key_shape", 0, 0, kv_heads, size)
        integers("flat_shape", 0, 0, heads * size)

    def _table(self, kind: str) -> str:
        anonymous = {"cos": "onnx::Gather_102", "sin": "onnx::Gather_103"}
        return anonymous[kind] if self.form == "merged" else f"{kind}_table"

    def _decoder(self, has_past: bool) -> None:
        add, config = self.graph.add, self.config
        embed = "model.embed_tokens.weight"
        if self.is_grouped:
            self._lengths()
        else:
            self._mask_and_rows()
        x = add("Gather", [embed, "input_ids"], "embedded", axis=0)
        for layer in range(config.num_hidden_layers):
            name, at = f"model.layers.{layer}", f"/layers.{layer}"
            h = self._norm(x, f"{name}.input_layernorm.weight", f"{at}/attention_norm")
            q, k, v = (
                add("MatMul", [h, f"{name}.self_attn.{part}_proj.weight"], f"{at}/{part}") for part in "qkv"
            )
            attend = self._grouped if self.is_grouped else self._attention
            attended = attend(layer, q, k, v, has_past)
            out = add("MatMul", [attended, f"{name}.self_attn.o_proj.weight"], f"{at}/o")
            x = add("Add", [x, out], f"{at}/attended")
            h = self._norm(x, f"{name}.post_attention_layernorm.weight", f"{at}/mlp_norm")
            gate = add("MatMul", [h, f"{name}.mlp.gate_proj.weight"], f"{at}/gate")
            up = add("MatMul", [h, f"{name}.mlp.up_proj.weight"], f"{at}/up")
            act = add("Mul", [gate, add("Sigmoid", [gate], f"{at}/sigmoid")], f"{at}/act")
            both = add("Mul", [act, up], f"{at}/both")
            down = add("MatMul", [both, f"{name}.mlp.down_proj.weight"], f"{at}/down")
            x = add("Add", [x, down], f"{at}/out")
        x = self._norm(x, "model.norm.weight", "final_norm")
        head = add("Transpose", [embed], "head", perm=[1, 0])
        add("MatMul", [x, head], "logits")

    def _norm(self, x: str, weight: str, out: str) -> str:
        add = self.graph.add
        square = add("Mul", [x, x], f"{out}/square")
        mean = add("ReduceMean", [square], f"{out}/mean", axes=[-1], keepdims=1)
        root = add("Sqrt", [add("Add", [mean, "epsilon"], f"{out}/shifted")], f"{out}/root")
        return add("Mul", [add("Div", [x, root], f"{out}/unit"), weight], out)

    def _lengths(self) -> None:
        add = self.graph.add
        total = add("ReduceSum", ["attention_mask", "axis_1"], "total_of_each", keepdims=1)
        add("Cast", [add("Sub", [total, "one"], "last")], "seqlens_k", to=TensorProto.INT32)
        shape = add("Shape", ["attention_mask"], "mask_shape")
        length = add("Gather", [shape, "one"], "mask_length", axis=0)
        add("Cast", [length], "total_sequence_length", to=TensorProto.INT32)
        if self.form != "chosen":
            return
        self.graph.constant("short_length", np.array(SHORT_POSITIONS, dtype=np.int64))
        is_long = add("Greater", [length, "short_length"], "is_long")
        long, short = tables(self.inv_freq / 4), tables(self.inv_freq, SHORT_POSITIONS)
        add(
            "If",
            [is_long],
            ["cos_cache", "sin_cache"],
            then_branch=self._caches("large", long),
            else_branch=self._caches("small", short),
        )

    def _caches(self, name: str, values: tuple[np.ndarray, np.ndarray]) -> onnx.GraphProto:
        names = [f"{kind}_cache_{name}" for kind in ("cos", "sin")]
        tensors = [numpy_helper.from_array(table, one) for one, table in zip(names, values)]
        nodes = [helper.make_node("Constant", [], [tensor.name], value=tensor) for tensor in tensors]
        shape = list(values[0].shape)
        outputs = [helper.make_tensor_value_info(one, TensorProto.FLOAT, shape) for one in names]
        return helper.make_graph(nodes, f"{name}_caches", [], outputs)

    def _mask_and_rows(self) -> None:
        add = self.graph.add
        for kind in ("cos", "sin"):
            rows = add("Gather", [self._table(kind), "position_ids"], f"{kind}_rows", axis=0)
            add("Unsqueeze", [rows, "axis_1"], kind)
        shape = add("Shape", ["attention_mask"], "mask_shape")
        length = add("Gather", [shape, "one"], "mask_length", axis=0)
        columns = add("Range", ["zero", length, "one"], "columns")
        rows = add("Unsqueeze", ["position_ids", "axis_13"], "rows")
        unseen = add("Greater", [columns, rows], "unseen")
        add("Where", [unseen, "never", "none"], "mask")

    def _grouped(self, layer: int, q: str, k: str, v: str, _has_past: bool) -> str:
        at = f"/layers.{layer}"
        past = [f"past_key_values.{layer}.{kind}" for kind in ("key", "value")]
        present = [f"present.{layer}.{kind}" for kind in ("key", "value")]
        suffix = "_local" if self.form == "layered" and layer == 1 else ""
        lengths = ["seqlens_k", "total_sequence_length"]
        caches = [f"cos_cache{suffix}", f"sin_cache{suffix}"]
        return self.graph.add(
            "GroupQueryAttention",
            [q, k, v, *past, *lengths, *caches],
            [f"{at}/attention", *present],
            domain="com.microsoft",
            num_heads=self.config.num_attention_heads,
            kv_num_heads=self.config.num_key_value_heads,
            do_rotary=1,
            rotary_interleaved=0,
        )

    def _attention(self, layer: int, q: str, k: str, v: str, has_past: bool) -> str:
        add, at = self.graph.add, f"/layers.{layer}"
        q = self._turn(self._heads(q, "query_shape", f"{at}/q_heads"), f"{at}/q_turned")
        k = self._turn(self._heads(k, "key_shape", f"{at}/k_heads"), f"{at}/k_turned")
        v = self._heads(v, "key_shape", f"{at}/v_heads")
        k, v = (self._present(layer, kind, fresh, has_past) for kind, fresh in (("key", k), ("value", v)))
        kt = add("Transpose", [k], f"{at}/k_t", perm=[0, 1, 3, 2])
        scores = add("Mul", [add("MatMul", [q, kt], f"{at}/qk"), "scale"], f"{at}/scaled")
        masked = add("Add", [scores, "mask"], f"{at}/masked")
        mixed = add("MatMul", [add("Softmax", [masked], f"{at}/softmax", axis=-1), v], f"{at}/mixed")
        back = add("Transpose", [mixed], f"{at}/back", perm=[0, 2, 1, 3])
        return add("Reshape", [back, "flat_shape"], f"{at}/attention")

    def _present(self, layer: int, kind: str, fresh: str, has_past: bool) -> str:
        name = f"{layer}.{kind}"
        if not has_past:
            return self.graph.add("Identity", [fresh], f"present.{name}")
        return self.graph.add("Concat", [f"past_key_values.{name}", fresh], f"present.{name}", axis=2)

    def _heads(self, x: str, shape: str, out: str) -> str:
        add = self.graph.add
        return add("Transpose", [add("Reshape", [x, shape], f"{out}/split")], out, perm=[0, 2, 1, 3])

    def _turn(self, x: str, out: str) -> str:
        add = self.graph.add
        first = add("Slice", [x, "start", "half", "last_axis"], f"{out}/first")
        second = add("Slice", [x, "half", "end", "last_axis"], f"{out}/second")
        turned = add("Concat", [add("Neg", [second], f"{out}/neg"), first], f"{out}/turned", axis=-1)
        cosine = add("Mul", [x, "cos"], f"{out}/cosine")
        return add("Add", [cosine, add("Mul", [turned, "sin"], f"{out}/sine")], out)
