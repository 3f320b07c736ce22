"""Figure *forward_memory*: how much more memory the forwarders hold after 100,000 messages than after the first."""

from __future__ import annotations

import os

from benchmarks.figure import Figure, tell
from benchmarks.forward_world import ALIAS, PROCESSES, forward_world
from benchmarks.mail_programs import counting_sink, measure, require_programs

_MESSAGES = int(os.environ.get("SMTPY_BENCH_MESSAGES", "100000"))
_STEPS = 10
_MOST_GROWTH_MIB = 16.0


def main() -> None:
    """Measure and tell the figure; SMTPY_BENCH_MESSAGES sends fewer, for a short look."""
    require_programs()
    seen: list[float] = []
    with counting_sink() as sink, forward_world(sink.port) as world:
        for _ in range(_STEPS):
            measure(world.ports, sink, _MESSAGES // _STEPS // PROCESSES * PROCESSES, ALIAS)
            seen.append(world.memory_mib())
    note = (
        f"private memory of {PROCESSES} forwarders after each tenth of {_MESSAGES:,} messages:"
        f" {', '.join(f'{one:.0f}' for one in seen)} MiB; growth after the first tenth, which fills caches and pools;"
        " the reference is what they hold after it"
    )
    growth = max(seen[1:]) - seen[0]
    tell(Figure("forward_memory", growth, seen[0], "MiB", limit=_MOST_GROWTH_MIB, bounds_ours=True, note=note))


if __name__ == "__main__":
    main()
