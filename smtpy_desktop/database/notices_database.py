"""What notices ask the database that nobody else does: domains that failed since when, and keys nobody can open."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.models import AuditRecord, DkimKey, Domain
from smtpy_desktop.schemas.dns import RecordKind
from smtpy_desktop.schemas.identifiers import DomainId
from smtpy_desktop.schemas.notices import FailedDomain

_STATUS_ACTION = "domain.status"


async def failed_domains(db: AsyncSession, limit: int) -> tuple[FailedDomain, ...]:
    """Return active domains that fail, by id; why and since when is what the audit log says of their last change."""
    newest = (
        select(AuditRecord.at, AuditRecord.changes)
        .where(
            AuditRecord.object_type == "domain",
            AuditRecord.object_id == Domain.id,
            AuditRecord.action == _STATUS_ACTION,
        )
        .order_by(AuditRecord.id.desc())
        .limit(1)
        .lateral("newest")
    )
    statement = (
        select(Domain, newest.c.at, newest.c.changes)
        .outerjoin(newest, onclause=true())
        .where(Domain.status == "failed", Domain.is_active)
        .order_by(Domain.id)
        .limit(limit)
    )
    return tuple(_failed(domain, at, changes) for domain, at, changes in await db.execute(statement))


async def domains_with_older_keys(db: AsyncSession) -> int:
    """Count the domains whose signing key is sealed with another master key than the newest one of all."""
    newest = select(DkimKey.master_key_id).order_by(DkimKey.id.desc()).limit(1).scalar_subquery()
    statement = select(func.count(DkimKey.domain_id.distinct())).where(
        DkimKey.state == "active", DkimKey.master_key_id != newest
    )
    return (await db.execute(statement)).scalar_one()


def _failed(domain: Domain, at: datetime | None, changes: dict[str, list[str]] | None) -> FailedDomain:
    flags = {
        RecordKind.MX: domain.mx_record_verified,
        RecordKind.SPF: domain.spf_record_verified,
        RecordKind.DKIM: domain.dkim_record_verified,
        RecordKind.DMARC: domain.dmarc_record_verified,
        RecordKind.OWNERSHIP: domain.ownership_verified,
    }
    records = tuple(kind for kind, is_verified in flags.items() if not is_verified)
    status = (changes or {}).get("status") or [""]
    return FailedDomain(DomainId(domain.id), domain.unicode_name, records, at, status[0] == "verified")
