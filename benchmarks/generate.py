"""Fill a database with realistic messages: ``python -m benchmarks.generate --messages 1_000_000``.

Everything is made by the database itself, from hashes of row number and seed: the same numbers give the same rows.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import psycopg

from benchmarks.generated_statements import (
    ATTEMPTS,
    CONTENTS,
    DELIVERIES,
    DOMAINS,
    HOURS,
    MESSAGES,
    ORGANIZATIONS,
    RANDOM,
)
from benchmarks.generated_tables import SideConnections, bare_tables
from benchmarks.generated_texts import (
    ACCEPTANCES,
    ATTACHMENTS,
    PREVIEWS,
    RECIPIENT_PARTS,
    REFUSALS,
    SENDER_HOSTS,
    SENDER_PARTS,
    SUBJECTS,
    TARGET_HOSTS,
)
from benchmarks.trial_profile import set_up
from smtpy_desktop.gateways.embedded_postgres import EmbeddedPostgres
from smtpy_desktop.paths import Profile, default_profile

# From here on it is faster to make the indexes at the end, and to write by several connections.
_MANY = 50_000
_BATCH = 20_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to generate; the messages came in the 13 months before ``until``."""

    messages: int
    domains: int = 500
    organizations: int = 20
    seed: int = 1
    until: datetime | None = None


def generate(connection: psycopg.Connection, wanted: Wanted, *, many: int = _MANY) -> None:
    """Add organizations, domains and messages to a migrated database.

    The connection commits by itself; its role has to own the tables. Fewer than ``many`` messages are written in one
    transaction, with the triggers seeing every row as always. More are written by several connections with the
    triggers off, and the counts are made anew at the end; nobody else should write meanwhile.
    """
    wanted = replace(wanted, until=wanted.until or datetime.now(UTC))
    if wanted.messages < many:
        with connection.transaction(), connection.cursor() as cursor:
            values = _prepared(cursor, wanted)
            _set_up_session(cursor, wanted)
            _write(cursor, values, 0, wanted.messages)
            cursor.execute("DROP TABLE generated_hours")
        connection.execute("ANALYZE")
        return
    with connection.transaction(), connection.cursor() as cursor:
        values = _prepared(cursor, wanted)
    side = SideConnections(connection)
    with bare_tables(side):
        _write_many(side, values, wanted)
    # Without the map of what is visible, which only this makes, no index answers alone.
    connection.execute("VACUUM (ANALYZE)")


def _prepared(cursor: psycopg.Cursor, wanted: Wanted) -> dict[str, Any]:
    """Write organizations and domains, reserve the ids of the messages, and return what the statements are given."""
    cursor.execute("SET LOCAL statement_timeout = 0")
    cursor.execute(ORGANIZATIONS, {"count": wanted.organizations, "seed": wanted.seed})
    cursor.execute(DOMAINS, {"count": wanted.domains, "seed": wanted.seed})
    ids, names = cursor.fetchall()[0]
    cursor.execute("LOCK TABLE messages IN SHARE ROW EXCLUSIVE MODE")
    cursor.execute("SELECT last_value - (NOT is_called)::integer FROM messages_id_seq")
    before = cursor.fetchall()[0][0]
    cursor.execute("SELECT setval('messages_id_seq', %s)", [before + max(wanted.messages, 1)])
    return _values(wanted) | {"domain_ids": ids, "domain_names": names, "before": before}


def _set_up_session(cursor: psycopg.Cursor, wanted: Wanted) -> None:
    cursor.execute(RANDOM.replace("{seed}", str(wanted.seed)))
    cursor.execute("SELECT set_config('smtpy.seed', %s, false)", [str(wanted.seed)])
    cursor.execute("SET plan_cache_mode = force_custom_plan")
    cursor.execute(HOURS, {"count": wanted.messages, "until": wanted.until})
    cursor.execute("ANALYZE generated_hours")


def _write(cursor: psycopg.Cursor, values: dict[str, Any], first: int, last: int) -> None:
    for statement in (MESSAGES, DELIVERIES, ATTEMPTS, CONTENTS):
        cursor.execute(statement, values | {"first": first, "last": last})


def _write_many(side: SideConnections, values: dict[str, Any], wanted: Wanted) -> None:
    """Write batch by batch; their order on disk is nearly that of the ids, since every batch is small."""
    firsts: SimpleQueue[int] = SimpleQueue()
    for first in range(0, wanted.messages, _BATCH):
        firsts.put(first)

    def write_batches() -> None:
        with side.open() as connection, connection.cursor() as cursor:
            _set_up_session(cursor, wanted)
            with suppress(Empty):
                while True:
                    first = firsts.get_nowait()
                    with connection.transaction():
                        _write(cursor, values, first, min(first + _BATCH, wanted.messages))

    with ThreadPoolExecutor(side.number) as pool:
        for worker in [pool.submit(write_batches) for _ in range(side.number)]:
            worker.result()


def _values(wanted: Wanted) -> dict[str, Any]:
    by_status = {
        f"{status}_{field}": [getattr(refusal, field) for refusal in REFUSALS if refusal.status == status]
        for status in ("bounced", "failed", "rejected", "pending")
        for field in ("bounce_class", "code", "enhanced", "reply")
    }
    attachments = [json.dumps({"name": name, "type": kind}) for name, kind in ATTACHMENTS]
    return by_status | {
        "total": wanted.messages,
        "senders": max(50, min(wanted.messages // 20, 200_000)),
        "sender_parts": list(SENDER_PARTS),
        "sender_hosts": list(SENDER_HOSTS),
        "recipient_parts": list(RECIPIENT_PARTS),
        "target_hosts": list(TARGET_HOSTS),
        "subjects": list(SUBJECTS),
        "previews": list(PREVIEWS),
        "attachments": attachments,
        "acceptances": list(ACCEPTANCES),
    }


def main() -> int:
    """Generate what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.generate", description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000, metavar="N", help="how many (1_000_000)")
    parser.add_argument("--domains", type=int, default=500, metavar="N", help="in how many domains (500)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="another number gives other messages")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--profile", metavar="DIR", help="a profile with an embedded database (made where missing)")
    where.add_argument("--database-url", metavar="URL", help="a migrated database, as postgresql://…")
    arguments = parser.parse_args()
    wanted = Wanted(arguments.messages, domains=arguments.domains, seed=arguments.seed)
    began = time.monotonic()
    if arguments.database_url:
        _fill(arguments.database_url, wanted)
    else:
        _fill_profile(_profile(arguments.profile), wanted)
    print(f"{wanted.messages:,} messages in {time.monotonic() - began:.0f} s")
    return 0


def _profile(directory: str | None) -> Profile:
    """Take the named profile, or one of the benchmarks' own: nobody's real messages are mixed with generated ones."""
    if directory is not None:
        return Profile(Path(directory).absolute())
    return Profile(default_profile().directory / "generated")


def _fill_profile(profile: Profile, wanted: Wanted) -> None:
    profile.create()
    postgres = EmbeddedPostgres(profile.postgres)
    try:
        asyncio.run(set_up(postgres))
        _fill(postgres.url(), wanted)
    finally:
        postgres.stop()
    print(f"Look at them with: smtpy-desktop --profile {profile.directory}")


def _fill(url: str, wanted: Wanted) -> None:
    with psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://"), autocommit=True) as connection:
        generate(connection, wanted)


if __name__ == "__main__":
    sys.exit(main())
