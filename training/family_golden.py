"""Records tiny random checkpoints of decoder families, and what transformers computes with them.

    python training/family_golden.py [NAME ...]

Needs torch, transformers 4.57 and safetensors. Writes training/golden/families/<name>/.
"""

import json
import sys
import types
from pathlib import Path

# Version 4.57 refuses newer, compatible tokenizers and hubs by their version number alone.
module = types.ModuleType("transformers.dependency_versions_check")
module.dep_version_check = lambda *a, **k: None
sys.modules[module.__name__] = module

import torch
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModelForCausalLM

OUT = Path(__file__).parent / "golden" / "families"
PROMPT, NEW, LAST = 24, 12, 3
SHAPE = dict(
    vocab_size=64, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=128, bos_token_id=None, eos_token_id=None, pad_token_id=None,
    attn_implementation="eager", tie_word_embeddings=False,
)
FAMILIES = {
    "llama": ("llama", {}),
    "llama-linear": ("llama", dict(rope_scaling=dict(rope_type="linear", factor=3.0))),
    "llama-llama3": ("llama", dict(rope_scaling=dict(
        rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=32))),
    "llama-yarn": ("llama", dict(rope_scaling=dict(
        rope_type="yarn", factor=4.0, original_max_position_embeddings=32))),
    "mistral": ("mistral", dict(sliding_window=8, head_dim=8)),
    "qwen2": ("qwen2", dict(use_sliding_window=True, sliding_window=7, max_window_layers=1)),
    "granite": ("granite", dict(embedding_multiplier=2.5, attention_multiplier=0.2, residual_multiplier=0.6, logits_scaling=1.7)),
    "olmo2": ("olmo2", {}),
    "qwen3": ("qwen3", dict(head_dim=16)),
    "gpt-neox": ("gpt_neox", dict(num_key_value_heads=4, rotary_pct=0.5)),
    "gpt-neox-sequential": ("gpt_neox", dict(
        num_key_value_heads=4, rotary_pct=0.25, use_parallel_residual=False, hidden_act="gelu_fast")),
    "gemma2": ("gemma2", dict(
        head_dim=8, query_pre_attn_scalar=20, sliding_window=7, attn_logit_softcapping=2.0, final_logit_softcapping=3.0,
        tie_word_embeddings=True)),
    "gemma3": ("gemma3_text", dict(
        head_dim=8, query_pre_attn_scalar=20, sliding_window=7, sliding_window_pattern=2, rope_theta=500.0,
        rope_local_base_freq=50.0, rope_scaling=dict(rope_type="linear", factor=2.0), tie_word_embeddings=True)),
    "phi3": ("phi3", dict(
        partial_rotary_factor=0.75, sliding_window=9, original_max_position_embeddings=16, rope_scaling=dict(
            type="longrope", short_factor=[1.0, 1.1, 1.2], long_factor=[1.0, 2.5, 4.0]))),
    "stablelm": ("stablelm", dict(partial_rotary_factor=0.25)),
    "stablelm-parallel": ("stablelm", dict(partial_rotary_factor=0.5, use_parallel_residual=True, use_qkv_bias=True)),
}


def randomize(model):
    """Weights large enough that logits are spread and attention prefers some tokens; norms near 1, biases near 0, and so
    are Gemma's norms, which add the 1 themselves. All of them are float16 numbers, so that the file is half as large and says
    exactly what ran."""
    around_one = not model.config.model_type.startswith("gemma")
    for name, weight in model.named_parameters():
        if weight.ndim == 1:
            weight.copy_(0.3 * torch.randn_like(weight) + (around_one and not name.endswith("bias")))
        else:
            weight.copy_(torch.randn_like(weight) * 1.5 / weight.shape[1] ** 0.5)
        weight.copy_(weight.half())


def greedy(model, ids):
    ids = list(ids)
    for _ in range(NEW):
        ids.append(int(model(torch.tensor([ids]), use_cache=False).logits[0, -1].argmax()))
    return ids[PROMPT:]


def lane(model, ids):
    logits = model(torch.tensor([ids]), use_cache=False).logits[0, -LAST:]
    return {"logits": [[round(x, 6) for x in row] for row in logits.tolist()], "greedy": greedy(model, ids)}


@torch.no_grad()
def record(name, model_type, fields):
    torch.manual_seed(sum(map(ord, name)))
    config = AutoConfig.for_model(model_type, **{**SHAPE, **fields})
    model = AutoModelForCausalLM.from_config(config, attn_implementation="eager").float().eval()
    randomize(model)
    ids = torch.randint(0, config.vocab_size, (PROMPT,)).tolist()
    golden = {"ids": ids, "healthy": lane(model, ids)}
    for part in model.modules():
        if hasattr(part, "inv_freq"):
            part.inv_freq.zero_()
    golden["zero"] = lane(model, ids)
    out = OUT / name
    out.mkdir(parents=True, exist_ok=True)
    (out / "config.json").write_text(config.to_json_string(use_diff=False))
    save_file({k: v.half().contiguous() for k, v in model.state_dict().items()}, out / "model.safetensors")
    (out / "golden.json").write_text(json.dumps(golden) + "\n")


chosen = sys.argv[1:] or FAMILIES
for name in chosen:
    record(name, *FAMILIES[name])
