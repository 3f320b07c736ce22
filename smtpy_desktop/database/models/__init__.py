"""The tables, gathered so that the metadata knows them all."""

from smtpy_desktop.database.models.administration import AuditRecord, ServerSetting
from smtpy_desktop.database.models.base import Base
from smtpy_desktop.database.models.domain import DkimKey, DnsCheck, Domain
from smtpy_desktop.database.models.mail import Alias, AliasTarget, Message
from smtpy_desktop.database.models.organization import Organization

__all__ = [
    "Alias",
    "AliasTarget",
    "AuditRecord",
    "Base",
    "DkimKey",
    "DnsCheck",
    "Domain",
    "Message",
    "Organization",
    "ServerSetting",
]
