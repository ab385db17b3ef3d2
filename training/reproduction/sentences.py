"""What a report says in words: one sentence per load, the findings, the table of the README."""

from __future__ import annotations

from collections import Counter

from .report import Contents, Decoding, Forward, Load, Remedy, Report, State

FIRED: dict[Remedy, str] = {"patch5": "Patch 5 fired", "refill": "The first forward pass refilled it"}
STATE_WORDS: dict[State, str] = {
    "healthy": "healthy",
    "near": "near the formula",
    "zeros": "exact zeros",
    "tiny": "all below 1e-6",
    "garbage": "garbage",
    "not_finite": "NaN or infinite",
}


def state_sentence(held: Contents) -> str:
    """What these contents do to the positions."""
    count = len(held["bits"])
    if held["state"] == "healthy":
        return "Healthy: inv_freq is the formula's, bit for bit."
    if held["state"] == "near":
        return f"Nearly healthy: within 1 % of the formula, {held['equal_to_formula']} of {count} entries to the bit."
    if held["state"] == "zeros":
        return "Identity rotation: every entry is exactly zero, so no position is rotated."
    if held["state"] == "tiny":
        return (
            f"Identity rotation in effect: all {count} entries are below 1e-6, and {count - held['zeros']} of them are "
            "not exactly zero."
        )
    if held["state"] == "not_finite":
        return f"NaN: {held['not_finite']} of {count} entries are NaN or infinite."
    largest = max(abs(value) for value in held["values"] if value is not None)
    return f"Uninitialised garbage: {count - held['zeros']} of {count} entries are not zero, the largest {largest:.1e}."


def verdict(remedy: Remedy, after_loading: Contents, forward: Forward, decodings: list[Decoding]) -> str:
    """What the forward pass ran with, by whose doing, and whether numbers came out."""
    sentence = state_sentence(forward["contents"])
    if forward["guard_fired"]:
        sentence += f" {FIRED.get(remedy, 'It was replaced')}; after loading: {STATE_WORDS[after_loading['state']]}."
    elif remedy == "patch5" and forward["contents"]["state"] != "healthy":
        sentence += " Patch 5 did not fire: any() was true."
    broken = sum(item["not_finite_steps"] > 0 for item in decodings)
    return sentence + (f" Logits became NaN or infinite in {broken} of {len(decodings)} prompts." if broken else "")


def tally(states: list[State]) -> str:
    """"3 garbage, 2 exact zeros", most frequent first."""
    return ", ".join(f"{count} {STATE_WORDS[state]}" for state, count in Counter(states).most_common())


def remedy_name(remedy: Remedy) -> str:
    return "_init_weights" if remedy == "init_weights" else remedy


def findings(loads: list[Load]) -> list[str]:
    """One sentence about where `__init__` ran, and one per remedy."""
    seen = {(item["device"], item["reading_raises"]) for load in loads if (item := load["lifecycle"]["init"])}
    lines = [
        f"__init__ ran with inv_freq on {device}; reading it there " + (f"raises {raised}" if raised else "works.")
        for device, raised in sorted(seen, key=str)
    ]
    called = sum(bool(load["lifecycle"]["init_weights"]) for load in loads)
    lines.append(f"_init_weights was called on the rotary embedding in {called} of {len(loads)} loads.")
    for remedy in dict.fromkeys(load["remedy"] for load in loads):
        of_remedy = [load for load in loads if load["remedy"] == remedy]
        fired = sum(load["forward"]["guard_fired"] for load in of_remedy)
        guard = f" guard fired {fired} of {len(of_remedy)} times;" if remedy in ("patch5", "refill") else ""
        alike = Counter(load["decodes_like"] for load in of_remedy if load["decodes_like"])
        decoded = "; decodes like " + ", ".join(f"{lane} {n}" for lane, n in alike.most_common()) if alike else ""
        lines.append(
            f"{remedy_name(remedy)}: after loading {tally([load['after_loading']['state'] for load in of_remedy])};"
            f"{guard} in forward {tally([load['forward']['contents']['state'] for load in of_remedy])}{decoded}."
        )
    return lines


def memory_name(report: Report) -> str:
    """How fresh memory was filled, as the README's table names it."""
    perturb = report["environment"]["allocator"].get("MALLOC_PERTURB_")
    names = [f"`MALLOC_PERTURB_={perturb}`"] if perturb else []
    if report["options"]["deterministic"]:
        names.append("deterministic algorithms")
    return ", ".join(names) or "as is"


def markdown(reports: list[Report]) -> str:
    """The README's table of what the stored reports measured, a row per report and remedy."""
    lines = [
        "| transformers | fresh memory | attention | remedy | loads | after loading | guard fired | in forward | decodes like |",
        "| --- | --- | --- | --- | ---: | --- | ---: | --- | --- |",
    ]
    for report in reports:
        for remedy in report["options"]["remedies"]:
            loads = [load for load in report["loads"] if load["remedy"] == remedy]
            fired = sum(load["forward"]["guard_fired"] for load in loads)
            alike = Counter(load["decodes_like"] or "not compared" for load in loads)
            lines.append(
                "| " + " | ".join((
                    report["environment"]["transformers"], memory_name(report), loads[0]["attention"],
                    f"`{remedy_name(remedy)}`", str(len(loads)),
                    tally([load["after_loading"]["state"] for load in loads]),
                    f"{fired} of {len(loads)}" if remedy in ("patch5", "refill") else "",
                    tally([load["forward"]["contents"]["state"] for load in loads]),
                    ", ".join(f"{lane} {count}" if len(alike) > 1 else lane for lane, count in alike.most_common()),
                )) + " |"
            )
    return "\n".join([*lines, "", as_is_sentence(reports)])


def as_is_sentence(reports: list[Report]) -> str:
    """What the buffer held under 5.x with nothing forced: in all loads, for even the one that refills it is seen before."""
    states = [
        call["state"]
        for report in reports
        if memory_name(report) == "as is" and int(report["environment"]["transformers"].split(".")[0]) >= 5
        for load in report["loads"] for call in load["lifecycle"]["init_weights"] if call["state"]
    ]
    return f"- {len(states)} loads under 5.x, memory as it was, before any remedy: {tally(states)}."
