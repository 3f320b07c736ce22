"""The long list of domains: sorted, filtered and read by key exactly as plain Python would do it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, text

from smtpy_desktop.controllers import domains_controller
from smtpy_desktop.database.models import Domain, Organization
from smtpy_desktop.errors import FieldError, UserFacingError
from smtpy_desktop.schemas.domains import DomainQuery, DomainSort, DomainStatus
from smtpy_desktop.schemas.paging import Position
from tests.helpers.dns_evidence import KEY
from tests.helpers.stored_domains import insert_domains

LONG = "l" * 63
ODD = ["<b>", "%", "_", "'", '"', "\\", "=cmd", "münchen", LONG, "a", "aa", "A\u0130".lower()]
START = datetime(2026, 1, 1, tzinfo=UTC)
ORGANIZATIONS = ("beta", "Alpha", "alpha & sons")

one_row = st.fixed_dictionaries(
    {
        "label": st.sampled_from(ODD),
        "organization": st.sampled_from(ORGANIZATIONS),
        "status": st.sampled_from(list(DomainStatus)),
        "is_active": st.booleans(),
        "needs_attention": st.booleans(),
        "last_checked_at": st.none() | st.integers(0, 2).map(lambda day: START + timedelta(days=day, microseconds=day)),
        "created_at": st.integers(0, 1).map(lambda day: START + timedelta(days=day)),
    }
)
filters = st.fixed_dictionaries(
    {
        "text": st.just("") | st.sampled_from([*ODD, "L" * 60, "example", "example.", "no such"]),
        "statuses": st.frozensets(st.sampled_from(list(DomainStatus)), max_size=2),
        "active": st.none() | st.booleans(),
        "needs_attention": st.booleans(),
        "organization": st.none() | st.sampled_from(ORGANIZATIONS),
    }
)
NEVER = datetime.min.replace(tzinfo=UTC)
SORT_VALUES = {
    DomainSort.NAME: lambda row: row["name"],
    DomainSort.STATUS: lambda row: row["status"].value,
    DomainSort.ORGANIZATION: lambda row: row["organization"].lower(),
    DomainSort.LAST_CHECK: lambda row: row["last_checked_at"] or NEVER,
    DomainSort.CREATED: lambda row: row["created_at"],
    DomainSort.ACTIVE: lambda row: row["is_active"],
}


async def store(database, rows):
    """Replace what is stored by these rows; each gets its id and a name of its own."""
    async with database.begin() as db:
        await db.execute(text("TRUNCATE organizations, domains RESTART IDENTITY CASCADE"))
        await db.execute(insert(Organization), [{"name": name, "email": "a@example.com"} for name in ORGANIZATIONS])
        for number, row in enumerate(rows, 1):
            row |= {"id": number, "name": f"{row['label']}.{number}.example"}
        values = [
            {key: value for key, value in row.items() if key not in ("label", "organization")}
            | {
                "organization_id": ORGANIZATIONS.index(row["organization"]) + 1,
                "unicode_name": row["name"],
                "status": row["status"].value,
                "dkim_selector": "s",
                "dkim_public_key": KEY,
                "verification_token": "t",
            }
            for row in rows
        ]
        if values:
            await db.execute(insert(Domain), values)


def expected(rows, chosen, sort, *, descending):
    """The ids that the list has to show, by sorting and filtering in Python."""

    def passes(row):
        return (
            chosen["text"].strip().removesuffix(".").lower() in row["name"]
            and (not chosen["statuses"] or row["status"] in chosen["statuses"])
            and chosen["active"] in (None, row["is_active"])
            and (row["needs_attention"] or not chosen["needs_attention"])
            and chosen["organization"] in (None, row["organization"])
        )

    found = sorted(filter(passes, rows), key=lambda row: (SORT_VALUES[sort](row), row["id"]), reverse=descending)
    return [row["id"] for row in found]


def query_for(chosen, sort, *, descending):
    return DomainQuery(
        organization_id=ORGANIZATIONS.index(chosen["organization"]) + 1 if chosen["organization"] else None,
        statuses=chosen["statuses"],
        text=chosen["text"],
        active=chosen["active"],
        needs_attention=chosen["needs_attention"],
        sort=sort,
        descending=descending,
    )


async def read_by_key(database, query, step):
    """Read the whole list by pages, each beginning after the last row of the one before."""
    found, position = [], Position.start()
    while True:
        page = await domains_controller.list_domains(database, query, position, step)
        if not page.rows:
            return found
        found += [row.id for row in page.rows]
        position = Position.after(page.keys[-1])


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort", list(DomainSort))
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(one_row, max_size=9), chosen=filters, step=st.integers(1, 4))
async def test_the_list_reads_by_key_what_python_would_sort_and_filter(database, sort, descending, rows, chosen, step):
    await store(database, rows)
    query = query_for(chosen, sort, descending=descending)

    shape = await domains_controller.list_shape(database, query, step)
    first_of_pages = [
        (await domains_controller.list_domains(database, query, Position.at(anchor), 1)).rows[0].id
        for anchor in shape.anchors
    ]
    read = await read_by_key(database, query, step)

    wanted = expected(rows, chosen, sort, descending=descending)
    assert read == wanted
    assert (shape.total, first_of_pages) == (len(wanted), wanted[::step])
    assert list(await domains_controller.list_ids(database, query)) == wanted


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(one_row, max_size=9))
async def test_totals_equal_a_recount(database, rows):
    await store(database, rows)

    totals = await domains_controller.domain_totals(database, None)

    counted = Counter(row["status"] for row in rows)
    assert totals.total == len(rows)
    assert {status: getattr(totals, status.value) for status in DomainStatus} == {
        status: counted[status] for status in DomainStatus
    }
    assert totals.inactive == sum(not row["is_active"] for row in rows)
    assert totals.needs_attention == sum(row["needs_attention"] for row in rows)


async def test_numbered_pages_count_from_one_and_end(database, organization):
    ids = await insert_domains(database, organization.id, [f"d{number}.example" for number in range(5)])

    pages = [await domains_controller.numbered_page(database, DomainQuery(), number, 2) for number in (1, 2, 3, 4)]

    assert [[row.id for row in page.items] for page in pages] == [ids[:2], ids[2:4], ids[4:], []]
    assert {(page.total, page.total_pages, page.page_size) for page in pages} == {(5, 3, 2)}


async def test_an_empty_list_has_no_pages(database):
    page = await domains_controller.numbered_page(database, DomainQuery(), 1, 20)

    assert (page.items, page.total, page.total_pages) == ((), 0, 0)


@pytest.mark.parametrize(
    ("page", "size", "field"), [(0, 20, "page"), (-1, 20, "page"), (1, 0, "page_size"), (1, 1001, "page_size")]
)
async def test_numbers_that_make_no_page_are_refused_at_their_field(database, page, size, field):
    with pytest.raises(FieldError) as refused:
        await domains_controller.numbered_page(database, DomainQuery(), page, size)

    assert refused.value.field == field


async def test_a_page_of_one_organization_counts_its_own_domains_alone(database, organization, actor):
    await insert_domains(database, organization.id, ["a.example"])

    totals = await domains_controller.domain_totals(database, organization.id)

    assert (totals.total, totals.pending) == (1, 1)


@pytest.mark.parametrize("typed", ["EXÄMPLE.org.", " exämple.org ", "xn--exmple-cua.ORG.", "ämp", "org."])
async def test_a_name_is_found_in_whatever_spelling_it_is_typed(database, organization, typed):
    await insert_domains(database, organization.id, ["xn--exmple-cua.org"], unicode_name="exämple.org")
    await insert_domains(database, organization.id, ["example.com"])

    found = await domains_controller.numbered_page(database, DomainQuery(text=typed), 1, 10)

    assert [row.unicode_name for row in found.items] == ["exämple.org"]


@pytest.mark.parametrize("unstorable", ["\0", "a\0b", "\udcff"])
async def test_a_search_for_what_cannot_be_stored_is_answered_as_such(database, unstorable):
    with pytest.raises(UserFacingError) as refused:
        await domains_controller.list_shape(database, DomainQuery(text=unstorable), 10)

    assert refused.value.code == "TEXT_NOT_STORABLE"
