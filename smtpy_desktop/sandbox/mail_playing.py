"""What a person can do at the sandbox's mail server from the window, and what is seen of it there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.sandbox.mail_reading import header_words, source_words
from smtpy_desktop.sandbox.mail_sink import MailSink
from smtpy_desktop.sandbox.mail_sink_faults import SinkFault, SinkFaults, SinkVerb
from smtpy_desktop.sandbox.mail_sink_mail import ReceivedMail
from smtpy_desktop.sandbox.world import SandboxWorld


@dataclass(frozen=True, slots=True)
class MailRow:
    """A message that was delivered, as the list shows it; ``id`` is its number."""

    id: int
    received_at: datetime
    recipients: str
    sender: str
    envelope_sender: str
    subject: str
    size_bytes: int
    tls: str | None


@dataclass(frozen=True, slots=True)
class MailSight:
    """Everything that the page shows: the newest message first, the faults, where the server and its inbox are."""

    rows: tuple[MailRow, ...]
    faults: SinkFaults
    is_down: bool
    address: str
    inbox_address: str


class MailPlay:
    """Acts on the sandbox's mail server; every method runs on the asyncio thread."""

    def __init__(self, world: SandboxWorld) -> None:
        self._world = world

    @property
    def _sink(self) -> MailSink:
        return self._world.post.sink

    async def sight(self) -> MailSight:
        """Return what there is to see."""
        sink = self._sink
        return MailSight(
            rows=tuple(_row(mail) for mail in reversed(sink.inbox)),
            faults=replace(sink.faults, verbs=dict(sink.faults.verbs)),
            is_down=sink.is_down,
            address=sink.address,
            inbox_address=self._world.post.pages.address,
        )

    async def source(self, number: int) -> str:
        """Return a message as it came, readable; empty when it is not kept any more."""
        return next((source_words(mail) for mail in self._sink.inbox if mail.number == number), "")

    async def set_down(self, *, is_down: bool) -> None:
        """Close the port, or open it again."""
        if is_down:
            await self._sink.go_down()
        else:
            await self._sink.start()

    async def fail_at(self, verb: SinkVerb, fault: SinkFault) -> None:
        """Let this go wrong at one verb, and nothing at the others."""
        self._sink.faults.verbs = {} if fault is SinkFault.NONE else {verb: fault}

    async def delay(self, seconds: float) -> None:
        """Let every answer come so late."""
        self._sink.faults.delay_seconds = seconds

    async def spare_others(self, only_for: str) -> None:
        """Let things go wrong for a domain or an address alone (empty: for everybody)."""
        self._sink.faults.only_for = only_for

    async def heal(self) -> None:
        """Let everything work again."""
        self._sink.faults.clear()
        await self._sink.start()

    async def empty(self) -> None:
        """Throw away what is in the inbox."""
        self._sink.inbox.clear()


def _row(mail: ReceivedMail) -> MailRow:
    return MailRow(
        id=mail.number,
        received_at=mail.received_at,
        recipients=", ".join(map(visible_line, mail.recipients)),
        sender=header_words(mail, "From"),
        envelope_sender=visible_line(mail.sender),
        subject=header_words(mail, "Subject"),
        size_bytes=len(mail.raw),
        tls=mail.tls,
    )
