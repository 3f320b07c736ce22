"""Queries on prices as last read from Stripe."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.billing_values_database import price_from_json, price_to_json
from smtpy_desktop.database.models import PriceRecord
from smtpy_desktop.schemas.billing import Price


async def list_prices(db: AsyncSession, *, livemode: bool) -> tuple[Price, ...]:
    """Return the prices on offer, by currency and amount."""
    statement = select(PriceRecord.price).where(PriceRecord.livemode == livemode, PriceRecord.is_active)
    found = [price_from_json(content) for content in (await db.execute(statement)).scalars()]
    known = [price for price in found if price is not None]
    return tuple(sorted(known, key=lambda price: (price.currency, price.amount or 0, price.product_name, price.id)))


async def store_prices(db: AsyncSession, prices: Sequence[Price], *, livemode: bool) -> bool:
    """Keep these as the prices on offer, and no others; return whether that changed anything."""
    before = await list_prices(db, livemode=livemode)
    ids = [price.id for price in prices]
    gone = update(PriceRecord).where(PriceRecord.livemode == livemode, PriceRecord.id.not_in(ids))
    await db.execute(gone.values(is_active=False))
    if prices:
        rows = [{"id": price.id, "livemode": livemode, "price": price_to_json(price)} for price in prices]
        statement = insert(PriceRecord).values(rows)
        changed = {"price": statement.excluded.price, "is_active": True, "read_at": func.now()}
        await db.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changed))
    return set(before) != set(prices)
