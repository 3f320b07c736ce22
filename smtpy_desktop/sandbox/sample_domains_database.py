"""Writes of the sandbox's domains what would take half an hour to come about by itself."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.models import Domain
from smtpy_desktop.schemas.dns import RecordKind, Verdict
from smtpy_desktop.schemas.identifiers import DomainId


async def count_wrong_answers(
    db: AsyncSession, domain_id: DomainId, kind: RecordKind, count: int, first: datetime
) -> None:
    """Let a record of a verified domain have been found wrong so many times in a row, first at that moment."""
    domain = (await db.execute(select(Domain).where(Domain.id == domain_id).with_for_update())).scalar_one()
    wrong = {"verdict": Verdict.WRONG.value, "wrong_count": count, "first_wrong_at": first.isoformat()}
    domain.record_states = {**domain.record_states, kind.value: wrong}
    await db.flush()
