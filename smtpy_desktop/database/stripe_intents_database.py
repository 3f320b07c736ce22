"""Queries on calls that change something at Stripe, kept before they are made."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.models import StripeIntentRecord
from smtpy_desktop.schemas.billing_account import IntentKind, IntentState, StripeIntent
from smtpy_desktop.schemas.identifiers import OrganizationId

_OPEN = IntentState.OPEN.value


async def open_intent(
    db: AsyncSession,
    organization_id: OrganizationId,
    kind: IntentKind,
    parameters: Mapping[str, str],
    idempotency_key: str,
    *,
    livemode: bool,
) -> StripeIntent:
    """Keep a call that is about to be made; where one of its kind is open already, return that one instead."""
    statement = insert(StripeIntentRecord).values(
        organization_id=organization_id,
        livemode=livemode,
        kind=kind.value,
        parameters=dict(parameters),
        idempotency_key=idempotency_key,
    )
    await db.execute(statement.on_conflict_do_nothing())
    known = select(StripeIntentRecord).where(
        StripeIntentRecord.organization_id == organization_id,
        StripeIntentRecord.livemode == livemode,
        StripeIntentRecord.kind == kind.value,
        StripeIntentRecord.state == _OPEN,
    )
    return _intent((await db.execute(known)).scalars().one())


async def end_intent(
    db: AsyncSession, intent_id: int, state: IntentState, result: Mapping[str, str] | None = None
) -> None:
    """Note how an open call ended."""
    await db.execute(
        update(StripeIntentRecord)
        .where(StripeIntentRecord.id == intent_id, StripeIntentRecord.state == _OPEN)
        .values(state=state.value, finished_at=func.now(), result=dict(result or {}))
    )


async def open_intents(db: AsyncSession, *, livemode: bool) -> tuple[StripeIntent, ...]:
    """Return the calls of which nobody knows whether they were made, oldest first."""
    statement = (
        select(StripeIntentRecord)
        .where(StripeIntentRecord.livemode == livemode, StripeIntentRecord.state == _OPEN)
        .order_by(StripeIntentRecord.id)
    )
    return tuple(_intent(record) for record in (await db.execute(statement)).scalars())


async def last_done(
    db: AsyncSession, organization_id: OrganizationId, kind: IntentKind, *, livemode: bool
) -> StripeIntent | None:
    """Return the latest call of a kind that was made; None when there was none."""
    statement = (
        select(StripeIntentRecord)
        .where(
            StripeIntentRecord.organization_id == organization_id,
            StripeIntentRecord.livemode == livemode,
            StripeIntentRecord.kind == kind.value,
            StripeIntentRecord.state == IntentState.DONE.value,
        )
        .order_by(StripeIntentRecord.id.desc())
        .limit(1)
    )
    found = (await db.execute(statement)).scalars().one_or_none()
    return _intent(found) if found is not None else None


async def organizations_in_checkout(db: AsyncSession, *, livemode: bool) -> tuple[OrganizationId, ...]:
    """Return whose checkout was begun within two days (Stripe ends one after a day) and is not known to be over."""
    statement = (
        select(StripeIntentRecord.organization_id)
        .where(
            StripeIntentRecord.livemode == livemode,
            StripeIntentRecord.kind == IntentKind.CHECKOUT.value,
            StripeIntentRecord.state == IntentState.DONE.value,
            StripeIntentRecord.created_at > func.now() - timedelta(days=2),
            StripeIntentRecord.result["url"].astext != "",
        )
        .distinct()
        .order_by(StripeIntentRecord.organization_id)
    )
    return tuple(OrganizationId(found) for found in (await db.execute(statement)).scalars())


async def set_result(db: AsyncSession, intent_id: int, result: Mapping[str, str]) -> None:
    """Change what is known of how a call ended."""
    await db.execute(update(StripeIntentRecord).where(StripeIntentRecord.id == intent_id).values(result=dict(result)))


def _intent(record: StripeIntentRecord) -> StripeIntent:
    return StripeIntent(
        id=record.id,
        organization_id=OrganizationId(record.organization_id),
        livemode=record.livemode,
        kind=IntentKind(record.kind),
        parameters=record.parameters,
        idempotency_key=record.idempotency_key,
        state=IntentState(record.state),
        created_at=record.created_at,
        result=record.result,
    )
