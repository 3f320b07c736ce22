"""Queries on organizations' accounts at Stripe, as last read from there."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Row,
    Select,
    Text,
    and_,
    cast,
    column,
    delete,
    exists,
    func,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.billing_values_database import (
    payment_method_from_json,
    payment_method_to_json,
    subscription_from_json,
    subscription_to_json,
)
from smtpy_desktop.database.models import BillingAccountRecord, InvoiceRecord, Organization
from smtpy_desktop.schemas.billing import Customer, Invoice, Subscription
from smtpy_desktop.schemas.billing_account import BillingAccount
from smtpy_desktop.schemas.identifiers import OrganizationId

_INVOICE_FIELDS = (
    "id",
    "subscription_id",
    "number",
    "status",
    "currency",
    "amount_due",
    "amount_paid",
    "created_at",
    "due_at",
    "next_attempt_at",
    "attempts",
    "hosted_url",
    "pdf_url",
)


async def draw_ticket(db: AsyncSession) -> int:
    """Return the number of a question to Stripe; later questions have greater ones."""
    return int((await db.execute(text("SELECT nextval('stripe_fetch_tickets')"))).scalar_one())


async def today(db: AsyncSession) -> str:
    """Return the database's date in UTC, as ISO 8601 writes it."""
    return str((await db.execute(text("SELECT (now() AT TIME ZONE 'UTC')::date::text"))).scalar_one())


async def get_account(db: AsyncSession, organization_id: OrganizationId, *, livemode: bool) -> BillingAccount | None:
    """Return an organization's account, an empty one before there is any; None when there is no such organization."""
    statement = _accounts(livemode=livemode).where(Organization.id == organization_id)
    row = (await db.execute(statement)).one_or_none()
    return _account(row, livemode=livemode) if row is not None else None


async def list_accounts(db: AsyncSession, *, livemode: bool) -> tuple[BillingAccount, ...]:
    """Return the accounts of all organizations by name, empty ones too."""
    rows = await db.execute(_accounts(livemode=livemode).order_by(func.lower(Organization.name)))
    return tuple(_account(row, livemode=livemode) for row in rows)


async def organization_of(db: AsyncSession, customer_id: str) -> OrganizationId | None:
    """Return whose customer it is; None when it is nobody's here."""
    statement = select(BillingAccountRecord.organization_id).where(BillingAccountRecord.customer_id == customer_id)
    found = (await db.execute(statement)).scalar_one_or_none()
    return OrganizationId(found) if found is not None else None


async def organizations_of(db: AsyncSession, customers: Collection[str]) -> dict[str, OrganizationId]:
    """Return whose customers these are, without those who are nobody's here."""
    statement = select(BillingAccountRecord.customer_id, BillingAccountRecord.organization_id).where(
        BillingAccountRecord.customer_id.in_(list(customers))
    )
    return {row[0]: OrganizationId(row[1]) for row in await db.execute(statement) if row[0] is not None}


async def customers(db: AsyncSession, *, livemode: bool) -> tuple[str, ...]:
    """Return the customers of all organizations."""
    statement = select(BillingAccountRecord.customer_id).where(
        BillingAccountRecord.livemode == livemode, BillingAccountRecord.customer_id.is_not(None)
    )
    return tuple(found for found in (await db.execute(statement)).scalars() if found is not None)


async def set_customer(
    db: AsyncSession, organization_id: OrganizationId, customer_id: str | None, *, livemode: bool
) -> bool:
    """Make this the organization's customer and forget what was known of another; False when it is somebody else's."""
    if customer_id is not None:
        owner = await organization_of(db, customer_id)
        if owner is not None:
            return owner == organization_id
    values = {
        "customer_id": customer_id,
        "customer_email": "",
        "is_customer_deleted": False,
        "is_delinquent": False,
        "subscription_id": None,
        "subscription_status": None,
        "price_id": None,
        "current_period_end": None,
        "cancel_at_period_end": False,
        "subscription": None,
        "other_subscriptions": 0,
        "payment_method": None,
        "fetch_ticket": 0,
        "synced_at": None,
    }
    statement = insert(BillingAccountRecord).values(organization_id=organization_id, livemode=livemode, **values)
    statement = statement.on_conflict_do_update(index_elements=["organization_id", "livemode"], set_=values)
    account_id = (await db.execute(statement.returning(BillingAccountRecord.id))).scalar_one()
    await db.execute(delete(InvoiceRecord).where(InvoiceRecord.account_id == account_id))
    return True


async def store_state(
    db: AsyncSession,
    customer: Customer,
    subscription: Subscription | None,
    others: int,
    invoices: Sequence[Invoice],
    *,
    ticket: int,
) -> tuple[OrganizationId, bool] | None:
    """Store what Stripe answered to the question with this number; return whose it is, and whether in live mode.

    None when the customer is nobody's here, or when the answer to a later question is stored already.
    """
    method = (subscription.payment_method if subscription is not None else None) or customer.payment_method
    values = {
        "customer_email": customer.email,
        "is_customer_deleted": customer.is_deleted,
        "is_delinquent": customer.is_delinquent,
        "subscription_id": subscription.id if subscription is not None else None,
        "subscription_status": subscription.status.value if subscription is not None else None,
        "price_id": subscription.price_id if subscription is not None else None,
        "current_period_end": subscription.current_period_end if subscription is not None else None,
        "cancel_at_period_end": subscription is not None and subscription.cancel_at_period_end,
        "subscription": subscription_to_json(subscription),
        "other_subscriptions": others,
        "payment_method": payment_method_to_json(method),
        "fetch_ticket": ticket,
        "synced_at": func.clock_timestamp(),
    }
    statement = (
        update(BillingAccountRecord)
        .where(BillingAccountRecord.customer_id == customer.id, BillingAccountRecord.fetch_ticket < ticket)
        .values(**values)
        .returning(
            BillingAccountRecord.id,
            BillingAccountRecord.organization_id,
            BillingAccountRecord.livemode,
            exists().where(InvoiceRecord.account_id == BillingAccountRecord.id, InvoiceRecord.status == "draft"),
        )
    )
    row = (await db.execute(statement)).one_or_none()
    if row is None:
        return None
    if not customer.is_deleted:  # of a deleted customer Stripe tells no invoices, so that the known ones stay
        if row[3]:
            await _remove_vanished_drafts(db, row[0], invoices)
        await _store_invoices(db, row[0], invoices)
    return OrganizationId(row[1]), row[2]


async def list_invoices(db: AsyncSession, organization_id: OrganizationId, *, livemode: bool) -> tuple[Invoice, ...]:
    """Return an organization's invoices, newest first."""
    statement = (
        select(InvoiceRecord, BillingAccountRecord.customer_id)
        .join(BillingAccountRecord, BillingAccountRecord.id == InvoiceRecord.account_id)
        .where(BillingAccountRecord.organization_id == organization_id, BillingAccountRecord.livemode == livemode)
        .order_by(InvoiceRecord.created_at.desc(), InvoiceRecord.id)
    )
    return tuple(
        Invoice(
            customer_id=customer_id or "",
            livemode=livemode,
            **{name: getattr(record, name) for name in _INVOICE_FIELDS},
        )
        for record, customer_id in await db.execute(statement)
    )


async def _remove_vanished_drafts(db: AsyncSession, account_id: int, invoices: Sequence[Invoice]) -> None:
    """Forget drafts that were deleted at Stripe; what is older than all that Stripe told of was not asked for."""
    gone = delete(InvoiceRecord).where(
        InvoiceRecord.account_id == account_id,
        InvoiceRecord.status == "draft",
        InvoiceRecord.id.not_in([item.id for item in invoices]),
    )
    if invoices:
        gone = gone.where(InvoiceRecord.created_at > min(item.created_at for item in invoices))
    await db.execute(gone)


async def _store_invoices(db: AsyncSession, account_id: int, invoices: Sequence[Invoice]) -> None:
    if not invoices:
        return
    rows = [{name: getattr(item, name) for name in _INVOICE_FIELDS} for item in invoices]
    written = json.dumps(rows, default=datetime.isoformat)
    # One statement, whatever their number, so that it is compiled once.
    table = InvoiceRecord.__table__
    columns = [column(name, table.c[name].type) for name in _INVOICE_FIELDS]
    written_rows = cast(literal(written, Text), JSONB)
    given = func.jsonb_to_recordset(written_rows).table_valued(*columns, name="given").render_derived(with_types=True)
    chosen = select(literal(account_id, BigInteger), *(given.c[name] for name in _INVOICE_FIELDS)).order_by(given.c.id)
    statement = insert(InvoiceRecord).from_select(["account_id", *_INVOICE_FIELDS], chosen)
    changed = {name: statement.excluded[name] for name in _INVOICE_FIELDS if name != "id"}
    await db.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changed))


def _accounts(*, livemode: bool) -> Select[int, str, BillingAccountRecord | None]:
    joined = and_(BillingAccountRecord.organization_id == Organization.id, BillingAccountRecord.livemode == livemode)
    return select(Organization.id, Organization.name, BillingAccountRecord).outerjoin(BillingAccountRecord, joined)


def _account(row: Row[int, str, BillingAccountRecord | None], *, livemode: bool) -> BillingAccount:
    organization_id, name, found = row
    return BillingAccount(
        organization_id=OrganizationId(organization_id),
        organization_name=name,
        livemode=livemode,
        customer_id=found.customer_id if found is not None else None,
        customer_email=found.customer_email if found is not None else "",
        is_customer_deleted=found is not None and found.is_customer_deleted,
        is_delinquent=found is not None and found.is_delinquent,
        subscription=subscription_from_json(found.subscription) if found is not None else None,
        other_subscriptions=found.other_subscriptions if found is not None else 0,
        payment_method=payment_method_from_json(found.payment_method) if found is not None else None,
        synced_at=found.synced_at if found is not None else None,
    )
