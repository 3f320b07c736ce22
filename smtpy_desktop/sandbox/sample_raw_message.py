"""Writes a sample message as it would have come over the wire."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

_OWN_LINES = (b"Received: ", b"Authentication-Results: ")
_WORD_CHARACTERS = 10
"""An encoded word has 75 bytes at most (RFC 2047 section 2)."""


def header_lines(row: Mapping[str, Any]) -> str:
    """Return the header lines of a message, given as a row of its table, each ended by CRLF."""
    return "".join(f"{name}: {value}\r\n" for name, value in _headers(row))


def raw_message(row: Mapping[str, Any]) -> bytes:
    """Return the whole message (RFC 5322) with attachments of the sizes that the row names."""
    message = EmailMessage(policy=SMTP)
    message.set_content(f"{row['body_preview']}\r\n")
    for entry in row["attachments"]:
        main_type, _, subtype = entry["type"].partition("/")
        content = (f"{entry['name']} " * (entry["size_bytes"] // 5)).encode()[: entry["size_bytes"]]
        message.add_attachment(content, maintype=main_type, subtype=subtype, filename=entry["name"])
    headers: str = row["headers"]
    return headers.encode() + message.as_bytes()


def sent_message(raw: bytes) -> bytes:
    """Return a message without the lines that our own server has put on top: as its sender sends it."""
    lines = raw.split(b"\r\n")
    own = sum(line.startswith(_OWN_LINES) for line in lines[:2])
    return b"\r\n".join(lines[own:])


def _headers(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    sender, recipient, subject = row["sender_email"], row["recipient_email"], row["subject"]
    when, host = format_datetime(row["created_at"]), sender.rpartition("@")[2]
    results = "; ".join(f"{name}={value}" for name, value in row["authentication"].items())
    headers = [
        ("Received", f"from mail.{host} by mx1.northwind.example with ESMTPS; {when}"),
        ("Authentication-Results", f"mx1.northwind.example; {results}"),
        ("Date", when),
        ("From", f"<{sender}>"),
        ("To", f"<{recipient}>"),
        ("Subject", subject if subject.isascii() else _encoded(subject)),
        ("Message-ID", row["message_id"]),
    ]
    if row["thread_id"] is not None and row["thread_id"] != row["message_id"]:
        headers += [("In-Reply-To", row["thread_id"]), ("References", row["thread_id"])]
    return headers


def _encoded(subject: str) -> str:
    """Return a text as encoded words (RFC 2047)."""
    starts = range(0, len(subject), _WORD_CHARACTERS)
    words = (b64encode(subject[start : start + _WORD_CHARACTERS].encode()).decode() for start in starts)
    return " ".join(f"=?utf-8?b?{word}?=" for word in words)
