"""Loads the bundled model with the installed transformers and reports what became of `inv_freq`.

Every load is a process of its own that calls `from_pretrained` once, by the model's remote code, and then decodes the
golden prompts: `python training/reproduce.py`. The report is a JSON file that the page can show beside its simulation;
training/README.md describes its fields. A finished report exits with 0, whatever it found; 2 means that nothing could
be measured, with one sentence that says why.
"""

from __future__ import annotations

import sys

if sys.version_info < (3, 10):  # before the imports, which need it
    print("This needs Python 3.10 or newer: run it with another `python`.", file=sys.stderr)
    sys.exit(2)

import argparse
import importlib.metadata
import importlib.util
import platform
import re
from datetime import datetime, timezone
from pathlib import Path

from reproduction.model_folder import CannotStart, describe, golden_of, read_config
from reproduction.processes import TRAINING, run_loads
from reproduction.report import REMEDIES, SCHEMA, VERSION, Load, Options, Report
from reproduction.report_file import save, stored_reports, texts_in
from reproduction.sentences import findings, markdown, remedy_name

MODEL_FOLDER = TRAINING.parent / "public" / "models" / "nano-opensci"
OLDEST = (4, 48)
# So that a report stays below the size that the page takes.
MAX_LOADS = 8
# Measured: with these bytes glibc fills fresh memory with exact zeros, and with floats of about 1.5e16.
PERTURB = {"zeros": 255, "garbage": 165}


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--loads", type=_number(1, MAX_LOADS), default=5, help="loads per remedy, 5 unless given")
    parser.add_argument(
        "--remedies", nargs="+", choices=REMEDIES,
        help="none, a guard of the model code (patch5, refill), or an _init_weights that refills; all unless given",
    )
    memory = parser.add_mutually_exclusive_group()
    memory.add_argument(
        "--memory", choices=("as-is", *PERTURB, "nan"), default="as-is",
        help="what fresh memory holds: zeros and garbage are --malloc-perturb 255 and 165, nan is --deterministic",
    )
    memory.add_argument("--malloc-perturb", type=_number(1, 255), metavar="N", help="sets MALLOC_PERTURB_ (glibc)")
    memory.add_argument("--deterministic", action="store_true", help="torch.use_deterministic_algorithms(True)")
    parser.add_argument(
        "--attention", choices=("library", "eager", "sdpa"), default="library", help="the library's choice unless given"
    )
    parser.add_argument("--model", type=Path, default=MODEL_FOLDER, help="its code is run: trust_remote_code=True")
    parser.add_argument("--json", type=Path, help="where the report goes; the system's temporary folder unless given")
    parser.add_argument("--table", action="store_true", help="print the README's table of training/reports and stop")
    return parser.parse_args(given)


def _number(least: int, most: int):
    def whole(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least} to {most}")
        return int(text)

    return whole


def check_libraries() -> str:
    """The installed transformers' version; CannotStart where a library is missing or too old."""
    for name in ("torch", "transformers"):
        if importlib.util.find_spec(name) is None:
            raise CannotStart(f"{name} is not installed: run `pip install {name}`.")
    version = importlib.metadata.version("transformers")
    found = re.match(r"(\d+)\.(\d+)", version)
    if found and (int(found[1]), int(found[2])) < OLDEST:
        raise CannotStart(
            f"transformers {version} is too old for the model's code: install 4.48 or newer, such as "
            "`pip install transformers==5.18.0`."
        )
    return version


def options_of(given: argparse.Namespace, config: dict) -> Options:
    """What to run; CannotStart where this system or model cannot do it."""
    perturb = given.malloc_perturb or PERTURB.get(given.memory)
    if perturb and platform.libc_ver()[0] != "glibc":
        raise CannotStart(
            "MALLOC_PERTURB_ is a setting of glibc, which this Python does not run on: take --memory as-is or nan."
        )
    guarded = "rope_guard" in config
    remedies = given.remedies or [item for item in REMEDIES if guarded or item in ("none", "init_weights")]
    if not guarded and {"patch5", "refill"} & set(remedies):
        raise CannotStart("This model's configuration has no rope_guard: choose --remedies none init_weights.")
    return {
        "malloc_perturb": perturb,
        "deterministic": given.deterministic or given.memory == "nan",
        "attention": given.attention,
        "loads": given.loads,
        "remedies": [item for item in REMEDIES if item in remedies],
    }


def line_of(load: Load) -> str:
    """How a load shows on the terminal: the verdict, and what the model says to the first prompt."""
    said = " ".join(load["decodings"][0]["text"].split())
    return f"{load['number']} {remedy_name(load['remedy']):>13}  {load['verdict']}\n{'':>17}{said[:90]}"


def reproduce(given: argparse.Namespace) -> Report:
    """Everything from the checks to the finished report; prints a line per load."""
    version = check_libraries()
    config = read_config(given.model)
    options = options_of(given, config)
    model = describe(given.model, config)
    golden = golden_of(model)
    count = options["loads"] * len(options["remedies"])
    print(f"transformers {version}, {model['name']}: {count} loads, 5 to 10 seconds each", flush=True)
    results = []
    for result in run_loads(given.model, options, golden is not None):
        results.append(result)
        print(line_of(result["load"]), flush=True)
    loads = [result["load"] for result in results]
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "created": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "options": options,
        "environment": results[0]["environment"],
        "model": model,
        "golden": golden,
        "formula": results[0]["formula"],
        "loads": loads,
        "findings": findings(loads),
    }


def main() -> int:
    given = arguments()
    if given.table:
        print(markdown(stored_reports()))
        return 0
    try:
        if given.json and not given.json.resolve().parent.is_dir():
            raise CannotStart(f"The folder of {given.json} does not exist: make it, or choose another --json.")
        report = reproduce(given)
    except CannotStart as reason:
        print(reason, file=sys.stderr)
        return 2
    print("\n" + "\n".join(report["findings"]) + "\n")
    for found in texts_in(report):
        print(f"Look before you share it: left-over memory in the report reads {found!r}.")
    path, trouble = save(report, given.json)
    if trouble:
        print(trouble, file=sys.stderr)
    print(f"Report: {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
