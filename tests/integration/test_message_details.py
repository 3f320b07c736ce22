"""Messages in the database: told in full, changed, tried again, deleted and forgotten; and saved searches."""

from __future__ import annotations

import psycopg
import pytest

from benchmarks.generate import Wanted, generate
from smtpy_desktop.database import messages_database, saved_views_database
from smtpy_desktop.errors import ConflictError
from smtpy_desktop.schemas.messages import DeliveryState, MessageStatus, SavedView


@pytest.fixture
def connection(database_url):
    with psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True) as opened:
        yield opened


@pytest.fixture
def messages(connection):
    generate(connection, Wanted(800, domains=5, organizations=2))
    return connection


def first(connection, condition):
    """The number of the newest message for which a condition holds."""
    return connection.execute(f"SELECT id FROM messages WHERE {condition} ORDER BY id DESC LIMIT 1").fetchone()[0]


async def test_a_message_is_told_with_its_deliveries_and_attempts(database, messages):
    number = first(messages, "status = 'failed' AND has_attachments IS NOT NULL")

    async with database.read() as db:
        found = await messages_database.get_message(db, number)
        missing = await messages_database.get_message(db, 10**12)

    assert missing is None
    assert (found.id, found.status) == (number, MessageStatus.FAILED)
    assert found.headers.startswith("Received: ")
    assert set(found.authentication) == {"spf", "dkim", "dmarc", "arc"}
    assert [attempt.outcome for attempt in found.deliveries[0].attempts][-1] is DeliveryState.FAILED
    assert len(found.deliveries[0].attempts) == 3


async def test_attachments_are_told_by_name_type_and_size(database, messages):
    number = first(messages, "has_attachments")

    async with database.read() as db:
        found = await messages_database.get_message(db, number)

    (attachment,) = found.attachments
    assert attachment.name
    assert "/" in attachment.type
    assert 0 < attachment.size_bytes < found.size_bytes


async def test_a_message_with_the_longest_texts_is_stored_and_found_by_its_first_words(connection, messages):
    long = "word " * 200_000
    connection.execute(
        "UPDATE messages SET subject = %s, sender_email = %s, body_preview = %s, thread_id = %s, message_id = %s,"
        " error_message = %s, forwarded_to = %s WHERE id = (SELECT max(id) FROM messages)",
        ["unlikely " + long, "x" * 10_000, "ä" * 500_000, long, "é" * 10_000, long, "y@example.com," * 5_000],
    )

    found = connection.execute("SELECT count(*) FROM messages WHERE search @@ 'unlikely:A'::tsquery").fetchone()

    assert found == (1,)


@pytest.mark.parametrize(
    "typed", ["example.com", "user@example", "user@example.com", "Grüße", "REPORT", "invo", "foo.bar"]
)
def test_addresses_and_words_are_found_as_people_type_them(connection, messages, typed):
    connection.execute(
        "UPDATE messages SET sender_email = 'user@example.com', subject = 'Liebe Grüße — «report»/invoice: foo.bar'"
        " WHERE id = (SELECT max(id) FROM messages)"
    )

    found = connection.execute(
        "SELECT id FROM messages WHERE search @@ (phraseto_tsquery('simple', smtpy_words(%s))::text || ':*')::tsquery",
        [typed],
    ).fetchall()

    assert connection.execute("SELECT max(id) FROM messages").fetchone() in found


def test_a_phrase_never_runs_from_one_field_into_the_next(connection, messages):
    connection.execute("UPDATE messages SET subject = 'last', sender_email = 'next@example.com'")

    found = connection.execute("SELECT count(*) FROM messages WHERE search @@ 'last <-> next'::tsquery").fetchone()

    assert found == (0,)


async def test_a_status_set_by_hand_has_its_address_and_time(database, messages):
    number = first(messages, "status = 'bounced'")

    async with database.begin() as db:
        set_to = await messages_database.set_status(
            db, [number, 10**12], MessageStatus.DELIVERED, forwarded_to="me@example.com"
        )
        found = await messages_database.get_message(db, number)
    delivered_at = messages.execute("SELECT delivered_at FROM messages WHERE id = %s", [number]).fetchone()[0]

    assert set_to == (number,)
    assert (found.status, found.forwarded_to) == (MessageStatus.DELIVERED, "me@example.com")
    assert delivered_at is not None


async def test_only_what_is_still_kept_and_not_yet_accepted_is_tried_again(database, messages):
    messages.execute("UPDATE message_contents SET expires_at = now() + interval '1 day'")
    failed = first(messages, "status = 'failed'")
    messages.execute("INSERT INTO message_contents (message_id, raw) VALUES (%s, 'x') ON CONFLICT DO NOTHING", [failed])
    messages.execute(
        "INSERT INTO deliveries (message_id, target, state) VALUES (%s, 'had@example.com', 'sent')", [failed]
    )
    forgotten = first(messages, "status = 'failed' AND id NOT IN (SELECT message_id FROM message_contents)")

    async with database.begin() as db:
        due = await messages_database.make_due(db, [failed, forgotten])
        found = await messages_database.get_message(db, failed)

    assert due == (failed,)
    assert found.status is MessageStatus.PENDING
    assert {delivery.target: delivery.state for delivery in found.deliveries}["had@example.com"] is DeliveryState.SENT
    assert DeliveryState.QUEUED in {delivery.state for delivery in found.deliveries}


async def test_deleted_messages_take_everything_with_them(database, messages):
    number = first(messages, "status = 'failed'")

    async with database.begin() as db:
        deleted = await messages_database.delete_messages(db, [number, 10**12])
        again = await messages_database.delete_messages(db, [number])

    assert (deleted, again) == ((number,), ())
    assert messages.execute("SELECT count(*) FROM deliveries WHERE message_id = %s", [number]).fetchone() == (0,)


@pytest.fixture
def waiting(messages):
    """The number of a kept message with a delivery in each state."""
    number = first(messages, "status = 'failed'")
    messages.execute("DELETE FROM deliveries WHERE message_id = %s", [number])
    messages.execute("INSERT INTO message_contents (message_id, raw) VALUES (%s, 'x') ON CONFLICT DO NOTHING", [number])
    messages.execute(
        "INSERT INTO deliveries (message_id, target, state, lease_until) SELECT %s, state || '@example.com',"
        " split_part(state, '.', 1), CASE state WHEN 'sending' THEN now() + interval '1 hour'"
        " WHEN 'sending.left' THEN now() - interval '1 hour' END"
        " FROM unnest(ARRAY['queued', 'deferred', 'sending', 'sending.left', 'sent', 'failed', 'uncertain']) state",
        [number],
    )
    return number


def states(message):
    return {delivery.target.partition("@")[0]: delivery.state.value for delivery in message.deliveries}


CLOSED_ONES = {"queued": "closed", "deferred": "closed", "sending.left": "closed", "uncertain": "closed"}
OTHERS = {"sending": "sending", "sent": "sent", "failed": "failed"}


async def test_a_final_status_by_hand_closes_what_waits_and_nothing_else(database, waiting):
    async with database.begin() as db:
        for status in (MessageStatus.DELIVERED, MessageStatus.REJECTED, MessageStatus.BOUNCED, MessageStatus.FAILED):
            await messages_database.set_status(db, [waiting], status)
        found = await messages_database.get_message(db, waiting)

    assert states(found) == {**OTHERS, **CLOSED_ONES}
    assert all(
        (delivery.next_attempt_at, delivery.attempts) == (None, ())
        for delivery in found.deliveries
        if delivery.state is DeliveryState.CLOSED
    )


async def test_processing_by_hand_leaves_the_deliveries_alone(database, waiting):
    async with database.begin() as db:
        before = await messages_database.get_message(db, waiting)
        await messages_database.set_status(db, [waiting], MessageStatus.PROCESSING)
        after = await messages_database.get_message(db, waiting)

    assert states(after) == states(before)


async def test_back_to_pending_makes_everything_due_that_is_not_delivered(database, waiting):
    async with database.begin() as db:
        await messages_database.set_status(db, [waiting], MessageStatus.DELIVERED)
        await messages_database.set_status(db, [waiting], MessageStatus.PENDING)
        found = await messages_database.get_message(db, waiting)

    assert {state for name, state in states(found).items() if name not in ("sent", "sending")} == {"queued"}
    assert (states(found)["sent"], states(found)["sending"]) == ("sent", "sending")


async def test_pending_without_a_content_changes_the_status_alone(database, messages, waiting):
    messages.execute("DELETE FROM message_contents WHERE message_id = %s", [waiting])

    async with database.begin() as db:
        await messages_database.set_status(db, [waiting], MessageStatus.FAILED)
        await messages_database.set_status(db, [waiting], MessageStatus.PENDING)
        found = await messages_database.get_message(db, waiting)

    assert found.status is MessageStatus.PENDING
    assert states(found) == {**OTHERS, **CLOSED_ONES}


@pytest.mark.parametrize(("status", "retried"), [("delivered", False), ("rejected", False), ("failed", True)])
async def test_retry_leaves_closed_what_is_said_to_be_delivered_or_rejected(
    database, messages, waiting, status, retried
):
    messages.execute("DELETE FROM deliveries WHERE message_id = %s AND state IN ('failed', 'uncertain')", [waiting])
    async with database.begin() as db:
        await messages_database.set_status(db, [waiting], MessageStatus(status))

        due = await messages_database.make_due(db, [waiting])
        found = await messages_database.get_message(db, waiting)

    assert due == ((waiting,) if retried else ())
    assert states(found)["queued"] == ("queued" if retried else "closed")


async def test_a_saved_view_is_replaced_by_one_of_the_same_name(database):
    async with database.begin() as db:
        saved = await saved_views_database.save_view(db, "Failures", "status:failed")
        replaced = await saved_views_database.save_view(db, "FAILURES", "status:bounced")
        found = await saved_views_database.list_saved_views(db)

    assert replaced == SavedView(saved.id, "FAILURES", "status:bounced", is_default=False)
    assert found == (replaced,)


async def test_at_most_one_saved_view_is_the_default(database):
    async with database.begin() as db:
        views = [await saved_views_database.save_view(db, name, "x") for name in ("a", "b")]
        for view in views:
            assert await saved_views_database.set_default_view(db, view.id)
        default = await saved_views_database.get_default_view(db)
        missing = await saved_views_database.set_default_view(db, 10**12)
        await saved_views_database.set_default_view(db, None)
        none = await saved_views_database.get_default_view(db)

    assert (default.name, missing, none) == ("b", False, None)


async def test_two_saved_views_cannot_have_one_name(database):
    async with database.begin() as db:
        first_view = await saved_views_database.save_view(db, "a", "x")
        await saved_views_database.save_view(db, "b", "y")

    with pytest.raises(ConflictError):
        async with database.begin() as db:
            await saved_views_database.rename_view(db, first_view.id, "B")
    async with database.begin() as db:
        assert await saved_views_database.rename_view(db, first_view.id, "c")
        assert await saved_views_database.delete_view(db, first_view.id)
        assert not await saved_views_database.delete_view(db, first_view.id)
