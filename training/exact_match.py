"""Exact match of greedy decoding, judged with one forward pass per batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import torch
from tokenizers import Tokenizer

from corpus.item import Item


@torch.no_grad()
def exact_matches(model: torch.nn.Module, tokenizer: Tokenizer, items: Sequence[Item], batch: int = 64) -> list[bool]:
    """For each item: would greedy decoding of the prompt give exactly the answer?

    Greedy decoding reproduces an answer if and only if, with the answer itself as input, every one of its tokens is the
    argmax at its place. So no token has to be generated. Items of one length go through the model together, unpadded.
    """
    groups: dict[int, list[tuple[int, int, list[int]]]] = defaultdict(list)
    for index, item in enumerate(items):
        prompt = tokenizer.encode(item.prompt).ids
        whole = prompt + tokenizer.encode(item.answer, add_special_tokens=False).ids
        groups[len(whole)].append((index, len(prompt), whole))
    matches = [False] * len(items)
    for group in groups.values():
        for first in range(0, len(group), batch):
            chunk = group[first : first + batch]
            ids = torch.tensor([whole for _, _, whole in chunk])
            choices = model(ids, use_cache=False).logits.argmax(dim=-1)
            for (index, prompt_length, _), row, choice in zip(chunk, ids, choices):
                matches[index] = torch.equal(choice[prompt_length - 1 : -1], row[prompt_length:])
    return matches
