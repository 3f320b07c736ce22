"""Queries on checks of DNS records: what they start from, what they leave behind, their history."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, delete, exists, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from smtpy_desktop.database.id_arrays import is_one_of
from smtpy_desktop.database.models import DnsCheck, Domain
from smtpy_desktop.schemas.dns import RecordKind, Verdict
from smtpy_desktop.schemas.domain_checks import CheckResult, CheckSubject, RecordState
from smtpy_desktop.schemas.domains import DomainStatus
from smtpy_desktop.schemas.identifiers import DomainId, OrganizationId

StoredReport = dict[str, Any]
"""A record report as JSON, with ``checked_at`` (a datetime) added."""

FLAGS = {
    RecordKind.MX: Domain.mx_record_verified,
    RecordKind.SPF: Domain.spf_record_verified,
    RecordKind.DKIM: Domain.dkim_record_verified,
    RecordKind.DMARC: Domain.dmarc_record_verified,
    RecordKind.OWNERSHIP: Domain.ownership_verified,
}


async def check_subjects(
    db: AsyncSession, domain_ids: Collection[DomainId], *, for_update: bool = False
) -> tuple[CheckSubject, ...]:
    """Return those of the domains that exist; ``for_update`` locks their rows in the order of their ids."""
    statement = select(Domain).where(is_one_of(Domain.id, domain_ids)).order_by(Domain.id)
    if for_update:
        statement = statement.with_for_update()
    return tuple(_subject(found) for found in (await db.scalars(statement)))


async def claim_due(db: AsyncSession, now: datetime, *, lease: timedelta, limit: int) -> tuple[DomainId, ...]:
    """Take active domains whose next check is due, so that no other process checks them before the lease ends.

    A domain that was checked while there were no background checks has no time of its next one; it is due, too.
    """
    is_forgotten = and_(Domain.next_check_at.is_(None), Domain.last_checked_at.is_not(None))
    due = (
        select(Domain.id)
        .where(Domain.is_active, or_(Domain.next_check_at <= now, is_forgotten))
        .order_by(Domain.next_check_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    statement = (
        update(Domain).where(Domain.id.in_(select(due.c.id))).values(next_check_at=now + lease).returning(Domain.id)
    )
    return tuple(DomainId(found) for found in (await db.scalars(statement)))


async def store_results(
    db: AsyncSession, results: Sequence[CheckResult], reports: Mapping[DomainId, Sequence[StoredReport]]
) -> None:
    """Write the new states of domains and their reports (JSON per record)."""
    if not results:
        return
    table = Domain.__table__
    flags: dict[str, Any] = {column.key: bindparam(f"flag_{kind}") for kind, column in FLAGS.items()}
    statement = (
        update(Domain)
        .where(table.c.id == bindparam("domain"))
        .values(
            status=bindparam("new_status"),
            record_states=bindparam("new_states", type_=table.c.record_states.type),
            needs_attention=bindparam("attention"),
            last_checked_at=bindparam("checked"),
            next_check_at=bindparam("due"),
            updated_at=Domain.updated_at,
            **flags,
        )
    )
    connection = await db.connection()
    await connection.execute(statement, [_result_values(result) for result in results])
    checks = [_check_values(result, report) for result in results for report in reports[result.id]]
    if checks:
        await connection.execute(insert(DnsCheck), checks)


async def latest_reports(db: AsyncSession, domain_id: DomainId) -> tuple[StoredReport, ...]:
    """Return the newest report on each record of a domain."""
    newest = (
        select(func.max(DnsCheck.id)).where(DnsCheck.domain_id == domain_id).group_by(DnsCheck.kind).scalar_subquery()
    )
    rows = await db.execute(select(DnsCheck.report, DnsCheck.checked_at).where(DnsCheck.id.in_(newest)))
    return tuple({**report, "checked_at": checked_at} for report, checked_at in rows)


async def history(
    db: AsyncSession, domain_id: DomainId, *, kind: RecordKind | None, before: int | None, limit: int
) -> tuple[tuple[int, StoredReport], ...]:
    """Return past reports, newest first, each with its id (pass the last one as ``before`` to go on)."""
    statement = select(DnsCheck.id, DnsCheck.report, DnsCheck.checked_at).where(DnsCheck.domain_id == domain_id)
    if kind is not None:
        statement = statement.where(DnsCheck.kind == kind)
    if before is not None:
        statement = statement.where(DnsCheck.id < before)
    rows = await db.execute(statement.order_by(DnsCheck.id.desc()).limit(limit))
    return tuple((check_id, {**report, "checked_at": checked_at}) for check_id, report, checked_at in rows)


async def delete_checks_before(db: AsyncSession, moment: datetime, *, limit: int) -> int:
    """Delete up to ``limit`` checks older than a moment, always keeping the newest of each record; return how many."""
    later = aliased(DnsCheck)
    has_later = exists().where(
        later.domain_id == DnsCheck.domain_id, later.kind == DnsCheck.kind, later.id > DnsCheck.id
    )
    old = select(DnsCheck.id).where(DnsCheck.checked_at < moment, has_later).limit(limit)
    deleted = await db.execute(delete(DnsCheck).where(DnsCheck.id.in_(old)).returning(DnsCheck.id))
    return len(deleted.all())


def _subject(found: Domain) -> CheckSubject:
    return CheckSubject(
        id=DomainId(found.id),
        name=found.name,
        organization_id=OrganizationId(found.organization_id),
        status=DomainStatus(found.status),
        is_active=found.is_active,
        created_at=found.created_at,
        flags={kind: getattr(found, column.key) for kind, column in FLAGS.items()},
        states={RecordKind(kind): _state(state) for kind, state in found.record_states.items()},
        dkim_selector=found.dkim_selector,
        dkim_public_key=found.dkim_public_key,
        verification_token=found.verification_token,
    )


def _state(stored: Mapping[str, Any]) -> RecordState:
    since = stored.get("first_wrong_at")
    return RecordState(
        verdict=Verdict(stored["verdict"]),
        wrong_count=stored.get("wrong_count", 0),
        first_wrong_at=datetime.fromisoformat(since) if since else None,
    )


def _result_values(result: CheckResult) -> dict[str, Any]:
    states = {
        kind.value: {
            "verdict": state.verdict.value,
            "wrong_count": state.wrong_count,
            "first_wrong_at": state.first_wrong_at.isoformat() if state.first_wrong_at else None,
        }
        for kind, state in result.states.items()
    }
    return {
        "domain": result.id,
        "new_status": result.status.value,
        "new_states": states,
        "attention": result.needs_attention,
        "checked": result.report.checked_at,
        "due": result.next_check_at,
        **{f"flag_{kind}": result.flags[kind] for kind in FLAGS},
    }


def _check_values(result: CheckResult, report: StoredReport) -> dict[str, Any]:
    return {
        "domain_id": result.id,
        "checked_at": result.report.checked_at,
        "kind": report["kind"],
        "verdict": report["verdict"],
        "code": report["code"],
        "report": report,
    }
