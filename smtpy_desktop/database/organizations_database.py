"""Queries on organizations."""

from __future__ import annotations

from sqlalchemy import Row, Select, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.models import Domain, Organization
from smtpy_desktop.schemas.identifiers import OrganizationId
from smtpy_desktop.schemas.organizations import OrganizationRow


async def list_organizations(db: AsyncSession) -> tuple[OrganizationRow, ...]:
    """Return all organizations by name, each with the number of its domains."""
    rows = await db.execute(_organizations().order_by(func.lower(Organization.name)))
    return tuple(_row(row) for row in rows)


async def get_organization(db: AsyncSession, organization_id: OrganizationId) -> OrganizationRow | None:
    """Return one organization, or None when there is none with that id."""
    row = (await db.execute(_organizations().where(Organization.id == organization_id))).one_or_none()
    return _row(row) if row is not None else None


async def find_organization(db: AsyncSession, name: str) -> OrganizationRow | None:
    """Return the organization of that name, compared without case."""
    row = (await db.execute(_organizations().where(func.lower(Organization.name) == func.lower(name)))).one_or_none()
    return _row(row) if row is not None else None


async def insert_organization(db: AsyncSession, *, name: str, email: str) -> OrganizationId | None:
    """Add an organization and return its id; None when the name is taken."""
    statement = insert(Organization).values(name=name, email=email).on_conflict_do_nothing().returning(Organization.id)
    found = (await db.execute(statement)).scalar_one_or_none()
    return OrganizationId(found) if found is not None else None


async def update_organization(db: AsyncSession, organization_id: OrganizationId, *, name: str, email: str) -> None:
    """Change an organization's name and address."""
    await db.execute(update(Organization).where(Organization.id == organization_id).values(name=name, email=email))


def _organizations() -> Select[Organization, int]:
    domains = select(func.count()).where(Domain.organization_id == Organization.id).correlate(Organization)
    return select(Organization, domains.scalar_subquery())


def _row(row: Row[Organization, int]) -> OrganizationRow:
    found: Organization = row[0]
    return OrganizationRow(
        id=OrganizationId(found.id),
        name=found.name,
        email=found.email,
        domains=row[1],
        created_at=found.created_at,
        updated_at=found.updated_at,
    )
