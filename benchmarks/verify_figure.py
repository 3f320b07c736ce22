"""Figure *verify*: 1,000 domains checked against a local server that answers after 50 ms."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from benchmarks.bare_questions import ask_all, sockets_at_once
from benchmarks.dns_answers import IDENTITY, LOOPBACK, StoredDomain, zone_records
from benchmarks.dns_responder import Responder, responder
from benchmarks.figure import Figure, tell
from benchmarks.measuring import alternate
from benchmarks.sample_domains import write_domains, write_settings
from benchmarks.trial_profile import TrialProfile, trial_profile
from smtpy_desktop.changes import publish_nothing
from smtpy_desktop.controllers.domain_checks_controller import verify_domains
from smtpy_desktop.core.mail_identity import format_mx
from smtpy_desktop.database.engine import Database
from smtpy_desktop.gateways.dns_gateway import DnsGateway
from smtpy_desktop.runtime.async_thread import new_selector_loop
from smtpy_desktop.schemas.domain_checks import VerificationSummary
from smtpy_desktop.schemas.identifiers import DomainId

DOMAINS = 1000
_ROUNDS = 5
_WARM_UP = 20


@dataclass(frozen=True, slots=True)
class Trial:
    """A database with domains, and the server that answers for them."""

    profile: TrialProfile
    responder: Responder
    domain_ids: tuple[DomainId, ...]


@contextmanager
def trial(profile: TrialProfile, domains: int = DOMAINS) -> Iterator[Trial]:
    """Write the domains, and answer for them until the end of the block."""
    with profile.connect() as connection:
        write_domains(connection, domains, organizations=20)
        ids, stored = _stored_domains(connection)
        with responder(zone_records(stored)) as server:
            resolvers = ", ".join(f"{LOOPBACK}:{port}" for port in server.resolver_ports)
            settings = {
                "mail.mx": format_mx(IDENTITY.mx),
                "mail.spf": IDENTITY.spf,
                "mail.sending_addresses": ", ".join(IDENTITY.sending_addresses),
                "mail.dmarc": IDENTITY.dmarc,
                "dns.resolvers": resolvers,
                "dns.authoritative_port": str(server.authoritative_port),
            }
            write_settings(connection, settings)
            yield Trial(profile, server, ids)


def _stored_domains(connection: psycopg.Connection) -> tuple[tuple[DomainId, ...], list[StoredDomain]]:
    rows = connection.execute(
        "SELECT id, name, dkim_selector, dkim_public_key, verification_token FROM domains ORDER BY id"
    ).fetchall()
    return tuple(DomainId(row[0]) for row in rows), [StoredDomain(*row[1:]) for row in rows]


def main() -> None:
    """Measure and tell the figure."""
    # A bare loop, as on the window's asyncio thread: asyncio.Runner writes out each result to handle Ctrl+C.
    loop = new_selector_loop()
    with trial_profile() as profile, trial(profile) as ready:
        tell(_measure(ready, loop.run_until_complete))
    loop.close()


def _measure(ready: Trial, run: Callable[[Coroutine[Any, Any, Any]], Any]) -> Figure:
    database = Database(ready.profile.url, origin="benchmark")
    run(_verify(database, ready.domain_ids[:_WARM_UP]))
    ready.responder.take_questions()
    summary: VerificationSummary = run(_verify(database, ready.domain_ids))
    _require_right(summary)
    questions = ready.responder.take_questions()
    at_once = sockets_at_once(len(questions))
    rounds = alternate(
        ours=lambda: _milliseconds(run, _verify(database, ready.domain_ids)),
        reference=lambda: _milliseconds(run, ask_all(questions, at_once)),
        rounds=_ROUNDS,
    )
    run(database.close())
    side_by_side = "all" if at_once == len(questions) else f"at most {at_once:,}"
    note = (
        f"{DOMAINS:,} domains, {len(questions):,} questions, answers after 50 ms; ours with all verdicts and writes to "
        f"PostgreSQL, the reference {side_by_side} of the same questions at once by dnspython; median of {_ROUNDS}"
    )
    return Figure("verify", rounds.median_ours, rounds.median_reference, "ms", limit=1.5, note=note)


async def _verify(database: Database, domain_ids: tuple[DomainId, ...]) -> VerificationSummary:
    # A gateway of its own each time: nothing is remembered from the round before.
    return await verify_domains(database, domain_ids, asker=DnsGateway(), publish=publish_nothing)


def _require_right(summary: VerificationSummary) -> None:
    """Refuse to measure something else than what is meant: answers must have come, and nine in ten be right."""
    assert summary.checked == DOMAINS, summary.checked
    assert summary.unknown == 0, f"{summary.unknown} could not be asked"
    assert summary.verified == DOMAINS * 9 // 10, f"{summary.verified} are right"


def _milliseconds(run: Callable[[Coroutine[Any, Any, Any]], Any], work: Coroutine[Any, Any, Any]) -> float:
    gc.collect()
    started = time.perf_counter()
    run(work)
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    main()
