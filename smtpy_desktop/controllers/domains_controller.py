"""Domains: listing, adding, changing, deleting."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any, Protocol

from smtpy_desktop.changes import Change, Publish, Topic
from smtpy_desktop.controllers.alias_routes import refuse_catch_all_astray
from smtpy_desktop.controllers.numbered_pages import read_numbered_page
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.alias_targets import parse_target
from smtpy_desktop.core.dkim_key import generate_dkim_key, new_selector
from smtpy_desktop.core.domain_name import parse_domain_name
from smtpy_desktop.core.email_address import parse_email_address
from smtpy_desktop.core.sealing import key_id, seal
from smtpy_desktop.core.wanted_records import new_verification_token
from smtpy_desktop.database import (
    aliases_database,
    audit_database,
    domains_database,
    domains_list_database,
    organizations_database,
)
from smtpy_desktop.errors import FieldError, NotFoundError, UserFacingError
from smtpy_desktop.schemas.audit import Actor, AuditEntry
from smtpy_desktop.schemas.domains import DeletionImpact, DomainDetails, DomainQuery, DomainRow, DomainTotals
from smtpy_desktop.schemas.identifiers import DomainId, OrganizationId
from smtpy_desktop.schemas.paging import ListShape, NumberedPage, Page, Position
from smtpy_desktop.schemas.secrets import MasterKey
from smtpy_desktop.schemas.text import text


class MasterKeys(Protocol):
    """Where the key comes from that seals private keys."""

    def master_key(self, *, known_key_id: str | None) -> MasterKey:
        """Return the master key; blocking. Raises UserFacingError when it cannot be had."""
        ...


async def list_domains(sessions: Sessions, query: DomainQuery, position: Position, limit: int) -> Page[DomainRow]:
    """Return consecutive domains of a sorted and filtered list."""
    async with sessions.read() as db:
        return await domains_list_database.list_domains(db, query, position, limit)


async def list_shape(sessions: Sessions, query: DomainQuery, step: int) -> ListShape:
    """Return how long the list is and where its parts begin."""
    async with sessions.read() as db:
        return await domains_list_database.list_shape(db, query, step)


async def numbered_page(sessions: Sessions, query: DomainQuery, page: int, page_size: int) -> NumberedPage[DomainRow]:
    """Return a page counted from 1; raise FieldError for numbers that make no page."""
    return await read_numbered_page(
        sessions,
        query,
        page,
        page_size,
        read_shape=domains_list_database.list_shape,
        read_rows=domains_list_database.list_domains,
    )


async def domain_totals(sessions: Sessions, organization_id: OrganizationId | None) -> DomainTotals:
    """Count the domains of one organization (or of all) by state."""
    async with sessions.read() as db:
        return await domains_list_database.domain_totals(db, organization_id)


async def list_ids(sessions: Sessions, query: DomainQuery) -> tuple[DomainId, ...]:
    """Return the ids of all domains that the filters let through."""
    async with sessions.read() as db:
        return await domains_list_database.list_ids(db, query)


async def get_domain(sessions: Sessions, domain_id: DomainId) -> DomainDetails:
    """Return one domain; raise NotFoundError when it does not exist any more."""
    async with sessions.read() as db:
        return _existing(await domains_database.get_domain(db, domain_id))


async def find_domain(sessions: Sessions, name: str) -> DomainDetails:
    """Return the domain of that name, in any spelling; raise NotFoundError when there is none."""
    wanted = parse_domain_name(name).name
    async with sessions.read() as db:
        found = await domains_database.find_domain(db, wanted)
    if found is None:
        raise NotFoundError(
            "DOMAIN_NOT_FOUND",
            text("There is no domain {name} here.", name=wanted),
            hint=text("Add it first, or look it up in the list of domains."),
        )
    return found


async def add_domain(
    sessions: Sessions,
    organization_id: OrganizationId,
    name: str,
    *,
    keys: MasterKeys,
    actor: Actor,
    publish: Publish,
) -> DomainDetails:
    """Add a domain with a fresh DKIM key and ownership token; raise FieldError with what to correct in its name."""
    parsed = parse_domain_name(name)
    async with sessions.read() as db:
        await _require_organization(db, organization_id)
        await _refuse_duplicate(db, parsed.name)
        known_key = await domains_database.master_key_id(db)
    master_key = await asyncio.to_thread(keys.master_key, known_key_id=known_key)
    pair = await asyncio.to_thread(generate_dkim_key)
    now = datetime.now(UTC)
    selector = new_selector(now.date())
    async with sessions.begin() as db:
        domain_id = await domains_database.insert_domain(
            db,
            organization_id,
            name=parsed.name,
            unicode_name=parsed.unicode_name,
            dkim_selector=selector,
            dkim_public_key=pair.public_key,
            verification_token=new_verification_token(),
        )
        if domain_id is None:
            await _refuse_duplicate(db, parsed.name)
            raise _taken(parsed.name)
        await domains_database.insert_dkim_key(
            db,
            domain_id,
            selector=selector,
            public_key=pair.public_key,
            private_key_sealed=seal(master_key.value, pair.private_key, context=f"dkim:{parsed.name}:{selector}"),
            master_key_id=key_id(master_key.value),
            created_at=now,
        )
        entry = AuditEntry("domain.added", "domain", domain_id, parsed.name, organization_id)
        await audit_database.record(db, actor, entry)
        added = _existing(await domains_database.get_domain(db, domain_id))
    publish(Change(Topic.DOMAINS, frozenset({domain_id})))
    return added


async def update_domain(
    sessions: Sessions,
    domain_id: DomainId,
    *,
    actor: Actor,
    publish: Publish,
    is_active: bool | None = None,
    catch_all: str | None = None,
    organization_id: OrganizationId | None = None,
) -> DomainDetails:
    """Change a domain's settings; None leaves a setting alone, an empty ``catch_all`` removes it.

    Raises FieldError for a ``catch_all`` that is no address, or whose mail would come back here and not leave again.
    """
    wanted: dict[str, Any] = {}
    if is_active is not None:
        wanted["is_active"] = is_active
    if catch_all is not None:
        wanted["catch_all"] = parse_email_address(catch_all, field="catch_all") if catch_all.strip() else None
    if organization_id is not None:
        wanted["organization_id"] = organization_id
    async with sessions.begin() as db:
        before = _existing(await domains_database.get_domain(db, domain_id, for_update=True))
        if "organization_id" in wanted:
            await _require_organization(db, wanted["organization_id"])
        changes = {key: [getattr(before, key), value] for key, value in wanted.items() if getattr(before, key) != value}
        if changes.get("catch_all", [None, None])[1] is not None:
            await aliases_database.lock_forwarding(db)
            await refuse_catch_all_astray(db, before.name, parse_target(wanted["catch_all"], field="catch_all"))
        if changes:
            await domains_database.update_domains(db, [domain_id], _with_next_check(wanted))
            entry = AuditEntry("domain.changed", "domain", domain_id, before.name, before.organization_id, changes)
            await audit_database.record(db, actor, entry)
        after = _existing(await domains_database.get_domain(db, domain_id))
    if changes:
        publish(Change(Topic.DOMAINS, frozenset({domain_id})))
    return after


async def set_active(
    sessions: Sessions, domain_ids: Collection[DomainId], *, active: bool, actor: Actor, publish: Publish
) -> int:
    """Switch several domains on or off, all in one transaction, and return how many changed."""
    values = _with_next_check({"is_active": active})
    async with sessions.begin() as db:
        found = await domains_database.lock_domains(db, domain_ids)
        changed = {domain.id: domain for domain in found if domain.is_active != active}
        await domains_database.update_domains(db, changed, values)
        changes = {"is_active": [not active, active]}
        entries = (
            AuditEntry("domain.changed", "domain", domain.id, domain.name, domain.organization_id, changes)
            for domain in changed.values()
        )
        await audit_database.record(db, actor, *entries)
    if changed:
        publish(Change(Topic.DOMAINS, frozenset(changed)))
    return len(changed)


async def deletion_impact(sessions: Sessions, domain_id: DomainId) -> DeletionImpact:
    """Return what would go with a domain."""
    async with sessions.read() as db:
        impact = await domains_database.deletion_impact(db, domain_id)
    if impact is None:
        raise _gone()
    return impact


async def delete_domain(
    sessions: Sessions, domain_id: DomainId, *, confirmed_name: str, actor: Actor, publish: Publish
) -> DeletionImpact:
    """Delete a domain with everything in it; ``confirmed_name`` must be its name, typed by the person who decides."""
    async with sessions.begin() as db:
        impact = await domains_database.deletion_impact(db, domain_id)
        domain = await domains_database.get_domain(db, domain_id, for_update=True)
        if impact is None or domain is None:
            raise _gone()
        if confirmed_name.strip().rstrip(".").lower() not in (domain.name, domain.unicode_name):
            raise FieldError(
                "confirmed_name",
                "DOMAIN_NAME_MISMATCH",
                text("That is not the domain's name."),
                hint=text("Type {name} to delete it.", name=domain.name),
            )
        await domains_database.delete_domain(db, domain_id)
        gone = {"aliases": [impact.aliases, 0], "messages": [impact.messages, 0]}
        entry = AuditEntry("domain.deleted", "domain", domain_id, domain.name, domain.organization_id, gone)
        await audit_database.record(db, actor, entry)
    publish(Change(Topic.DOMAINS, frozenset({domain_id})))
    return impact


async def _refuse_duplicate(db: Any, name: str) -> None:
    existing = await domains_database.find_domain(db, name)
    if existing is not None:
        raise _taken(name, existing.organization_name)


async def _require_organization(db: Any, organization_id: OrganizationId) -> None:
    if await organizations_database.get_organization(db, organization_id) is None:
        raise NotFoundError("ORGANIZATION_NOT_FOUND", text("That organization does not exist any more."))


def _with_next_check(values: dict[str, Any]) -> dict[str, Any]:
    """A domain that is switched on is looked at soon; one that is switched off is left alone."""
    if "is_active" not in values:
        return values
    return values | {"next_check_at": datetime.now(UTC) if values["is_active"] else None}


def _existing(domain: DomainDetails | None) -> DomainDetails:
    if domain is None:
        raise _gone()
    return domain


def _gone() -> UserFacingError:
    return NotFoundError(
        "DOMAIN_NOT_FOUND",
        text("This domain does not exist any more."),
        hint=text("Somebody has deleted it meanwhile."),
    )


def _taken(name: str, organization: str = "") -> FieldError:
    return FieldError(
        "name",
        "DOMAIN_EXISTS",
        text("{name} is here already.", name=name),
        detail=text("It belongs to the organization {organization}.", organization=organization)
        if organization
        else None,
        hint=text("Open it in the list of domains."),
    )
