"""Queries on what administrators should know of organizations' billing."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.models import BillingNoticeRecord, Organization
from smtpy_desktop.schemas.billing_account import BillingNotice, NoticeKind
from smtpy_desktop.schemas.identifiers import OrganizationId


async def add_notice(
    db: AsyncSession,
    organization_id: OrganizationId,
    kind: NoticeKind,
    object_id: str,
    *,
    livemode: bool,
    amount: int | None = None,
    currency: str | None = None,
) -> bool:
    """Add a notice unless it was added before for the same object; return whether it is new."""
    statement = insert(BillingNoticeRecord).values(
        organization_id=organization_id,
        livemode=livemode,
        kind=kind.value,
        object_id=object_id,
        amount=amount,
        currency=currency,
    )
    added = await db.execute(statement.on_conflict_do_nothing().returning(BillingNoticeRecord.id))
    return added.scalar_one_or_none() is not None


async def list_notices(
    db: AsyncSession, *, livemode: bool, organization_id: OrganizationId | None = None, unseen_only: bool = True
) -> tuple[BillingNotice, ...]:
    """Return the notices of one organization or of all, newest first."""
    statement = (
        select(BillingNoticeRecord, Organization.name)
        .join(Organization, Organization.id == BillingNoticeRecord.organization_id)
        .where(BillingNoticeRecord.livemode == livemode)
        .order_by(BillingNoticeRecord.at.desc(), BillingNoticeRecord.id.desc())
    )
    if organization_id is not None:
        statement = statement.where(BillingNoticeRecord.organization_id == organization_id)
    if unseen_only:
        statement = statement.where(BillingNoticeRecord.seen_at.is_(None))
    return tuple(_notice(record, name) for record, name in await db.execute(statement))


async def mark_seen(db: AsyncSession, ids: Iterable[int]) -> int:
    """Note that these notices were read; return how many were not before."""
    statement = (
        update(BillingNoticeRecord)
        .where(BillingNoticeRecord.id.in_(list(ids)), BillingNoticeRecord.seen_at.is_(None))
        .values(seen_at=func.now())
        .returning(BillingNoticeRecord.id)
    )
    return len((await db.execute(statement)).all())


def _notice(record: BillingNoticeRecord, organization_name: str) -> BillingNotice:
    return BillingNotice(
        id=record.id,
        organization_id=OrganizationId(record.organization_id),
        organization_name=organization_name,
        livemode=record.livemode,
        kind=NoticeKind(record.kind),
        object_id=record.object_id,
        at=record.at,
        is_seen=record.seen_at is not None,
        amount=record.amount,
        currency=record.currency,
    )
