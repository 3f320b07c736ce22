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
)
_RESULT = Path("build") / "bench.json"


def main() -> int:
    """Measure what is asked for; a missed goal is told in the table and is no failure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", choices=FIGURES, metavar="NAME", help=f"one figure alone: {', '.join(FIGURES)}")
    only = parser.parse_args().only
    entries = [entry for name in ([only] if only else FIGURES) if (entry := _measure(name)) is not None]
    _write(entries)
    print(as_table(entries))
    return 0 if len(entries) == (1 if only else len(FIGURES)) else 1


def _measure(name: str) -> dict[str, Any] | None:
    """Run one figure in a process of its own, so that none disturbs another; None when it could not be measured."""
    print(f"measuring {name} …", file=sys.stderr, flush=True)
    # The same window on every machine; "offscreen" needs no display and paints the same pixels.
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-m", f"benchmarks.{name}_figure"]
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=environment, check=False)
    lines = result.stdout.splitlines()
    if result.returncode != 0 or not lines:
        print(f"{name} could not be measured (exit status {result.returncode}).", file=sys.stderr)
        return None
    entry: dict[str, Any] = json.loads(lines[-1])
    return entry


def _write(entries: list[dict[str, Any]]) -> None:
    """Write what was measured this time."""
    _RESULT.parent.mkdir(exist_ok=True)
    _RESULT.write_text(json.dumps(entries, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
