"""The tables, gathered so that the metadata knows them all."""

from smtpy_desktop.database.models.administration import AuditRecord, ServerSetting
from smtpy_desktop.database.models.alias import Alias, AliasTarget
from smtpy_desktop.database.models.base import Base
from smtpy_desktop.database.models.billing import (
    BillingAccountRecord,
    BillingNoticeRecord,
    InvoiceRecord,
    PriceRecord,
    StripeCursor,
    StripeIntentRecord,
)
from smtpy_desktop.database.models.delivery import DeliveryAttempt, DeliveryRecord
from smtpy_desktop.database.models.domain import DkimKey, DnsCheck, Domain
from smtpy_desktop.database.models.forwarding import (
    ForwarderRecord,
    MailEnvelopeRecord,
    RuleMatches,
    RuleRecord,
    SrsKey,
    SrsSender,
)
from smtpy_desktop.database.models.message import Message, MessageContent
from smtpy_desktop.database.models.message_count import (
    MESSAGE_COUNT_CHANGES,
    MessageHourCount,
    MessagePeriodCount,
    MessageSenderCount,
)
from smtpy_desktop.database.models.organization import Organization
from smtpy_desktop.database.models.saved_view import SavedViewRecord
from smtpy_desktop.database.models.webhook_event import RefusedDeliveryRecord, WebhookEventRecord

__all__ = [
    "MESSAGE_COUNT_CHANGES",
    "Alias",
    "AliasTarget",
    "AuditRecord",
    "Base",
    "BillingAccountRecord",
    "BillingNoticeRecord",
    "DeliveryAttempt",
    "DeliveryRecord",
    "DkimKey",
    "DnsCheck",
    "Domain",
    "ForwarderRecord",
    "InvoiceRecord",
    "MailEnvelopeRecord",
    "Message",
    "MessageContent",
    "MessageHourCount",
    "MessagePeriodCount",
    "MessageSenderCount",
    "Organization",
    "PriceRecord",
    "RefusedDeliveryRecord",
    "RuleMatches",
    "RuleRecord",
    "SavedViewRecord",
    "ServerSetting",
    "SrsKey",
    "SrsSender",
    "StripeCursor",
    "StripeIntentRecord",
    "WebhookEventRecord",
]
