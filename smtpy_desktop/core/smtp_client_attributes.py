"""What a trusted server in front tells about the original client: XCLIENT and XFORWARD, as Postfix defines them."""

from __future__ import annotations

import functools
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from smtpy_desktop.errors import SmtpyError
from smtpy_desktop.schemas.smtp_session import MailClient

XCLIENT_NAMES = ("NAME", "ADDR", "PORT", "PROTO", "HELO")
XFORWARD_NAMES = (*XCLIENT_NAMES, "IDENT", "SOURCE")

_UNKNOWN = frozenset({"[UNAVAILABLE]", "[TEMPUNAVAIL]"})
_XTEXT = re.compile(rb"(?:[!-*,-<>-~]|\+[0-9A-Fa-f]{2})*")
_ENCODED = re.compile(r"\+([0-9A-Fa-f]{2})")
_HOST = re.compile(r"[A-Za-z0-9._:\[\]-]{1,255}", re.ASCII)
_PROTOCOLS = frozenset({"SMTP", "ESMTP", "ESMTPS", "ESMTPA", "ESMTPSA", "LMTP"})
_LONGEST_VALUE = 255


class AttributeRefused(SmtpyError):
    """An attribute has a name or a value that is not known."""


@dataclass(frozen=True, slots=True)
class ClientAttributes:
    """What was told about the original client; empty and 0: nothing."""

    address: str = ""
    port: int = 0
    name: str = ""
    helo: str = ""
    protocol: str = ""

    def describe(self, connected: MailClient) -> MailClient:
        """Return the original client of a connection; what was not told about it is not known.

        Without an address nothing is known but what the connection itself shows.
        """
        if not self.address:
            return replace(connected, helo=self.helo or connected.helo)
        return replace(
            connected,
            address=self.address,
            port=self.port,
            name=self.name,
            helo=self.helo or connected.helo,
            protocol=self.protocol or connected.protocol,
            peer=connected.peer or connected.address,
        )


NOTHING_TOLD = ClientAttributes()


def parse_attributes(
    argument: bytes, names: tuple[str, ...], before: ClientAttributes = NOTHING_TOLD
) -> ClientAttributes:
    """Return what one command adds to what was told before; raise AttributeRefused."""
    found: dict[str, str] = {}
    for word in argument.split():
        name, equals, value = word.partition(b"=")
        known = name.decode("ascii", "replace").upper()
        if not equals or known not in names:
            raise AttributeRefused(f"the attribute {known} is not known")
        found[known] = _value(value)
    if not found:
        raise AttributeRefused("no attribute is given")
    return _changed(before, found)


@functools.lru_cache(maxsize=4096)
def normal_address(written: str) -> str:
    """Return an IP address in its usual form without a zone, an IPv4 address in IPv6 as IPv4; raise ValueError."""
    address = ipaddress.ip_address(written.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def _value(written: bytes) -> str:
    """Return a value without xtext's coding (RFC 3461 section 4); unknown ones are empty."""
    if len(written) > 3 * _LONGEST_VALUE or not _XTEXT.fullmatch(written):
        raise AttributeRefused("a value is not written as xtext")
    value = _ENCODED.sub(lambda found: chr(int(found[1], 16)), written.decode("ascii"))
    return "" if value.upper() in _UNKNOWN else value


def _changed(before: ClientAttributes, found: Mapping[str, str]) -> ClientAttributes:
    changed = before
    if "ADDR" in found:
        changed = replace(changed, address=_address(found["ADDR"]))
    if "PORT" in found:
        changed = replace(changed, port=_port(found["PORT"]))
    if "NAME" in found:
        changed = replace(changed, name=_host(found["NAME"]))
    if "HELO" in found:
        changed = replace(changed, helo=_host(found["HELO"]))
    if "PROTO" in found:
        protocol = found["PROTO"].upper()
        changed = replace(changed, protocol=protocol if protocol in _PROTOCOLS else "")
    return changed


def _address(value: str) -> str:
    if not value:
        return ""
    try:
        return normal_address(value[5:] if value.upper().startswith("IPV6:") else value)
    except ValueError:
        raise AttributeRefused("the value of ADDR is no address") from None


def _port(value: str) -> int:
    if not value:
        return 0
    if not (value.isascii() and value.isdigit() and len(value) <= 5 and int(value) < 65536):
        raise AttributeRefused("the value of PORT is no port")
    return int(value)


def _host(value: str) -> str:
    """Names that cannot be put into a header as they are, are as good as unknown."""
    return value if _HOST.fullmatch(value) else ""
