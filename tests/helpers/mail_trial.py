"""Mail intake over a real database, with a verdict of the test's own and without a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import text

from smtpy_desktop.controllers.forwarding_cache import ForwardingCache
from smtpy_desktop.controllers.mail_intake_controller import MailIntakeController
from smtpy_desktop.controllers.spool_controller import Spool
from smtpy_desktop.core.srs import srs_forward, srs_reverse, srs_stored
from smtpy_desktop.database.engine import Database
from smtpy_desktop.database.models import Alias, AliasTarget
from smtpy_desktop.schemas.forwarder import ForwarderSettings
from smtpy_desktop.schemas.identifiers import DomainId
from smtpy_desktop.schemas.mail_authentication import AuthenticationVerdict
from smtpy_desktop.schemas.outgoing_mail import DueDelivery
from smtpy_desktop.schemas.smtp_session import MailClient, MailEnvelope, SmtpReply

CLIENT = MailClient("192.0.2.1", 4242, "mx.b.example", "mx.b.example", "ESMTPS", "TLSv1.3")
LMTP_CLIENT = replace(CLIENT, protocol="LMTP")
RAW = b"From: Jo <jo@b.example>\r\nTo: info@a.example\r\nSubject: Hello\r\nMessage-ID: <1@b.example>\r\n\r\nHello\r\n"
KEYS = [b"k" * 32]


class FixedKeys:
    """Rewrites senders with a key of the test's own."""

    async def forward(self, sender: str, domain: str, *, now: datetime) -> str:
        return srs_forward(sender, domain, KEYS, now=now) or srs_stored(sender, domain, KEYS, now=now)[1]

    async def reverse(self, local_part: str, *, now: datetime) -> str:
        return srs_reverse(local_part, KEYS, now=now)


@dataclass
class FixedVerdict:
    """Says about every message what a test wants."""

    verdict: AuthenticationVerdict = field(default_factory=AuthenticationVerdict)
    error: Exception | None = None

    async def verify(self, client: MailClient, sender: str, raw: bytes) -> AuthenticationVerdict:
        if self.error is not None:
            raise self.error
        return self.verdict


class FixedSeal:
    """Puts a line on top that tells for whom it was asked."""

    async def seal(self, domain: str, raw: bytes, verdict: AuthenticationVerdict, sender: str) -> bytes:
        return f"ARC-Seal: i=1; d={domain}\r\n".encode()


class MailTrial:
    """An intake with everything it needs; ``due`` are the deliveries that it has begun."""

    def __init__(self, database: Database, *, has_seal: bool = False, store: Any = None) -> None:
        self.database = database
        self.settings = ForwarderSettings("mx1.example.net")
        self.authenticator = FixedVerdict()
        self.due: list[DueDelivery] = []
        self.cache = ForwardingCache(database)
        self.spool = Spool(database, forwarder="test", room=lambda: 100, started=self.due.extend)
        self.intake = MailIntakeController(
            self.cache,
            FixedKeys(),
            self.authenticator,
            store or self.spool,
            settings=lambda: self.settings,
            sealer=FixedSeal() if has_seal else None,
        )

    async def rcpt(self, recipient: str, sender: str = "jo@b.example", client: MailClient = CLIENT) -> SmtpReply:
        """Ask about a recipient."""
        return await self.intake.recipient(client, sender, recipient)

    async def send(
        self,
        *recipients: str,
        raw: bytes = RAW,
        sender: str = "jo@b.example",
        client: MailClient = CLIENT,
        is_utf8: bool = False,
    ) -> tuple[SmtpReply, ...]:
        """Hand a message over."""
        return await self.intake.message(MailEnvelope(client, sender, recipients, is_utf8), raw)

    async def add_alias(self, domain_id: DomainId, address: str, *targets: str, is_active: bool = True) -> int:
        """Write an alias straight into the database; nobody hears of it."""
        async with self.database.begin() as db:
            local_part = address.rpartition("@")[0]
            alias = Alias(domain_id=domain_id, local_part=local_part, address_key=address.lower(), is_active=is_active)
            db.add(alias)
            await db.flush()
            db.add_all(AliasTarget(alias_id=alias.id, address=one, address_key=one.lower()) for one in targets)
            return alias.id

    async def rows(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        """Return rows of the database, once the refusals are written down."""
        await self.intake.close()
        async with self.database.read() as db:
            return [tuple(row) for row in await db.execute(text(statement), values)]

    async def execute(self, statement: str, **values: Any) -> None:
        """Change the database; nobody hears of it."""
        async with self.database.begin() as db:
            await db.execute(text(statement), values)

    async def close(self) -> None:
        """Finish what is under way."""
        await self.intake.close()
        await self.spool.close()
        await self.cache.close()


def codes(replies: Sequence[SmtpReply]) -> list[str]:
    """Return the codes of replies, such as ``550 5.1.1``."""
    return [f"{reply.code} {reply.enhanced}" for reply in replies]
