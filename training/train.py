"""Corpus, tokenizer, training and export of the bundled model, in one command: `python training/train.py`."""

from __future__ import annotations

import argparse
import json
import math
import shutil
import time
from itertools import islice
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer
from torch.nn import functional

from corpus import SEED, documents
from corpus.held_out import held_out_items
from exact_match import exact_matches
from packing import IGNORED, Rows, pack, sequence, visible
from remote_code.configuration_opensci import OpensciConfig
from remote_code.modeling_opensci import OpensciForCausalLM
from tokenizer import END_OF_TEXT_ID, save_tokenizer, train_tokenizer

HERE = Path(__file__).resolve().parent
MODEL_FOLDER = HERE.parent / "public" / "models" / "nano-opensci"

VOCAB_SIZE = 1792
TOKENIZER_DOCUMENTS = 40_000
ROW_WIDTH = 144
ROWS_PER_STEP = 32
STEPS = 2000
THREADS = 2
MATRIX_RATE = 6e-3
VECTOR_RATE = 3e-3
WARMUP_STEPS = 60
SLOW_SHARE = 0.65
SLOW_END_RATE = 0.6
FINAL_RATE = 0.02
REPORT_EVERY = 400


def build_config() -> OpensciConfig:
    """The architecture of open-sci-ref at two million parameters."""
    return OpensciConfig(
        vocab_size=VOCAB_SIZE,
        attn_implementation="eager",
        architectures=["OpensciForCausalLM"],
        auto_map={
            "AutoConfig": "configuration_opensci.OpensciConfig",
            "AutoModel": "modeling_opensci.OpensciModel",
            "AutoModelForCausalLM": "modeling_opensci.OpensciForCausalLM",
        },
    )


def build_rows(tokenizer: Tokenizer) -> Rows:
    """The whole corpus as rows in a random order."""
    drawn = list(documents())
    prompts = tokenizer.encode_batch([d.prompt for d in drawn], add_special_tokens=False)
    texts = tokenizer.encode_batch([d.text for d in drawn], add_special_tokens=False)
    rows = pack((sequence(p.ids, t.ids, END_OF_TEXT_ID) for p, t in zip(prompts, texts)), ROW_WIDTH)
    order = torch.randperm(len(rows.inputs), generator=torch.Generator().manual_seed(SEED))
    return Rows(*(part[order] for part in rows))


def build_optimizers(model: OpensciForCausalLM) -> list[torch.optim.Optimizer]:
    """Muon (Jordan et al. 2024) for the matrices of the layers, AdamW for embedding, norms and biases."""
    matrices = [p for name, p in model.named_parameters() if p.dim() == 2 and "embed_tokens" not in name]
    chosen = {id(p) for p in matrices}
    others = [p for p in model.parameters() if id(p) not in chosen]
    return [
        torch.optim.Muon(matrices, lr=MATRIX_RATE, weight_decay=0.05, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(others, lr=VECTOR_RATE, betas=(0.9, 0.95), weight_decay=0.0, fused=True),
    ]


def rate_factor(step: int, steps: int) -> float:
    """Warm-up, a slow fall over the first SLOW_SHARE of the steps, a steep one over the rest, all in straight lines."""
    warm = min(1.0, (step + 1) / WARMUP_STEPS)
    slow_steps = round(SLOW_SHARE * steps)
    if step <= slow_steps:
        return warm * (1.0 - (1.0 - SLOW_END_RATE) * step / slow_steps)
    return SLOW_END_RATE + (FINAL_RATE - SLOW_END_RATE) * (step - slow_steps) / (steps - slow_steps)


def step_loss(model: OpensciForCausalLM, rows: Rows) -> torch.Tensor:
    """Mean cross-entropy over the tokens that count, of a batch [ROWS_PER_STEP, ROW_WIDTH]."""
    with torch.autocast("cpu", torch.bfloat16):
        mask = visible(rows.segments)
        hidden = model.model(rows.inputs.long(), attention_mask=mask, use_cache=False).last_hidden_state
        targets = rows.targets.flatten().long()
        counted = targets != IGNORED
        logits = model.lm_head(hidden.flatten(0, 1)[counted])
    return functional.cross_entropy(logits.float(), targets[counted])


def report(model: OpensciForCausalLM, tokenizer: Tokenizer) -> str:
    """Exact match per task on a few held-out items: the course of the training, not its result."""
    model.eval()
    scores = []
    for task, items in held_out_items(drawn=64).items():
        matches = exact_matches(model, tokenizer, items[:64])
        scores.append(f"{task} {sum(matches) / len(matches):.2f}")
    model.train()
    return ", ".join(scores)


def train(model: OpensciForCausalLM, tokenizer: Tokenizer, rows: Rows, steps: int) -> None:
    """`steps` steps over rows that are all new: the corpus is larger than what they need."""
    if steps * ROWS_PER_STEP > len(rows.inputs):
        raise ValueError(f"{steps} steps need {steps * ROWS_PER_STEP} rows, the corpus has {len(rows.inputs)}")
    optimizers = build_optimizers(model)
    base_rates = [[group["lr"] for group in optimizer.param_groups] for optimizer in optimizers]
    begun = time.monotonic()
    model.train()
    for step in range(steps):
        for optimizer, rates in zip(optimizers, base_rates):
            for group, rate in zip(optimizer.param_groups, rates):
                group["lr"] = rate * rate_factor(step, steps)
        at = slice(step * ROWS_PER_STEP, (step + 1) * ROWS_PER_STEP)
        loss = step_loss(model, Rows(*(part[at] for part in rows)))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
        model.zero_grad(set_to_none=True)
        if not math.isfinite(loss.item()):
            raise FloatingPointError(f"the loss of step {step} is {loss.item()}")
        if step % REPORT_EVERY == REPORT_EVERY - 1 or step == steps - 1:
            print(f"step {step + 1}/{steps}, {time.monotonic() - begun:.0f} s, loss {loss.item():.4f}: "
                  f"{report(model, tokenizer)}", flush=True)


def save(model: OpensciForCausalLM, tokenizer: Tokenizer, folder: Path) -> None:
    """Writes the Hugging Face directory: float16 weights without head (tied) and without inv_freq (not persistent)."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {
        name: tensor.to(torch.float16).contiguous()
        for name, tensor in model.state_dict().items() if name != "lm_head.weight"
    }
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    settings = {"architectures": model.config.architectures, "model_type": "opensci", "auto_map": model.config.auto_map}
    fields = (
        "vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
        "num_key_value_heads", "head_dim", "hidden_act", "max_position_embeddings", "rms_norm_eps", "rope_theta",
        "rope_guard", "attention_bias", "mlp_bias", "qk_layernorm", "attention_dropout",
        "initializer_range", "use_cache", "bos_token_id", "eos_token_id", "tie_word_embeddings",
    )
    settings |= {field: getattr(model.config, field) for field in fields}
    settings |= {"rope_scaling": None, "torch_dtype": "float16"}
    (folder / "config.json").write_text(json.dumps(settings, indent=2) + "\n")
    generation = {"bos_token_id": END_OF_TEXT_ID, "eos_token_id": END_OF_TEXT_ID, "do_sample": False}
    (folder / "generation_config.json").write_text(json.dumps(generation, indent=2) + "\n")
    save_tokenizer(tokenizer, folder, model.config.max_position_embeddings)
    for source in ("configuration_opensci.py", "modeling_opensci.py"):
        shutil.copyfile(HERE / "remote_code" / source, folder / source)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=STEPS, help="fewer give a rough model sooner")
    parser.add_argument("--out", type=Path, default=MODEL_FOLDER)
    arguments = parser.parse_args()

    torch.set_num_threads(THREADS)
    torch.manual_seed(SEED)
    begun = time.monotonic()
    tokenizer = train_tokenizer((d.whole for d in islice(documents(), TOKENIZER_DOCUMENTS)), VOCAB_SIZE)
    rows = build_rows(tokenizer)
    counted = int((rows.targets != IGNORED).sum())
    model = OpensciForCausalLM(build_config())
    parameters = sum(p.numel() for p in model.parameters())
    tokens = int((rows.segments >= 0).sum())
    print(f"{parameters} parameters, {len(rows.inputs)} rows, {tokens} tokens, {counted} counted, "
          f"prepared in {time.monotonic() - begun:.0f} s", flush=True)
    train(model, tokenizer, rows, arguments.steps)
    save(model, tokenizer, arguments.out)
    print(f"saved to {arguments.out.name} after {(time.monotonic() - begun) / 60:.1f} minutes")


if __name__ == "__main__":
    main()
