"""Reads a received message for people: who, about what, and its text, all as plain text with nothing hidden in it."""

from __future__ import annotations

import email
import email.policy
from email.header import decode_header, make_header

from smtpy_desktop.core.visible_text import visible_line, visible_text
from smtpy_desktop.sandbox.mail_sink_mail import ReceivedMail

_MOST_READ = 256 * 1024
_MOST_PARTS = 50


def header_words(mail: ReceivedMail, name: str) -> str:
    """Return a header field as one readable line; empty where there is none."""
    value = mail.header(name) or ""
    try:
        return visible_line(str(make_header(decode_header(value))))
    except (ValueError, LookupError, UnicodeError):
        return visible_line(value)


def source_words(mail: ReceivedMail) -> str:
    """Return the message as it came, octets that are no UTF-8 replaced; what is too long to look at is left out."""
    return visible_text(mail.raw[:_MOST_READ].decode("utf-8", "replace"))


def is_cut(mail: ReceivedMail) -> bool:
    """Tell whether ``source_words`` leaves something out."""
    return len(mail.raw) > _MOST_READ


def text_words(mail: ReceivedMail) -> str:
    """Return the first part of plain text, decoded; empty where there is none or nobody can read it."""
    try:
        parsed = email.message_from_bytes(mail.raw[:_MOST_READ], policy=email.policy.default)
        for number, part in enumerate(parsed.walk()):
            if number >= _MOST_PARTS:
                break
            if part.get_content_type() == "text/plain" and part.get_content_disposition() != "attachment":
                return visible_text(str(part.get_content()))
    except Exception:  # noqa: BLE001 - the parser raises whatever it likes for what was made to break it
        return ""
    return ""
