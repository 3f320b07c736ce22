"""Checking what was typed into the connection dialog, field by field."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from urllib.parse import urlsplit

from smtpy_desktop.core.dns_name import NameFault, normalize_name, shown, strip_blanks
from smtpy_desktop.errors import FieldError
from smtpy_desktop.schemas.connection import ServerAddress, ServerForm
from smtpy_desktop.schemas.text import text

_LONGEST_IDENTIFIER = 63
"""In bytes; PostgreSQL cuts off the rest of a name without a word (NAMEDATALEN)."""

_USUAL_PORT = "5432"
_HOST_AND_PORT = re.compile(r"(\[[^\]]+\]|[^:]+):(\d+)")
_NAME_WITH_UNDERSCORES = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?", re.ASCII)


def server_form_errors(form: ServerForm) -> tuple[FieldError, ...]:
    """Return everything that is wrong with the form, at most one error per field, in the order of the fields."""
    checks: tuple[Callable[[], object], ...] = (
        lambda: parse_host(form.host),
        lambda: _parse_port(form.port),
        lambda: _parse_name("database", form.database),
        lambda: _parse_name("user", form.user),
        lambda: _parse_ca_file(form.ca_file),
    )
    return tuple(error for error in map(_error_of, checks) if error is not None)


def parse_server_form(form: ServerForm) -> ServerAddress:
    """Return the address that the form describes; raise FieldError for the first field that is wrong."""
    return ServerAddress(
        host=parse_host(form.host),
        port=_parse_port(form.port),
        database=_parse_name("database", form.database),
        user=_parse_name("user", form.user),
        tls_mode=form.tls_mode,
        ca_file=_parse_ca_file(form.ca_file),
    )


def parse_host(raw: str) -> str:
    """Return a host name as lower-case A-labels, or an IP address without brackets; raise FieldError."""
    host = strip_blanks(raw)
    if not host:
        raise FieldError(
            "host", "HOST_MISSING", text("The host is missing."), hint=text("Type a name such as db.example.net.")
        )
    _refuse_pasted(host)
    address = _parse_address(host)
    if address is not None:
        return address
    if "_" in host and _NAME_WITH_UNDERSCORES.fullmatch(host.lower()):
        return host.lower().rstrip(".")  # no Internet host, but names inside a private network are written so
    try:
        return normalize_name(host).name
    except NameFault as fault:
        raise FieldError(
            "host", f"HOST_{fault.kind}", fault.message, hint=fault.hint, suggestion=fault.candidate
        ) from fault


def _refuse_pasted(host: str) -> None:
    """Refuse what holds more than a host, and suggest the host in it."""
    if host.startswith(("/", "@")):
        raise FieldError(
            "host",
            "HOST_IS_SOCKET",
            text("“{host}” is the path of a local socket.", host=shown(host)),
            hint=text("Type the server's name; for this machine type localhost."),
        )
    if "://" in host or "@" in host or "/" in host:
        # The pasted text is not repeated: it may hold a password.
        raise FieldError(
            "host",
            "HOST_IS_URL",
            text("That is a whole address; only the host's name belongs here."),
            suggestion=_host_in(host),
        )
    with_port = _HOST_AND_PORT.fullmatch(host)
    if with_port:
        raise FieldError(
            "host",
            "HOST_HAS_PORT",
            text("“{host}” holds a port, which has a field of its own.", host=shown(host)),
            suggestion=with_port[1].strip("[]"),
        )


def _host_in(pasted: str) -> str | None:
    try:
        return urlsplit(pasted if "://" in pasted else f"//{pasted}").hostname
    except ValueError:
        return None


def _parse_address(host: str) -> str | None:
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        pass
    if ":" in bare or re.fullmatch(r"[0-9.]+", bare):
        raise FieldError(
            "host",
            "HOST_ADDRESS",
            text("“{host}” is no IP address.", host=shown(host)),
            hint=text("An address looks like 192.0.2.10 or 2001:db8::10."),
        )
    return None


def _parse_port(raw: str) -> int:
    port = strip_blanks(raw)
    if re.fullmatch(r"[0-9]{1,5}", port) and 1 <= int(port) <= 65535:
        return int(port)
    message = text("“{port}” is no port.", port=shown(port)) if port else text("The port is missing.")
    hint = text("A port is a number from 1 to 65535; PostgreSQL's is usually 5432.")
    raise FieldError("port", "PORT_INVALID", message, hint=hint, suggestion=_USUAL_PORT)


def _parse_name(field: str, raw: str) -> str:
    name = strip_blanks(raw)
    if not name:
        missing = {"database": text("The database's name is missing."), "user": text("The user's name is missing.")}
        raise FieldError(field, f"{field.upper()}_MISSING", missing[field])
    if not name.isprintable():
        raise FieldError(
            field,
            f"{field.upper()}_INVALID",
            text("“{name}” holds a character that no name can have.", name=shown(name)),
            hint=text("Type the name again instead of pasting it."),
        )
    length = len(name.encode("utf-8", "replace"))
    if length > _LONGEST_IDENTIFIER:
        raise FieldError(
            field,
            f"{field.upper()}_TOO_LONG",
            text(
                "The name is too long: it has {length} bytes, and PostgreSQL takes {limit}.",
                length=length,
                limit=_LONGEST_IDENTIFIER,
            ),
        )
    return name


def _parse_ca_file(raw: str) -> str | None:
    path = raw.strip()
    if "\0" in path:
        raise FieldError("ca_file", "CA_FILE_INVALID", text("That is no file name."))
    return path or None


def _error_of(check: Callable[[], object]) -> FieldError | None:
    try:
        check()
    except FieldError as error:
        return error
    return None
