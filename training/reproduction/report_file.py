"""The report as a file, and what to look for before it is shared."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path

from .contents import text_in
from .report import Report

STORED = Path(__file__).resolve().parent.parent / "reports"


def written(report: Report) -> str:
    """The report as JSON, a line per field and per load."""
    lines = [f"{_compact(name)}:{_compact(value)}" for name, value in report.items() if name != "loads"]
    loads = ",\n".join(_compact(load) for load in report["loads"])
    return "{\n" + ",\n".join([*lines, f'"loads":[\n{loads}\n]']) + "\n}\n"


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def save(report: Report, path: Path | None) -> tuple[Path, str | None]:
    """Writes the report; to the system's temporary folder without a path, or when the path cannot be written.

    Returns where it lies and, in the last case, why it does not lie where it was wanted.
    """
    spare = Path(tempfile.gettempdir()) / f"rope-report-{report['environment']['transformers']}.json"
    try:
        (path or spare).write_text(written(report), encoding="utf-8")
        return path or spare, None
    except OSError as error:
        if path is None:
            raise
        spare.write_text(written(report), encoding="utf-8")
        return spare, f"{path} cannot be written ({error.strerror})."


def texts_in(report: Report) -> list[str]:
    """Readable text that left-over memory brought into the report."""
    held = [contents for load in report["loads"] for contents in (load["after_loading"], load["forward"]["contents"])]
    return sorted({text for contents in held if (text := text_in(contents["bits"]))})


def stored_reports() -> list[Report]:
    """The reports of this repository: by version, then memory as it is, filled by glibc, filled with NaN."""
    return sorted((json.loads(path.read_text(encoding="utf-8")) for path in STORED.glob("*.json")), key=_order)


def _order(report: Report) -> tuple:
    version = tuple(int(part) for part in re.findall(r"\d+", report["environment"]["transformers"]))
    options = report["options"]
    return version, options["deterministic"], options["malloc_perturb"] or 0, options["attention"] != "library"
