"""Judges the bundled model on held-out items and prints the table: `python training/evaluate.py`.

It also makes the whole corpus again and looks for every judged line in it. It exits with 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from random import Random

import torch
import transformers
from tokenizers import Tokenizer
from transformers import PreTrainedModel

from corpus import Document, documents
from corpus.held_out import EVALUATION_SEED, held_out_items
from corpus.item import Item
from corpus.stories import held_out_opening
from exact_match import exact_matches
from lanes import LANES, MODEL_FOLDER, first_difference, greedy, load_lane, until_end

RESULTS = Path(__file__).resolve().parent / "results.json"
HEALTHY_TARGETS = {
    "capitals": 0.98, "copy": 0.95, "reverse": 0.95, "nth word": 0.95, "days": 0.95, "months": 0.95, "count": 0.95,
}
ZERO_LIMIT = 0.20
ORDER_TASKS = ("copy", "reverse", "nth word", "days", "months", "count")
PARTING_PROMPTS_PER_TASK = 25
PARTING_OPENINGS = 50
PARTING_STEPS = 24
PARTING_WITHIN = 12
PARTING_TARGET = 0.90
CASE_PROMPT = "The capital of France is"
CASE_ANSWER = " Paris"
CASE_MARGIN = 2.0
_PROBE = 16


def leaked_lines(lines: list[str], corpus: Iterable[Document]) -> list[str]:
    """Those of `lines` that occur anywhere in the corpus, from the start of a word on."""
    by_probe: dict[str, list[str]] = defaultdict(list)
    for line in lines:
        by_probe[line[:_PROBE]].append(line)
    leaked = set()
    for document in corpus:
        text = document.whole
        start = 0
        while True:
            for line in by_probe.get(text[start : start + _PROBE], ()):
                if text.startswith(line, start):
                    leaked.add(line)
            start = text.find(" ", start) + 1
            if start == 0:
                break
    return sorted(leaked)


def parting_prompts(tasks: dict[str, list[Item]]) -> list[str]:
    """Prompts of every task and story openings, all held out."""
    rng = Random(EVALUATION_SEED)
    prompts = [item.prompt for items in tasks.values() for item in rng.sample(items, PARTING_PROMPTS_PER_TASK)]
    return prompts + sorted({held_out_opening(rng) for _ in range(PARTING_OPENINGS)})


def partings(models: dict[str, PreTrainedModel], tokenizer: Tokenizer, prompts: list[str]) -> list[int | None]:
    """Per prompt: the index of the first token at which healthy and zero decode differently."""
    groups: dict[int, list[int]] = defaultdict(list)
    encoded = [tokenizer.encode(prompt).ids for prompt in prompts]
    for index, ids in enumerate(encoded):
        groups[len(ids)].append(index)
    found: list[int | None] = [None] * len(prompts)
    for members in groups.values():
        batch = torch.tensor([encoded[index] for index in members])
        rows = {lane: greedy(model, batch, PARTING_STEPS)[0].tolist() for lane, model in models.items()}
        for index, *pair in zip(members, *(rows[lane] for lane in LANES)):
            found[index] = first_difference(*(until_end(ids, encoded[0][0]) for ids in pair))
    return found


@torch.no_grad()
def case(model: PreTrainedModel, tokenizer: Tokenizer) -> dict[str, object]:
    """The first token after the prompt of the published case, and its lead over the second."""
    logits = model(torch.tensor([tokenizer.encode(CASE_PROMPT).ids])).logits[0, -1]
    values, ids = logits.topk(2)
    return {
        "top1": tokenizer.decode([int(ids[0])]), "top1_logit": round(float(values[0]), 4),
        "top2": tokenizer.decode([int(ids[1])]), "top2_logit": round(float(values[1]), 4),
        "margin": round(float(values[0] - values[1]), 4),
    }


def measure(folder: Path) -> dict[str, object]:
    """Everything that the targets speak about."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tasks = held_out_items()
    models = {lane: load_lane(lane, folder) for lane in LANES}
    table = {}
    for task, items in tasks.items():
        shares = {lane: sum(exact_matches(model, tokenizer, items)) / len(items) for lane, model in models.items()}
        table[task] = {"items": len(items), **{lane: round(share, 4) for lane, share in shares.items()}}
    found = partings(models, tokenizer, parting_prompts(tasks))
    early = sum(index is not None and index < PARTING_WITHIN for index in found)
    return {
        "transformers": transformers.__version__,
        "torch": torch.__version__,
        "weights_sha256": hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest(),
        "tasks": table,
        "parting": {"prompts": len(found), "within": PARTING_WITHIN, "share": round(early / len(found), 4),
                    "never_in_24": found.count(None)},
        "case": {lane: case(model, tokenizer) for lane, model in models.items()}
        | {"parts_at": partings(models, tokenizer, [CASE_PROMPT])[0]},
        "leaked_lines": len(leaked_lines([item.line for items in tasks.values() for item in items], documents())),
    }


def missed_targets(results: dict) -> list[str]:
    """One sentence per target that the results do not reach."""
    missed = []
    for task, target in HEALTHY_TARGETS.items():
        if results["tasks"][task]["healthy"] < target:
            missed.append(f"{task}: healthy {results['tasks'][task]['healthy']:.1%} is below {target:.0%}")
    for task in ORDER_TASKS:
        if results["tasks"][task]["zero"] > ZERO_LIMIT:
            missed.append(f"{task}: zero {results['tasks'][task]['zero']:.1%} is above {ZERO_LIMIT:.0%}")
    if results["parting"]["share"] < PARTING_TARGET:
        missed.append(f"lanes part early on only {results['parting']['share']:.1%} of the prompts")
    healthy = results["case"]["healthy"]
    if healthy["top1"] != CASE_ANSWER or healthy["margin"] < CASE_MARGIN:
        missed.append(f"{CASE_PROMPT!r} gives {healthy['top1']!r} with a margin of {healthy['margin']}")
    parts_at = results["case"]["parts_at"]
    if parts_at is None or parts_at >= PARTING_WITHIN:
        missed.append(f"the lanes of {CASE_PROMPT!r} part at {parts_at}")
    if results["leaked_lines"]:
        missed.append(f"{results['leaked_lines']} judged lines occur in the corpus")
    return missed


def markdown(results: dict) -> str:
    """The table of the README."""
    lines = ["| task | items | exact match, healthy | exact match, zero `inv_freq` |", "| --- | ---: | ---: | ---: |"]
    for task, row in results["tasks"].items():
        lines.append(f"| {task} | {row['items']} | {row['healthy']:.1%} | {row['zero']:.1%} |")
    parting, healthy, zero = results["parting"], results["case"]["healthy"], results["case"]["zero"]
    lines += [
        "",
        f"- The lanes part within {parting['within']} tokens on {parting['share']:.1%} of {parting['prompts']} "
        "held-out prompts.",
        f"- `{CASE_PROMPT}`, healthy: `{healthy['top1']}` at {healthy['top1_logit']:.2f}, "
        f"then `{healthy['top2']}` at {healthy['top2_logit']:.2f}.",
        f"- `{CASE_PROMPT}`, zero: `{zero['top1']}` at {zero['top1_logit']:.2f}, "
        f"then `{zero['top2']}` at {zero['top2_logit']:.2f}.",
        f"- `{CASE_PROMPT}`: the lanes part at token {results['case']['parts_at']}, counted from 0.",
        f"- Judged lines that occur in the corpus: {results['leaked_lines']}.",
    ]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=MODEL_FOLDER)
    parser.add_argument("--json", type=Path, default=None, help=f"also write the numbers, usually to {RESULTS.name}")
    arguments = parser.parse_args()
    results = measure(arguments.model)
    print(markdown(results))
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n")
    missed = missed_targets(results)
    for sentence in missed:
        print(f"MISSED {sentence}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
