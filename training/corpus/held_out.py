"""The items of the evaluation: the held-out side of the split, none of which the corpus contains."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from .facts import capital_items
from .item import Item
from .order import ROWS, draw_copy, draw_copy_invented, draw_gave, draw_nth, draw_reverse, row_items

EVALUATION_SEED = 7
DRAWN_ITEMS = 300


def _draw(rng: Random, maker: Callable[[Random], Item], count: int) -> list[Item]:
    """`count` different held-out items."""
    items: dict[str, Item] = {}
    while len(items) < count:
        item = maker(rng)
        if item.held_out:
            items.setdefault(item.line, item)
    return list(items.values())


def held_out_items(seed: int = EVALUATION_SEED, drawn: int = DRAWN_ITEMS) -> dict[str, list[Item]]:
    """Items by task. Countries and rows: all that are held out. Lists and gifts: `drawn` of each.

    Lists are long enough that luck does not pass for order: four to seven words to copy, four to six to reverse, six or
    seven to pick one from.
    """
    rng = Random(seed)
    tasks = {
        "capitals": [item for item in capital_items() if item.held_out],
        "copy": _draw(rng, lambda r: draw_copy(r, 4, 7), drawn),
        "reverse": _draw(rng, lambda r: draw_reverse(r, 4, 6), drawn),
        "nth word": _draw(rng, lambda r: draw_nth(r, 6, 7), drawn),
    }
    for row in ROWS:
        tasks[row.task] = [item for item in row_items(row) if item.held_out]
    tasks["copy, invented words"] = _draw(rng, draw_copy_invented, drawn)
    tasks["who gave"] = _draw(rng, draw_gave, drawn)
    return tasks
