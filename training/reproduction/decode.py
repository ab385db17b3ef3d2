"""The golden prompts decoded by one loaded model, and how far that is from the golden outputs."""

from __future__ import annotations

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from lanes import LANES, first_difference, greedy, until_end

from .contents import decimal
from .report import Decoding, Lane, LaneDifference

STEPS = 64
# The comparison sees every step; the report keeps this many, so that it stays small.
KEPT_IDS = 24
TOP = 5


def decode(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, golden: dict, comparable: bool) -> list[Decoding]:
    """Greedy decoding of every prompt of `golden`, compared with it where it is of the same weights."""
    return [_decode(model, tokenizer, record, comparable) for record in golden["prompts"]]


def _decode(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, record: dict, comparable: bool) -> Decoding:
    prompt_ids = tokenizer(record["prompt"])["input_ids"]
    chosen, logits = greedy(model, torch.tensor([prompt_ids]), STEPS)
    ids = until_end(chosen[0].tolist(), model.config.eos_token_id)
    logits = logits[0, : len(ids)]
    top_logits, top_ids = logits[0].topk(TOP)
    return {
        "prompt": record["prompt"],
        "prompt_ids_as_golden": prompt_ids == record["prompt_ids"] if comparable else None,
        "ids": ids[:KEPT_IDS],
        "length": len(ids),
        "text": tokenizer.decode(ids[:KEPT_IDS], skip_special_tokens=True),
        "top_ids": top_ids.tolist(),
        "top_logits": [decimal(value) for value in top_logits.tolist()],
        "not_finite_steps": int((~logits.isfinite()).any(dim=-1).sum()),
        **{lane: _difference(ids, logits, record[lane]) if comparable else None for lane in LANES},
    }


def _difference(ids: list[int], logits: torch.Tensor, lane: dict) -> LaneDifference:
    """The first other id; the largest difference of a top logit over the steps that saw the same ids so far."""
    first = first_difference(ids, lane["ids"])
    steps = len(ids) if first is None else min(first + 1, len(ids), len(lane["ids"]))
    ours = logits[:steps].gather(1, torch.tensor(lane["top_ids"][:steps]))
    golden = torch.tensor(lane["top_logits"][:steps], dtype=torch.float64)
    largest = decimal((ours.double() - golden).abs().max().item())
    return {"first_difference": first, "max_logit_difference": None if largest is None else round(largest, 7)}


def decodes_like(decodings: list[Decoding]) -> Lane | None:
    """The lane of the golden outputs whose ids came out for every prompt; None without golden outputs to compare."""
    if any(item["healthy"] is None for item in decodings):
        return None
    for lane in LANES:
        if all(item[lane]["first_difference"] is None for item in decodings):
            return lane
    return "neither"
