"""What the page and the commands ask about messages: pages by number, counts, completions, and stopping."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, text

from smtpy_desktop.controllers import messages_controller
from smtpy_desktop.database import message_values_database, messages_shape_database
from smtpy_desktop.database.models import Message
from smtpy_desktop.errors import FieldError
from smtpy_desktop.schemas.message_search import MessageQuery, SearchKey
from smtpy_desktop.schemas.messages import MessageSort
from tests.helpers.stored_domains import insert_domains

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


@pytest.fixture
async def messages(database, organization):
    """Store seven messages, one an hour, the newest last."""
    first, second = await insert_domains(database, organization.id, ["a.example", "b.example"])
    rows = [
        {
            "domain_id": second if number % 3 else first,
            "message_id": f"<{number}@x>",
            "sender_email": f"sender{number % 2}@example.org",
            "recipient_email": f"R_{number}@a.example",
            "subject": f"Subject {number}",
            "created_at": NOW - timedelta(hours=7 - number),
        }
        for number in range(7)
    ]
    async with database.begin() as db:
        await db.execute(insert(Message), rows)
    return rows


async def complete(database, typed):
    found = await messages_controller.complete_search(database, typed, len(typed))
    return [typed[: completion.start] + completion.insert + typed[completion.end :] for completion in found]


async def test_pages_by_number_hold_the_list(database, messages):
    pages = [await messages_controller.numbered_page(database, MessageQuery(), number, 3) for number in (1, 2, 3, 4)]

    assert [[row.subject[-1] for row in page.items] for page in pages] == [["6", "5", "4"], ["3", "2", "1"], ["0"], []]
    assert {(page.total, page.total_pages) for page in pages} == {(7, 3)}


@pytest.mark.parametrize(("page", "size"), [(0, 10), (1, 0), (1, 1001)])
async def test_numbers_that_make_no_page_are_refused(database, page, size):
    with pytest.raises(FieldError):
        await messages_controller.numbered_page(database, MessageQuery(), page, size)


async def test_addresses_and_domains_are_completed_from_what_is_stored(database, messages):
    assert await complete(database, "x from:send") == ["x from:sender0@example.org", "x from:sender1@example.org"]
    assert await complete(database, "to:r_6") == ["to:r_6@a.example"]
    assert await complete(database, "to:r%") == []
    assert await complete(database, "domain:b") == ["domain:b.example"]
    assert await complete(database, "stat") == ["status:"]


async def test_no_more_values_than_wanted_are_completed(database, messages):
    async with database.read() as db:
        values = await message_values_database.stored_values(db, SearchKey.TO, "R_", None, 3)

    assert values == ("r_0@a.example", "r_1@a.example", "r_2@a.example")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=st.text(max_size=40) | st.text(alphabet="%_\\\"'\0-: ORfrom@.", max_size=40))
async def test_any_search_text_gives_rows_or_a_sentence(database, messages, typed):
    search = messages_controller.read_search(typed, UTC)

    count = await messages_controller.count_messages(database, MessageQuery(search))
    completions = await messages_controller.complete_search(database, typed, len(typed))

    assert 0 <= count <= 7
    assert all(completion.end <= len(typed) for completion in completions)


@pytest.mark.parametrize(
    "typed", ["x" * 10_000, "word " * 2_000, '"' + "word " * 2_000, "from:" + "a@" * 5_000, "-" * 10_000]
)
async def test_ten_thousand_characters_give_rows_or_a_sentence(database, messages, typed):
    search = messages_controller.read_search(typed, UTC)

    count = await messages_controller.count_messages(database, MessageQuery(search))

    assert count == 0 or search.problems


async def test_a_count_that_is_not_wanted_any_more_is_stopped_on_the_server(database, messages, monkeypatch):
    started = asyncio.Event()

    async def slow(db, query):
        started.set()
        await db.execute(text("SELECT pg_sleep(60) /* counting */"))

    monkeypatch.setattr(messages_shape_database, "count_messages", slow)
    counting = asyncio.create_task(messages_controller.count_messages(database, MessageQuery(sort=MessageSort.SIZE)))
    await started.wait()

    counting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await counting

    async with database.read() as db:
        running = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%%/* counting */' AND state = 'active'"
        assert await db.scalar(text(running + " AND pid <> pg_backend_pid()")) == 0
