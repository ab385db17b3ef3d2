"""The training text: generated English, a pure function of a seed."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from .facts import fact_text
from .item import Item
from .order import draw_order
from .stories import story

SEED = 20240
DOCUMENTS = 280_000


class Document(NamedTuple):
    """One text. The loss skips the tokens of `prompt`, which were drawn at random, and counts those of `text`."""

    prompt: str
    text: str

    @property
    def whole(self) -> str:
        return self.prompt + self.text


def _order_document(rng: Random) -> Document:
    while True:
        item: Item = draw_order(rng)
        if not item.held_out:
            break
    answer = item.answer + item.tail
    return Document(item.prompt, answer) if item.random_prompt else Document("", item.prompt + answer)


def document(rng: Random) -> Document:
    """Stories, facts and order tasks in the proportions that gave every task its share of the tokens."""
    kind = rng.random()
    if kind < 0.18:
        return Document("", story(rng))
    if kind < 0.30:
        return Document("", fact_text(rng))
    return _order_document(rng)


def documents(seed: int = SEED, count: int = DOCUMENTS) -> Iterator[Document]:
    """The corpus, document by document."""
    rng = Random(seed)
    return (document(rng) for _ in range(count))
