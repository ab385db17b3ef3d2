"""Writes the rotations of transformers' own modules, as a yardstick for others: `python training/rope_golden.py`.

`golden/rope.json`: per configuration the bits of `inv_freq`, the attention scaling, and rows of cos and sin, those of a prompt
and of the tokens after it. `--check` compares instead, so that a second version of transformers can confirm the first: what it
does not know (`since` names a later version) it leaves out.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy
import torch
import transformers

FILE = Path(__file__).resolve().parent / "golden" / "rope.json"

SHORT = [1.0 + 0.02 * i for i in range(48)]
LONG = [1.0 + 1.27 * i for i in range(48)]


@dataclass(frozen=True)
class Case:
    name: str
    # Module of transformers.models, and the prefix of its classes.
    family: str
    prefix: str
    # As config.json has it.
    config: dict[str, object]
    # Tokens of the prompt; then so many more, one at a time.
    prompt: int = 6
    generated: int = 2
    layer: str | None = None
    # What config.json does not say and the family knows, as the reader takes it.
    head: dict[str, object] = field(default_factory=dict)
    since: str = "4.57"


def llama(head_dim: int, theta: float, length: int, **more: object) -> dict[str, object]:
    return {
        "hidden_size": 4 * head_dim,
        "num_attention_heads": 4,
        "head_dim": head_dim,
        "max_position_embeddings": length,
        "rope_theta": theta,
        **more,
    }


def plain(name: str, head_dim: int, theta: float, length: int = 2048) -> Case:
    return Case(name, "llama", "Llama", llama(head_dim, theta, length))


def scaled(name: str, head_dim: int, theta: float, length: int, scaling: dict[str, object], **more: object) -> Case:
    return Case(name, "llama", "Llama", llama(head_dim, theta, length, rope_scaling=scaling), **more)


def llama3(factor: float) -> dict[str, object]:
    return {
        "rope_type": "llama3",
        "factor": factor,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 8192,
    }


def yarn(factor: float, original: int, **more: object) -> dict[str, object]:
    return {"rope_type": "yarn", "factor": factor, "original_max_position_embeddings": original, **more}


def phi3(name: str, **more: object) -> Case:
    config = llama(96, 10000.0, 131072, original_max_position_embeddings=4096)
    del config["head_dim"]
    config["rope_scaling"] = {"type": "longrope", "short_factor": SHORT, "long_factor": LONG}
    return Case(name, "phi3", "Phi3", config, head={"headDim": 96}, **more)


GEMMA3 = {
    "hidden_size": 1152,
    "num_attention_heads": 4,
    "num_hidden_layers": 6,
    "head_dim": 256,
    "max_position_embeddings": 131072,
    "rope_theta": 1000000.0,
    "rope_local_base_freq": 10000.0,
    "rope_scaling": {"rope_type": "linear", "factor": 8.0},
}

CASES = (
    plain("open-sci-ref, θ 10,000", 64, 10000.0),
    plain("open-sci-ref, θ 100,000", 64, 100000.0, 16384),
    plain("open-sci-ref, θ 1,000,000", 64, 1000000.0, 16384),
    plain("SmolLM2", 64, 130000.0, 8192),
    plain("Llama 3", 128, 500000.0, 8192),
    scaled("Llama 3.1", 128, 500000.0, 131072, llama3(8.0), prompt=9000, generated=1),
    scaled("Llama 3.2", 64, 500000.0, 131072, llama3(32.0)),
    scaled("linear", 80, 10000.0, 8192, {"type": "linear", "factor": 2.5}),
    scaled("dynamic, within", 64, 10000.0, 32, {"type": "dynamic", "factor": 2.0}, prompt=30, generated=5),
    scaled("dynamic, beyond", 128, 10000.0, 32, {"type": "dynamic", "factor": 3.3}, prompt=40, generated=3),
    scaled("dynamic, two and a half pairs' exponent", 12, 500000.0, 16, {"type": "dynamic", "factor": 1.7}, prompt=20),
    Case("Qwen2.5, YaRN", "qwen2", "Qwen2",
         llama(128, 1000000.0, 131072, rope_scaling=yarn(4.0, 32768)), prompt=40),
    scaled("DeepSeek V2, YaRN with mscale", 64, 10000.0, 163840,
           yarn(40.0, 4096, beta_fast=32, beta_slow=1, mscale=0.707, mscale_all_dim=0.5), prompt=5000, generated=1),
    scaled("DeepSeek V3, YaRN with equal mscale", 64, 10000.0, 163840,
           yarn(40.0, 4096, beta_fast=32, beta_slow=1, mscale=1.0, mscale_all_dim=1.0)),
    scaled("YaRN, given attention factor, ends not rounded", 64, 150000.0, 131072,
           yarn(32.0, 4096, attention_factor=1.25, truncate=False, beta_fast=24.0, beta_slow=2.0)),
    phi3("Phi-3, short", prompt=4094, generated=2),
    phi3("Phi-3, growing long", prompt=4095, generated=4),
    phi3("Phi-3, long", prompt=4100, generated=2),
    Case("GPT-NeoX, a quarter", "gpt_neox", "GPTNeoX",
         {"hidden_size": 512, "num_attention_heads": 8, "max_position_embeddings": 2048,
          "rotary_pct": 0.25, "rotary_emb_base": 10000}, head={"headDim": 64}),
    Case("StableLM, a quarter", "stablelm", "StableLm",
         {"hidden_size": 2048, "num_attention_heads": 32, "max_position_embeddings": 4096,
          "rope_theta": 10000, "partial_rotary_factor": 0.25}, head={"headDim": 64}),
    Case("Gemma 3, full layers", "gemma3", "Gemma3", GEMMA3, layer="full_attention"),
    Case("Gemma 3, sliding layers", "gemma3", "Gemma3", GEMMA3, layer="sliding_attention"),
    scaled("proportional, as Gemma 4's full layers", 128, 1000000.0, 131072,
           {"rope_type": "proportional", "partial_rotary_factor": 0.25}, since="5.18"),
)


def rotary(case: Case) -> tuple[torch.nn.Module, dict[str, str]]:
    """The library's module, and what else its forward takes."""
    modeling = importlib.import_module(f"transformers.models.{case.family}.modeling_{case.family}")
    configuration = importlib.import_module(f"transformers.models.{case.family}.configuration_{case.family}")
    text = "Text" if case.family == "gemma3" else ""
    # The constructor writes into nested objects.
    given = json.loads(json.dumps(case.config))
    config = getattr(configuration, f"{case.prefix}{text}Config")(**given, pad_token_id=0)
    module = getattr(modeling, f"{case.prefix}RotaryEmbedding")
    if case.layer is None:
        return module(config), {}
    if transformers.__version__ >= "5":
        return module(config), {"layer_type": case.layer}
    # Version 4 makes a second module, of a config whose θ is the local one and whose scaling is gone.
    if case.layer == "sliding_attention":
        config.rope_theta = config.rope_local_base_freq
        config.rope_scaling = {"rope_type": "default"}
    return module(config), {}


def bits(values: torch.Tensor) -> str:
    return values.detach().to(torch.float32).numpy().astype(">f4").tobytes().hex()


def measured(case: Case) -> dict[str, object]:
    module, more = rotary(case)
    prefix = f"{case.layer}_" if more else ""
    inv_freq = getattr(module, f"{prefix}inv_freq")
    row = {"built_with": bits(inv_freq), "attention_scaling": float(getattr(module, f"{prefix}attention_scaling"))}
    x = torch.zeros(1)

    def forward(positions: list[int]) -> list[dict[str, object]]:
        cos, sin = module(x, torch.tensor([positions]), **more)
        half = cos.shape[-1] // 2
        used = bits(getattr(module, f"{prefix}inv_freq"))
        shown = {0: positions[0], 1: positions[min(1, len(positions) - 1)], 2: positions[-1]}
        return [
            {
                "position": p,
                "inv_freq": used,
                "cos": bits(cos[0, p - positions[0], :half]),
                "sin": bits(sin[0, p - positions[0], :half]),
            }
            for p in sorted(set(shown.values()))
        ]

    rows = forward(list(range(case.prompt)))
    for p in range(case.prompt, case.prompt + case.generated):
        rows += forward([p])
    same = [r.pop("inv_freq") for r in rows]
    return {**row, "inv_freqs": list(dict.fromkeys(same)), "rows": [
        {**r, "inv_freq": list(dict.fromkeys(same)).index(f)} for r, f in zip(rows, same, strict=True)
    ]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare with the file instead of writing it")
    arguments = parser.parse_args()
    version = tuple(int(part) for part in transformers.__version__.split(".")[:2])
    known = [case for case in CASES if tuple(int(part) for part in case.since.split(".")) <= version]
    results = {case.name: measured(case) for case in known}
    if arguments.check:
        golden = {case["name"]: case for case in json.loads(FILE.read_text())["cases"]}
        wrong = []
        for name, result in results.items():
            wrong += [f"{name}: {key}" for key, value in result.items() if golden[name][key] != value]
        print("\n".join(wrong) or f"{len(results)} rotations are the same under transformers {transformers.__version__}")
        sys.exit(1 if wrong else 0)
    if len(known) < len(CASES):
        sys.exit(f"transformers {transformers.__version__} does not know all of them")
    cases = [
        {
            "name": case.name,
            "config": case.config,
            "head": {
                "headDim": case.config.get("head_dim"),
                "maxPositionEmbeddings": case.config["max_position_embeddings"],
                **({} if case.layer is None else {"layer": case.layer}),
                **case.head,
            },
            "prompt": case.prompt,
            "generated": case.generated,
            **results[case.name],
        }
        for case in CASES
    ]
    about = {"transformers": transformers.__version__, "torch": torch.__version__,
             "capability": torch.backends.cpu.get_cpu_capability()}
    text = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    FILE.write_text(f'{{"about": {json.dumps(about)}, "cases": [\n{text}\n]}}\n')
    print(f"{FILE.name}: {len(cases)} rotations, {FILE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
