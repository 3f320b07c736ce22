"""Figure *statistics*: what the overview reads for all time, against counting the messages."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

import psycopg

from benchmarks.figure import Figure, tell
from benchmarks.measuring import Rounds
from benchmarks.message_world import message_world
from smtpy_desktop.controllers import message_statistics_controller
from smtpy_desktop.database.engine import Database
from smtpy_desktop.schemas.message_statistics import StatisticsPeriod

_ROUNDS = 7
_FAILED = "('failed', 'bounced', 'rejected')"
_REFERENCE = (
    "SELECT date_trunc('month', created_at, 'UTC'), status, count(*), sum(size_bytes) FROM messages GROUP BY 1, 2",
    "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY delivered_at - created_at) FROM messages",
    f"SELECT bounce_class, count(*) FROM messages WHERE status IN {_FAILED} GROUP BY 1 ORDER BY 2 DESC LIMIT 8",  # noqa: S608
    "SELECT domain_id, count(*) FROM messages GROUP BY 1 ORDER BY 2 DESC LIMIT 8",
    "SELECT lower(sender_email), count(*) FROM messages GROUP BY 1 ORDER BY 2 DESC LIMIT 8",
    "SELECT count(*), min(created_at) FROM messages WHERE status IN ('pending', 'processing')",
)


def main() -> None:
    """Measure and tell the figure."""
    with message_world() as world, world.connect() as bare:
        counted = bare.execute("SELECT count(*) FROM messages").fetchall()[0][0]
        rounds = asyncio.run(_measure(Database(world.url, origin="benchmark"), bare))
    tell(
        Figure(
            "statistics page, all time",
            rounds.median_ours,
            rounds.median_reference,
            "ms",
            50,
            bounds_ours=True,
            largest_ratio=0.25,
            note=f"{counted:,} messages; all that the controller reads, median of {_ROUNDS}; "
            "reference: the same answers by GROUP BY over the messages",
        )
    )


async def _measure(database: Database, bare: psycopg.Connection) -> Rounds:
    tomorrow = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    period = StatisticsPeriod(None, tomorrow, "month")
    ours, reference = [], []
    for number in range(_ROUNDS + 1):
        began = time.perf_counter()
        await message_statistics_controller.message_statistics(database, period)
        await message_statistics_controller.top_senders(database, period)
        middle = time.perf_counter()
        for statement in _REFERENCE:
            bare.execute(statement).fetchall()
        end = time.perf_counter()
        if number > 0:  # the first round fills the caches
            ours.append((middle - began) * 1000)
            reference.append((end - middle) * 1000)
    await database.close()
    return Rounds(tuple(ours), tuple(reference))


if __name__ == "__main__":
    main()
