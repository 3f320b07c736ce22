"""Domains written straight into the database, where making a key for each would only cost time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import insert, select, update

from smtpy_desktop.database.engine import Database
from smtpy_desktop.database.models import Alias, Domain, Message
from smtpy_desktop.schemas.identifiers import DomainId, OrganizationId
from tests.helpers.dns_evidence import KEY

SELECTOR = "smtpy202601"
TOKEN = "0f1e2d3c4b5a69788796a5b4c3d2e1f001234567"


async def insert_domains(
    database: Database, organization_id: OrganizationId, names: Iterable[str], **values: Any
) -> list[DomainId]:
    """Write domains with one and the same key, and return their ids in the order of the names."""
    common = {
        "organization_id": organization_id,
        "dkim_selector": SELECTOR,
        "dkim_public_key": KEY,
        "verification_token": TOKEN,
    }
    rows = [common | {"name": name, "unicode_name": name} | values for name in names]
    async with database.begin() as db:
        found = await db.scalars(insert(Domain).returning(Domain.id, sort_by_parameter_order=True), rows)
        return [DomainId(domain_id) for domain_id in found]


async def insert_mail(database: Database, domain_id: DomainId, *, aliases: int, messages: int) -> None:
    """Write aliases and messages of a domain."""
    async with database.begin() as db:
        for number in range(aliases):
            key = f"alias{number}@{domain_id}.example"
            db.add(Alias(domain_id=domain_id, local_part=f"alias{number}", address_key=key))
        for number in range(messages):
            sender, recipient = "from@example.org", f"alias{number}@example.com"
            db.add(
                Message(message_id=f"<{number}@x>", domain_id=domain_id, sender_email=sender, recipient_email=recipient)
            )


async def change_domain(database: Database, domain_id: DomainId, **values: Any) -> None:
    """Set columns of a domain as if time had passed or somebody had done it."""
    async with database.begin() as db:
        await db.execute(update(Domain).where(Domain.id == domain_id).values(**values))


async def stored_domain(database: Database, domain_id: DomainId) -> Domain:
    """Return the stored row of a domain."""
    async with database.read() as db:
        return (await db.scalars(select(Domain).where(Domain.id == domain_id))).one()
