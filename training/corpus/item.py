"""One question with one right answer, and the rule that says which items are never trained on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

HELD_OUT_BUCKETS = 40
"""Of the 256 values of a key's first hash byte, those below this number are held out (about 16 %)."""


def is_held_out(*key: str) -> bool:
    """True when the item named by `key` belongs to the evaluation. Depends on the key alone: no seed, no state."""
    digest = hashlib.sha256("\x1f".join(key).encode("utf-8")).digest()
    return digest[0] < HELD_OUT_BUCKETS


@dataclass(frozen=True)
class Item:
    """A prompt and the continuation that counts as right.

    `key` decides on which side of the split the item falls. `tail` follows the answer in the corpus but is not judged:
    an open-ended row of days may stop or go on. `random_prompt` marks prompts made of drawn words, from whose tokens
    nothing can be learned.
    """

    task: str
    key: tuple[str, ...]
    prompt: str
    answer: str
    tail: str = ""
    random_prompt: bool = False

    @property
    def held_out(self) -> bool:
        return is_held_out(self.task, *self.key)

    @property
    def line(self) -> str:
        """The judged text, which may appear nowhere in the corpus when the item is held out."""
        return self.prompt + self.answer
