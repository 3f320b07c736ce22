"""The groups of roles: everything is tried under each of them, on a real PostgreSQL."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import event, text

from smtpy_desktop.controllers import roles_controller
from smtpy_desktop.controllers.audit_controller import list_entries
from smtpy_desktop.controllers.forwarder_settings_controller import load_forwarder_settings
from smtpy_desktop.controllers.opening_controller import open_database, why_unchangeable
from smtpy_desktop.controllers.retention_controller import remove_expired
from smtpy_desktop.controllers.settings_controller import change_settings
from smtpy_desktop.database import migrate
from smtpy_desktop.database.roles import (
    ADMINISTRATOR,
    FORWARDER,
    FORWARDER_ADDS,
    FORWARDER_READS,
    GROUPS,
    MAIL_TABLES,
    READER,
    SEALED,
)
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.sandbox.mail_sink_faults import SinkFault, SinkVerb
from smtpy_desktop.schemas.roles import DatabaseAccess
from tests.helpers.forwarding_world import forwarding_services, forwarding_world
from tests.helpers.stored_messages import write_messages
from tests.integration.test_forwarding_chain import sent

VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
_RIGHTS = """
SELECT c.relname || ':' || verb FROM pg_class AS c, unnest(CAST(:verbs AS text[])) AS verb
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v')
  AND has_table_privilege(CAST(:role AS name), c.oid, verb)
"""
_COLUMNS = """
SELECT c.relname || '.' || a.attname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v') AND a.attnum > 0 AND NOT a.attisdropped
  AND has_column_privilege(CAST(:role AS name), c.oid, a.attnum, CAST(:verb AS text))
"""
_TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v')"


@pytest.fixture
async def granted(database):
    await roles_controller.set_up_roles(database)
    return database


async def listed(database, statement, **values) -> set[str]:
    async with database.read() as db:
        return set(await db.scalars(text(statement), values))


async def rights(database, role) -> set[tuple[str, str]]:
    found = await listed(database, _RIGHTS, role=role, verbs=list(VERBS))
    return {(table, verb) for table, _, verb in (one.partition(":") for one in found)}


@pytest.fixture
async def as_role(granted, connect):
    """Give a function that opens the database as somebody who is in a group, and nothing else."""

    def open_as(role):
        opened = connect(role)
        became(opened, role)
        return opened

    return open_as


def became(database, role: str) -> None:
    """Let every further connection have the rights of a role."""

    @event.listens_for(database.engine.sync_engine, "connect")
    def become(connection, record):
        connection.cursor().execute(f"SET ROLE {role}")
        connection.commit()


async def test_a_reader_reads_every_table_but_what_is_sealed_and_writes_nothing(granted):
    tables = await listed(granted, _TABLES)

    assert await rights(granted, READER) == {(table, "SELECT") for table in tables - set(SEALED)}
    readable = await listed(granted, _COLUMNS, role=READER, verb="SELECT")
    every = await listed(granted, _COLUMNS, role=ADMINISTRATOR, verb="SELECT")
    assert every - readable == {f"{table}.{column}" for table, column in SEALED.items()}
    for verb in ("INSERT", "UPDATE"):
        assert await listed(granted, _COLUMNS, role=READER, verb=verb) == set()


async def test_a_forwarder_writes_mail_reads_what_it_needs_and_nothing_else(granted):
    written = {(table, verb) for table in MAIL_TABLES for verb in ("SELECT", "INSERT", "UPDATE", "DELETE")}
    whole = {(table, "SELECT") for table, right in FORWARDER_READS.items() if right == "SELECT"}
    added = {(table, "INSERT") for table in FORWARDER_ADDS}

    assert await rights(granted, FORWARDER) == written | whole | added
    readable = await listed(granted, _COLUMNS, role=FORWARDER, verb="SELECT")
    assert {column for column in readable if column.startswith("organizations.")} == {
        "organizations.id",
        "organizations.email",
    }
    assert not any(column.startswith(("billing", "webhook", "stripe", "saved", "invoices")) for column in readable)
    changeable = await listed(granted, _COLUMNS, role=FORWARDER, verb="UPDATE")
    assert {column.partition(".")[0] for column in changeable} == set(MAIL_TABLES)


async def test_an_administrator_reads_and_writes_everything(granted):
    tables = await listed(granted, _TABLES)

    held = await rights(granted, ADMINISTRATOR)

    assert {(table, verb) for table in tables for verb in ("SELECT", "INSERT", "UPDATE", "DELETE")} == held


@pytest.mark.parametrize("role", GROUPS)
async def test_no_group_may_sign_in_make_roles_or_make_tables(granted, role):
    async with granted.read() as db:
        found = await db.execute(
            text(
                "SELECT rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls,"
                " has_schema_privilege(rolname, 'public', 'CREATE') FROM pg_roles WHERE rolname = :role"
            ),
            {"role": role},
        )

        assert tuple(found.one()) == (False,) * 6


async def test_each_statement_of_a_reader_that_writes_is_refused_by_the_database(granted, as_role):
    reader = as_role(READER)
    tables = await listed(granted, _TABLES)

    for table in sorted(tables - {"message_counts"}):  # a view takes no changes anyway
        for statement in (f"DELETE FROM {table}", f"INSERT INTO {table} DEFAULT VALUES", f"TRUNCATE {table}"):
            with pytest.raises(UserFacingError) as refused:
                async with reader.begin() as db:
                    await db.execute(text(statement))
            assert refused.value.code == "DATABASE_FORBIDDEN", statement


async def test_setting_up_again_takes_away_what_was_granted_by_hand_and_covers_new_tables(granted):
    async with granted.begin() as db:
        await db.execute(text(f"GRANT ALL ON organizations TO {FORWARDER}, {READER}"))
        await db.execute(text("CREATE TABLE later (id int)"))

    await roles_controller.set_up_roles(granted)

    assert ("organizations", "UPDATE") not in await rights(granted, FORWARDER) | await rights(granted, READER)
    assert ("later", "SELECT") in await rights(granted, READER)
    assert not [right for right in await rights(granted, FORWARDER) if right[0] == "later"]


async def test_an_upgrade_grants_again_where_the_groups_are_in_use(granted, connect):
    newest = migrate.known_revisions()[-2]
    await migrate.downgrade(granted.engine, newest)

    opened = await open_database(connect("upgrading"), may_upgrade=True)

    tables = await listed(opened.database, _TABLES)
    assert {(table, "SELECT") for table in tables - set(SEALED)} == await rights(opened.database, READER)


async def test_an_upgrade_grants_nothing_where_nobody_asked_for_groups(database, connect):
    await migrate.downgrade(database.engine, migrate.known_revisions()[-2])

    opened = await open_database(connect("upgrading"), may_upgrade=True)

    async with opened.database.read() as db:
        known = await db.scalar(text("SELECT count(*) FROM pg_roles WHERE rolname = :role"), {"role": READER})
    assert not known or await rights(opened.database, READER) == set()


@pytest.mark.parametrize(
    ("role", "access", "may_forward", "may_change"),
    [
        (ADMINISTRATOR, DatabaseAccess.FULL, True, True),
        (FORWARDER, DatabaseAccess.FORWARD, True, False),
        (READER, DatabaseAccess.READ, False, False),
    ],
)
async def test_opening_tells_what_the_role_may(as_role, role, access, may_forward, may_change):
    opened = await open_database(as_role(role), may_upgrade=False)

    assert opened.access is access
    assert (opened.database.read_only is None) == may_forward
    assert (why_unchangeable(opened) is None) == may_change


async def test_a_forwarders_role_is_enough_to_forward_report_and_retry(
    granted, as_role, sandbox_dns, master_keys, organization
):
    async with forwarding_world(granted, sandbox_dns, master_keys, organization.id) as world:
        world.services = forwarding_services(as_role(FORWARDER), master_keys, [])
        world.sink.faults.verbs[SinkVerb.RCPT] = SinkFault.PERMANENT
        world.sink.faults.times = 1
        await world.start()

        for sender in ("grace@sender.example", "anna@long.example" + ".example" * 6):
            await asyncio.to_thread(sent, world.port, sender=sender)
        await world.sink.wait_for(1)
        await world.until("SELECT count(*) FROM messages WHERE status = 'pending'", 0)
        await world.stop()

        assert await world.value("SELECT count(*) FROM messages WHERE status = 'bounced'") == 1
        assert await world.value("SELECT count(*) FROM messages WHERE status = 'delivered'") >= 1
        assert await world.value("SELECT state FROM forwarders") == "stopped"


async def test_a_forwarders_role_removes_mail_past_its_time_and_leaves_events_alone(
    granted, as_role, actor, database_url
):
    await change_settings(granted, {"retention.messages_days": "1"}, actor=actor, publish=lambda change: None)
    write_messages(database_url, ("old", "older"), minutes_ago=3 * 24 * 60)
    async with granted.begin() as db:
        await db.execute(text("DELETE FROM audit_log"))

    removed = await remove_expired(as_role(FORWARDER), actor=actor, publish=lambda change: None)

    logged = await list_entries(granted)
    assert (removed.messages, removed.events) == (2, 0)
    assert [dict(row.changes) for row in logged] == [{"messages": 2}]


async def test_a_database_that_takes_no_changes_is_opened_for_reading(granted, connect, database_url):
    name = database_url.rpartition("/")[2].partition("?")[0]
    async with granted.begin() as db:
        await db.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = on"))

    opened = await open_database(connect("later"), may_upgrade=False)

    assert opened.access is DatabaseAccess.CLOSED
    with pytest.raises(UserFacingError, match="takes no changes"):
        async with opened.database.begin():
            pass


async def test_a_reader_is_told_before_anything_is_sent_to_the_database(as_role, actor):
    opened = await open_database(as_role(READER), may_upgrade=False)

    assert (await load_forwarder_settings(opened.database)).retry_days == 5
    with pytest.raises(UserFacingError) as refused:
        await change_settings(
            opened.database, {"mail.hostname": "mx.example.net"}, actor=actor, publish=lambda change: None
        )
    assert refused.value.code == "READ_ONLY"
    assert "may read it only" in str(refused.value)


async def test_who_is_in_a_group_is_told_and_who_made_it_is_not(granted, connect, new_database_url):
    """As docs/server.md says it: the owner of the tables is no superuser, and makes the groups."""
    owned = connect("owner", new_database_url())
    async with granted.begin() as db:
        await db.execute(text("CREATE ROLE keeper_of_tables CREATEROLE"))
        await db.execute(text(f"CREATE ROLE somebody LOGIN IN ROLE {READER}"))
    async with owned.begin() as db:
        await db.execute(text("GRANT ALL ON SCHEMA public TO keeper_of_tables"))
        await db.execute(text(f"GRANT {READER} TO keeper_of_tables WITH ADMIN OPTION"))
    await owned.close()
    became(owned, "keeper_of_tables")
    try:
        await open_database(owned, may_upgrade=True)

        found = {group.name: group.members for group in await roles_controller.set_up_roles(owned)}
    finally:
        await owned.close()
        async with granted.begin() as db:
            await db.execute(text("DROP ROLE somebody"))

    assert found == {ADMINISTRATOR: (), READER: ("somebody",), FORWARDER: ()}


async def test_who_may_not_make_roles_is_told_what_it_takes(as_role):
    with pytest.raises(UserFacingError) as refused:
        await roles_controller.set_up_roles(as_role(ADMINISTRATOR))

    assert refused.value.code == "DATABASE_FORBIDDEN"
    assert "belong to another role" in str(refused.value)
