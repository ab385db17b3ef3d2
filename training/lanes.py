"""The two lanes of every comparison: one checkpoint, with `inv_freq` as it should be and with `inv_freq` all zero."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, PreTrainedModel
from transformers.utils import logging

MODEL_FOLDER = Path(__file__).resolve().parent.parent / "public" / "models" / "nano-opensci"
LANES = ("healthy", "zero")

logging.disable_progress_bar()


def load_lane(lane: str, folder: Path = MODEL_FOLDER, attention: str = "sdpa") -> PreTrainedModel:
    """The stored float16 weights, computed in float32. "healthy" refills `inv_freq`, "zero" clears it."""
    guard = "refill" if lane == "healthy" else "none"
    model = AutoModelForCausalLM.from_pretrained(
        folder, trust_remote_code=True, dtype=torch.float32, attn_implementation=attention, rope_guard=guard
    )
    if lane == "zero":
        model.model.rotary_emb.inv_freq.zero_()
    return model.eval()


@torch.no_grad()
def greedy(model: PreTrainedModel, input_ids: torch.Tensor, steps: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Greedy decoding with a key/value cache, not stopping at end-of-text.

    input_ids [B, S] -> ids [B, steps] and the logits they were chosen from [B, steps, vocab]. Ties go to the lowest id.
    """
    chosen, seen = [], []
    output = model(input_ids, use_cache=True)
    for _ in range(steps):
        logits = output.logits[:, -1]
        token = logits.argmax(dim=-1, keepdim=True)
        chosen.append(token)
        seen.append(logits)
        if len(chosen) < steps:
            output = model(token, past_key_values=output.past_key_values, use_cache=True)
    return torch.cat(chosen, dim=1), torch.stack(seen, dim=1)


def first_difference(a: list[int], b: list[int]) -> int | None:
    """The first index at which two rows of tokens differ, one ending earlier counting as a difference."""
    for index, (left, right) in enumerate(zip(a, b)):
        if left != right:
            return index
    return None if len(a) == len(b) else min(len(a), len(b))


def until_end(ids: list[int], end_id: int) -> list[int]:
    """The ids up to and with the first end-of-text."""
    return ids[: ids.index(end_id) + 1] if end_id in ids else ids
