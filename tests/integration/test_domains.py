"""Domains: added with a sealed key, changed, switched, deleted, and every change in the audit log."""

from __future__ import annotations

import asyncio
import base64
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives import serialization
from sqlalchemy import func, select

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.controllers import audit_controller, domains_controller
from smtpy_desktop.core.sealing import key_id, unseal
from smtpy_desktop.database.models import Alias, DkimKey, DnsCheck, Message
from smtpy_desktop.errors import FieldError, NotFoundError
from smtpy_desktop.schemas.domains import DomainStatus
from smtpy_desktop.schemas.identifiers import DomainId, OrganizationId
from tests.helpers.stored_domains import change_domain, insert_domains, insert_mail, stored_domain


@pytest.fixture
def add(database, organization, master_keys, actor, changes):
    async def add_one(name, owner=organization.id):
        return await domains_controller.add_domain(
            database, owner, name, keys=master_keys, actor=actor, publish=changes.append
        )

    return add_one


@pytest.fixture
def update(database, actor, changes):
    async def update_one(domain_id, **values):
        return await domains_controller.update_domain(
            database, domain_id, actor=actor, publish=changes.append, **values
        )

    return update_one


@pytest.fixture
def delete(database, actor, changes):
    async def delete_one(domain_id, typed):
        return await domains_controller.delete_domain(
            database, domain_id, confirmed_name=typed, actor=actor, publish=changes.append
        )

    return delete_one


async def stored_key(database, domain_id):
    async with database.read() as db:
        return (await db.scalars(select(DkimKey).where(DkimKey.domain_id == domain_id))).one()


async def count(database, model):
    async with database.read() as db:
        return (await db.execute(select(func.count()).select_from(model))).scalar_one()


async def test_an_added_domain_starts_pending_active_published_and_in_the_audit_log(add, database, changes):
    added = await add("Example.COM.")

    assert (added.name, added.status, added.is_active) == ("example.com", DomainStatus.PENDING, True)
    assert added.organization_name == "Example"
    assert len(added.verification_token) == 40
    assert await domains_controller.get_domain(database, added.id) == added
    assert changes == [Change(Topic.DOMAINS, frozenset({added.id}))]
    entry = (await audit_controller.list_entries(database))[0]
    assert (entry.action, entry.object_id, entry.object_name) == ("domain.added", added.id, "example.com")


async def test_the_private_key_is_sealed_and_unseals_to_the_published_public_key(add, database, master_keys):
    added = await add("example.com")

    key = await stored_key(database, added.id)
    master_key = master_keys.master_key(known_key_id=key.master_key_id).value
    private = unseal(master_key, key.private_key_sealed, context=f"dkim:example.com:{added.dkim_selector}")
    loaded = serialization.load_pem_private_key(private, password=None)
    public = loaded.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )

    assert base64.b64decode(added.dkim_public_key) == public
    assert (loaded.key_size, key.state, key.selector) == (2048, "active", added.dkim_selector)
    assert key.master_key_id == key_id(master_key)
    assert b"PRIVATE KEY" not in key.private_key_sealed


@pytest.mark.parametrize(
    "again", ["example.com", "EXAMPLE.com", "example.com.", "http://example.com/", "me@example.com"]
)
async def test_a_domain_is_added_once_in_whatever_spelling(add, changes, again):
    await add("example.com")

    with pytest.raises(FieldError) as refused:
        await add(again)

    assert refused.value.field == "name"
    assert len(changes) == 1


async def test_the_owner_of_a_taken_domain_is_named(add):
    await add("example.com")

    with pytest.raises(FieldError) as refused:
        await add("example.com")

    assert refused.value.code == "DOMAIN_EXISTS"
    assert "Example" in str(refused.value.detail)


async def test_two_who_add_the_same_domain_at_once_get_one_domain(add, database, changes):
    outcomes = await asyncio.gather(add("example.com"), add("example.com"), return_exceptions=True)

    refused = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert [type(error) for error in refused] == [FieldError]
    assert await count(database, DkimKey) == 1
    assert len(changes) == 1


async def test_an_international_name_is_kept_in_both_forms_and_found_by_either(add, database):
    added = await add("München.example")

    assert (added.name, added.unicode_name) == ("xn--mnchen-3ya.example", "münchen.example")
    for spelling in ("MÜNCHEN.example", "xn--mnchen-3ya.example", "münchen.example."):
        assert (await domains_controller.find_domain(database, spelling)).id == added.id


async def test_adding_to_an_organization_that_is_gone_says_so_and_writes_nothing(add, database, changes):
    with pytest.raises(NotFoundError) as refused:
        await add("example.com", OrganizationId(404))

    assert refused.value.code == "ORGANIZATION_NOT_FOUND"
    assert await count(database, DkimKey) == 0
    assert changes == []


async def test_what_does_not_exist_is_said_to_be_missing(database, update, delete):
    with pytest.raises(NotFoundError):
        await domains_controller.find_domain(database, "nowhere.example")
    with pytest.raises(NotFoundError):
        await domains_controller.get_domain(database, DomainId(404))
    with pytest.raises(NotFoundError):
        await domains_controller.deletion_impact(database, DomainId(404))
    with pytest.raises(NotFoundError):
        await update(DomainId(404), is_active=False)
    with pytest.raises(NotFoundError):
        await delete(DomainId(404), "nowhere.example")


async def test_settings_of_a_domain_change_together_with_their_trace(database, organization, update, changes):
    (domain_id,) = await insert_domains(database, organization.id, ["example.com"])

    after = await update(domain_id, is_active=False, catch_all=" Box@Example.NET ")

    assert (after.is_active, after.catch_all) == (False, "Box@example.net")
    assert changes == [Change(Topic.DOMAINS, frozenset({domain_id}))]
    entry = (await audit_controller.list_entries(database))[0]
    assert entry.changes == {"is_active": [True, False], "catch_all": [None, "Box@example.net"]}


async def test_an_empty_catch_all_removes_it_and_a_bad_one_changes_nothing(database, organization, update, changes):
    (domain_id,) = await insert_domains(database, organization.id, ["example.com"], catch_all="box@example.net")

    with pytest.raises(FieldError) as refused:
        await update(domain_id, is_active=False, catch_all="nobody")
    untouched = await domains_controller.get_domain(database, domain_id)
    after = await update(domain_id, catch_all=" ")

    assert (refused.value.field, refused.value.code) == ("catch_all", "EMAIL_INVALID")
    assert (untouched.is_active, untouched.catch_all) == (True, "box@example.net")
    assert after.catch_all is None
    assert len(changes) == 1


@pytest.mark.parametrize(
    "catch_all",
    ["x@example.com", "box@EXAMPLE.com", "x@other.example", "x@exämple.example", "x@xn--exmple-cua.example"],
)
async def test_a_catch_all_that_would_come_back_to_us_is_refused(database, organization, update, changes, catch_all):
    domain_id, *_ = await insert_domains(
        database, organization.id, ["example.com", "other.example", "xn--exmple-cua.example"]
    )

    with pytest.raises(FieldError) as refused:
        await update(domain_id, is_active=False, catch_all=catch_all)

    assert (refused.value.field, refused.value.code) == ("catch_all", "CATCH_ALL_LOOP")
    assert "would come back" in str(refused.value)
    assert (await domains_controller.get_domain(database, domain_id)).is_active
    assert not changes


async def test_a_catch_all_below_one_of_our_domains_is_somewhere_else(database, organization, update):
    (domain_id,) = await insert_domains(database, organization.id, ["example.com"])

    after = await update(domain_id, catch_all="box@mail.example.com")

    assert after.catch_all == "box@mail.example.com"


async def test_changing_nothing_leaves_no_trace(database, organization, update, changes):
    (domain_id,) = await insert_domains(database, organization.id, ["example.com"])
    before = await domains_controller.get_domain(database, domain_id)

    after = await update(domain_id, is_active=True, organization_id=organization.id)

    assert after == before
    assert changes == []


async def test_a_domain_is_not_given_to_an_organization_that_is_gone(database, organization, update):
    (domain_id,) = await insert_domains(database, organization.id, ["example.com"])

    with pytest.raises(NotFoundError) as refused:
        await update(domain_id, organization_id=OrganizationId(404))

    assert refused.value.code == "ORGANIZATION_NOT_FOUND"


async def test_switching_several_domains_touches_those_that_change(database, organization, actor, changes):
    on = await insert_domains(database, organization.id, ["a.example", "b.example"], next_check_at=datetime.now(UTC))
    off = await insert_domains(database, organization.id, ["c.example"], is_active=False)

    changed = await domains_controller.set_active(
        database, [*on, *off, DomainId(404)], active=False, actor=actor, publish=changes.append
    )

    assert changed == 2
    assert changes == [Change(Topic.DOMAINS, frozenset(on))]
    entries = await audit_controller.list_entries(database, text="domain.changed")
    assert {entry.object_name: entry.changes for entry in entries} == {
        "a.example": {"is_active": [True, False]},
        "b.example": {"is_active": [True, False]},
    }
    assert [(await stored_domain(database, domain_id)).next_check_at for domain_id in on] == [None, None]


async def test_a_domain_that_is_switched_on_is_looked_at_soon(database, organization, actor, changes):
    (domain_id,) = await insert_domains(database, organization.id, ["a.example"], is_active=False)
    before = datetime.now(UTC)

    await domains_controller.set_active(database, [domain_id], active=True, actor=actor, publish=changes.append)

    stored = await stored_domain(database, domain_id)
    assert stored.is_active
    assert before <= stored.next_check_at <= datetime.now(UTC)


async def test_more_domains_than_a_statement_takes_parameters_are_switched_at_once(
    database, organization, actor, changes
):
    (domain_id,) = await insert_domains(database, organization.id, ["a.example"])

    changed = await domains_controller.set_active(
        database, range(domain_id, domain_id + 70_000), active=False, actor=actor, publish=changes.append
    )

    assert changed == 1


async def test_deleting_says_what_goes_and_takes_it_all(database, organization, delete, changes):
    domain_id, other = await insert_domains(database, organization.id, ["example.com", "other.example"])
    await insert_mail(database, domain_id, aliases=3, messages=5)
    await insert_mail(database, other, aliases=1, messages=1)

    foretold = await domains_controller.deletion_impact(database, domain_id)
    gone = await delete(domain_id, " Example.com. ")

    assert foretold == gone
    assert (gone.name, gone.aliases, gone.messages) == ("example.com", 3, 5)
    assert [await count(database, model) for model in (Alias, Message, DnsCheck)] == [1, 1, 0]
    assert changes == [Change(Topic.DOMAINS, frozenset({domain_id}))]
    entry = (await audit_controller.list_entries(database))[0]
    assert (entry.action, entry.object_name) == ("domain.deleted", "example.com")
    assert entry.changes == {"aliases": [3, 0], "messages": [5, 0]}


@pytest.mark.parametrize("typed", ["", "example", "example.org", "xexample.com", "%"])
async def test_a_wrong_typed_name_deletes_nothing(database, organization, delete, changes, typed):
    (domain_id,) = await insert_domains(database, organization.id, ["example.com"])

    with pytest.raises(FieldError) as refused:
        await delete(domain_id, typed)

    assert (refused.value.field, refused.value.code) == ("confirmed_name", "DOMAIN_NAME_MISMATCH")
    assert (await domains_controller.get_domain(database, domain_id)).name == "example.com"
    assert changes == []


async def test_either_spelling_of_an_international_name_confirms_its_deletion(database, organization, delete):
    names = ["xn--mnchen-3ya.example", "xn--bcher-kva.example"]
    first, second = await insert_domains(database, organization.id, names)
    await change_domain(database, first, unicode_name="münchen.example")
    await change_domain(database, second, unicode_name="bücher.example")

    await delete(first, "MÜNCHEN.example")
    await delete(second, "xn--bcher-kva.example")

    with pytest.raises(NotFoundError):
        await domains_controller.get_domain(database, first)


async def test_the_audit_log_is_read_on_by_id_and_searched_literally(database, organization, actor, changes):
    names = ["a%b.example", "a_b.example", "axb.example"]
    ids = await insert_domains(database, organization.id, names)
    await domains_controller.set_active(database, ids, active=False, actor=actor, publish=changes.append)

    first = await audit_controller.list_entries(database, limit=2)
    rest = await audit_controller.list_entries(database, before=first[-1].id)
    percent = await audit_controller.list_entries(database, text="A%B")
    underscore = await audit_controller.list_entries(database, text="a_b")

    assert [entry.object_name for entry in (*first, *rest)] == [*reversed(names), "Example"]
    assert [entry.object_name for entry in percent] == ["a%b.example"]
    assert [entry.object_name for entry in underscore] == ["a_b.example"]
