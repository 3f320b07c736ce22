"""Queries on single domains and their DKIM keys."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.id_arrays import is_one_of
from smtpy_desktop.database.models import Alias, DkimKey, Domain, Message, Organization, SrsKey
from smtpy_desktop.schemas.domains import DeletionImpact, DomainDetails, DomainStatus
from smtpy_desktop.schemas.identifiers import DomainId, OrganizationId


async def get_domain(db: AsyncSession, domain_id: DomainId, *, for_update: bool = False) -> DomainDetails | None:
    """Return one domain, or None when there is none with that id; ``for_update`` locks its row."""
    statement = _details().where(Domain.id == domain_id)
    if for_update:
        statement = statement.with_for_update(of=Domain)
    return await _one(db, statement)


async def lock_domains(db: AsyncSession, domain_ids: Collection[DomainId]) -> tuple[DomainDetails, ...]:
    """Return those of the domains that exist, their rows locked in the order of their ids."""
    statement = _details().where(is_one_of(Domain.id, domain_ids)).order_by(Domain.id).with_for_update(of=Domain)
    return tuple(_domain(row) for row in await db.execute(statement))


async def find_domain(db: AsyncSession, name: str) -> DomainDetails | None:
    """Return the domain of that name (a lower-case A-label name)."""
    return await _one(db, _details().where(Domain.name == name))


async def insert_domain(db: AsyncSession, organization_id: OrganizationId, **values: Any) -> DomainId | None:
    """Add a domain and return its id; None when the name is taken."""
    statement = insert(Domain).values(organization_id=organization_id, **values)
    statement = statement.on_conflict_do_nothing(index_elements=[Domain.name])
    found = (await db.execute(statement.returning(Domain.id))).scalar_one_or_none()
    return DomainId(found) if found is not None else None


async def update_domains(db: AsyncSession, domain_ids: Collection[DomainId], values: Mapping[str, Any]) -> None:
    """Set the same values on domains."""
    await db.execute(update(Domain).where(is_one_of(Domain.id, domain_ids)).values(**values))


async def delete_domain(db: AsyncSession, domain_id: DomainId) -> bool:
    """Delete a domain with its aliases, messages, keys and checks; False when it was gone already."""
    found = await db.execute(delete(Domain).where(Domain.id == domain_id).returning(Domain.id))
    return found.scalar_one_or_none() is not None


async def deletion_impact(db: AsyncSession, domain_id: DomainId) -> DeletionImpact | None:
    """Count what would go with a domain."""
    aliases = select(func.count()).where(Alias.domain_id == domain_id).scalar_subquery()
    messages = select(func.count()).where(Message.domain_id == domain_id).scalar_subquery()
    row = (await db.execute(select(Domain.name, aliases, messages).where(Domain.id == domain_id))).one_or_none()
    return DeletionImpact(row[0], row[1], row[2]) if row is not None else None


async def insert_dkim_key(
    db: AsyncSession,
    domain_id: DomainId,
    *,
    selector: str,
    public_key: str,
    private_key_sealed: bytes,
    master_key_id: str,
    created_at: datetime,
) -> None:
    """Add a signing key, its private half sealed."""
    db.add(
        DkimKey(
            domain_id=domain_id,
            selector=selector,
            public_key=public_key,
            private_key_sealed=private_key_sealed,
            master_key_id=master_key_id,
            state="active",
            created_at=created_at,
        )
    )
    await db.flush()


async def master_key_id(db: AsyncSession) -> str | None:
    """Return the id of the master key that the newest signing key is sealed with, of DKIM or else of SRS."""
    of_dkim = select(DkimKey.master_key_id).order_by(DkimKey.id.desc()).limit(1).scalar_subquery()
    of_srs = select(SrsKey.master_key_id).order_by(SrsKey.id.desc()).limit(1).scalar_subquery()
    found: str | None = await db.scalar(select(func.coalesce(of_dkim, of_srs)))
    return found


def _details() -> Select[Domain, str]:
    return select(Domain, Organization.name).join(Organization, Organization.id == Domain.organization_id)


async def _one(db: AsyncSession, statement: Select[Domain, str]) -> DomainDetails | None:
    row = (await db.execute(statement)).one_or_none()
    return _domain(row) if row is not None else None


def _domain(row: Row[Domain, str]) -> DomainDetails:
    found: Domain = row[0]
    return DomainDetails(
        id=DomainId(found.id),
        name=found.name,
        unicode_name=found.unicode_name,
        organization_id=OrganizationId(found.organization_id),
        organization_name=row[1],
        status=DomainStatus(found.status),
        is_active=found.is_active,
        mx_record_verified=found.mx_record_verified,
        spf_record_verified=found.spf_record_verified,
        dkim_record_verified=found.dkim_record_verified,
        dmarc_record_verified=found.dmarc_record_verified,
        ownership_verified=found.ownership_verified,
        dkim_selector=found.dkim_selector,
        dkim_public_key=found.dkim_public_key,
        verification_token=found.verification_token,
        catch_all=found.catch_all,
        last_checked_at=found.last_checked_at,
        created_at=found.created_at,
        updated_at=found.updated_at,
    )
