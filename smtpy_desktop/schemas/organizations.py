"""Organizations: the customers whose domains are looked after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from smtpy_desktop.schemas.identifiers import OrganizationId


@dataclass(frozen=True, slots=True)
class OrganizationRow:
    """One organization as lists show it."""

    id: OrganizationId
    name: str
    email: str
    domains: int
    created_at: datetime
    updated_at: datetime
