"""Writes the small, honest message by which the way of mail through an alias is tried."""

from __future__ import annotations

import re
from datetime import datetime
from email.utils import format_datetime

from smtpy_desktop.core.header_lines import header_line

TEST_HEADER = "X-SMTPy-Test"
_FIT = re.compile(r"[!-~]+")


def build_test_message(recipient: str, *, domain: str, token: str, now: datetime) -> bytes:
    """Return a test message to an alias of a domain (a lower-case A-label name), with CRLF line ends, in ASCII.

    It says what it is, and that no answer is wanted (RFC 3834), so that neither machines nor reports answer it.
    """
    shown = recipient if _FIT.fullmatch(recipient) else f"the alias of {domain}"
    lines = [
        header_line("From", f"SMTPy Desktop <postmaster@{domain}>"),
        header_line("To", recipient if _FIT.fullmatch(recipient) else f"postmaster@{domain}"),
        header_line("Subject", f"Test message to {shown}"),
        header_line("Date", format_datetime(now)),
        header_line("Message-ID", message_id(token, domain)),
        header_line("Auto-Submitted", "auto-generated"),
        header_line(TEST_HEADER, token),
        header_line("MIME-Version", "1.0"),
        header_line("Content-Type", "text/plain; charset=us-ascii"),
    ]
    body = (
        f"This is a test message to {shown}.",
        "",
        "An administrator of this address sent it with SMTPy Desktop to see that mail",
        "is forwarded as it should be. There is nothing to do; it can be deleted.",
        "",
        f"Sent:  {format_datetime(now)}",
        f"Token: {token}",
    )
    return b"".join(lines) + b"\r\n" + "".join(f"{line}\r\n" for line in body).encode("ascii", "replace")


def message_id(token: str, domain: str) -> str:
    """Return the Message-ID of a test message, by which it is found again."""
    return f"<test.{token}@{domain}>"
