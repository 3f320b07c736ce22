"""Who did what to which object, when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from smtpy_desktop.schemas.identifiers import OrganizationId


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: the system account's name, and by which way (``window``, ``command line``, ``check``)."""

    name: str
    via: str


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change to be written down; ``changes`` holds what was and what is, per field."""

    action: str
    object_type: str
    object_id: int | None
    object_name: str
    organization_id: OrganizationId | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One line of the audit log as it is shown."""

    id: int
    at: datetime
    actor: str
    via: str
    action: str
    object_type: str
    object_id: int | None
    object_name: str
    changes: Mapping[str, Any]
