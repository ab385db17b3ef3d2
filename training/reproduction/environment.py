"""Versions, processor and allocator settings: what an uninitialised buffer depends on, and nothing that names a machine."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import safetensors
import tokenizers
import torch
import transformers

from .report import Environment

ALLOCATOR_VARIABLES = ("MALLOC_PERTURB_", "GLIBC_TUNABLES", "MALLOC_CONF", "PYTHONMALLOC", "LD_PRELOAD")
LONGEST = 120


def environment() -> Environment:
    libraries = {item.__name__: str(item.__version__) for item in (torch, transformers, tokenizers, safetensors)}
    return {
        "python": platform.python_version(),
        **libraries,
        "system": platform.system(),
        "libc": " ".join(platform.libc_ver()).strip(),
        "machine": platform.machine(),
        "processor": processor()[:LONGEST],
        "allocator": {name: _setting(name) for name in ALLOCATOR_VARIABLES if name in os.environ},
        "deterministic_algorithms": torch.are_deterministic_algorithms_enabled(),
        "fill_uninitialized_memory": fills_uninitialized_memory(),
    }


def fills_uninitialized_memory() -> bool:
    """Whether deterministic algorithms also fill fresh memory with NaN; older torch does not know the setting."""
    return bool(getattr(getattr(torch.utils, "deterministic", None), "fill_uninitialized_memory", False))


def processor() -> str:
    """The processor's name; the architecture's where the system does not tell."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _setting(name: str) -> str:
    value = os.environ[name]
    if name == "LD_PRELOAD":  # a path: the file's name says which allocator it is
        value = " ".join(Path(item).name for item in value.replace(":", " ").split())
    return value[:LONGEST]
