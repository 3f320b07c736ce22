"""A DNS server on loopback that does exactly what a test tells it to, however wrong."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Self

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

from smtpy_desktop.gateways.dns_gateway import DnsAsker
from smtpy_desktop.schemas.dns import Answer, Question
from smtpy_desktop.schemas.dns_zone import NameServer, ZoneServers
from smtpy_desktop.schemas.mail_identity import DnsSettings, Resolver

PATIENT = 5.0
"""Seconds of patience where the answer comes at once."""

BRIEF = 0.15
"""Seconds of patience where no answer comes."""

TXT = Question("example.com", "TXT")
UNLISTED = ZoneServers("example.com", unlisted=True)
SOA = "example.com. 900 SOA ns1.example.com. admin.example.com. 1 3600 600 604800 300"


@dataclass(frozen=True)
class Asked:
    """One question as it arrived."""

    message: dns.message.Message
    wire: bytes
    is_tcp: bool

    @property
    def question(self) -> Question:
        first = self.message.question[0]
        return Question(first.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(first.rdtype))

    @property
    def is_recursive(self) -> bool:
        return bool(self.message.flags & dns.flags.RD)

    def reply(
        self,
        *answers: str,
        authority: Iterable[str] = (),
        additional: Iterable[str] = (),
        rcode: str = "NOERROR",
        aa: bool = True,
        ra: bool = False,
    ) -> dns.message.Message:
        """Build a response from records as a zone file holds them."""
        response = dns.message.make_response(self.message, recursion_available=ra)
        response.flags |= dns.flags.AA if aa else 0
        response.set_rcode(dns.rcode.from_text(rcode))
        for section, records in ((response.answer, answers), (response.authority, authority)):
            section.extend(map(_record, records))
        response.additional.extend(map(_record, additional))
        return response

    def truncated(self) -> dns.message.Message:
        response = self.reply()
        response.flags |= dns.flags.TC
        return response


@dataclass(frozen=True)
class FromElsewhere:
    """A packet to be sent from another port than the one that was asked."""

    wire: bytes


Packet = bytes | dns.message.Message | FromElsewhere
Script = Callable[[Asked], Packet | Iterable[Packet] | None]


class ScriptedDns(asyncio.DatagramProtocol):
    """Serves a script over UDP and TCP while it is entered; ``asked`` holds every question that came."""

    def __init__(self, script: Script, address: str = "127.0.0.1", port: int = 0, *, tcp: bool = True) -> None:
        self.script = script
        self.address = address
        self.port = port
        self.asked: list[Asked] = []
        self.ports_seen: set[int] = set()
        self._tcp = tcp
        self._conversations: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        wanted = self.port
        while True:
            self._server = await asyncio.start_server(self._converse, self.address, wanted)
            self.port = self._server.sockets[0].getsockname()[1]
            try:
                place = (self.address, self.port)
                self._datagrams, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=place)
            except OSError:
                self._server.close()
                if wanted:
                    raise
                continue  # the port that was free for TCP is somebody's for UDP: take another one
            break
        self._elsewhere, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=(self.address, 0))
        if not self._tcp:
            self._server.close()
        return self

    async def __aexit__(self, *failure: object) -> None:
        self._datagrams.abort()
        self._elsewhere.abort()
        self._server.close()
        for conversation in self._conversations:
            conversation.cancel()
        if self._conversations:
            await asyncio.wait(self._conversations)
        await self._server.wait_closed()
        await asyncio.sleep(0)  # the transports close on the next turn of the loop

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.ports_seen.add(addr[1])
        for packet in self._packets(data, is_tcp=False):
            if isinstance(packet, FromElsewhere):
                self._elsewhere.sendto(packet.wire, addr)
            else:
                self._datagrams.sendto(_wire(packet), addr)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self._conversations.add(task)
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
                while True:
                    data = await reader.readexactly(int.from_bytes(await reader.readexactly(2)))
                    for packet in self._packets(data, is_tcp=True):
                        wire = _wire(packet)
                        writer.write(len(wire).to_bytes(2) + wire)
        finally:
            self._conversations.discard(task)
            writer.transport.abort()

    def _packets(self, data: bytes, *, is_tcp: bool) -> Iterable[Packet]:
        asked = Asked(dns.message.from_wire(data), data, is_tcp)
        self.asked.append(asked)
        packets = self.script(asked)
        if packets is None:
            return ()
        return (packets,) if isinstance(packets, bytes | dns.message.Message | FromElsewhere) else packets


def _wire(packet: Packet) -> bytes:
    return packet if isinstance(packet, bytes) else packet.to_wire(max_size=65535)


def _record(line: str) -> dns.rrset.RRset:
    name, ttl, type_, value = line.split(maxsplit=3)
    return dns.rrset.from_text(name, int(ttl), "IN", type_, value)


def says(*records: str, **facts: object) -> Script:
    """Answer every question with these records."""
    return lambda asked: asked.reply(*records, **facts)


def silence(asked: Asked) -> None:
    """Answer nothing."""


def settings_for(*resolvers: ScriptedDns, authoritative_port: int = 53, patience: float = PATIENT) -> DnsSettings:
    """Use these servers as resolvers."""
    return DnsSettings(tuple(Resolver(r.address, r.port) for r in resolvers), authoritative_port, patience)


def zone_of(**addresses: str) -> ZoneServers:
    """Give the zone example.com with these name servers and their addresses (blanks between several)."""
    servers = [NameServer(f"{name}.example.net", tuple(found.split())) for name, found in addresses.items()]
    return ZoneServers("example.com", tuple(servers))


async def ask_one(
    gateway: DnsAsker, script: Script, question: Question = TXT, *, patience: float = PATIENT, tcp: bool = True
) -> Answer:
    """Ask one authoritative server that has this script."""
    async with ScriptedDns(script, tcp=tcp) as server:
        settings = settings_for(authoritative_port=server.port, patience=patience)
        (answer,) = await gateway.ask_everywhere(question, zone_of(ns1="127.0.0.1"), settings)
        return answer
