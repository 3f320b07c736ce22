"""The long list of messages: searched, sorted and read by key exactly as plain Python would do it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, insert, text

from smtpy_desktop.core.message_search import parse_search
from smtpy_desktop.core.message_search_matching import matches
from smtpy_desktop.core.message_search_words import lower
from smtpy_desktop.database import message_list_ways, messages_list_database, messages_shape_database
from smtpy_desktop.database.message_list_ways import Route, Way
from smtpy_desktop.database.models import Domain, Message, Organization
from smtpy_desktop.schemas.message_search import MessageQuery
from smtpy_desktop.schemas.messages import MessageDetails, MessageSort, MessageStatus
from smtpy_desktop.schemas.paging import Position
from tests.helpers.dns_evidence import KEY

NOW = datetime(2026, 3, 31, 12, 30, tzinfo=UTC)
DOMAINS = (("example.com", 1), ("münchen.example", 1), ("other.example", 2))
A_LABELS = ("example.com", "xn--mnchen-3ya.example", "other.example")
WORDS = [
    "invoice",
    "Invoices",
    "50%",
    "under_score",
    "back\\slash",
    "it's",
    "<img>",
    "=HYPERLINK",
    "Ünïcode",
    "a",
    "x" * 300,
]
ADDRESSES = [
    "ann@example.org",
    "Bob.Lee@news.example.org",
    "ann@example.organic",
    "info@example.com",
    "",
    "o'neil@x_y.example",
]
TARGETS = [None, "carol@one.example", "dan@two.example, carol@one.example", "ann@example.org"]

texts = st.lists(st.sampled_from(WORDS), max_size=3).map(" ".join)
one_row = st.fixed_dictionaries(
    {
        "domain_id": st.integers(1, 3),
        "message_id": st.sampled_from(["<a@x>", "b@x", "<c%@x>"]),
        "thread_id": st.none() | st.sampled_from(["t1", "<t2>"]),
        "sender_email": st.sampled_from(ADDRESSES),
        "recipient_email": st.sampled_from(ADDRESSES),
        "forwarded_to": st.sampled_from(TARGETS),
        "subject": texts,
        "body_preview": texts,
        "status": st.sampled_from([status.value for status in MessageStatus]),
        "error_message": st.none() | st.just("550 5.1.1 unknown user"),
        "bounce_class": st.none() | st.just("mailbox_full"),
        "size_bytes": st.sampled_from([0, 10_240, 10_241, 2_000_000]),
        "has_attachments": st.booleans(),
        "created_at": st.sampled_from(
            [timedelta(0), timedelta(hours=13), timedelta(days=1, hours=12), timedelta(days=40)]
        ).map(lambda ago: NOW - ago),
    }
)
PIECES = [
    *("from:", "to:", "forwarded:", "domain:", "status:", "subject:", "error:", "has:", "id:", "thread:", "-", '"'),
    *(
        "larger:10k",
        "smaller:10241",
        "after:yesterday",
        "before:today",
        "on:2026-03",
        "after:1d",
        "status:failed,bounced",
        "reason:mailbox_full",
        "reason:other",
    ),
    *("status:delivered", "domain:example.com", "domain:exam", "domain:münchen.example", "has:attachment", "has:error"),
    *("ann@", "ann@example.org", "@example", "@example.org", "example.org", "user", "mailbox", "t1", "t2", "1", "a@x"),
    *("inv", "carol@one", "OR", "<>", "%", "_", "\\", "\0", "under_score", "it's", "o'neil", "hyperlink", "'", "ü"),
]
search_texts = st.lists(st.sampled_from(PIECES + WORDS), max_size=6).flatmap(
    lambda parts: st.lists(st.sampled_from(["", " "]), min_size=len(parts), max_size=len(parts)).map(
        lambda blanks: "".join(part + blank for part, blank in zip(parts, blanks, strict=True))
    )
) | st.text(max_size=8)
SORT_VALUES = {
    MessageSort.CREATED: lambda row: row["created_at"],
    MessageSort.STATUS: lambda row: row["status"],
    MessageSort.SENDER: lambda row: lower(row["sender_email"])[:200],
    MessageSort.RECIPIENT: lambda row: lower(row["recipient_email"])[:200],
    MessageSort.FORWARDED: lambda row: lower(row["forwarded_to"] or "")[:200],
    MessageSort.SUBJECT: lambda row: lower(row["subject"])[:200],
    MessageSort.SIZE: lambda row: row["size_bytes"],
    MessageSort.DOMAIN: lambda row: A_LABELS[row["domain_id"] - 1],
}


async def store(database, rows):
    """Replace what is stored by these rows, which get their ids."""
    async with database.begin() as db:
        await db.execute(text("TRUNCATE organizations, domains, messages RESTART IDENTITY CASCADE"))
        await db.execute(insert(Organization), [{"name": name, "email": "a@example.com"} for name in ("one", "two")])
        await db.execute(
            insert(Domain),
            [
                {"name": a_label, "unicode_name": name, "organization_id": organization, "dkim_selector": "s"}
                | {"dkim_public_key": KEY, "verification_token": "t"}
                for a_label, (name, organization) in zip(A_LABELS, DOMAINS, strict=True)
            ],
        )
        for number, row in enumerate(rows, 1):
            row["id"] = number
        if rows:
            await db.execute(insert(Message), rows)


def details(row):
    return MessageDetails(
        **row,
        domain_name=A_LABELS[row["domain_id"] - 1],
        organization_id=DOMAINS[row["domain_id"] - 1][1],
        attachments=(),
        authentication={},
        headers="",
        has_content=False,
        updated_at=NOW,
    )


def expected(rows, query):
    """The ids that the list has to show, by searching and sorting in Python."""
    found = [
        row
        for row in rows
        if matches(query.search, details(row), unicode_domain_name=DOMAINS[row["domain_id"] - 1][0])
        and query.organization_id in (None, DOMAINS[row["domain_id"] - 1][1])
        and query.domain_id in (None, row["domain_id"])
    ]
    value = SORT_VALUES[query.sort]
    return [row["id"] for row in sorted(found, key=lambda row: (value(row), row["id"]), reverse=query.descending)]


async def read_forwards(db, query, page_size):
    ids, position = [], Position.start()
    while True:
        page = await messages_list_database.list_messages(db, query, position, page_size)
        ids += [row.id for row in page.rows]
        if len(page.rows) < page_size:
            return ids
        position = Position.after(page.keys[-1])


async def read_backwards(db, query, page_size):
    ids, position = [], Position.end()
    while True:
        page = await messages_list_database.list_messages(db, query, position, page_size)
        ids = [row.id for row in page.rows] + ids
        if len(page.rows) < page_size:
            return ids
        position = Position.before(page.keys[0])


async def read_by_shape(db, query, page_size):
    shape = await messages_shape_database.list_shape(db, query, page_size)
    ids = []
    for row in range(0, shape.total, page_size):
        position, before = shape.position_of(row)
        page = await messages_list_database.list_messages(db, query, position, before + page_size)
        ids += [found.id for found in page.rows[before:]]
    assert len(ids) == shape.total
    return ids


queries = st.fixed_dictionaries(
    {
        "search": search_texts,
        "organization_id": st.sampled_from([None, None, 1, 2]),
        "domain_id": st.sampled_from([None, None, 1]),
        "sort": st.sampled_from(list(MessageSort)),
        "descending": st.booleans(),
    }
)


def open_windows(monkeypatch):
    """Have lists in the order of arrival read by windows of time, small ones at first."""
    shortest_way = messages_list_database.shortest_way

    async def windows(db, query, narrowing, reach):
        if query.sort is MessageSort.CREATED:
            return Route(Way.WINDOW, wanted=reach * 200)
        return await shortest_way(db, query, narrowing, reach)

    monkeypatch.setattr(messages_list_database, "shortest_way", windows)
    monkeypatch.setattr(messages_list_database, "FIRST_LOOK", 0.004)


@pytest.mark.parametrize(
    ("most_gathered", "by_windows"),
    [(0, False), (2, False), (30_000, False), (30_000, True)],
    ids=["walking", "too much to gather", "gathering", "windows"],
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(one_row, max_size=12), chosen=queries)
async def test_the_list_is_what_python_makes_of_the_rows(
    database, monkeypatch, most_gathered, by_windows, rows, chosen
):
    for module in (messages_list_database, message_list_ways):
        monkeypatch.setattr(module, "MOST_GATHERED", most_gathered)
    monkeypatch.setattr(messages_shape_database, "HOP", 3)
    if by_windows:
        open_windows(monkeypatch)
    await store(database, rows)
    query = MessageQuery(**chosen | {"search": parse_search(chosen["search"], now=NOW, zone=UTC)})

    async with database.read() as db:
        forwards = await read_forwards(db, query, 3)
        backwards = await read_backwards(db, query, 3)
        by_shape = await read_by_shape(db, query, 2)
        count = await messages_shape_database.count_messages(db, query)
        estimate = await messages_shape_database.estimate_messages(db, query)
        rough = await messages_shape_database.rough_shape(db, query, 2)

    wanted = expected(rows, query)
    assert forwards == backwards == by_shape == wanted
    assert rough is None or rough.total == len(wanted)
    assert count == len(wanted)
    assert estimate.count == count or not estimate.is_exact


@pytest.mark.parametrize("sort", [MessageSort.SENDER, MessageSort.DOMAIN])
async def test_a_walk_without_end_is_given_up_for_sorting(database, monkeypatch, sort):
    rows = [
        {"domain_id": number % 3 + 1, "message_id": f"{number}@x", "sender_email": f"s{number}@x.example"}
        | {"recipient_email": "r@x.example", "subject": "invoice" if number % 2 else "letter", "created_at": NOW}
        for number in range(9)
    ]
    await store(database, rows)
    walked = messages_list_database._walked
    endless = func.pg_sleep(60).is_not(None)
    monkeypatch.setattr(message_list_ways, "MOST_GATHERED", 0)
    monkeypatch.setattr(messages_list_database, "LONGEST_WALK", 50)
    monkeypatch.setattr(messages_list_database, "_walked", lambda asked: walked(asked).where(endless))
    query = MessageQuery(parse_search("invoice", now=NOW, zone=UTC), sort=sort, descending=False)

    async with database.read() as db:
        page = await messages_list_database.list_messages(db, query, Position.start(), 10)
        setting = await db.scalar(text("SHOW enable_indexscan"))

    assert {row.subject for row in page.rows} == {"invoice"}
    assert [key[0] for key in page.keys] == sorted(key[0] for key in page.keys)
    assert (len(page.rows), setting) == (4, "on")
