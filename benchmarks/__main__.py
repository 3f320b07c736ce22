"""``python -m benchmarks [--only NAME]``: measure the figures, print the table, write build/bench.json."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.table import as_table

FIGURES = (
    "start",
    "verify",
    "stall",
    "list",
    "theme",
    "messages_page",
    "messages_search",
    "messages_scroll",
    "messages_jump",
    "messages_memory",
    "messages_burst",
    "csv",
    "xlsx",
    "export_memory",
    "listener",
    "catch_up",
    "billing",
    "statistics",
    "rollup",
    "authenticate",
    "forward",
    "forward_latency",
    "forward_memory",
    "forward_backlog",
)
_RESULT = Path("build") / "bench.json"


def main() -> int:
    """Measure what is asked for; a missed goal is told in the table and is no failure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", choices=FIGURES, metavar="NAME", help=f"one figure alone: {', '.join(FIGURES)}")
    only = parser.parse_args().only
    measured = [_measure(name) for name in ([only] if only else FIGURES)]
    entries = [entry for some in measured for entry in some]
    _write(entries)
    print(as_table(entries))
    return 0 if all(measured) else 1


def _measure(name: str) -> list[dict[str, Any]]:
    """Run one measurement in a process of its own, so that none disturbs another, and return the figures it tells."""
    print(f"measuring {name} …", file=sys.stderr, flush=True)
    # The same window on every machine; "offscreen" needs no display and paints the same pixels.
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-m", f"benchmarks.{name}_figure"]
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=environment, check=False)
    told = [line for line in result.stdout.splitlines() if line.startswith('{"figure"')]
    if result.returncode != 0 or not told:
        print(f"{name} could not be measured (exit status {result.returncode}).", file=sys.stderr)
        return []
    return [json.loads(line) for line in told]


def _write(entries: list[dict[str, Any]]) -> None:
    """Write what was measured this time."""
    _RESULT.parent.mkdir(exist_ok=True)
    _RESULT.write_text(json.dumps(entries, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
