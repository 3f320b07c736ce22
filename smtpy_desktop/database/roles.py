"""The groups of PostgreSQL roles that people and forwarders sign in through, and what each may do.

Nobody signs in as one of these: they are granted to roles that do (docs/server.md). Whoever owns the tables grants, and
grants again after an upgrade, so that a new table is open to those that need it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.schemas.roles import DatabaseAccess, GrantedRole

ADMINISTRATOR = "smtpy_admin"
READER = "smtpy_reader"
FORWARDER = "smtpy_forwarder"
GROUPS = (ADMINISTRATOR, READER, FORWARDER)

_MAINTAIN_SINCE = 170000  # before, only the owner may have a table cleaned
_ALL = "SELECT, INSERT, UPDATE, DELETE"

SEALED: Mapping[str, str] = {"dkim_keys": "private_key_sealed", "srs_keys": "secret_sealed", "srs_senders": "sender"}
"""Columns that no window shows, which a reader may not read."""

MAIL_TABLES = (
    "deliveries",
    "delivery_attempts",
    "forwarders",
    "mail_envelopes",
    "message_contents",
    "message_count_changes",
    "message_hour_counts",
    "message_period_counts",
    "message_sender_counts",
    "messages",
    "rule_matches",
    "srs_senders",
)
"""What a forwarder reads and writes."""

_SET_BY_WRITERS = "smtpy_message_notice_moments"
MAIL_SEQUENCES = (
    "deliveries_id_seq",
    "delivery_attempts_id_seq",
    "message_count_changes_id_seq",
    "messages_id_seq",
    "smtpy_message_marks",
    _SET_BY_WRITERS,
)
"""What a forwarder takes numbers from."""

FORWARDER_READS: Mapping[str, str] = {
    "alembic_version": "SELECT",
    "alias_targets": "SELECT",
    "aliases": "SELECT",
    "dkim_keys": "SELECT",
    "domains": "SELECT",
    # Whose postmaster is written to, and nothing else of a customer.
    "organizations": "SELECT (id, email)",
    "rules": "SELECT",
    "server_settings": "SELECT",
    "srs_keys": "SELECT",
}
"""What a forwarder reads beside the mail."""

FORWARDER_ADDS: Mapping[str, str] = {
    # The first forwarder of all makes the first key; nobody but an administrator takes one away.
    "srs_keys": "INSERT",
    # What retention removes is written down; what was written down stays.
    "audit_log": "INSERT, SELECT (id)",
}
"""What a forwarder may add to, but not change."""

_RELATIONS = text(
    "SELECT quote_ident(c.relname) AS name, c.relkind = 'S' AS is_sequence"
    " FROM pg_class AS c JOIN pg_class AS known ON known.oid = to_regclass('alembic_version')"
    " WHERE c.relnamespace = known.relnamespace AND c.relowner = known.relowner AND c.relkind IN ('r', 'v', 'S')"
    " ORDER BY 1"
)
"""What is ours: in the schema of our tables, and of the same owner."""

_COLUMNS = text(
    "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute"
    " WHERE attrelid = to_regclass(:table) AND attnum > 0 AND NOT attisdropped AND attname <> :hidden"
)
_ACCESS = text(
    "SELECT current_setting('transaction_read_only') = 'on' AS is_closed,"
    " has_table_privilege(to_regclass('server_settings'), 'INSERT') AS settings,"
    " has_table_privilege(to_regclass('messages'), 'INSERT') AS mail"
)


async def access_of_role(db: AsyncSession) -> DatabaseAccess:
    """Return what the role that is signed in may do; for a database that has our tables."""
    found = (await db.execute(_ACCESS)).one()
    if found.is_closed:
        return DatabaseAccess.CLOSED
    if found.settings:
        return DatabaseAccess.FULL
    return DatabaseAccess.FORWARD if found.mail else DatabaseAccess.READ


async def owns_tables(db: AsyncSession) -> bool:
    """Tell whether the role that is signed in owns the tables: grants of anybody else do nothing, without an error."""
    statement = text(
        "SELECT pg_has_role(current_user, relowner, 'USAGE') FROM pg_class WHERE oid = to_regclass('alembic_version')"
    )
    return bool((await db.execute(statement)).scalar_one())


async def are_roles_in_use(db: AsyncSession) -> bool:
    """Tell whether the groups were set up for this database."""
    known = text("SELECT count(*) FROM pg_roles WHERE rolname = ANY(:groups)")
    if (await db.execute(known, {"groups": list(GROUPS)})).scalar_one() < len(GROUPS):
        return False
    granted = text("SELECT has_table_privilege(CAST(:reader AS name), 'alembic_version', 'SELECT')")
    return bool((await db.execute(granted, {"reader": READER})).scalar_one())


async def set_up_roles(db: AsyncSession) -> tuple[GrantedRole, ...]:
    """Make the groups that are missing, take every right of theirs in this database away, and grant what is meant.

    Needs a role that owns the tables and, for new groups, CREATEROLE. Returns each group with those that are in it.
    """
    known = text("SELECT count(*) FROM pg_roles WHERE rolname = :group")
    for group in GROUPS:
        if not (await db.execute(known, {"group": group})).scalar_one():
            await db.execute(text(f"CREATE ROLE {group} NOLOGIN"))
    relations = (await db.execute(_RELATIONS)).all()
    tables = tuple(found.name for found in relations if not found.is_sequence)
    sequences = tuple(found.name for found in relations if found.is_sequence)
    version = int((await db.execute(text("SHOW server_version_num"))).scalar_one())
    columns = {
        table: (await db.execute(_COLUMNS, {"table": table, "hidden": hidden})).scalar_one()
        for table, hidden in SEALED.items()
    }
    schema = (await db.execute(text("SELECT quote_ident(current_schema())"))).scalar_one()
    statements = (*_base(tables, sequences, schema), *_reader(tables, sequences, columns), *_forwarder(sequences))
    for statement in statements:
        await db.execute(text(statement))
    if version >= _MAINTAIN_SINCE:
        await db.execute(text(f"GRANT MAINTAIN ON {', '.join(MAIL_TABLES)} TO {FORWARDER}"))
    return tuple([GrantedRole(group, tuple(await _members(db, group))) for group in GROUPS])


def _base(tables: Sequence[str], sequences: Sequence[str], schema: str) -> Iterator[str]:
    """Take everything away, and give the administrator everything."""
    everybody = ", ".join(GROUPS)
    yield f"REVOKE ALL ON TABLE {', '.join(tables)} FROM {everybody}"
    yield f"REVOKE ALL ON SEQUENCE {', '.join(sequences)} FROM {everybody}"
    yield f"GRANT USAGE ON SCHEMA {schema} TO {everybody}"
    yield f"GRANT {_ALL} ON TABLE {', '.join(tables)} TO {ADMINISTRATOR}"
    yield f"GRANT ALL ON SEQUENCE {', '.join(sequences)} TO {ADMINISTRATOR}"


def _reader(tables: Sequence[str], sequences: Sequence[str], columns: Mapping[str, str]) -> Iterator[str]:
    yield f"GRANT SELECT ON TABLE {', '.join(table for table in tables if table not in SEALED)} TO {READER}"
    yield f"GRANT SELECT ON SEQUENCE {', '.join(sequences)} TO {READER}"
    for table, names in columns.items():
        yield f"GRANT SELECT ({names}) ON {table} TO {READER}"


def _forwarder(sequences: Sequence[str]) -> Iterator[str]:
    yield f"GRANT {_ALL} ON TABLE {', '.join(MAIL_TABLES)} TO {FORWARDER}"
    for table, right in (*FORWARDER_READS.items(), *FORWARDER_ADDS.items()):
        yield f"GRANT {right} ON {table} TO {FORWARDER}"
    own = [name for name in sequences if name in MAIL_SEQUENCES]
    yield f"GRANT USAGE, SELECT ON SEQUENCE {', '.join(own)} TO {FORWARDER}"
    yield f"GRANT UPDATE ON SEQUENCE {_SET_BY_WRITERS} TO {FORWARDER}"


async def _members(db: AsyncSession, group: str) -> list[str]:
    statement = text(
        "SELECT m.rolname FROM pg_auth_members AS a JOIN pg_roles AS m ON m.oid = a.member"
        " JOIN pg_roles AS g ON g.oid = a.roleid WHERE g.rolname = :group"
        # Since version 16 whoever makes a role may give it away, which is written down as a membership.
        " AND NOT (a.admin_option AND m.rolname = current_user) ORDER BY 1"
    )
    return [str(name) for name in (await db.execute(statement, {"group": group})).scalars()]
