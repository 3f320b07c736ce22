"""Database URLs: made with every character of a password intact, read, and never shown with it."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from smtpy_desktop.core.connection_form import parse_server_form
from smtpy_desktop.core.redaction import HIDDEN
from smtpy_desktop.errors import FieldError, UserFacingError
from smtpy_desktop.schemas.connection import ServerAddress, ServerForm, TlsMode
from smtpy_desktop.schemas.text import Text, text

DRIVER_SCHEME = "postgresql+psycopg"

# The earlier web version was configured with its driver's name in the URL (asyncpg, which calls sslmode ssl).
_SCHEMES = (DRIVER_SCHEME, "postgresql", "postgres", "postgresql+asyncpg", "postgresql+psycopg2")
_OPTIONS = ("sslmode", "ssl", "sslrootcert", "host", "port")


@dataclass(frozen=True, slots=True)
class ConnectionUrl:
    """A URL for SQLAlchemy. Printed or logged it has no password; ``reveal()`` gives the whole."""

    address: ServerAddress
    password: str | None = field(default=None, repr=False)
    root_certificates: str | None = None

    def __str__(self) -> str:
        return self._build(HIDDEN if self.password else None)

    def reveal(self) -> str:
        """Return the URL with the password, for the driver alone."""
        return self._build(None if self.password is None else quote(self.password, safe=""))

    def _build(self, encoded_password: str | None) -> str:
        user = quote(self.address.user, safe="")
        account = user if encoded_password is None else f"{user}:{encoded_password}"
        database = quote(self.address.database, safe="")
        options = driver_options(self.address, self.root_certificates)
        if _is_socket(self.address.host):
            options = {"host": self.address.host, "port": str(self.address.port)} | options
            return f"{DRIVER_SCHEME}://{account}@/{database}?{urlencode(options, quote_via=quote)}"
        place = f"{_bracketed(self.address.host)}:{self.address.port}"
        return f"{DRIVER_SCHEME}://{account}@{place}/{database}?{urlencode(options, quote_via=quote)}"


def driver_options(address: ServerAddress, root_certificates: str | None = None) -> dict[str, str]:
    """Return libpq's options for the protection that the address asks for.

    ``root_certificates`` is the file with the system's authorities, used unless the address names its own. Without
    either libpq would look into the user's home directory only.
    """
    options = {"sslmode": address.tls_mode.value}
    trusted = address.ca_file or root_certificates
    if address.tls_mode.checks_certificate and trusted:
        options["sslrootcert"] = trusted
    return options


def connection_parameters(address: ServerAddress, root_certificates: str | None = None) -> dict[str, str]:
    """Return libpq's connection parameters, without the password."""
    return {
        "host": address.host,
        "port": str(address.port),
        "dbname": address.database,
        "user": address.user,
        **driver_options(address, root_certificates),
    }


def parse_connection_url(url: str) -> ConnectionUrl:
    """Read a PostgreSQL URL such as a command line gives; raise UserFacingError (never showing the URL).

    Without ``sslmode`` it is ``verify-full``, on this machine itself ``prefer`` (there is nobody in between).
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
        options = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query), errors="strict"))
        user, password = (_decoded(part) for part in (parts.username, parts.password))
        host = _decoded(parts.hostname) or ""
        database = _decoded(parts.path.removeprefix("/")) or ""
    except ValueError as error:
        raise _invalid(text("Its parts cannot be told apart; special characters are written as %XX.")) from error
    if parts.scheme.lower() not in _SCHEMES:
        raise _invalid(text("It has to begin with postgresql://"))
    unknown = sorted(set(options) - set(_OPTIONS))
    if unknown:
        raise _invalid(text("The option {name} is not known.", name=unknown[0]))
    host = options.get("host", host) or "localhost"
    form = ServerForm(
        host="localhost" if _is_socket(host) else host,
        port=options.get("port") or str(port or 5432),
        database=database,
        user=user or "",
        tls_mode=_parse_tls_mode(options.get("sslmode", options.get("ssl")), host),
        ca_file=options.get("sslrootcert", ""),
    )
    return ConnectionUrl(_parse_address(form, host), password)


def _parse_address(form: ServerForm, host: str) -> ServerAddress:
    try:
        address = parse_server_form(form)
    except FieldError as error:
        raise _invalid(error.message) from error
    if not _is_socket(host):
        return address
    return ServerAddress(host, address.port, address.database, address.user, address.tls_mode, address.ca_file)


def _parse_tls_mode(written: str | None, host: str) -> TlsMode:
    if written is None:
        return TlsMode.PREFER if is_this_machine(host) else TlsMode.VERIFY_FULL
    try:
        return TlsMode(written)
    except ValueError:
        known = ", ".join(TlsMode)
        raise _invalid(text("sslmode is one of {known}.", known=known)) from None


def is_this_machine(host: str) -> bool:
    """Tell whether a host is the machine itself: a socket's path, localhost, or a loopback address."""
    if _is_socket(host) or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _decoded(part: str | None) -> str | None:
    return None if part is None else unquote(part, errors="strict")


def _is_socket(host: str) -> bool:
    return host.startswith("/")


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _invalid(reason: Text) -> UserFacingError:
    return UserFacingError(
        "DATABASE_URL_INVALID",
        text("The database URL cannot be used."),
        detail=reason,
        hint=text("It looks like postgresql://user:password@db.example.net:5432/database?sslmode=verify-full"),
    )
