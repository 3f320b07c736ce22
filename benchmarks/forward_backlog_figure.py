"""Figures *forward_backlog*: what 1,000,000 queued deliveries cost the mail that comes in and goes out beside them."""

from __future__ import annotations

import os

from benchmarks.figure import Figure, tell
from benchmarks.forward_world import ALIAS, ForwardWorld, forward_world
from benchmarks.mail_programs import CountingSink, Rates, counting_sink, measure, require_programs
from benchmarks.measuring import Rounds

_BACKLOG = int(os.environ.get("SMTPY_BENCH_BACKLOG", "1000000"))
_TARGETS = 50
_DESTINATIONS = 400
_MESSAGES, _ROUNDS = 3000, 5
_MOST_RATIO = 1.1

# Put off for some hours, to many destinations: what a large provider being away for a day leaves in the queue.
_FILL = """
WITH made AS (
    INSERT INTO messages (domain_id, message_id, sender_email, recipient_email, subject, status, size_bytes)
    SELECT (SELECT min(id) FROM domains), '<backlog-' || n || '@sender.example>', 'load@sender.example',
        'info@forward.example', 'Backlog ' || n, 'pending', 10240
    FROM generate_series(1, %(messages)s) AS n
    RETURNING id
)
INSERT INTO deliveries (message_id, target, state, attempts, next_attempt_at)
SELECT made.id, 'target' || t || '@away' || (made.id * 7 + t) %% %(destinations)s || '.example', 'deferred', 1,
    now() + interval '1 hour' + (made.id %% 18000) * interval '1 second'
FROM made CROSS JOIN generate_series(1, %(targets)s) AS t
"""


def main() -> None:
    """Measure and tell both figures; SMTPY_BENCH_BACKLOG makes a smaller queue, for a short look."""
    require_programs()
    with counting_sink() as sink, forward_world(sink.port) as world:
        _measured(world, sink, 1)
        _tidy(world)
        without = _measured(world, sink, _ROUNDS)
        _fill(world)
        _measured(world, sink, 1)
        beside = _measured(world, sink, _ROUNDS)
    for name, what in (("forward_backlog", "end_to_end"), ("forward_backlog_accept", "accepted")):
        rounds = Rounds(*(tuple(1e6 / getattr(one, what) for one in kept) for kept in (beside, without)))
        note = (
            f"{_MESSAGES:,} messages {'end to end' if what == 'end_to_end' else 'accepted'} beside {_BACKLOG:,}"
            f" deliveries to {_DESTINATIONS} destinations that wait for their next attempt, against an empty queue;"
            f" median of {_ROUNDS}"
        )
        tell(Figure(name, rounds.median_ours, rounds.median_reference, "ms for 1,000", limit=_MOST_RATIO, note=note))


def _measured(world: ForwardWorld, sink: CountingSink, rounds: int) -> list[Rates]:
    return [measure(world.ports, sink, _MESSAGES, ALIAS) for _ in range(rounds)]


def _fill(world: ForwardWorld) -> None:
    """Write the queue as a long outage would have left it."""
    values = {"messages": _BACKLOG // _TARGETS, "targets": _TARGETS, "destinations": _DESTINATIONS}
    with world.trial.connect() as connection:
        connection.execute(_FILL, values)
    _tidy(world)


def _tidy(world: ForwardWorld) -> None:
    """Do what autovacuum would, so that it does not happen to begin in one of the two series."""
    with world.trial.connect() as connection:
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


if __name__ == "__main__":
    main()
