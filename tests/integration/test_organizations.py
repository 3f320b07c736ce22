"""Organizations: created, renamed, refused, and written into the audit log."""

from __future__ import annotations

import asyncio

import pytest

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.controllers import audit_controller, organizations_controller
from smtpy_desktop.errors import FieldError, NotFoundError, UserFacingError
from smtpy_desktop.schemas.identifiers import OrganizationId
from tests.helpers.stored_domains import insert_domains


async def create(database, actor, changes, name="Example", email="admin@example.com"):
    return await organizations_controller.create_organization(
        database, name, email, actor=actor, publish=changes.append
    )


async def update(database, actor, changes, organization_id, name, email="admin@example.com"):
    return await organizations_controller.update_organization(
        database, organization_id, name, email, actor=actor, publish=changes.append
    )


async def test_a_created_organization_is_listed_published_and_in_the_audit_log(database, actor, changes):
    created = await create(database, actor, changes, "  Example   Ltd ", "Admin@EXAMPLE.com")

    assert (created.name, created.email, created.domains) == ("Example Ltd", "Admin@example.com", 0)
    assert await organizations_controller.list_organizations(database) == (created,)
    assert changes == [Change(Topic.ORGANIZATIONS, frozenset({created.id}))]
    (entry,) = await audit_controller.list_entries(database)
    assert (entry.action, entry.object_id, entry.object_name) == ("organization.created", created.id, "Example Ltd")
    assert (entry.actor, entry.via) == (actor.name, actor.via)


@pytest.mark.parametrize("name", ["<b>Bold</b>", "=cmd|'/C calc'!A0", "100% & _under_", 'O\'Hara "&" söns', "ß" * 200])
async def test_odd_names_are_kept_and_found_as_they_are(database, actor, changes, name):
    created = await create(database, actor, changes, name)

    found = await organizations_controller.find_organization(database, name)

    assert found == created
    assert found.name == name


@pytest.mark.parametrize(
    ("name", "email", "field", "code"),
    [
        ("", "a@example.com", "name", "ORGANIZATION_NAME_EMPTY"),
        (" \t ", "a@example.com", "name", "ORGANIZATION_NAME_EMPTY"),
        ("x" * 201, "a@example.com", "name", "ORGANIZATION_NAME_LONG"),
        ("nul\0", "a@example.com", "name", "ORGANIZATION_NAME_CHARACTER"),
        ("half \udcff", "a@example.com", "name", "ORGANIZATION_NAME_CHARACTER"),
        ("turned \u202e", "a@example.com", "name", "ORGANIZATION_NAME_CHARACTER"),
        ("Example", "", "email", "EMAIL_INVALID"),
        ("Example", "nobody", "email", "EMAIL_INVALID"),
        ("Example", "a@b@c", "email", "EMAIL_INVALID"),
        ("Example", "a\0@example.com", "email", "EMAIL_INVALID"),
    ],
)
async def test_bad_input_is_refused_at_its_field_and_nothing_is_written(
    database, actor, changes, name, email, field, code
):
    with pytest.raises(FieldError) as refused:
        await create(database, actor, changes, name, email)

    assert (refused.value.field, refused.value.code) == (field, code)
    assert refused.value.hint is not None or refused.value.code.startswith("ORGANIZATION_NAME")
    assert await organizations_controller.list_organizations(database) == ()
    assert await audit_controller.list_entries(database) == ()
    assert changes == []


async def test_a_name_is_taken_in_any_case(database, actor, changes):
    await create(database, actor, changes, "Example")

    with pytest.raises(FieldError) as refused:
        await create(database, actor, changes, "EXAMPLE")

    assert (refused.value.field, refused.value.code) == ("name", "ORGANIZATION_EXISTS")
    assert len(changes) == 1


async def test_renaming_changes_name_and_address_and_says_so(database, actor, changes):
    created = await create(database, actor, changes)

    renamed = await update(database, actor, changes, created.id, "Other", "new@example.org")

    assert (renamed.id, renamed.name, renamed.email) == (created.id, "Other", "new@example.org")
    assert renamed.updated_at >= renamed.created_at
    assert changes[-1] == Change(Topic.ORGANIZATIONS, frozenset({created.id}))
    newest = (await audit_controller.list_entries(database))[0]
    assert newest.changes == {"name": ["Example", "Other"], "email": ["admin@example.com", "new@example.org"]}


async def test_an_organization_may_change_the_case_of_its_own_name(database, actor, changes):
    created = await create(database, actor, changes)

    renamed = await update(database, actor, changes, created.id, "EXAMPLE")

    assert renamed.name == "EXAMPLE"
    newest = (await audit_controller.list_entries(database))[0]
    assert newest.changes == {"name": ["Example", "EXAMPLE"]}


async def test_changing_nothing_leaves_no_trace(database, actor, changes):
    created = await create(database, actor, changes)

    unchanged = await update(database, actor, changes, created.id, created.name)

    assert unchanged == created
    assert len(changes) == 1
    assert len(await audit_controller.list_entries(database)) == 1


async def test_renaming_to_a_name_of_another_is_refused(database, actor, changes):
    await create(database, actor, changes, "First")
    second = await create(database, actor, changes, "Second")

    with pytest.raises(FieldError) as refused:
        await update(database, actor, changes, second.id, "first")

    assert refused.value.code == "ORGANIZATION_EXISTS"
    names = [row.name for row in await organizations_controller.list_organizations(database)]
    assert names == ["First", "Second"]


async def test_two_who_take_the_same_name_at_once_get_a_clear_answer(database, actor, changes):
    rows = [await create(database, actor, changes, f"Name {number}") for number in range(4)]

    outcomes = await asyncio.gather(
        *(update(database, actor, changes, row.id, "Wanted") for row in rows), return_exceptions=True
    )

    refused = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert len(refused) == 3
    assert all(isinstance(error, UserFacingError) for error in refused), refused


async def test_what_does_not_exist_is_said_to_be_missing(database, actor, changes):
    with pytest.raises(NotFoundError):
        await organizations_controller.find_organization(database, "Nobody")
    with pytest.raises(NotFoundError):
        await update(database, actor, changes, OrganizationId(404), "Name")

    assert changes == []


async def test_the_number_of_domains_is_listed(database, organization):
    await insert_domains(database, organization.id, ["a.example", "b.example"])

    (row,) = await organizations_controller.list_organizations(database)

    assert row.domains == 2


async def test_the_first_domain_needs_no_organization_and_the_second_of_two_organizations_does(
    database, actor, changes
):
    async def owner(name=None):
        return await organizations_controller.owner_for_new_domain(database, name, actor=actor, publish=changes.append)

    first = await owner()
    again = await owner()
    second = await create(database, actor, changes, "Second")
    with pytest.raises(FieldError) as refused:
        await owner()

    assert first == again
    assert await owner("second") == second.id
    assert refused.value.code == "ORGANIZATION_NEEDED"
    assert "Second" in str(refused.value.hint)
