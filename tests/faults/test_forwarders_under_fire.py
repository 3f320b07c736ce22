"""What `make faults` does at length, in short: nothing acknowledged is lost, nothing is sent twice without a reason."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator

import pytest

from tests.faults import scenarios
from tests.faults.chaos_proxy import Cut
from tests.faults.clock_jumps import JUMPS, faketime_library, jump_the_clock
from tests.faults.disk_full import fill_the_disk, small_volume
from tests.faults.fault_world import FaultCluster, fault_cluster
from tests.faults.scenarios import Outcome

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def cluster() -> Iterator[FaultCluster]:
    with fault_cluster(is_durable=False) as made:
        yield made


def _require_clean(outcome: Outcome) -> None:
    assert outcome.verdict.is_clean, f"{outcome.name}: {outcome.verdict}"
    assert outcome.verdict.acknowledged > 0


async def test_a_killed_forwarder_loses_nothing_and_is_back_at_once(cluster: FaultCluster) -> None:
    outcome = await scenarios.kill_forwarders(cluster, kills=6, longest=0.3)

    _require_clean(outcome)
    assert outcome.figures["ready again, longest, s"] < 10


async def test_a_killed_database_loses_nothing_and_forwarders_go_on_by_themselves(cluster: FaultCluster) -> None:
    _require_clean(await scenarios.kill_database(cluster, kills=1))


async def test_lines_of_clients_that_end_at_any_verb_hurt_themselves_alone(cluster: FaultCluster) -> None:
    outcome = await scenarios.cut_lines_in(cluster, rounds=1)

    _require_clean(outcome)
    assert outcome.faults == len(scenarios.all_chaos())


async def test_lines_to_the_target_that_end_at_any_verb_lose_nothing(cluster: FaultCluster) -> None:
    outcome = await scenarios.cut_lines_out(cluster, rounds=1, patience=0.3)

    _require_clean(outcome)
    assert outcome.faults >= len(scenarios.all_chaos()) - len(Cut) - 4  # QUIT is said late, and the last lines are kept


async def test_what_a_target_refuses_for_good_is_recorded_as_refused(cluster: FaultCluster) -> None:
    outcome = await scenarios.refusing_target(cluster, messages=3)

    _require_clean(outcome)
    assert outcome.figures["refused deliveries"] > 0


async def test_several_forwarders_never_send_one_delivery_twice(cluster: FaultCluster) -> None:
    outcome = await scenarios.race_for_rows(cluster, messages=100)

    _require_clean(outcome)
    assert not outcome.verdict.explained


async def test_a_clock_that_jumps_changes_nothing(cluster: FaultCluster) -> None:
    if faketime_library() is None:
        pytest.skip("needs faketime (sudo apt-get install faketime)")

    outcome = await jump_the_clock(cluster, messages=4)

    _require_clean(outcome)
    assert outcome.faults == len(JUMPS)
    assert not outcome.verdict.explained


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root for a small volume")
def test_a_full_disk_puts_mail_off_with_452_and_loses_nothing() -> None:

    with small_volume() as volume, fault_cluster(volume) as small:
        _require_clean(asyncio.run(fill_the_disk(small, rounds=1)))
