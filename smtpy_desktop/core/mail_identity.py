"""Read and write the settings that say who we are in the DNS and whom to ask there (DESIGN section 11)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from smtpy_desktop.core.dmarc_setting import normal_record, report_uris
from smtpy_desktop.core.dns_name import NameFault, normalize_name, shown, strip_blanks
from smtpy_desktop.core.sender_mechanisms import normal_mechanisms
from smtpy_desktop.core.tag_list import parse_tag_list
from smtpy_desktop.errors import FieldError
from smtpy_desktop.schemas.mail_identity import MailExchanger, Resolver
from smtpy_desktop.schemas.text import Text, text

MX_KEY = "mail.mx"
SPF_KEY = "mail.spf"
SENDING_ADDRESSES_KEY = "mail.sending_addresses"
DMARC_KEY = "mail.dmarc"
HOSTNAME_KEY = "mail.hostname"
RESOLVERS_KEY = "dns.resolvers"

DEFAULT_RESOLVERS = (Resolver("9.9.9.9"), Resolver("1.1.1.1"))

_CODES = {
    MX_KEY: "MAIL_MX",
    SENDING_ADDRESSES_KEY: "MAIL_SENDING_ADDRESSES",
    HOSTNAME_KEY: "MAIL_HOSTNAME",
    RESOLVERS_KEY: "DNS_RESOLVERS",
}
_LARGEST_NUMBER = 65535
_DNS_PORT = 53
_PRIVATE = tuple(map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))
_BLANKS = re.compile("[ \t\u00a0]+")
_IN_BRACKETS = re.compile(r"\[([^\[\]]*)\](?::(.*))?")


def parse_mx(raw: str) -> tuple[MailExchanger, ...]:
    """Return the mail servers in ``10 mx1.example.net, 20 mx2.example.net``, best first; an empty text gives none."""
    exchangers = list(_exchangers(_items(raw, ",;\n")))
    hosts = [exchanger.host for exchanger in exchangers]
    for host in hosts:
        if hosts.count(host) > 1:
            raise _error(MX_KEY, "TWICE", text("{host} is named twice.", host=host), text("Name each server once."))
    return tuple(sorted(exchangers, key=lambda exchanger: exchanger.priority))


def format_mx(exchangers: tuple[MailExchanger, ...]) -> str:
    """Return the text that ``parse_mx`` reads."""
    return ", ".join(f"{exchanger.priority} {exchanger.host}" for exchanger in exchangers)


def parse_spf_mechanism(raw: str) -> str:
    """Return the mechanisms to publish, such as ``include:spf.example.net`` or several separated by blanks.

    An empty text gives an empty one. Raises FieldError for a whole record, ``all``, and anything RFC 7208 refuses.
    """
    return normal_mechanisms(raw)


def parse_sending_addresses(raw: str) -> tuple[str, ...]:
    """Return the IP addresses that mail leaves from, each once and in its short form; an empty text gives none."""
    return tuple(dict.fromkeys(_sending_address(item) for item in _items(raw, ",; \t\n")))


def format_sending_addresses(addresses: tuple[str, ...]) -> str:
    """Return the text that ``parse_sending_addresses`` reads."""
    return ", ".join(addresses)


def parse_dmarc(raw: str) -> str:
    """Return the DMARC record wanted, in its plain form; an empty text gives an empty one."""
    return normal_record(raw) if strip_blanks(raw) else ""


def build_dmarc(policy: str, report_address: str = "") -> str:
    """Return the record for a policy (none, quarantine or reject) and the e-mail addresses reports are sent to."""
    uris = report_uris(report_address)
    return normal_record(f"v=DMARC1; p={policy}" + (f"; rua={uris}" if uris else ""))


def split_dmarc(record: str) -> tuple[str, str]:
    """Return policy and report addresses of a record that ``parse_dmarc`` gave, as ``build_dmarc`` takes them."""
    tags = parse_tag_list(record).tags
    addresses = (uri.strip().removeprefix("mailto:") for uri in tags.get("rua", "").split(","))
    return tags.get("p", ""), ", ".join(filter(None, addresses))


def parse_hostname(raw: str) -> str:
    """Return our server's own name in A-labels; an empty text gives an empty one."""
    return _host(raw, HOSTNAME_KEY) if strip_blanks(raw) else ""


def parse_resolvers(raw: str) -> tuple[Resolver, ...]:
    """Return the resolvers in ``9.9.9.9:53, [2620:fe::fe]:53, 1.1.1.1``, each once; at least one is needed."""
    resolvers = tuple(dict.fromkeys(_resolver(item) for item in _items(raw, ",; \t\n")))
    if not resolvers:
        raise FieldError(
            RESOLVERS_KEY,
            "DNS_RESOLVERS_EMPTY",
            text("No resolver is given."),
            hint=text("Two independent ones are best, such as {resolvers}.", resolvers=_DEFAULT_TEXT),
            suggestion=_DEFAULT_TEXT,
        )
    return resolvers


def format_resolvers(resolvers: tuple[Resolver, ...]) -> str:
    """Return the text that ``parse_resolvers`` reads."""
    return ", ".join(map(str, resolvers))


_DEFAULT_TEXT = format_resolvers(DEFAULT_RESOLVERS)


def _items(raw: str, separators: str) -> list[str]:
    return [item for part in re.split(f"[{re.escape(separators)}]", raw) if (item := strip_blanks(part))]


def _exchangers(items: list[str]) -> Iterator[MailExchanger]:
    for position, item in enumerate(items):
        try:
            yield _exchanger(item)
        except FieldError as error:
            if error.suggestion is not None and not _is_exchanger(error.suggestion):
                error.suggestion = None
            if error.suggestion is not None:  # for one server: the others stay as they are
                error.suggestion = ", ".join((*items[:position], error.suggestion, *items[position + 1 :]))
            raise


def _is_exchanger(item: str) -> bool:
    try:
        _exchanger(item)
    except FieldError:
        return False
    return True


def _exchanger(item: str) -> MailExchanger:
    words = [word for word in _BLANKS.split(item) if word]
    priority = _number(words[0])
    if len(words) == 2 and priority is not None:
        return MailExchanger(priority, _host(words[1], MX_KEY))
    if len(words) == 1:
        raise _half_an_exchanger(item, is_number=priority is not None)
    raise _error(
        MX_KEY,
        "PRIORITY",
        text("“{item}” is not a priority and a server name.", item=shown(item)),
        text("Write a number from 0 to 65535 and the name: 10 mx1.example.net (the lowest is tried first)."),
        f"{words[1]} {words[0]}" if _number(words[1]) is not None else None,
    )


def _half_an_exchanger(item: str, *, is_number: bool) -> FieldError:
    hint = text("Write the priority, a blank and the server's name: 10 mx1.example.net.")
    if is_number:
        return _error(MX_KEY, "NO_HOST", text("“{item}” has no server name.", item=shown(item)), hint)
    return _error(MX_KEY, "NO_PRIORITY", text("“{item}” has no priority.", item=shown(item)), hint, f"10 {item}")


def _host(raw: str, field: str) -> str:
    value = strip_blanks(raw)
    if _address(value.strip("[]")) is not None:
        raise _error(
            field,
            "IP_ADDRESS",
            text("“{value}” is an IP address; a name is needed here.", value=shown(value)),
            text("Give the server a name with an address record and write that name (RFC 5321 section 2.3.5)."),
        )
    try:
        normal = normalize_name(value)
    except NameFault as fault:
        raise _error(field, fault.kind, fault.message, fault.hint) from None
    if len(normal.labels) == 1 or normal.labels[-1].isdigit():
        raise _error(
            field,
            "NOT_FULL",
            text("“{value}” is no full server name.", value=shown(value)),
            text("Write the whole name, such as mx1.example.net."),
        )
    return normal.name


def _sending_address(item: str) -> str:
    address = _address(item.strip("[]"))
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if address is None:
        raise _error(
            SENDING_ADDRESSES_KEY,
            "NETWORK" if "/" in item else "SYNTAX",
            text("“{value}” is no single IP address.", value=shown(item)),
            text("Write the addresses one by one: 192.0.2.25, 2001:db8::25."),
        )
    if address.is_unspecified or address.is_multicast or address.is_loopback or address.is_link_local:
        raise _error(
            SENDING_ADDRESSES_KEY,
            "NOT_A_HOST",
            text("No mail reaches other servers from “{value}”.", value=shown(item)),
            text("Write the public addresses of your servers."),
        )
    if any(address in network for network in _PRIVATE if network.version == address.version):
        raise _error(
            SENDING_ADDRESSES_KEY,
            "PRIVATE",
            text("“{value}” is a private address: other servers see another one.", value=shown(item)),
            text("Write the public address from which your mail arrives there (RFC 1918, RFC 4193)."),
        )
    return str(address)


def _resolver(item: str) -> Resolver:
    bracketed = _IN_BRACKETS.fullmatch(item)
    if bracketed:
        host, port = bracketed.groups()
    elif item.count(":") == 1:
        host, port = item.split(":")
    else:
        host, port = item, None
    address = _address(host)
    if address is None or address.is_unspecified:
        raise _error(
            RESOLVERS_KEY,
            "ADDRESS",
            text("“{value}” is no IP address of a resolver.", value=shown(host)),
            text("Write an address, with a port if it is not 53: 9.9.9.9, 192.0.2.53:5353, [2620:fe::fe]:53."),
        )
    number = _DNS_PORT if port is None else _number(port)
    if not number:
        raise _error(
            RESOLVERS_KEY,
            "PORT",
            text("“{value}” is no port.", value=shown(port or "")),
            text("A port is a number from 1 to 65535; DNS uses 53."),
        )
    return Resolver(str(address), number)


def _address(value: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    if "%" in value:  # an interface of this machine means nothing elsewhere
        return None
    try:
        return ipaddress.ip_address(value)
    except ValueError:
        return None


def _number(value: str) -> int | None:
    """A number from 0 to 65535, or None."""
    value = value.strip()
    if not (value.isascii() and value.isdigit() and len(value) <= 5):
        return None
    number = int(value)
    return number if number <= _LARGEST_NUMBER else None


def _error(field: str, kind: str, message: Text, hint: Text, suggestion: str | None = None) -> FieldError:
    return FieldError(field, f"{_CODES[field]}_{kind}", message, hint=hint, suggestion=suggestion)
