"""What a mail session asks of the program: whether to talk, whom to take mail from and for, and to take the mail."""

from __future__ import annotations

from typing import Protocol

from smtpy_desktop.schemas.smtp_session import MailClient, MailEnvelope, SmtpReply


class MailIntake(Protocol):
    """Decides for the listeners; an exception is answered with 451, so that the client tries again."""

    @property
    def largest_message(self) -> int:
        """How many bytes a message may have (RFC 1870)."""
        ...

    async def greet(self, client: MailClient) -> SmtpReply | None:
        """Return None to go on with a client; a reply of 4xx or 5xx is its greeting, and the connection is closed."""
        ...

    async def sender(self, client: MailClient, sender: str, size: int | None) -> SmtpReply:
        """Answer MAIL FROM; ``sender`` is empty for ``<>``, ``size`` what the client announced (RFC 1870)."""
        ...

    async def recipient(self, client: MailClient, sender: str, recipient: str) -> SmtpReply:
        """Answer RCPT TO."""
        ...

    async def message(self, envelope: MailEnvelope, raw: bytes) -> tuple[SmtpReply, ...]:
        """Take a message and answer the final dot, one reply per recipient; a yes means that it is stored durably.

        ``raw`` is what the client meant, byte for byte: dots unstuffed, every line ended by CRLF. LMTP sends all
        replies; SMTP knows one, so there they are all equal.
        """
        ...
