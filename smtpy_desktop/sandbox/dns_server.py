"""The sandbox's DNS on loopback: one authoritative server and several resolvers over the same zones."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self, cast

import dns.exception
import dns.flags
import dns.message
import dns.opcode
import dns.rcode
import dns.rdatatype

from smtpy_desktop.sandbox.dns_answering import Reply, SandboxResolver, answer_as_authority
from smtpy_desktop.sandbox.dns_zones import ZoneFault, Zones
from smtpy_desktop.schemas.mail_identity import DnsSettings, Resolver

LOOPBACK = "127.0.0.1"
_PLAIN_DATAGRAM = 512
_TRIES_FOR_A_PORT = 20
_IDLE_SECONDS = 10.0


class SandboxDns:
    """Starts and stops with ``async with`` on the running loop; listens on 127.0.0.1 and nothing else.

    A question without recursion desired gets the authoritative answer on every port.
    """

    def __init__(
        self,
        zones: Zones | None = None,
        *,
        resolver_count: int = 2,
        cache_seconds: float = 0.0,
        authoritative_port: int = 0,
        resolver_ports: Sequence[int] = (),
    ) -> None:
        """Prepare it; port 0 means any free one, and ``cache_seconds`` bounds how long resolvers keep an answer."""
        self.zones = zones if zones is not None else Zones()
        ports = [*resolver_ports, *([0] * resolver_count)][:resolver_count]
        self._resolvers = [SandboxResolver(self.zones, index, cache_seconds) for index in range(resolver_count)]
        self._listeners = [_Listener(self.zones, authoritative_port, None)]
        self._listeners += [
            _Listener(self.zones, port, resolver) for port, resolver in zip(ports, self._resolvers, strict=True)
        ]

    @property
    def authoritative_port(self) -> int:
        """The port of the authoritative server (known once started)."""
        return self._listeners[0].port

    @property
    def resolvers(self) -> list[Resolver]:
        """The resolvers to configure (known once started)."""
        return [Resolver(LOOPBACK, listener.port) for listener in self._listeners[1:]]

    def settings(self, timeout_seconds: float = 3.0) -> DnsSettings:
        """Return settings that ask this DNS and no other."""
        return DnsSettings(tuple(self.resolvers), self.authoritative_port, timeout_seconds)

    def set_cache_seconds(self, seconds: float) -> None:
        """Let resolvers keep answers for so long at most from now on."""
        for resolver in self._resolvers:
            resolver.cache_seconds = seconds

    def flush(self) -> None:
        """Let all resolvers forget what they keep."""
        for resolver in self._resolvers:
            resolver.flush()

    async def start(self) -> None:
        """Start to listen; raises OSError when a port that was asked for is taken, with nothing left open."""
        try:
            for listener in self._listeners:
                await listener.start()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Close every socket."""
        for listener in self._listeners:
            await listener.stop()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()


class _Listener(asyncio.DatagramProtocol):
    """One port, UDP and TCP."""

    def __init__(self, zones: Zones, port: int, resolver: SandboxResolver | None) -> None:
        self._zones = zones
        self._wanted_port = port
        self._resolver = resolver
        self._datagrams: asyncio.DatagramTransport | None = None
        self._server: asyncio.Server | None = None
        self._conversations: set[asyncio.Task[None]] = set()
        self.port = port

    async def start(self) -> None:
        for _ in range(_TRIES_FOR_A_PORT):
            self._server = await asyncio.start_server(self._converse, LOOPBACK, self._wanted_port)
            self.port = self._server.sockets[0].getsockname()[1]
            try:
                await asyncio.get_running_loop().create_datagram_endpoint(
                    lambda: self, local_addr=(LOOPBACK, self.port)
                )
            except OSError:  # somebody has the same port for UDP
                await self.stop()
                if self._wanted_port:
                    raise
            else:
                return
        raise OSError("no port is free for both UDP and TCP")

    async def stop(self) -> None:
        if self._datagrams is not None:
            self._datagrams.abort()
            self._datagrams = None
        if self._server is not None:
            self._server.close()
            for conversation in self._conversations:
                conversation.cancel()
            if self._conversations:
                await asyncio.wait(self._conversations)
            await self._server.wait_closed()
            self._server = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._datagrams = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        response = self._respond(data, is_datagram=True)
        if response is None:
            return
        if response.delay_seconds:
            asyncio.get_running_loop().call_later(response.delay_seconds, self._send, response.wire, addr)
        else:
            self._send(response.wire, addr)

    def _send(self, wire: bytes, addr: tuple[str, int]) -> None:
        if self._datagrams is not None:
            self._datagrams.sendto(wire, addr)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = cast("asyncio.Task[None]", asyncio.current_task())
        self._conversations.add(task)
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, OSError, asyncio.CancelledError):
                await self._answer_stream(reader, writer)
        finally:
            self._conversations.discard(task)
            writer.transport.abort()

    async def _answer_stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            async with asyncio.timeout(_IDLE_SECONDS):  # TimeoutError is an OSError
                data = await reader.readexactly(int.from_bytes(await reader.readexactly(2)))
            response = self._respond(data, is_datagram=False)
            if response is not None:
                await asyncio.sleep(response.delay_seconds)
                writer.write(len(response.wire).to_bytes(2) + response.wire)
                await writer.drain()

    def _respond(self, data: bytes, *, is_datagram: bool) -> _Response | None:
        try:
            query = dns.message.from_wire(data)
        except dns.exception.DNSException:
            return None
        if query.flags & dns.flags.QR:
            return None
        if query.opcode() != dns.opcode.QUERY or len(query.question) != 1:
            return _Response.of(
                Reply(dns.rcode.NOTIMP).message(query, is_resolver=False), ZoneFault(), query, is_datagram
            )
        name = query.question[0].name.to_text(omit_final_dot=True).lower()
        zone = self._zones.zone_of(name)
        fault = zone.fault if zone is not None else ZoneFault()
        resolver = self._resolver if query.flags & dns.flags.RD else None
        if resolver is None and fault.is_silent:
            return None
        reply = self._reply(resolver, name, dns.rdatatype.to_text(query.question[0].rdtype), fault)
        message = reply.message(query, is_resolver=self._resolver is not None)
        return _Response.of(message, fault, query, is_datagram)

    def _reply(self, resolver: SandboxResolver | None, name: str, type_: str, fault: ZoneFault) -> Reply:
        if resolver is not None:
            return resolver.answer(name, type_)
        if fault.rcode:
            return Reply(dns.rcode.from_text(fault.rcode))
        return answer_as_authority(self._zones, name, type_)


@dataclass(frozen=True, slots=True)
class _Response:
    wire: bytes
    delay_seconds: float

    @classmethod
    def of(
        cls, message: dns.message.Message, fault: ZoneFault, query: dns.message.Message, is_datagram: bool
    ) -> _Response:
        room = 65535
        if is_datagram:
            room = max(query.payload, _PLAIN_DATAGRAM) if query.edns >= 0 else _PLAIN_DATAGRAM
            if fault.truncates:
                message.flags |= dns.flags.TC
                message.answer, message.authority, message.additional = [], [], []
        return cls(message.to_wire(max_size=room, prefer_truncation=True), fault.delay_milliseconds / 1000)
