"""Read what stands behind MAIL FROM: and RCPT TO: (RFC 5321 section 4.1.2, RFC 6531), and nothing that is like it."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from dataclasses import dataclass

from smtpy_desktop.core.dns_name import NameFault, normalize_name
from smtpy_desktop.errors import SmtpyError
from smtpy_desktop.schemas.smtp_session import SmtpReply

LONGEST_PATH = 256
"""Octets of a path with its brackets (RFC 5321 section 4.5.3.1.3); a source route, which is dropped, does not count."""

_LONGEST_DOMAIN = 255
_LONGEST_LABEL = 63

# All that is not ASCII is let in here, by naming what is not: ranges up to the last character take long to compile.
_ATOM = r'[^\x00-\x20"(),.:;<>@\[\\\]\x7f]+'
_QUOTED = r'"(?:[^\x00-\x1f"\\\x7f]|\\[ -~])+"'
# Underscores are no letters of a host's name, but there are senders whose domains have them.
_LETTER = r"[^\x00-/:-@\[-^`{-\x7f]"
_LABEL = rf"{_LETTER}[^\x00-,./:-@\[-^`{{-\x7f]*(?<!-)"
_DOMAIN = rf"{_LABEL}(?:\.{_LABEL})*"
_LITERAL = r"\[(?:(?i:IPv6):[0-9A-Fa-f:.]+|[0-9.]+)\]"
_PATH = re.compile(
    rf" *<(?:@{_DOMAIN}(?:,@{_DOMAIN})*:)?"
    rf"((?:{_ATOM}(?:\.{_ATOM})*|{_QUOTED})@({_DOMAIN}|{_LITERAL}))>(?: +(.*))?",
    re.ASCII,
)
_NULL = re.compile(r" *<>(?: +(.*))?")
_POSTMASTER = re.compile(r" *<((?i:postmaster))>(?: +(.*))?", re.ASCII)
_PARAMETER = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*)(?:=([!-<>-~]+))?")
_SIZE = re.compile(r"[0-9]{1,20}", re.ASCII)
_NEVER_IN_ADDRESSES = frozenset({"Cc", "Cs", "Zs", "Zl", "Zp"})

_UNKNOWN_PARAMETER = SmtpReply(555, "5.5.4", "A parameter of this command is not known here")
_WRONG_PARAMETER = SmtpReply(501, "5.5.4", "A parameter of this command is not written as it has to be")
_NEEDS_SMTPUTF8 = SmtpReply(553, "5.6.7", "An address that is not ASCII needs the parameter SMTPUTF8")


class PathRefused(SmtpyError):
    """The argument of MAIL or RCPT is no path, or has parameters that are not known; ``reply`` says so."""

    def __init__(self, reply: SmtpReply) -> None:
        self.reply = reply
        super().__init__(reply.words)


@dataclass(frozen=True, slots=True)
class SenderArgument:
    """What MAIL FROM: says; ``address`` is empty for ``<>``, ``size`` in bytes (None: not told, RFC 1870)."""

    address: str
    size: int | None = None
    is_8bit: bool = False
    is_utf8: bool = False


def parse_sender(argument: bytes, *, is_extended: bool = True) -> SenderArgument:
    """Return what follows ``MAIL FROM:``; raise PathRefused.

    Without EHLO (``is_extended``) there are no parameters.
    """
    wrong = SmtpReply(501, "5.1.7", "Write the sender as MAIL FROM:<name@example.com>")
    written = _decoded(argument, wrong)
    null = _NULL.fullmatch(written)
    address, rest = ("", null[1]) if null else _mailbox(written, wrong)
    found = _sender_parameters(address, _parameters(rest), is_extended=is_extended)
    if not found.is_utf8 and not address.isascii():
        raise PathRefused(_NEEDS_SMTPUTF8)
    return found


def parse_recipient(argument: bytes, *, is_utf8: bool = False) -> str:
    """Return the address that follows ``RCPT TO:``, or ``postmaster`` as it was written; raise PathRefused.

    ``is_utf8``: the transaction was begun with SMTPUTF8.
    """
    wrong = SmtpReply(501, "5.1.3", "Write the recipient as RCPT TO:<name@example.com>")
    written = _decoded(argument, wrong)
    postmaster = _POSTMASTER.fullmatch(written)
    address, rest = (postmaster[1], postmaster[2]) if postmaster else _mailbox(written, wrong)
    if not is_utf8 and not address.isascii():
        raise PathRefused(_NEEDS_SMTPUTF8)
    if _parameters(rest):
        raise PathRefused(_UNKNOWN_PARAMETER)
    return address


def _decoded(argument: bytes, wrong: SmtpReply) -> str:
    try:
        return argument.decode("utf-8").rstrip(" ")
    except UnicodeDecodeError:
        raise PathRefused(wrong) from None


def _mailbox(written: str, wrong: SmtpReply) -> tuple[str, str | None]:
    """Return address and parameters; the source route is dropped (RFC 5321 appendix C)."""
    match = _PATH.fullmatch(written)
    if match is None:
        raise PathRefused(wrong)
    address, domain = match[1], match[2]
    is_fitting = len(address.encode()) + 2 <= LONGEST_PATH and len(domain.encode()) <= _LONGEST_DOMAIN
    if not (is_fitting and _is_domain(domain) and (address.isascii() or _is_readable(address))):
        raise PathRefused(wrong)
    return address, match[3]


def _is_domain(domain: str) -> bool:
    if domain.startswith("["):
        return _is_literal(domain[1:-1])
    if domain.isascii():
        return len(domain) <= _LONGEST_LABEL or max(map(len, domain.split("."))) <= _LONGEST_LABEL
    try:
        normalize_name(domain)
    except NameFault:
        return False
    return True


def _is_literal(address: str) -> bool:
    try:
        if ":" in address:
            ipaddress.IPv6Address(address.partition(":")[2])
        else:
            ipaddress.IPv4Address(address)
    except ValueError:
        return False
    return True


def _is_readable(address: str) -> bool:
    """Tell whether no character beyond ASCII is a control character, a blank or an end of a line."""
    return all(
        character < "\u0080" or unicodedata.category(character) not in _NEVER_IN_ADDRESSES for character in address
    )


def _parameters(rest: str | None) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for word in (rest or "").split(" "):
        if not word:
            continue
        match = _PARAMETER.fullmatch(word)
        if match is None or match[1].upper() in found:
            raise PathRefused(_WRONG_PARAMETER)
        found[match[1].upper()] = match[2]
    return found


def _sender_parameters(address: str, parameters: dict[str, str | None], *, is_extended: bool) -> SenderArgument:
    if not parameters:
        return SenderArgument(address)
    if not is_extended or parameters.keys() - {"SIZE", "BODY", "SMTPUTF8"}:
        raise PathRefused(_UNKNOWN_PARAMETER)
    size, body = parameters.get("SIZE", "0"), parameters.get("BODY", "7BIT")
    if size is None or body is None or not _SIZE.fullmatch(size) or parameters.get("SMTPUTF8") is not None:
        raise PathRefused(_WRONG_PARAMETER)
    if body.upper() not in ("7BIT", "8BITMIME"):
        raise PathRefused(_WRONG_PARAMETER)
    return SenderArgument(address, int(size) or None, body.upper() == "8BITMIME", "SMTPUTF8" in parameters)
