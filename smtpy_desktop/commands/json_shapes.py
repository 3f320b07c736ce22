"""The reference's JSON shapes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from smtpy_desktop.schemas.domains import DomainDetails, DomainRow
from smtpy_desktop.schemas.organizations import OrganizationRow
from smtpy_desktop.schemas.paging import NumberedPage

Row = TypeVar("Row")


def page_shape(page: NumberedPage[Row], shape: Callable[[Row], dict[str, Any]]) -> dict[str, Any]:
    """A page of a list."""
    return {
        "items": [shape(row) for row in page.items],
        "total": page.total,
        "page": page.page,
        "page_size": page.page_size,
        "total_pages": page.total_pages,
    }


def organization_shape(row: OrganizationRow) -> dict[str, Any]:
    """One organization."""
    return {
        "id": row.id,
        "name": row.name,
        "email": row.email,
        "domains": row.domains,
        "created_at": time_shape(row.created_at),
        "updated_at": time_shape(row.updated_at),
    }


def domain_row_shape(row: DomainRow) -> dict[str, Any]:
    """One domain in a list."""
    return {
        "id": row.id,
        "name": row.name,
        "unicode_name": row.unicode_name,
        "organization_id": row.organization_id,
        "organization": row.organization_name,
        "status": row.status.value,
        "is_active": row.is_active,
        "records": {kind.value: verdict.value for kind, verdict in row.records.items()},
        "last_checked_at": time_shape(row.last_checked_at),
        "created_at": time_shape(row.created_at),
        "updated_at": time_shape(row.updated_at),
    }


def domain_shape(domain: DomainDetails) -> dict[str, Any]:
    """One domain with all that is kept about it."""
    return {
        "id": domain.id,
        "name": domain.name,
        "unicode_name": domain.unicode_name,
        "organization_id": domain.organization_id,
        "organization": domain.organization_name,
        "status": domain.status.value,
        "is_active": domain.is_active,
        "mx_record_verified": domain.mx_record_verified,
        "spf_record_verified": domain.spf_record_verified,
        "dkim_record_verified": domain.dkim_record_verified,
        "dmarc_record_verified": domain.dmarc_record_verified,
        "ownership_verified": domain.ownership_verified,
        "dkim_selector": domain.dkim_selector,
        "dkim_public_key": domain.dkim_public_key,
        "verification_token": domain.verification_token,
        "catch_all": domain.catch_all,
        "last_checked_at": time_shape(domain.last_checked_at),
        "created_at": time_shape(domain.created_at),
        "updated_at": time_shape(domain.updated_at),
    }


def time_shape(moment: datetime | None) -> str | None:
    """A time in UTC as ``2026-11-22T10:00:00Z``."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
