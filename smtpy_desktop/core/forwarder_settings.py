"""Read and write the settings of the forwarding engine that are more than a number or a word."""

from __future__ import annotations

import ipaddress
import re

from smtpy_desktop.core.connection_form import parse_host
from smtpy_desktop.core.dns_name import NameFault, normalize_name, shown, strip_blanks
from smtpy_desktop.errors import FieldError
from smtpy_desktop.schemas.smart_host import SmartHostTls
from smtpy_desktop.schemas.text import text

SMARTHOST_KEY = "forwarder.smarthost"
SMARTHOST_TLS_KEY = "forwarder.smarthost_tls"
SMARTHOST_USER_KEY = "forwarder.smarthost_user"
ARC_KEY = "forwarder.arc"
MAX_SIZE_KEY = "forwarder.max_size"
TRUSTED_KEY = "forwarder.trusted"
TLS_REQUIRED_KEY = "forwarder.tls_required"
PER_DESTINATION_KEY = "forwarder.per_destination"
PER_CLIENT_KEY = "forwarder.per_client_minute"
RETRY_DAYS_KEY = "forwarder.retry_days"
HEED_DMARC_KEY = "forwarder.heed_dmarc"
LISTEN_KEY = "forwarder.listen"

SMALLEST_LIMIT = 64 * 1024
"""In bytes; every server has to take messages that long (RFC 5321 section 4.5.3.1.7)."""

LARGEST_LIMIT = 100 * 1024 * 1024
"""In bytes; a message is held in memory while it comes in, and is stored as one value."""

NOBODY = "none"
"""The stored word for an empty list of trusted addresses: an empty value means the default."""

_LONGEST_USER = 255
_UNITS = {"": 1, "b": 1, "k": 1024, "kb": 1024, "kib": 1024, "m": 1024**2, "mb": 1024**2, "mib": 1024**2}
_SIZE = re.compile(r"([0-9]{1,12})\s*([a-z]{0,3})", re.IGNORECASE)
_ENDPOINT = re.compile(r"(?:\[([^\[\]]+)\]|([^:\[\]]+)):([0-9]{1,5})")
_SEPARATORS = re.compile(r"[,;\s\u00a0]+")


def normalise_smarthost(value: str) -> str:
    """Return ``host:port`` in its plain form; raise FieldError."""
    written = re.fullmatch(r"(.+):([0-9]{1,5})", value)
    if written is None or not 0 < int(written[2]) < 65536:
        raise FieldError(
            SMARTHOST_KEY,
            "SETTING_SMARTHOST",
            text("The smart host is written as host:port."),
            hint=text("For example relay.example.net:587; leave it empty to deliver to the recipients' own servers."),
        )
    try:
        host = parse_host(written[1])
    except FieldError as error:
        raise FieldError(SMARTHOST_KEY, error.code, error.message, detail=error.detail, hint=error.hint) from error
    return f"[{host}]:{int(written[2])}" if ":" in host else f"{host}:{int(written[2])}"


def parse_smarthost_tls(value: str) -> SmartHostTls:
    """Return how the connection to the smart host is encrypted; raise FieldError."""
    try:
        return SmartHostTls(value.lower())
    except ValueError:
        raise FieldError(
            SMARTHOST_TLS_KEY,
            "SETTING_SMARTHOST_TLS",
            text("“{value}” is no way to encrypt the connection to the smart host.", value=shown(value)),
            hint=text(
                "Write opportunistic (STARTTLS where it is offered), required (STARTTLS with a valid certificate) or"
                " implicit (TLS from the first byte on, port 465)."
            ),
        ) from None


def parse_smarthost_user(value: str) -> str:
    """Return a user name that can be sent (RFC 4616 section 2); raise FieldError."""
    if value.isprintable() and len(value.encode("utf-8", "replace")) <= _LONGEST_USER:
        return value
    raise FieldError(
        SMARTHOST_USER_KEY,
        "SETTING_SMARTHOST_USER",
        text("The user name for the smart host is too long, or has characters that cannot be seen."),
        hint=text("Enter it as the provider shows it; it often is an address. Leave it empty to send without one."),
    )


def parse_size(value: str) -> int:
    """Return a number of bytes from ``26214400``, ``25 MiB`` or ``25M``; raise FieldError."""
    written = _SIZE.fullmatch(value.strip())
    unit = _UNITS.get(written[2].lower()) if written is not None else None
    size = int(written[1]) * unit if written is not None and unit is not None else 0
    if SMALLEST_LIMIT <= size <= LARGEST_LIMIT:
        return size
    raise FieldError(
        MAX_SIZE_KEY,
        "SETTING_SIZE",
        text("“{value}” is no size from 64 KiB to 100 MiB.", value=shown(value)),
        hint=text("Write it in bytes or with a unit, such as 25 MiB."),
    )


def parse_trusted(value: str) -> tuple[str, ...]:
    """Return addresses and networks in their plain form; ``none`` gives an empty list. Raises FieldError."""
    items = _items(value)
    if [item.lower() for item in items] == [NOBODY]:
        return ()
    return tuple(dict.fromkeys(_network(item) for item in items))


def format_trusted(trusted: tuple[str, ...]) -> str:
    """Return the text that ``parse_trusted`` reads."""
    return ", ".join(trusted) or NOBODY


def parse_domains(value: str) -> tuple[str, ...]:
    """Return domains as lower-case A-labels, each once; raise FieldError."""
    return tuple(dict.fromkeys(_domain(item) for item in _items(value)))


def parse_listen(value: str, field: str = LISTEN_KEY) -> tuple[tuple[str, int], ...]:
    """Return the addresses and ports in ``127.0.0.1:2525, [::]:25``; port 0 stands for any that is free.

    Raises FieldError for ``field``.
    """
    return tuple(dict.fromkeys(_endpoint(item, field) for item in _items(value)))


def format_listen(endpoints: tuple[tuple[str, int], ...]) -> str:
    """Return the text that ``parse_listen`` reads."""
    return ", ".join(format_endpoint(host, port) for host, port in endpoints)


def format_endpoint(host: str, port: int) -> str:
    """Return ``address:port``, an IPv6 address in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _items(value: str) -> list[str]:
    return [item for item in _SEPARATORS.split(strip_blanks(value)) if item]


def _network(item: str) -> str:
    try:
        network = ipaddress.ip_network(item.strip("[]"))
    except ValueError:
        raise FieldError(
            TRUSTED_KEY,
            "SETTING_TRUSTED",
            text("“{value}” is no IP address or network.", value=shown(item)),
            hint=text("Write addresses or networks: 127.0.0.1, 10.0.0.0/24, 2001:db8::/64; none for nobody."),
        ) from None
    return str(network.network_address) if network.prefixlen == network.max_prefixlen else str(network)


def _domain(item: str) -> str:
    try:
        return normalize_name(item).name
    except NameFault as fault:
        code = f"SETTING_TLS_REQUIRED_{fault.kind}"
        raise FieldError(TLS_REQUIRED_KEY, code, fault.message, hint=fault.hint) from None


def _endpoint(item: str, field: str) -> tuple[str, int]:
    written = _ENDPOINT.fullmatch(item)
    if written is not None and int(written[3]) < 65536:
        try:
            return str(ipaddress.ip_address(written[1] or written[2])), int(written[3])
        except ValueError:
            pass
    raise FieldError(
        field,
        "SETTING_LISTEN",
        text("“{value}” is no address and port to listen at.", value=shown(item)),
        hint=text("Write an IP address of this machine and a port: 127.0.0.1:2525, 0.0.0.0:25, [::]:25."),
    )
