"""A process per load: started, waited for, its result read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .model_folder import GOLDEN_FILE, CannotStart
from .report import Options

TRAINING = Path(__file__).resolve().parent.parent
SECONDS_PER_LOAD = 600


def run_loads(folder: Path, options: Options, comparable: bool) -> Iterator[dict]:
    """A `load_once.Result` per load, the remedies taking turns. CannotStart when a load fails."""
    environment = dict(os.environ, HF_HUB_OFFLINE="1")
    if options["malloc_perturb"] is not None:
        environment["MALLOC_PERTURB_"] = str(options["malloc_perturb"])
    with tempfile.TemporaryDirectory() as scratch:
        # The library copies remote code to a folder that it imports from; in a new one no older copy can stand in.
        environment["HF_MODULES_CACHE"] = scratch
        result = Path(scratch) / "result.json"
        for number in range(1, options["loads"] + 1):
            for remedy in options["remedies"]:
                spec = {
                    "folder": str(folder.resolve()), "remedy": remedy, "number": number,
                    "attention": options["attention"], "deterministic": options["deterministic"],
                    "golden_file": str(GOLDEN_FILE), "comparable": comparable,
                }
                yield _run_load(spec, result, environment)


def _run_load(spec: dict, result: Path, environment: dict[str, str]) -> dict:
    command = [sys.executable, "-m", "reproduction.load_once", json.dumps(spec), str(result)]
    try:
        process = subprocess.run(
            command, env=environment, cwd=TRAINING, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            errors="replace", timeout=SECONDS_PER_LOAD,
        )
    except subprocess.TimeoutExpired:
        raise CannotStart(f"A load took more than {SECONDS_PER_LOAD} seconds: try a less busy machine.") from None
    if process.returncode != 0:
        last = (process.stderr.strip().splitlines() or [f"exit status {process.returncode}"])[-1]
        raise CannotStart(
            f"The load failed ({last}): mend the installation, or try another version, such as "
            "`pip install transformers==5.18.0`."
        )
    loaded = json.loads(result.read_text(encoding="utf-8"))
    result.unlink()
    return loaded
