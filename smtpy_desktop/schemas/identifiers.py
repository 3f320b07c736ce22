"""Typed identifiers, so that a domain's id is never passed where an organization's is meant."""

from __future__ import annotations

from typing import NewType

OrganizationId = NewType("OrganizationId", int)
DomainId = NewType("DomainId", int)
AliasId = NewType("AliasId", int)
MessageId = NewType("MessageId", int)
