"""Values that are stored, to complete what somebody types into the search box."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.models import Domain, Message
from smtpy_desktop.schemas.identifiers import OrganizationId
from smtpy_desktop.schemas.message_search import SearchKey

_ADDRESSES: dict[SearchKey, Any] = {
    SearchKey.FROM: Message.sender_sort,
    SearchKey.TO: Message.recipient_sort,
    SearchKey.FORWARDED: Message.forwarded_sort,
}


async def stored_values(
    db: AsyncSession, key: SearchKey, typed: str, organization_id: OrganizationId | None, limit: int
) -> tuple[str, ...]:
    """Return up to ``limit`` values of a key that begin with what was typed, in their order."""
    if key is SearchKey.DOMAIN:
        return await _domains(db, typed, organization_id, limit)
    return await _addresses(db, _ADDRESSES[key], typed, limit) if key in _ADDRESSES else ()


async def _domains(db: AsyncSession, typed: str, organization_id: OrganizationId | None, limit: int) -> tuple[str, ...]:
    begins = (column.startswith(typed.lower(), autoescape=True) for column in (Domain.name, Domain.unicode_name))
    statement = select(Domain.unicode_name).where(or_(*begins))
    if organization_id is not None:
        statement = statement.where(Domain.organization_id == organization_id)
    return tuple(await db.scalars(statement.order_by(Domain.unicode_name).limit(limit)))


async def _addresses(db: AsyncSession, column: Any, typed: str, limit: int) -> tuple[str, ...]:
    """Jump in the index from each address to the next one, however many messages each has."""
    pattern = typed.lower()[:150].replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    begins = (column.like(pattern, escape="\\"), column != "")
    first = (
        select(func.min(column).label("value"), literal_column("1").label("place")).select_from(Message).where(*begins)
    )
    found = first.cte("found", recursive=True)
    following = (
        select(column)
        .where(*begins, column > literal_column('found.value COLLATE "C"'))
        .order_by(column)
        .limit(1)
        .select_from(Message)
        .correlate(found)
        .scalar_subquery()
    )
    found = found.union_all(
        select(following, found.c.place + 1).where(found.c.value.is_not(None), found.c.place < limit)
    )
    return tuple(await db.scalars(select(found.c.value).where(found.c.value.is_not(None)).order_by(found.c.place)))
