"""``python -m tests.faults [--only NAME]``: every fault in its long form; a table, and build/faults.json."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.faults import scenarios
from tests.faults.bad_wire import own_network, spoil_the_wire
from tests.faults.clock_jumps import jump_the_clock
from tests.faults.disk_full import fill_the_disk, small_volume
from tests.faults.failing_flush import fail_flushes
from tests.faults.fault_world import FaultCluster, fault_cluster
from tests.faults.scenarios import Outcome

_RESULT = Path("build") / "faults.json"
Scenario = Callable[[FaultCluster], Awaitable[Outcome]]

LONG: dict[str, Scenario] = {
    "forwarders": lambda cluster: scenarios.kill_forwarders(cluster, kills=200),
    "database": lambda cluster: scenarios.kill_database(cluster, kills=50),
    "lines-in": lambda cluster: scenarios.cut_lines_in(cluster, rounds=3),
    "lines-out": lambda cluster: scenarios.cut_lines_out(cluster, rounds=3),
    "target": lambda cluster: scenarios.failing_target(cluster, messages=20),
    "refusals": lambda cluster: scenarios.refusing_target(cluster, messages=20),
    "race": lambda cluster: scenarios.race_for_rows(cluster, messages=3000, forwarders=3),
    "frozen": lambda cluster: scenarios.frozen_forwarder(cluster, rounds=5),
    "flush": lambda cluster: fail_flushes(cluster, rounds=20),
    "clock": lambda cluster: jump_the_clock(cluster, messages=50),
}
"""Every scenario as often as it should be done, all on one cluster."""

ON_A_SMALL_DISK: dict[str, Scenario] = {"disk": lambda cluster: fill_the_disk(cluster, rounds=3)}

ON_A_BAD_WIRE: dict[str, Scenario] = {"wire": lambda cluster: spoil_the_wire(cluster, rounds=10)}


def main() -> int:
    """Do the worst, print what came of it, and write it down; the status is 1 where anything went wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    names = (*LONG, *ON_A_SMALL_DISK, *ON_A_BAD_WIRE)
    parser.add_argument("--only", choices=names, metavar="NAME", help=f"one alone: {', '.join(names)}")
    only = parser.parse_args().only
    outcomes: list[Outcome] = []
    if only is None or only in LONG:
        with fault_cluster() as cluster:
            outcomes += [_do(name, LONG[name], cluster) for name in ([only] if only else LONG)]
    if only is None or only in ON_A_SMALL_DISK:
        with small_volume() as volume, fault_cluster(volume) as cluster:
            outcomes += [_do(name, scenario, cluster) for name, scenario in ON_A_SMALL_DISK.items()]
    if only is None or only in ON_A_BAD_WIRE:
        with own_network(), fault_cluster() as cluster:
            outcomes += [_do(name, scenario, cluster) for name, scenario in ON_A_BAD_WIRE.items()]
    _RESULT.parent.mkdir(exist_ok=True)
    _RESULT.write_text(json.dumps([one.to_json() for one in outcomes], indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(f"{as_table(outcomes)}\n")
    return 0 if all(one.verdict.is_clean for one in outcomes) else 1


def as_table(outcomes: list[Outcome]) -> str:
    """Return what came of it as a table of Markdown."""
    titles = ("fault", "times", "acknowledged", "lost", "twice, attempt uncertain", "twice otherwise", "stuck", "s")
    rows = [titles, tuple("---" for _ in titles)]
    for one in outcomes:
        verdict = one.verdict
        counts = (one.faults, verdict.acknowledged, *map(len, (verdict.lost, verdict.explained, verdict.unexplained)))
        rows.append((one.name, *(f"{count:,}" for count in counts), str(len(verdict.stuck)), f"{one.seconds:.0f}"))
    lines = [f"| {' | '.join(row)} |" for row in rows]
    told = [f"{one.name}: {name} {value:.2f}" for one in outcomes for name, value in one.figures.items()]
    return "\n".join([*lines, "", *told])


def _note(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _do(name: str, scenario: Scenario, cluster: FaultCluster) -> Outcome:
    _note(f"{name} …")
    outcome = asyncio.run(_run(scenario, cluster))
    _note(f"  {outcome.verdict}")
    return outcome


async def _run(scenario: Scenario, cluster: FaultCluster) -> Outcome:
    return await scenario(cluster)


if __name__ == "__main__":
    sys.exit(main())
