"""Asking the servers that hold a zone, and those that it delegates to."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from smtpy_desktop.gateways.dns_parallel import gather_all
from smtpy_desktop.gateways.dns_reading import Reading, Referral, read_authoritative
from smtpy_desktop.gateways.dns_transport import DnsTransport
from smtpy_desktop.gateways.dns_wire import Query
from smtpy_desktop.schemas.dns import Answer, AnswerState, Question
from smtpy_desktop.schemas.dns_zone import NameServer, ZoneServers
from smtpy_desktop.schemas.mail_identity import DnsSettings

LookUp = Callable[[Question, DnsSettings], Coroutine[Any, Any, Answer]]

MOST_SERVERS = 16
"""Name servers asked per zone: the root has 13; more would let a hostile zone multiply our questions."""

_MOST_ADDRESSES = 4
_MOST_DELEGATIONS = 4
_DNS_PORT = 53


class AuthoritativeServers:
    """Asks each name server of a zone, without recursion."""

    def __init__(self, transport: DnsTransport, look_up: LookUp) -> None:
        self._transport = transport
        self._look_up = look_up

    async def ask(self, query: Query, zone: ZoneServers, settings: DnsSettings) -> list[Answer]:
        """Return one answer per name server, those of a delegated sub-zone in place of a referral to them."""
        if zone.failure is not None:
            return [Answer(zone.apex, authoritative=True, state=zone.failure)]
        return await self._ask_zone(query, zone.apex, zone.servers, settings, _MOST_DELEGATIONS)

    async def find_addresses(
        self, hosts: Iterable[str], glue: dict[str, tuple[str, ...]], settings: DnsSettings
    ) -> tuple[NameServer, ...]:
        """Return the name servers with their addresses, looked up unless there is glue for a host."""
        chosen = list(hosts)[:MOST_SERVERS]
        return tuple(await gather_all(self._find_address(host, glue.get(host, ()), settings) for host in chosen))

    async def look_up_addresses(self, host: str, settings: DnsSettings) -> NameServer:
        """Return one name server with all the addresses that the resolvers know, IPv4 first."""
        answers = await gather_all(self._look_up(Question(host, type_), settings) for type_ in ("A", "AAAA"))
        addresses = tuple(value for answer in answers for value in answer.values)
        if addresses:
            return NameServer(host, addresses)
        unsure = [answer.state for answer in answers if not answer.state.is_definite]
        return NameServer(host, failure=unsure[0] if unsure else AnswerState.UNREACHABLE)

    async def _find_address(self, host: str, glue: tuple[str, ...], settings: DnsSettings) -> NameServer:
        return NameServer(host, glue) if glue else await self.look_up_addresses(host, settings)

    async def _ask_zone(
        self, query: Query, apex: str, servers: Iterable[NameServer], settings: DnsSettings, delegations: int
    ) -> list[Answer]:
        outcomes = await gather_all(self._ask_server(query, apex, server, settings) for server in servers)
        answers = [outcome for outcome in outcomes if isinstance(outcome, Answer)]
        referrals = [outcome for outcome in outcomes if isinstance(outcome, Referral)]
        if not referrals:
            return answers
        cut = max((referral.cut for referral in referrals), key=len)
        if not delegations:
            return [*answers, Answer(cut, authoritative=True, state=AnswerState.LAME)]
        glue = {host: addresses for referral in referrals for host, addresses in referral.glue.items()}
        hosts = sorted({host for referral in referrals if referral.cut == cut for host in referral.hosts})
        delegated = await self.find_addresses(hosts, glue, settings)
        # Servers of the parent that could not be asked say nothing about a zone which others hold.
        known = [answer for answer in answers if answer.state.is_definite]
        return known + await self._ask_zone(query, cut, delegated, settings, delegations - 1)

    async def _ask_server(
        self, query: Query, apex: str, server: NameServer, settings: DnsSettings
    ) -> Answer | Referral:
        """Try the addresses of one server in turn until one answers for certain."""
        failed = Answer(server.host, authoritative=True, state=server.failure or AnswerState.UNREACHABLE)
        for address in server.addresses[:_MOST_ADDRESSES]:
            outcome = await self._ask_address(query, apex, server.host, address, settings)
            if isinstance(outcome, Referral) or outcome.state.is_definite:
                return outcome
            if failed.state is AnswerState.UNREACHABLE:  # says least: the host may have no route for this family
                failed = outcome
        return failed

    async def _ask_address(
        self, query: Query, apex: str, host: str, address: str, settings: DnsSettings
    ) -> Answer | Referral:
        exchange = await self._transport.ask(query, address, port_of(address, settings), settings.timeout_seconds)
        if isinstance(exchange.result, AnswerState):
            return Answer(host, authoritative=True, state=exchange.result, milliseconds=exchange.milliseconds)
        reading = read_authoritative(exchange.result, query.question, apex)
        if isinstance(reading, Referral):
            return reading
        if reading.target is not None:
            reading = await self._follow(reading, reading.target, query.question, settings)
        return Answer(
            server=host,
            authoritative=True,
            state=reading.state,
            values=reading.values,
            ttl=reading.ttl,
            chain=reading.chain,
            milliseconds=exchange.milliseconds,
        )

    async def _follow(self, reading: Reading, target: str, question: Question, settings: DnsSettings) -> Reading:
        """Ask the resolvers for what the zone only points to."""
        further = await self._look_up(Question(target, question.type), settings)
        return Reading(further.state, further.values, further.ttl, further.chain).after(reading)


def port_of(address: str, settings: DnsSettings) -> int:
    """Return the port on which to ask an authoritative server.

    A trial set-up names one server on a high port as the resolver and lets the zone's NS point to its address: while
    the port of authoritative servers is the usual one, such a server is asked where the resolver listens.
    """
    if settings.authoritative_port != _DNS_PORT:
        return settings.authoritative_port
    ports = (resolver.port for resolver in settings.resolvers if resolver.address == address)
    return next(ports, settings.authoritative_port)
