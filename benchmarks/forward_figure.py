"""Figures *forward*: mail end to end and accepted, two forwarder processes against Debian's Postfix, same sink."""

from __future__ import annotations

from benchmarks.figure import Figure, tell
from benchmarks.forward_world import ALIAS, PROCESSES, TARGET, ForwardWorld, forward_world
from benchmarks.mail_programs import (
    MESSAGE_BYTES,
    SESSIONS,
    CountingSink,
    Rates,
    counting_sink,
    forwarding_postfix,
    measure,
    require_programs,
)
from benchmarks.measuring import Rounds, alternate

_ROUNDS = 5
_MESSAGES = 3000
_UNIT = "ms for 1,000"


def main() -> None:
    """Measure and tell both figures."""
    require_programs()
    with (
        counting_sink() as sink,
        forward_world(sink.port) as world,
        forwarding_postfix(sink.port, ALIAS, TARGET) as postfix,
    ):
        _tell(world, sink, postfix)


def _tell(world: ForwardWorld, sink: CountingSink, postfix: int) -> None:
    ours: list[Rates] = []
    theirs: list[Rates] = []

    def run(ports: tuple[int, ...], kept: list[Rates]) -> float:
        kept.append(measure(ports, sink, _MESSAGES, ALIAS))
        return 0.0

    run(world.ports, []), run((postfix,), [])  # the first of each connects and fills caches
    alternate(lambda: run(world.ports, ours), lambda: run((postfix,), theirs), rounds=_ROUNDS)
    _require_right(world)
    for name, what in (("forward", "end_to_end"), ("forward_accept", "accepted")):
        rounds = Rounds(*(tuple(1e6 / getattr(one, what) for one in kept) for kept in (ours, theirs)))
        rate, reference = 1e6 / rounds.median_ours, 1e6 / rounds.median_reference
        note = (
            f"{_MESSAGES:,} messages of {MESSAGE_BYTES:,} bytes by smtp-source, {SESSIONS} sessions, a new connection"
            f" for each, until {'the last is in smtp-sink' if name == 'forward' else 'the last is accepted'}: ours"
            f" with {PROCESSES} processes and every record written {rate:,.0f}/s; Debian's Postfix forwarding by a"
            f" virtual alias {reference:,.0f}/s; median of {_ROUNDS}"
        )
        tell(Figure(name, rounds.median_ours, rounds.median_reference, _UNIT, limit=1.0, note=note))


def _require_right(world: ForwardWorld) -> None:
    """Refuse to measure something else than what is meant: every message is written with its delivery and attempt."""
    count = _MESSAGES * (_ROUNDS + 1)
    with world.trial.connect() as connection:
        found = connection.execute(
            "SELECT (SELECT count(*) FROM messages WHERE status = 'delivered'),"
            " (SELECT count(*) FROM deliveries WHERE state = 'sent' AND attempts = 1),"
            " (SELECT count(*) FROM delivery_attempts WHERE outcome = 'sent'), (SELECT count(*) FROM message_contents)"
        ).fetchone()
    assert found == (count, count, count, count), found


if __name__ == "__main__":
    main()
