"""Which ways to write a rotary embedding survive `from_pretrained`: `python training/patterns.py`.

Every file of `rotary_patterns/` is code that the field guide shows, run here as it stands: the class that computes cos and
sin and, where it needs one, the base class with its `_init_weights`. A tiny model around it is saved, loaded by
`from_pretrained` and asked for cos and sin; it survives if they are the formula's to the bit. Prints the table and writes
`rotary_patterns/measured-VERSION.json`. Needs Linux with glibc, whose MALLOC_PERTURB_ decides what fresh memory holds.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
import transformers
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import CausalLMOutput

FOLDER = Path(__file__).resolve().parent / "rotary_patterns"
PATTERNS = (
    "init_only", "own_init_weights", "init_weights_refills", "super_init_weights", "recompute_once", "recompute_if_zero",
    "no_buffer", "persistent", "persistent_missing",
)  # fmt: skip
# A checkpoint from before the buffer was persistent: the same code, and a file without it.
SAME_CODE = {"persistent_missing": "persistent"}
# What glibc is told; it writes the complement of the byte into fresh memory.
MEMORIES = {"leftovers": "0", "zeros": "255", "huge": "165"}
LOADS = 5

transformers.utils.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()


class TinyConfig(PretrainedConfig):
    model_type = "tiny-rotary"

    def __init__(self, head_dim: int = 64, rope_theta: float = 1_000_000.0, vocab_size: int = 16, **rest: object) -> None:
        super().__init__(**rest)
        self.head_dim, self.rope_theta, self.vocab_size = head_dim, rope_theta, vocab_size


def inverse_frequencies(config: TinyConfig) -> torch.Tensor:
    """theta^(-2i / head_dim), i = 0 .. head_dim/2 - 1 (RoFormer, section 3.2.2). [head_dim / 2]"""
    exponents = torch.arange(0, config.head_dim, 2, dtype=torch.float32) / config.head_dim
    return 1.0 / config.rope_theta**exponents


def source(name: str) -> str:
    return (FOLDER / f"{SAME_CODE.get(name, name)}.py").read_text()


def run_source(text: str) -> dict[str, object]:
    """The names that a file of `rotary_patterns` defines, with those that it takes for granted."""
    names: dict[str, object] = {
        "torch": torch, "nn": nn, "PreTrainedModel": PreTrainedModel, "inverse_frequencies": inverse_frequencies,
    }  # fmt: skip
    exec(compile(text, "rotary_patterns", "exec"), names)
    return names


def model_class(name: str) -> type[PreTrainedModel]:
    """One attention head between an embedding and an output layer, with the pattern's rotary embedding."""
    names = run_source(source(name))
    rotary = names.get("MyRotaryEmbedding") or names["RotaryEmbedding"]
    base = names.get("MyPreTrainedModel", PreTrainedModel)

    class TinyModel(base):
        config_class = TinyConfig
        base_model_prefix = "model"

        def __init__(self, config: TinyConfig) -> None:
            super().__init__(config)
            width = config.head_dim
            self.embed = nn.Linear(config.vocab_size, width, bias=False)
            self.rotary = rotary(config)
            self.query, self.key, self.value = (nn.Linear(width, width, bias=False) for _ in range(3))
            self.head = nn.Linear(width, config.vocab_size, bias=False)
            self.post_init()

        def forward(self, input_ids: torch.Tensor) -> CausalLMOutput:
            hidden = self.embed.weight.T[input_ids]
            cos, sin = self.rotary(torch.arange(input_ids.shape[-1]))
            q, k = (turned(project(hidden), cos, sin) for project in (self.query, self.key))
            scores = q @ k.transpose(-1, -2)
            scores = scores.masked_fill(torch.ones_like(scores, dtype=torch.bool).triu(1), float("-inf"))
            return CausalLMOutput(logits=self.head(scores.softmax(-1) @ self.value(hidden)))

    return TinyModel


def turned(x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
    a, b = x.chunk(2, dim=-1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), dim=-1)


def save(name: str, folder: str) -> None:
    model_class(name)(TinyConfig()).save_pretrained(folder)
    if name == "persistent_missing":
        path = str(Path(folder) / "model.safetensors")
        tensors = load_file(path)
        del tensors["rotary.inv_freq"]
        save_file(tensors, path, metadata={"format": "pt"})


@torch.no_grad()
def survives(name: str, folder: str) -> bool:
    """Loads first and computes what is meant afterwards, so that no right values lie in memory that was freed."""
    model = model_class(name).from_pretrained(folder)
    positions = torch.arange(8)
    cos, sin = model.rotary(positions)
    angles = positions[:, None] * inverse_frequencies(TinyConfig())
    return torch.equal(cos, angles.cos()) and torch.equal(sin, angles.sin())


def measure_here(folder: Path) -> dict[str, bool]:
    """Every pattern once, each in a process that has imported the libraries and done nothing else."""
    with multiprocessing.get_context("fork").Pool(1, maxtasksperchild=1) as pool:
        results = pool.starmap(survives, [(name, str(folder / name)) for name in PATTERNS], chunksize=1)
    return dict(zip(PATTERNS, results))


def measure_apart(memory: str, folder: Path) -> dict[str, bool]:
    """The same in a new interpreter, whose fresh memory holds that."""
    environment = {**os.environ, "MALLOC_PERTURB_": MEMORIES[memory]}
    command = [sys.executable, __file__, "--folder", str(folder)]
    return json.loads(subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE).stdout)


def measure(loads: int) -> dict[str, object]:
    counts: dict[str, Counter[str]] = {memory: Counter() for memory in MEMORIES}
    with TemporaryDirectory() as folder:
        for name in PATTERNS:
            save(name, str(Path(folder) / name))
        for memory, count in counts.items():
            for _ in range(loads):
                count.update(name for name, right in measure_apart(memory, Path(folder)).items() if right)
    return {
        "transformers": transformers.__version__,
        "torch": torch.__version__,
        "loads": loads,
        "survived": {name: {memory: counts[memory][name] for memory in MEMORIES} for name in PATTERNS},
    }


def table(measured: dict) -> str:
    head = f"transformers {measured['transformers']}, torch {measured['torch']}: right cos and sin, of {measured['loads']} loads"
    rows = [f"{'':22}" + "".join(f"{memory:>11}" for memory in MEMORIES)]
    rows += [f"{name:22}" + "".join(f"{n:11}" for n in row.values()) for name, row in measured["survived"].items()]
    return "\n".join([head, *rows])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--loads", type=int, default=LOADS, help="for each pattern and kind of fresh memory")
    parser.add_argument("--folder", type=Path, help="load each pattern once from there, and print what survived")
    arguments = parser.parse_args()
    if arguments.folder is not None:
        json.dump(measure_here(arguments.folder), sys.stdout)
        return
    measured = measure(arguments.loads)
    (FOLDER / f"measured-{transformers.__version__}.json").write_text(json.dumps(measured, indent=2) + "\n")
    print(table(measured))


if __name__ == "__main__":
    main()
