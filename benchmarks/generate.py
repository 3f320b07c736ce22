"""Fill a database with realistic messages: ``python -m benchmarks.generate --messages 1_000_000``.

Everything is made by the database itself, from hashes of row number and seed: the same numbers give the same rows.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
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
from smtpy_desktop.controllers.opening_controller import open_own
from smtpy_desktop.database.engine import Database
from smtpy_desktop.gateways.embedded_postgres import EmbeddedPostgres
from smtpy_desktop.paths import Profile, default_profile

# From here on it is faster to make the indexes at the end.
_MANY = 50_000
_BATCH = 250_000
_TABLES = ("messages", "message_contents", "deliveries", "delivery_attempts")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to generate; the messages came in the 13 months before ``until``."""

    messages: int
    domains: int = 500
    organizations: int = 20
    seed: int = 1
    until: datetime | None = None


def generate(connection: psycopg.Connection, wanted: Wanted) -> None:
    """Add organizations, domains and messages to a migrated database, in one transaction.

    The connection's role has to own the tables. With few messages the triggers see every row, as always; with many
    they are off meanwhile, and the counts are made anew at the end.
    """
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
        cursor.execute("SET LOCAL work_mem = '256MB'")
        cursor.execute(RANDOM.replace("{seed}", str(wanted.seed)))
        cursor.execute("SELECT set_config('smtpy.seed', %s, true)", [str(wanted.seed)])
        cursor.execute(ORGANIZATIONS, {"count": wanted.organizations, "seed": wanted.seed})
        values = _values(wanted) | _domains(cursor, wanted)
        cursor.execute(HOURS, {"count": wanted.messages, "until": wanted.until or datetime.now(UTC)})
        if wanted.messages < _MANY:
            _write_messages(cursor, values)
        else:
            with _bare_tables(cursor):
                _write_messages(cursor, values)
        cursor.execute("DROP TABLE generated_hours")
    connection.execute("ANALYZE")


def _domains(cursor: psycopg.Cursor, wanted: Wanted) -> dict[str, Any]:
    cursor.execute(DOMAINS, {"count": wanted.domains, "seed": wanted.seed})
    ids, names = cursor.fetchall()[0]
    return {"domain_ids": ids, "domain_names": names}


def _write_messages(cursor: psycopg.Cursor, values: dict[str, Any]) -> None:
    before = cursor.execute("SELECT coalesce(max(id), 0) FROM messages").fetchall()[0][0]
    total = values["total"]
    for first in range(0, total, _BATCH):
        cursor.execute(MESSAGES, values | {"first": first, "last": min(first + _BATCH, total)})
    for statement in (DELIVERIES, ATTEMPTS, CONTENTS):
        cursor.execute(statement, values | {"before": before})


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


@contextmanager
def _bare_tables(cursor: psycopg.Cursor) -> Iterator[None]:
    """Take indexes, foreign keys and triggers away and put them back at the end, which is much faster for many rows."""
    cursor.execute(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE contype = 'f' AND conrelid = ANY (%s::text[]::regclass[])",
        [list(_TABLES)],
    )
    keys = cursor.fetchall()
    # What serves a constraint (primary and unique keys) stays.
    cursor.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
        "WHERE indrelid = ANY (%s::text[]::regclass[]) AND NOT indisunique",
        [list(_TABLES)],
    )
    indexes = cursor.fetchall()
    for table, name, _ in keys:
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for name, _ in indexes:
        cursor.execute(f"DROP INDEX {name}")
    cursor.execute("ALTER TABLE messages DISABLE TRIGGER USER")
    yield
    for _, definition in indexes:
        cursor.execute(definition)
    for table, name, definition in keys:
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    cursor.execute("ALTER TABLE messages ENABLE TRIGGER USER")
    cursor.execute("SELECT smtpy_recount_messages()")


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
        asyncio.run(_set_up(postgres))
        _fill(postgres.url(), wanted)
    finally:
        postgres.stop()
    print(f"Look at them with: smtpy-desktop --profile {profile.directory}")


async def _set_up(postgres: EmbeddedPostgres) -> None:
    opened = await open_own(postgres, lambda url: Database(url, origin="generate"))
    await opened.database.close()


def _fill(url: str, wanted: Wanted) -> None:
    with psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://"), autocommit=True) as connection:
        generate(connection, wanted)


if __name__ == "__main__":
    sys.exit(main())
