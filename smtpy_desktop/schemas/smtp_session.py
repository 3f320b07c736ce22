"""What an SMTP or LMTP session tells about its client and its mail, and what it is answered."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MailClient:
    """Who hands mail over: the original client, also where a trusted server in front passed on what it knows.

    ``name`` is the verified name of the address (empty: none), ``helo`` what it greeted with, ``protocol`` the keyword
    for Received (RFC 3848: SMTP, ESMTP, ESMTPS, UTF8SMTP, LMTP …), ``tls`` version and cipher (None: in clear).
    ``peer`` is the address of the connection itself, where that is another one.
    """

    address: str
    port: int = 0
    name: str = ""
    helo: str = ""
    protocol: str = "SMTP"
    tls: str | None = None
    peer: str = ""


@dataclass(frozen=True, slots=True)
class SmtpReply:
    """A reply of our own: code, enhanced code (RFC 3463; empty: none) and ASCII words without line breaks."""

    code: int
    enhanced: str
    words: str

    @property
    def is_accepted(self) -> bool:
        """Whether it says yes."""
        return 200 <= self.code < 400

    def encoded(self) -> bytes:
        """The line as it goes over the wire, with its CRLF."""
        parts = [str(self.code), self.enhanced, self.words]
        return " ".join(part for part in parts if part).encode("ascii", "replace") + b"\r\n"


@dataclass(frozen=True, slots=True)
class MailEnvelope:
    """One mail transaction: ``sender`` is empty for ``<>``; addresses stand as they were written, without brackets.

    ``is_utf8``: SMTPUTF8 was asked for (RFC 6531), ``is_8bit``: BODY=8BITMIME (RFC 6152).
    """

    client: MailClient
    sender: str
    recipients: tuple[str, ...]
    is_utf8: bool = False
    is_8bit: bool = False
