"""Reads addresses as they stand in an SMTP envelope, from strangers: never raises, and compares by the same keys."""

from __future__ import annotations

import re
from dataclasses import dataclass

from smtpy_desktop.core.dns_name import LONGEST_NAME, NameFault, normalize_name, unicode_form
from smtpy_desktop.core.email_address import address_key

_PLAIN_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_UNFIT = re.compile(r"[\x00-\x1f\x7f]")
_ROUTING = re.compile(r"[@%!:]")
_LONGEST_ADDRESS = 512
"""Characters that are looked at; a path has at most 256 octets (RFC 5321 section 4.5.3.1.3)."""


@dataclass(frozen=True, slots=True)
class WrittenAddress:
    """An address of an envelope: its local part without quotes, and its domain as a lower-case A-label name.

    ``domain`` is empty where there is none or it cannot be one (an address literal, say). ``asks_routing``: the local
    part has the marks by which senders once named the way (``%``, ``!``, ``@``, a source route).
    """

    local_part: str
    domain: str

    @property
    def key(self) -> str:
        """What the address is compared by."""
        return address_key(self.local_part, self.domain)

    @property
    def asks_routing(self) -> bool:
        """Whether mail to it might be meant to be sent on to another server."""
        return _ROUTING.search(self.local_part) is not None


def read_address(written: str) -> WrittenAddress | None:
    """Return the parts of an address; None when it has control characters, no local part or is far too long."""
    if len(written) > _LONGEST_ADDRESS or _UNFIT.search(written):
        return None
    local_part, _, domain = written.rpartition("@")
    if not local_part:
        return WrittenAddress(domain, "") if domain and "@" not in written else None
    if len(local_part) >= 2 and local_part[0] == local_part[-1] == '"':
        local_part = _ESCAPED.sub(r"\1", local_part[1:-1])
    return WrittenAddress(local_part, read_domain(domain)) if local_part else None


def read_domain(written: str) -> str:
    """Return a domain as a lower-case A-label name without trailing dot; empty when it cannot be one."""
    domain = written.lower().removesuffix(".")
    if _PLAIN_DOMAIN.fullmatch(domain) and len(domain) <= LONGEST_NAME and "xn--" not in domain:
        return domain
    try:
        return normalize_name(written).name
    except NameFault:
        return ""


def mail_key(written: str) -> str:
    """Return what an address is compared by, empty for the null sender; what cannot be read is compared as it is."""
    if not written:
        return ""
    address = read_address(written)
    return address.key if address is not None and address.domain else written.lower()


def readable_key(key: str) -> str:
    """Return a key with its domain as people read it."""
    local_part, at, domain = key.rpartition("@")
    return f"{local_part}{at}{unicode_form(domain)}"
