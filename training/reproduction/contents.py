"""What an `inv_freq` holds, judged by its bits alone."""

from __future__ import annotations

import math
import struct

from .report import Contents, State

TINY = 1e-6
NEAR = 0.01
# That much in a row is taken for text: addresses and small integers, the usual left-overs, have zero bytes in between.
TEXT_BYTES = 8


def float_of(bits: int) -> float:
    """The float32 with these 32 bits."""
    return struct.unpack("<f", struct.pack("<I", bits))[0]


def bits_of(value: float) -> int:
    """The 32 bits of a number rounded to float32."""
    return struct.unpack("<I", struct.pack("<f", value))[0]


def decimal(value: float) -> float | None:
    """A float32 in nine digits, which tell any two apart; None for NaN and infinities."""
    return float(f"{value:.9g}") if math.isfinite(value) else None


def classify(values: list[float], formula: list[float]) -> State:
    """Which of the six a vector is; `formula` is what it should be, entry by entry.

    healthy: equal in every bit. near: each within 1 %. zeros: all exactly zero. tiny: all below 1e-6, not all zero.
    not_finite: at least one NaN or infinity. garbage: anything else.
    """
    if [bits_of(value) for value in values] == [bits_of(value) for value in formula]:
        return "healthy"
    if not all(map(math.isfinite, values)):
        return "not_finite"
    if not any(values):
        return "zeros"
    if all(abs(value - right) <= NEAR * abs(right) for value, right in zip(values, formula, strict=True)):
        return "near"
    return "tiny" if all(abs(value) < TINY for value in values) else "garbage"


def contents(bits: list[int], formula_bits: list[int], any_nonzero: bool) -> Contents:
    """Counts and state of a vector; `any_nonzero` is what the tensor's own `any()` said."""
    values = [float_of(item) for item in bits]
    return {
        "state": classify(values, [float_of(item) for item in formula_bits]),
        "bits": [f"{item:08x}" for item in bits],
        "values": [decimal(value) for value in values],
        "zeros": sum(value == 0 for value in values),
        "equal_to_formula": sum(a == b for a, b in zip(bits, formula_bits, strict=True)),
        "not_finite": sum(not math.isfinite(value) for value in values),
        "below_1e_6": sum(abs(value) < TINY for value in values),
        "any": any_nonzero,
    }


def text_in(bits: list[str]) -> str | None:
    """Eight or more printable characters in a row, as left-over memory may hold; None if there are none."""
    memory = b"".join(struct.pack("<I", int(item, 16)) for item in bits)
    runs = "".join(chr(byte) if 32 <= byte < 127 else "\0" for byte in memory).split("\0")
    longest = max((run for run in runs if len(set(run)) > 1), key=len, default="")  # one byte repeated is a filling
    return longest if len(longest) >= TEXT_BYTES else None
