"""Trying out a PostgreSQL server step by step, so that a failure names its cause; nothing is saved or changed."""

from __future__ import annotations

import asyncio
import errno
import logging
import math
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Protocol

import psycopg

from smtpy_desktop.core.connection_url import connection_parameters
from smtpy_desktop.core.dns_name import shown
from smtpy_desktop.core.probe_findings import Finding, failed, not_tried, ok, refused_sign_in, timed_out
from smtpy_desktop.errors import DatabaseUnavailable
from smtpy_desktop.gateways.postgres_inspection import Connection, inspect_rights, inspect_schema
from smtpy_desktop.gateways.postgres_startup import Credentials, ServerRefusal, SignIn, SignInNotSpoken
from smtpy_desktop.gateways.postgres_tls import lost_in_tls, negotiate_tls
from smtpy_desktop.gateways.trusted_certificates import system_root_certificates
from smtpy_desktop.schemas.connection import ProbeStep, ServerAddress, StepResult, StepState
from smtpy_desktop.schemas.text import text

DEADLINE_SECONDS = 5.0

_log = logging.getLogger(__name__)

_APPLICATION_NAME = "SMTPy Desktop (connection test)"


class ServerProbe(Protocol):
    """What tries out a server, one result per step as it ends."""

    def __call__(
        self, address: ServerAddress, password: str, *, known_schema: tuple[str, ...]
    ) -> AsyncIterator[StepResult]:
        """Yield the result of each step in the order of ``ProbeStep``."""
        ...


async def explained(
    error: DatabaseUnavailable, address: ServerAddress, password: str, *, known_schema: tuple[str, ...] = ()
) -> DatabaseUnavailable:
    """Find out at which step the way to a server ends, which the driver does not tell apart; else return ``error``."""
    if address.host.startswith("/"):
        return error  # a socket of this machine: there are no steps to go
    async for step in probe(address, password, known_schema=known_schema):
        if step.state is StepState.FAILED:
            return DatabaseUnavailable(step.code, step.message, hint=step.hint)
    return error


async def probe(
    address: ServerAddress,
    password: str,
    *,
    known_schema: tuple[str, ...],
    deadline_seconds: float = DEADLINE_SECONDS,
) -> AsyncIterator[StepResult]:
    """Yield one result per step of ``ProbeStep``, each after at most ``deadline_seconds``.

    ``known_schema`` are the revisions of the schema that the program knows, oldest first. After a failed step the rest
    is skipped. It can be cancelled, or closed with ``aclosing``, at any time; its connections end with it.
    """
    attempt = _Attempt(address, password, known_schema, deadline_seconds)
    steps: dict[ProbeStep, Callable[[], Awaitable[Finding]]] = {
        ProbeStep.DNS: attempt.look_up,
        ProbeStep.TCP: attempt.connect,
        ProbeStep.TLS: attempt.encrypt,
        ProbeStep.SIGN_IN: attempt.sign_in,
        ProbeStep.RIGHTS: attempt.check_rights,
        ProbeStep.SCHEMA: attempt.check_schema,
    }
    has_failed = False
    try:
        for step, action in steps.items():
            if has_failed:
                yield _result(step, not_tried(), 0)
                continue
            started = time.perf_counter()
            try:
                async with asyncio.timeout(deadline_seconds):
                    finding = await action()
            except TimeoutError:
                finding = timed_out(step, address, deadline_seconds)
            has_failed = finding.state is StepState.FAILED
            yield _result(step, finding, round((time.perf_counter() - started) * 1000))
    finally:
        await attempt.close()


class _Attempt:
    """The connections of one probe, handed on from step to step."""

    def __init__(self, address: ServerAddress, password: str, known_schema: Sequence[str], seconds: float) -> None:
        self._address = address
        self._password = password
        self._known_schema = known_schema
        self._seconds = seconds
        self._root_certificates = system_root_certificates()
        self._hosts: list[str] = []
        self._reached = ""
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._connection: Connection | None = None

    async def look_up(self) -> Finding:
        """Find the host's addresses."""
        loop = asyncio.get_running_loop()
        host = self._address.host
        try:
            found = await loop.getaddrinfo(host, self._address.port, type=socket.SOCK_STREAM)
        except (socket.gaierror, UnicodeError) as error:
            return _look_up_failed(error, host)
        self._hosts = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        addresses = ", ".join(self._hosts)
        if addresses == host:
            return ok("DNS_ADDRESS", text("{host} is an address; nothing to look up.", host=host))
        return ok("DNS_FOUND", text("{host} is at {addresses}.", host=host, addresses=addresses))

    async def connect(self) -> Finding:
        """Reach the port at one of the addresses, in the system's order of preference."""
        port = self._address.port
        errors: list[OSError] = []
        for host in self._hosts:
            try:
                # One silent address must not use up the time of those after it.
                async with asyncio.timeout(self._seconds / len(self._hosts)):
                    self._streams = await asyncio.open_connection(host, port)
            except OSError as error:  # also TimeoutError
                errors.append(error)
            else:
                self._reached = host
                return ok("TCP_OPEN", text("Port {port} of {host} is open.", port=port, host=host))
        if all(isinstance(error, TimeoutError) and not error.errno for error in errors):
            raise TimeoutError
        return _not_reached(errors, self._address)

    async def encrypt(self) -> Finding:
        """Bring the connection under TLS as asked for."""
        reader, writer = self._open_streams()
        try:
            return await negotiate_tls(reader, writer, self._address, self._root_certificates)
        except ConnectionError:
            return _closed_by_server()

    async def sign_in(self) -> Finding:
        """Sign in; first by hand, which tells the reason of a refusal, then as the program will do it."""
        credentials = Credentials(self._address.user, self._address.database, self._password)
        try:
            await SignIn(*self._open_streams(), credentials).run()
        except ServerRefusal as refusal:
            return refused_sign_in(refusal.sqlstate, refusal.message, refusal.routine, self._address)
        except SignInNotSpoken as reason:
            _log.info("the sign-in is left to libpq: %s", reason)
        except (ConnectionError, asyncio.IncompleteReadError, OSError) as error:
            if isinstance(error, TimeoutError):
                raise
            return lost_in_tls(error) or _closed_by_server()
        self._close_streams()
        return await self._sign_in_with_libpq()

    async def check_rights(self) -> Finding:
        """See what the user may do."""
        return await self._inspect(lambda connection: inspect_rights(connection, self._address))

    async def check_schema(self) -> Finding:
        """See which tables are there."""
        return await self._inspect(lambda connection: inspect_schema(connection, self._known_schema))

    async def close(self) -> None:
        """End every connection."""
        self._close_streams()
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def _sign_in_with_libpq(self) -> Finding:
        try:
            self._connection = await psycopg.AsyncConnection.connect(
                autocommit=True,
                hostaddr=self._reached,
                password=self._password,
                application_name=_APPLICATION_NAME,
                # Ours ends it before; libpq's own limit is in whole seconds, two at least.
                connect_timeout=math.ceil(self._seconds) + 2,
                **connection_parameters(self._address, self._root_certificates),  # type: ignore[arg-type]
            )
        except psycopg.OperationalError as error:
            reason = (str(error).strip().splitlines() or ["unknown"])[-1]
            return failed(
                "SIGN_IN_FAILED",
                text("The sign-in failed: {reason}", reason=shown(reason)),
                text("Check the user, the password and the server's pg_hba.conf."),
            )
        return ok("SIGNED_IN", text("{user} is signed in.", user=shown(self._address.user)))

    async def _inspect(self, look: Callable[[Connection], Awaitable[Finding]]) -> Finding:
        if self._connection is None:
            raise RuntimeError("looked into before the sign-in")
        try:
            return await look(self._connection)
        except psycopg.Error as error:
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            return failed("SERVER_ERROR", text("The server answered with an error: {reason}", reason=shown(reason)))

    def _open_streams(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is None:
            raise RuntimeError("used before the connection")
        return self._streams

    def _close_streams(self) -> None:
        if self._streams is not None:
            self._streams[1].transport.abort()
            self._streams = None


def _result(step: ProbeStep, finding: Finding, milliseconds: int) -> StepResult:
    return StepResult(step, finding.state, milliseconds, finding.code, finding.message, finding.hint)


def _look_up_failed(error: Exception, host: str) -> Finding:
    code = error.errno if isinstance(error, socket.gaierror) else socket.EAI_NONAME
    if code in (socket.EAI_AGAIN, socket.EAI_FAIL):
        return failed(
            "DNS_NO_ANSWER",
            text("The name servers could not say where {host} is.", host=host),
            text("Check this machine's network connection and name servers, then try again."),
        )
    return failed(
        "DNS_UNKNOWN_HOST",
        text("There is no host {host}.", host=host),
        text("Check the spelling. A name inside a private network needs that network's name servers (VPN)."),
    )


def _not_reached(errors: Sequence[OSError], address: ServerAddress) -> Finding:
    """Say why no address could be reached; a refusal tells more than silence elsewhere."""
    refused = any(isinstance(error, ConnectionRefusedError) for error in errors)
    if refused:
        return failed(
            "TCP_REFUSED",
            text("{host} is there, but nothing listens on port {port}.", host=address.host, port=address.port),
            text(
                "Check the port. PostgreSQL must be running and listen on the network (listen_addresses in "
                "postgresql.conf), and a firewall may refuse on its behalf."
            ),
        )
    reason = next((error for error in reversed(errors) if error.errno), None)
    if reason is not None and reason.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH):
        return failed(
            "TCP_UNREACHABLE",
            text("There is no route to {host} from this machine.", host=address.host),
            text("Check the network connection (VPN), and the host's address."),
        )
    return failed(
        "TCP_FAILED",
        text("Port {port} of {host} cannot be reached: {reason}.", port=address.port, host=address.host, reason=reason),
        text("Check the network connection and the firewalls on the way."),
    )


def _closed_by_server() -> Finding:
    return failed(
        "SERVER_CLOSED",
        text("The server closed the connection without giving a reason."),
        text("Check that the port is PostgreSQL's; the server's log may tell more."),
    )
