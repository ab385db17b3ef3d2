"""Documents into rows of one width, several to a row, none of which sees its neighbours."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import torch

IGNORED = -100
_OPEN_ROWS = 128


class Rows(NamedTuple):
    """inputs, targets and segments, each [rows, width]. Targets hold IGNORED where nothing is to be learned."""

    inputs: torch.Tensor
    targets: torch.Tensor
    segments: torch.Tensor


class Sequence(NamedTuple):
    """One document: its input ids and the target of each."""

    inputs: list[int]
    targets: list[int]


def sequence(prompt: list[int], text: list[int], end_id: int) -> Sequence:
    """end-of-text, prompt, text as inputs; the same shifted by one, with end-of-text last, as targets."""
    return Sequence([end_id, *prompt, *text], [IGNORED] * len(prompt) + [*text, end_id])


def pack(sequences: Iterable[Sequence], width: int) -> Rows:
    """Best fit over a window of open rows. A document never crosses rows; the rest of a row is padding."""
    done: list[list[Sequence]] = []
    rows: list[list[Sequence]] = []
    room: list[int] = []
    for item in sequences:
        size = len(item.inputs)
        if size > width:
            raise ValueError(f"a document of {size} tokens does not fit a row of {width}")
        fitting = [i for i, left in enumerate(room) if left >= size]
        if fitting:
            best = min(fitting, key=room.__getitem__)
            rows[best].append(item)
            room[best] -= size
        else:
            rows.append([item])
            room.append(width - size)
        if len(rows) > _OPEN_ROWS:
            fullest = min(range(len(room)), key=room.__getitem__)
            done.append(rows.pop(fullest))
            room.pop(fullest)
    return _tensors(done + rows, width)


def _tensors(rows: list[list[Sequence]], width: int) -> Rows:
    inputs = torch.zeros(len(rows), width, dtype=torch.int16)
    targets = torch.full((len(rows), width), IGNORED, dtype=torch.int16)
    segments = torch.full((len(rows), width), -1, dtype=torch.int16)
    for number, row in enumerate(rows):
        at = 0
        for segment, item in enumerate(row):
            end = at + len(item.inputs)
            inputs[number, at:end] = torch.tensor(item.inputs, dtype=torch.int16)
            targets[number, at:end] = torch.tensor(item.targets, dtype=torch.int16)
            segments[number, at:end] = segment
            at = end
    return Rows(inputs, targets, segments)


def visible(segments: torch.Tensor) -> torch.Tensor:
    """Which keys a query may see: earlier ones of its own document. [batch, S] -> boolean [batch, 1, S, S]."""
    same = segments[:, :, None] == segments[:, None, :]
    return same.tril()[:, None]
