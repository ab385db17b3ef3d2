"""The report's fields, `rope-collapse-report` version 1, and the check that a report has them.

`training/README.md` explains every field; `tests/test_reproduce.py` holds the two together.
"""

from __future__ import annotations

import types
from typing import Literal, TypedDict, Union, get_args, get_origin, get_type_hints, is_typeddict

SCHEMA = "rope-collapse-report"
VERSION = 1
MAX_BYTES = 200_000

Remedy = Literal["none", "patch5", "refill", "init_weights"]
Attention = Literal["library", "eager", "sdpa"]
State = Literal["healthy", "near", "zeros", "tiny", "garbage", "not_finite"]
Lane = Literal["healthy", "zero", "neither"]
REMEDIES: tuple[Remedy, ...] = get_args(Remedy)


class Options(TypedDict):
    """What was asked of the command. `malloc_perturb` and `deterministic` say how fresh memory was filled, if at all."""

    malloc_perturb: int | None
    deterministic: bool
    attention: Attention
    loads: int
    remedies: list[Remedy]


class Environment(TypedDict):
    """What the loads ran on, as the first load's process saw it. No path, no host name, no user name."""

    python: str
    torch: str
    transformers: str
    tokenizers: str
    safetensors: str
    system: str
    libc: str
    machine: str
    processor: str
    allocator: dict[str, str]
    deterministic_algorithms: bool
    fill_uninitialized_memory: bool


class Model(TypedDict):
    name: str
    weights_sha256: str
    code_sha256: str
    head_dim: int
    rope_theta: float


class Golden(TypedDict):
    """Where the outputs come from that decodings are compared with."""

    transformers: str
    torch: str
    weights_sha256: str


class Formula(TypedDict):
    """theta^(-2i / head_dim) in float32, computed on this machine. `equal_to_golden` counts entries."""

    bits: list[str]
    values: list[float]
    equal_to_golden: int | None


class Contents(TypedDict):
    """What one `inv_freq` held. `bits` are float32 in hexadecimal; in `values` null stands for NaN and infinities."""

    state: State
    bits: list[str]
    values: list[float | None]
    zeros: int
    equal_to_formula: int
    not_finite: int
    below_1e_6: int
    any: bool


class Init(TypedDict):
    """`inv_freq` at the end of the rotary embedding's `__init__`."""

    device: str
    reading_raises: str | None
    printed: str


class InitWeightsCall(TypedDict):
    """`inv_freq` when `_init_weights` is called on the rotary embedding. `state` is null on the meta device."""

    device: str
    state: State | None


class Lifecycle(TypedDict):
    init: Init | None
    init_weights: list[InitWeightsCall]
    device_after_loading: str
    same_tensor_as_in_init: bool


class Forward(TypedDict):
    """The first call of the rotary embedding. `cos` and `sin` are of position 1, the first four entries."""

    guard_fired: bool
    contents: Contents
    cos: list[float | None]
    sin: list[float | None]


class LaneDifference(TypedDict):
    """Against one lane of the golden outputs."""

    first_difference: int | None
    max_logit_difference: float | None


class Decoding(TypedDict):
    """`ids` are the first of `length` greedy ids, `text` is theirs; the top logits are those after the prompt.

    `not_finite_steps` of the `length` steps have a logit that is NaN or infinite; greedy then takes the first such id.
    """

    prompt: str
    prompt_ids_as_golden: bool | None
    ids: list[int]
    length: int
    text: str
    top_ids: list[int]
    top_logits: list[float | None]
    not_finite_steps: int
    healthy: LaneDifference | None
    zero: LaneDifference | None


class Load(TypedDict):
    """One process: one `from_pretrained`, then every prompt."""

    remedy: Remedy
    number: int
    attention: str
    lifecycle: Lifecycle
    after_loading: Contents
    forward: Forward
    decodings: list[Decoding]
    decodes_like: Lane | None
    verdict: str


class Report(TypedDict):
    schema: Literal["rope-collapse-report"]
    version: Literal[1]
    created: str
    options: Options
    environment: Environment
    model: Model
    golden: Golden | None
    formula: Formula
    loads: list[Load]
    findings: list[str]


def problems(value: object, kind: object = Report, where: str = "report") -> list[str]:
    """One sentence per place where `value` is not of `kind`; unknown fields count. Empty when all is well."""
    if is_typeddict(kind):
        return _fields(value, kind, where)
    origin = get_origin(kind)
    if origin is Literal:
        return [] if value in get_args(kind) else [f"{where}: {value!r} is none of {get_args(kind)}"]
    if origin in (Union, types.UnionType):
        found = [problems(value, choice, where) for choice in get_args(kind)]
        return [] if [] in found else found[0]
    if origin is list:
        if not isinstance(value, list):
            return [f"{where}: not a list"]
        return [line for i, item in enumerate(value) for line in problems(item, get_args(kind)[0], f"{where}[{i}]")]
    if origin is dict:
        if not isinstance(value, dict):
            return [f"{where}: not an object"]
        return [line for key, item in value.items() for line in problems(item, get_args(kind)[1], f"{where}.{key}")]
    accepted = (int, float) if kind is float else kind
    fits = isinstance(value, accepted) and (kind is bool or not isinstance(value, bool))
    return [] if fits else [f"{where}: {value!r} is not {getattr(kind, '__name__', kind)}"]


def _fields(value: object, kind: type, where: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{where}: not an object"]
    hints = get_type_hints(kind)
    found = [f"{where}.{name}: missing" for name in hints if name not in value]
    found += [f"{where}.{name}: unknown" for name in value if name not in hints]
    for name, hint in hints.items():
        if name in value:
            found += problems(value[name], hint, f"{where}.{name}")
    return found
