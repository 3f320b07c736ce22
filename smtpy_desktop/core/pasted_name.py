"""Recognise what people paste where a domain name is asked for: web and e-mail addresses, IP addresses, lists."""

from __future__ import annotations

import ipaddress
import re
import unicodedata

from smtpy_desktop.core.dns_name import NameFault, shown
from smtpy_desktop.schemas.text import text

_SCHEME = re.compile(
    r"(?:[a-z][a-z0-9+.-]*://|//|(?:https?|ftp|ftps|wss?|smtps?|imaps?|news|dns|file):)", re.IGNORECASE
)
_PATH = re.compile(r"[/\\]")
_NOT_IN_A_HOST = re.compile(r"[\s@<>]")
_HOST_AND_PORT = re.compile(r"[^/:\s@]+:\d{1,5}$")
_AFTER_AT = re.compile(r"[^\s>,;?/]*")
_FOUR_NUMBERS = re.compile(r"\d+(?:\.\d+){3}\.?")


def refuse_other_kinds(stripped: str) -> None:
    """Raise NameFault when the text is something else than a name (``stripped`` has no blanks around it)."""
    plain = unicodedata.normalize("NFKC", stripped)
    _refuse_ip_address(plain)
    _refuse_web_address(plain)
    _refuse_mail_address(plain)
    _refuse_wildcard(plain)
    _refuse_several(plain)


def _refuse_ip_address(plain: str) -> None:
    address = plain.strip("[]").removeprefix("IPv6:")
    if address.count(":") == 1:
        address = address.partition(":")[0]
    if _FOUR_NUMBERS.fullmatch(address) or _is_network(address):
        raise NameFault(
            "IP_ADDRESS",
            text("“{address}” is an IP address, not a domain name.", address=shown(plain)),
            text("Type the name of the domain whose mail is to be forwarded, such as example.com."),
        )


def _is_network(value: str) -> bool:
    try:
        ipaddress.ip_interface(value)
    except ValueError:
        return False
    return True


def _refuse_web_address(plain: str) -> None:
    scheme = _SCHEME.match(plain)
    if not (scheme or _has_path(plain) or _HOST_AND_PORT.match(plain)):
        return
    rest = plain[scheme.end() :] if scheme else plain
    authority = re.split(r"[/\\?#]", rest.lstrip("/"), maxsplit=1)[0]
    host = authority.rpartition("@")[2].partition(":")[0]
    raise NameFault(
        "URL",
        text("This is a web address, not a domain name."),
        text("Type the domain alone, such as example.com, without “https://”, path or port."),
        host,
    )


def _has_path(plain: str) -> bool:
    host, *path = _PATH.split(plain, maxsplit=1)
    return bool(path) and "." in host and not _NOT_IN_A_HOST.search(host)


def _refuse_mail_address(plain: str) -> None:
    if "@" not in plain:
        return
    after = _AFTER_AT.match(plain.rpartition("@")[2])
    raise NameFault(
        "EMAIL",
        text("This is an e-mail address, not a domain name."),
        text("Type the part after the “@”; addresses are added to the domain afterwards."),
        after.group() if after else None,
    )


def _refuse_wildcard(plain: str) -> None:
    if "*" in plain:
        raise NameFault(
            "WILDCARD",
            text("A domain name with “*” stands for many names."),
            text("Add the domain itself, and each subdomain that receives mail, by its own name."),
            plain.replace("*", "").strip("."),
        )


def _refuse_several(plain: str) -> None:
    parts = [part for part in re.split(r"[\s,;]+", plain) if part]
    if len(parts) > 1 and all("." in part.strip(".") for part in parts):
        raise NameFault(
            "SEVERAL",
            text("These are {count} names.", count=len(parts)),
            text("Add one domain at a time."),
            parts[0],
        )
