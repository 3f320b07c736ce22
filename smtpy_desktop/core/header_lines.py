"""Writes the header lines that we put on top of mail; every value of ours passes ``header_line``."""

from __future__ import annotations

import re
from datetime import datetime
from email.utils import format_datetime

from smtpy_desktop.schemas.smtp_session import MailClient

_FOLD_AT = 78
"""Characters of a line, better not more (RFC 5322 section 2.1.1)."""

_LONGEST_LINE = 998
_NAME = re.compile(r"[!-9;-~]{1,76}")
_UNFIT_ANYWHERE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_AROUND_PATH = re.compile(r"[<>\s]")
_UNFIT = re.compile(r"[^!-~]+")
_UNFIT_IN_COMMENT = re.compile(r"[^ !#-'*-\[\]-~]+")
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,253}[A-Za-z0-9])?")
_LITERAL = re.compile(r"\[[A-Za-z0-9:.]{2,60}\]")
_UNSPACED_PART = 64


class HeaderFault(ValueError):
    """A header value that must not go out: it would begin another line, or break one."""


def header_line(name: str, value: str, *, is_utf8: bool = False) -> bytes:
    """Return a header line with its CRLF, folded at its blanks; other languages than ASCII with ``is_utf8`` alone.

    Raises HeaderFault for CR, LF, NUL and every other control character but the tab, for a name that is none, and for
    a word that is longer than a line may be.
    """
    if not _NAME.fullmatch(name):
        raise HeaderFault("this is no name of a header")
    if not _may_stand(value, is_utf8=is_utf8):
        raise HeaderFault(f"a value of {name} holds characters that a header may not have")
    line = _folded(f"{name}: {value.strip()}").encode()
    if max(map(len, line.split(b"\r\n"))) > _LONGEST_LINE:
        raise HeaderFault(f"a value of {name} has a word that is too long for a line")
    return line + b"\r\n"


def received_line(
    client: MailClient,
    *,
    hostname: str,
    queue_id: str,
    now: datetime,
    recipient: str = "",
    is_utf8: bool = False,
) -> bytes:
    """Return the Received line (RFC 5321 section 4.4); ``recipient`` only where it is the only one of the mail."""
    protocol = _UNFIT.sub("", client.protocol) or "SMTP"
    tls = f" ({_comment(client.tls)})" if client.tls else ""
    parts = [
        f"from {_from(client)}",
        f"by {hostname or 'localhost'} with {protocol}{tls}",
        f"id {queue_id}" + (f" for <{recipient}>" if _is_fit(recipient, is_utf8=is_utf8) else ""),
    ]
    return header_line("Received", f"{' '.join(parts)}; {format_datetime(now)}", is_utf8=is_utf8)


def delivered_to_line(address: str, *, is_utf8: bool = False) -> bytes:
    """Return the Delivered-To line (RFC 9228) of an address of ours; by it mail that comes back is known."""
    return header_line("Delivered-To", address, is_utf8=is_utf8)


def forwarded_for_line(address: str, *, is_utf8: bool = False) -> bytes:
    """Return the line that names the alias; the target is never named, as its other readers must not know it."""
    return header_line("X-Forwarded-For", address, is_utf8=is_utf8)


def address_literal(address: str) -> str:
    """Return an IP address as RFC 5321 section 4.1.3 writes it."""
    fit = re.sub(r"[^0-9A-Fa-f:.]", "", address) or "0.0.0.0"  # noqa: S104 - no address to listen at
    return f"[IPv6:{fit}]" if ":" in fit else f"[{fit}]"


def _from(client: MailClient) -> str:
    literal = address_literal(client.address)
    helo = client.helo if _HOST.fullmatch(client.helo) or _LITERAL.fullmatch(client.helo) else ""
    name = f"{client.name} " if _HOST.fullmatch(client.name) else ""
    return f"{helo or literal} ({name}{literal})"


def _is_fit(recipient: str, *, is_utf8: bool) -> bool:
    """Whether an address may stand in the line as it was written."""
    is_short = 0 < len(recipient) <= _LONGEST_LINE // 4
    return is_short and not _AROUND_PATH.search(recipient) and _may_stand(recipient, is_utf8=is_utf8)


def _may_stand(value: str, *, is_utf8: bool) -> bool:
    """Whether a header may have these characters: no control characters but the tab, no halves of characters."""
    return not _UNFIT_ANYWHERE.search(value) and (is_utf8 or value.isascii())


def _comment(words: str) -> str:
    return _UNFIT_IN_COMMENT.sub(" ", words).strip()[:_UNSPACED_PART]


def _folded(line: str) -> str:
    """Break a line before blanks; the blank begins the next line, so that unfolding gives the same value back."""
    if len(line) <= _FOLD_AT:
        return line
    lines: list[str] = []
    current = ""
    for word in re.findall(r"[ \t]*[^ \t]+", line):
        # The first word stays beside the name, as some readers take a line with the name alone for an empty header.
        if len(current) + len(word) > _FOLD_AT and (lines or " " in current):
            lines.append(current)
            current = word
        else:
            current += word
    return "\r\n".join([*lines, current])
