"""Aliases over a real database: added, found, changed, deleted and brought back, imported and exported."""

from __future__ import annotations

import asyncio
import random

import pytest

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.controllers import alias_lists_controller, aliases_controller, audit_controller, domains_controller
from smtpy_desktop.errors import ConflictError, FieldError, NotFoundError
from smtpy_desktop.schemas.aliases import AliasQuery, AliasSort, LineAction, MatchKind
from smtpy_desktop.schemas.paging import Position
from tests.helpers.stored_domains import change_domain, insert_domains


@pytest.fixture
async def domains(database, organization):
    return await insert_domains(database, organization.id, ["a.example", "b.example"])


@pytest.fixture
def add(database, actor, changes, domains):
    async def add_one(address, *targets, **values):
        return await aliases_controller.create_alias(
            database, address, targets, actor=actor, publish=changes.append, **values
        )

    return add_one


@pytest.fixture
def update(database, actor, changes):
    async def update_one(alias_id, **values):
        return await aliases_controller.update_alias(database, alias_id, actor=actor, publish=changes.append, **values)

    return update_one


@pytest.fixture
def take_in(database, actor, changes, domains):
    async def take_in_list(content, **values):
        return await alias_lists_controller.import_aliases(
            database, content, actor=actor, publish=changes.append, **values
        )

    return take_in_list


async def everything(database, query=None):
    page = await aliases_controller.list_aliases(database, query or AliasQuery(), Position.start(), 1000)
    return [(row.address, [one.address for one in row.targets], row.is_active, row.note) for row in page.rows]


async def last_entry(database):
    return (await audit_controller.list_entries(database))[0]


async def test_an_alias_keeps_its_spelling_and_is_found_in_any(add, database, changes):
    added = await add("Büro@A.example", "Anna@Out.example", "bob@out.example", note=" front\ndesk ")

    found = await aliases_controller.get_alias(database, "BÜRO@a.EXAMPLE")
    assert found == added
    assert (added.address, added.note) == ("Büro@a.example", "front desk")
    assert [target.address for target in added.targets] == ["Anna@out.example", "bob@out.example"]
    assert changes == [Change(Topic.ALIASES, frozenset({added.id}))]
    entry = await last_entry(database)
    assert (entry.action, entry.object_type, entry.object_name) == ("alias.added", "alias", "Büro@a.example")


@pytest.mark.parametrize(
    ("address", "targets", "field", "code"),
    [
        ("INFO@a.example", ["x@out.example"], "address", "ALIAS_EXISTS"),
        ("x@out.example", ["y@out.example"], "address", "ALIAS_DOMAIN_UNKNOWN"),
        ("nobody", ["y@out.example"], "address", "EMAIL_INVALID"),
        ("x@a.example", ["x+tag@a.example"], "targets", "ALIAS_TO_ITSELF"),
        ("x@a.example", ["y@b.example"], "targets", "ALIAS_LEADS_NOWHERE"),
        ("x@a.example", ["y@out.example", "Y@out.example"], "targets", "ALIAS_TARGET_TWICE"),
    ],
)
async def test_what_cannot_be_forwarded_is_refused_beside_its_field(add, database, address, targets, field, code):
    await add("info@a.example", "box@out.example")

    with pytest.raises(FieldError) as refused:
        await add(address, *targets)

    assert (refused.value.field, refused.value.code) == (field, code)
    assert len(await everything(database)) == 1


async def test_a_circle_is_refused_whichever_alias_closes_it(add, update, database, actor, changes, domains):
    first = await add("one@a.example", "box@out.example")
    await add("two@b.example", "one+news@a.example")

    with pytest.raises(FieldError) as by_alias:
        await update(first.id, targets="two@b.example")
    with pytest.raises(FieldError) as by_catch_all:
        await domains_controller.update_domain(
            database, domains[0], catch_all="x@a.example", actor=actor, publish=changes.append
        )
    kept = await aliases_controller.get_alias(database, "one@a.example")

    assert (by_alias.value.code, by_catch_all.value.code) == ("ALIAS_CYCLE", "CATCH_ALL_LOOP")
    assert [target.address for target in kept.targets] == ["box@out.example"]


async def test_a_catch_all_may_be_an_alias_that_leads_outside(add, database, actor, changes, domains):
    await add("info@a.example", "box@out.example")

    await domains_controller.update_domain(
        database, domains[0], catch_all="info@a.example", actor=actor, publish=changes.append
    )
    found = await aliases_controller.find_route(database, "anything@a.example")

    assert found.match.kind is MatchKind.CATCH_ALL
    assert [target.address for target in found.targets] == ["box@out.example"]


async def test_two_changes_at_the_same_time_close_no_circle(add, update, database):
    one = await add("one@a.example", "x@out.example")
    two = await add("two@a.example", "x@out.example")

    outcomes = await asyncio.gather(
        update(one.id, targets="two@a.example"), update(two.id, targets="one@a.example"), return_exceptions=True
    )

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["AliasRow", "FieldError"]


async def test_a_change_is_written_down_field_by_field_and_none_is_no_change(add, update, database, changes):
    added = await add("info@a.example", "box@out.example")

    after = await update(added.id, targets=["new@out.example"], is_active=False, note="old")
    entry = await last_entry(database)
    again = await update(added.id, targets=["new@out.example"], is_active=False, note="old")

    assert entry.changes == {
        "targets": [["box@out.example"], ["new@out.example"]],
        "is_active": [True, False],
        "note": ["", "old"],
    }
    assert (again, len(changes)) == (after, 2)
    assert after.updated_at > added.updated_at


async def test_deleted_aliases_come_back_as_they_were(add, database, actor, changes):
    rows = [await add("a@a.example", "x@out.example", "y@out.example", note="kept", is_active=False)]
    rows.append(await add("b@a.example", "a@a.example"))

    gone = await aliases_controller.delete_aliases(
        database, [row.id for row in rows], actor=actor, publish=changes.append
    )
    empty = await everything(database)
    await aliases_controller.restore_aliases(database, gone, actor=actor, publish=changes.append)

    assert (gone.rows, empty) == (tuple(rows), [])
    assert await everything(database) == [
        ("a@a.example", ["x@out.example", "y@out.example"], False, "kept"),
        ("b@a.example", ["a@a.example"], True, ""),
    ]
    assert (await last_entry(database)).action == "alias.restored"


async def test_what_has_taken_a_deleted_address_stays(add, database, actor, changes):
    row = await add("a@a.example", "x@out.example")
    gone = await aliases_controller.delete_aliases(database, [row.id], actor=actor, publish=changes.append)
    await add("A@a.example", "other@out.example")

    with pytest.raises(FieldError) as refused:
        await aliases_controller.restore_aliases(database, gone, actor=actor, publish=changes.append)

    assert refused.value.code == "ALIAS_EXISTS"


async def test_an_alias_stays_without_which_mail_would_go_in_circles(add, database, actor, changes):
    special = await add("user+tag@a.example", "x@out.example")
    await add("user@a.example", "user+tag@a.example")

    with pytest.raises(ConflictError) as refused:
        await aliases_controller.delete_aliases(database, [special.id], actor=actor, publish=changes.append)

    assert "round in circles" in str(refused.value) or "itself" in str(refused.value)
    assert len(await everything(database)) == 2


async def test_postmaster_is_always_accepted(add, update, database, organization):
    built_in = await aliases_controller.find_route(database, "PostMaster@a.example")
    own = await add("postmaster@a.example", "box@out.example")
    with pytest.raises(FieldError) as refused:
        await update(own.id, is_active=False)
    by_alias = await aliases_controller.find_route(database, "postmaster@a.example")

    assert [target.address for target in built_in.targets] == [organization.email]
    assert refused.value.code == "ALIAS_POSTMASTER"
    assert [target.address for target in by_alias.targets] == ["box@out.example"]


async def test_details_tell_where_mail_ends_and_what_surrounds_it(add, database, domains):
    end = await add("end@a.example", "box@out.example")
    await add("start@b.example", "end@a.example", "box@out.example")
    await change_domain(database, domains[0], catch_all="rest@out.example")

    details = await aliases_controller.alias_details(database, end.id)
    start = await aliases_controller.find_route(database, "start@b.example")

    assert details.forwarded_from == ("start@b.example",)
    assert (details.catch_all, details.is_domain_active) == ("rest@out.example", True)
    assert [target.address for target in start.targets] == ["box@out.example"]


async def test_mail_to_a_domain_that_is_switched_off_is_refused(add, database, domains):
    await add("info@a.example", "box@out.example")
    await change_domain(database, domains[0], is_active=False)

    found = await aliases_controller.find_route(database, "info@a.example")

    assert (found.targets, found.match.kind) == ((), MatchKind.ALIAS)


async def test_a_list_is_filtered_literally_and_sorted_by_every_column(add, update, database, domains):
    await add("zed@a.example", "x@out.example", note="100% sure")
    other = await add("abc@b.example", "under_score@out.example")
    await update(other.id, is_active=False)

    async def names(**values):
        return [address for address, *_ in await everything(database, AliasQuery(**values))]

    assert await names(text="%") == ["zed@a.example"]
    assert await names(text="r_s") == ["abc@b.example"]
    assert await names(text="_z") == []
    assert await names(active=False) == ["abc@b.example"]
    assert await names(domain_id=domains[0]) == ["zed@a.example"]
    assert await names(sort=AliasSort.ADDRESS) == ["abc@b.example", "zed@a.example"]
    assert await names(sort=AliasSort.DOMAIN) == ["zed@a.example", "abc@b.example"]
    assert await names(sort=AliasSort.ACTIVE) == ["abc@b.example", "zed@a.example"]
    assert await names(sort=AliasSort.UPDATED) == ["zed@a.example", "abc@b.example"]


@pytest.mark.parametrize("sort", list(AliasSort))
@pytest.mark.parametrize("descending", [False, True])
async def test_a_list_is_read_by_key_without_gap_or_repetition(database, take_in, sort, descending):
    await take_in("\n".join(f"n{number}@{'ab'[number % 2]}.example x@out.example" for number in range(45)))
    query = AliasQuery(sort=sort, descending=descending)
    ids = await aliases_controller.list_ids(database, query)

    shape = await aliases_controller.list_shape(database, query, 10)
    by_anchor = [
        row.id
        for anchor in shape.anchors
        for row in (await aliases_controller.list_aliases(database, query, Position.at(anchor), 10)).rows
    ]
    first = await aliases_controller.list_aliases(database, query, Position.start(), 7)
    second = await aliases_controller.list_aliases(database, query, Position.after(first.keys[-1]), 50)

    assert (shape.total, len(set(ids))) == (45, 45)
    assert by_anchor == list(ids)
    assert [row.id for row in (*first.rows, *second.rows)] == list(ids)


async def test_an_import_is_looked_at_first_and_then_done_as_it_was_foretold(add, take_in, database, changes):
    await add("info@a.example", "box@out.example", note="kept", is_active=False)
    content = (
        "address,targets\ninfo@a.example,new@out.example\nsales@a.example,info@a.example\n"
        "late@a.example,early@b.example\nearly@b.example,box@out.example\nbad@exmple.com,box@out.example\n"
    )

    plan = await alias_lists_controller.preview_import(database, content)
    refused = await take_in(content)
    before = await everything(database)
    done = await take_in(content, skips_refused=True)

    actions = [LineAction.CHANGE, LineAction.ADD, LineAction.ADD, LineAction.ADD, LineAction.REFUSE]
    assert [line.action for line in plan.lines] == actions
    assert plan == refused
    assert before == [("info@a.example", ["box@out.example"], False, "kept")]
    assert [line.action for line in done.lines] == actions
    assert await everything(database) == [
        ("early@b.example", ["box@out.example"], True, ""),
        ("info@a.example", ["new@out.example"], False, "kept"),
        ("late@a.example", ["early@b.example"], True, ""),
        ("sales@a.example", ["info@a.example"], True, ""),
    ]


async def test_what_leads_to_a_refused_line_is_refused_with_it(take_in, database):
    plan = await take_in(
        "a@a.example b@a.example\nb@a.example c@a.example\nc@a.example c@a.example\nd@a.example x@out.example",
        skips_refused=True,
    )

    codes = [line.fault.code if line.fault else None for line in plan.lines]
    assert codes == [*["ALIAS_TO_ITSELF"] * 3, None]
    assert [address for address, *_ in await everything(database)] == ["d@a.example"]


async def test_the_same_address_twice_is_refused_with_the_line_it_stands_on(take_in, database):
    plan = await take_in("a@a.example x@out.example\n\nA@a.example y@out.example", skips_refused=True)

    assert plan.lines[1].fault is not None
    assert "line 1" in str(plan.lines[1].fault.message)


async def test_an_export_imported_elsewhere_gives_the_same_aliases(take_in, database, actor, changes, domains):
    rng = random.Random(7)
    names = [f"{rng.choice('=+-@x')[0].replace('@', 'q')}n{number}" for number in range(300)]
    lines = "\n".join(f"{name}@a.example {name}@out.example, n0{rng.randint(0, 9)}@out.example" for name in names)
    await take_in(lines)
    content, count = await alias_lists_controller.export_aliases(database, AliasQuery())
    before = await everything(database)
    await aliases_controller.delete_aliases(
        database, await aliases_controller.list_ids(database, AliasQuery()), actor=actor, publish=changes.append
    )

    await take_in(content.decode())

    assert count == 300
    assert await everything(database) == before


async def test_an_alias_that_is_gone_is_told(update, domains):
    with pytest.raises(NotFoundError):
        await update(4711, note="x")


async def test_aliases_are_counted_by_their_filters(add, database, domains):
    await add("a@a.example", "x@out.example", is_active=False)
    await add("b@b.example", "x@out.example")

    totals = await aliases_controller.alias_totals(database, AliasQuery())
    one = await aliases_controller.alias_totals(database, AliasQuery(domain_id=domains[0]))

    assert (totals.total, totals.inactive, one.total, one.inactive) == (2, 1, 1, 1)
