"""Looks on while the library loads a model, from outside: the remote code's classes are wrapped, its files untouched."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from functools import cached_property
from types import ModuleType

import torch
from torch import nn

from .contents import classify, contents, decimal, float_of
from .report import Contents, Forward, Init, InitWeightsCall

PRINTED = 120


class NotThisKindOfModel(Exception):
    """The remote code has no rotary embedding with `inv_freq` that could be watched."""


def bits(tensor: torch.Tensor) -> list[int]:
    """The float32 bits of a tensor [n], each 0 .. 2^32 - 1."""
    return [item & 0xFFFFFFFF for item in tensor.detach().float().cpu().view(torch.int32).tolist()]


def contents_of(inv_freq: torch.Tensor, formula: torch.Tensor) -> Contents:
    return contents(bits(inv_freq), bits(formula), bool(inv_freq.any()))


def rotary_class(model_class: type) -> type:
    """The one class of the model's file that is called something with RotaryEmbedding."""
    module: ModuleType = sys.modules[model_class.__module__]
    found = [
        item for item in vars(module).values()
        if isinstance(item, type) and issubclass(item, nn.Module) and "RotaryEmbedding" in item.__name__
        and item.__module__ == module.__name__
    ]
    if len(found) != 1:
        raise NotThisKindOfModel(f"its model code defines {len(found)} rotary embeddings, not one")
    return found[0]


def formula_of(config: dict) -> torch.Tensor:
    """theta^(-2i / head_dim), i = 0 .. head_dim/2 - 1, as the model code writes it (RoFormer, section 3.2.2)."""
    exponents = torch.arange(0, config["head_dim"], 2, dtype=torch.float32, device="cpu") / config["head_dim"]
    return 1.0 / (config["rope_theta"] ** exponents)


@dataclass
class Watch:
    """Sees `__init__`, `_init_weights` and the first `forward` of a model's rotary embedding.

    With `refill` the model's `_init_weights` fills `inv_freq` again, which is the remedy `init_weights`.
    """

    config: dict
    refill: bool = False
    init_tensor: torch.Tensor | None = None
    init_weights: list[InitWeightsCall] = field(default_factory=list)
    forward: Forward | None = None
    _init: Init | None = None

    @cached_property
    def formula(self) -> torch.Tensor:
        """What `inv_freq` should be. Computed when first asked for, which is after the library has taken fresh memory:
        before, its temporaries would leave the right values in the heap for `inv_freq` to find."""
        return formula_of(self.config)

    def wrap(self, model_class: type) -> None:
        """Puts this watch around the classes of `model_class`, for the rest of the process."""
        self.rotary = rotary_class(model_class)
        self._wrap_init()
        self._wrap_init_weights(next(item for item in model_class.__mro__ if "_init_weights" in vars(item)))
        self._wrap_forward()

    def inv_freq(self, model: nn.Module) -> torch.Tensor:
        return next(item for item in model.modules() if isinstance(item, self.rotary)).inv_freq

    def _wrap_init(self) -> None:
        original = self.rotary.__init__

        def init(module: nn.Module, *arguments, **named) -> None:
            original(module, *arguments, **named)
            self.init_tensor = module.inv_freq
            # Nothing is to touch the heap before the library takes fresh memory from it, and a tensor without memory
            # can as well be read afterwards.
            if module.inv_freq.device.type != "meta":
                self._init = seen_in_init(module.inv_freq)

        self.rotary.__init__ = init

    def init(self) -> Init | None:
        """What was seen in `__init__`; None if it never ran. To be asked after loading."""
        if self._init is None and self.init_tensor is not None:
            self._init = seen_in_init(self.init_tensor)
        return self._init

    def _wrap_init_weights(self, owner: type) -> None:
        original = owner._init_weights

        def init_weights(model: nn.Module, module: nn.Module) -> None:
            if isinstance(module, self.rotary):
                self.init_weights.append(self._seen_in_init_weights(module.inv_freq))
            original(model, module)
            if self.refill and isinstance(module, self.rotary):
                module.inv_freq.copy_(self.formula)

        owner._init_weights = init_weights

    def _seen_in_init_weights(self, inv_freq: torch.Tensor) -> InitWeightsCall:
        state = None
        if inv_freq.device.type != "meta":
            state = classify(*([float_of(item) for item in bits(tensor)] for tensor in (inv_freq, self.formula)))
        return {"device": inv_freq.device.type, "state": state}

    def _wrap_forward(self) -> None:
        original = self.rotary.forward

        def forward(module: nn.Module, *arguments, **named):
            before = module.inv_freq
            cos, sin = original(module, *arguments, **named)
            if self.forward is None:
                self.forward = {
                    "guard_fired": module.inv_freq is not before,
                    "contents": contents_of(module.inv_freq, self.formula),
                    "cos": [decimal(value) for value in cos[0, 1, :4].tolist()],
                    "sin": [decimal(value) for value in sin[0, 1, :4].tolist()],
                }
            return cos, sin

        self.rotary.forward = forward


def seen_in_init(inv_freq: torch.Tensor) -> Init:
    """Where the buffer is, what reading it raises, and what `print` shows."""
    try:
        inv_freq.tolist()
        raised = None
    except Exception as error:  # whatever it is, it is the observation
        raised = f"{type(error).__name__}: {error}".splitlines()[0][:PRINTED]
    return {
        "device": inv_freq.device.type, "reading_raises": raised,
        "printed": " ".join(str(inv_freq).split())[:PRINTED],
    }
