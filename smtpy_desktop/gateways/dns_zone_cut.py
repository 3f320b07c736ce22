"""Finding the zone that holds a name, and its name servers, by asking the resolvers level by level."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from smtpy_desktop.gateways.dns_authoritative import MOST_SERVERS, AuthoritativeServers
from smtpy_desktop.gateways.dns_parallel import gather_all, until
from smtpy_desktop.gateways.dns_reading import glue_of, is_within, read_recursive
from smtpy_desktop.gateways.dns_transport import RESEND_AFTER, DnsTransport
from smtpy_desktop.gateways.dns_wire import Query, WireError
from smtpy_desktop.schemas.dns import AnswerState, Question
from smtpy_desktop.schemas.dns_zone import NameServer, ZoneServers
from smtpy_desktop.schemas.mail_identity import DnsSettings, Resolver


@dataclass(frozen=True, slots=True)
class _Vote:
    """What one resolver says about the name servers of one name.

    ``soa`` is the owner of the SOA in a negative answer, the name itself or an ancestor.
    """

    hosts: frozenset[str]
    soa: str | None
    held: bool = field(compare=False)  # the "resolver" holds the zone itself: AA is set
    ttl: int = field(compare=False)
    glue: dict[str, tuple[str, ...]] = field(compare=False, hash=False)


class ZoneFinder:
    """Finds zones for one gateway."""

    def __init__(self, transport: DnsTransport, servers: AuthoritativeServers) -> None:
        self._transport = transport
        self._servers = servers

    async def find(self, name: str, settings: DnsSettings) -> tuple[ZoneServers, int]:
        """Return the zone around a name, and for how many seconds the resolvers say that this is so."""
        level, held = name, ""
        while level:
            vote = await self._ask_level(level, settings)
            if vote is AnswerState.SERVFAIL and "._" in f".{level}":
                # A name for records, not a domain: it may be an alias into a broken zone, or a broken delegation, and
                # neither keeps the zone around it from being asked.
                level = level.partition(".")[2]
                continue
            if isinstance(vote, AnswerState):
                # A private server that holds the zone need not know anything about the levels above it.
                zone = ZoneServers(held, unlisted=True) if held else ZoneServers(level, failure=vote)
                return zone, 0
            if held and not vote.held:
                return ZoneServers(held, unlisted=True), vote.ttl
            if vote.hosts:
                return ZoneServers(level, await self._name_servers(vote, settings)), vote.ttl
            if vote.soa == level:
                return ZoneServers(level, unlisted=True), vote.ttl
            above = level.partition(".")[2] if vote.soa is None else vote.soa
            if vote.held:
                held = level if vote.soa is None else above
            level = above
        return ZoneServers(name, unlisted=True), 0

    async def _ask_level(self, level: str, settings: DnsSettings) -> _Vote | AnswerState:
        """Return what most resolvers say about one name, or why none said anything for certain."""
        try:
            query = Query(Question(level, "NS"), recursive=True)
        except WireError:
            return _Vote(frozenset(), None, held=False, ttl=0, glue={})
        patience = settings.timeout_seconds * RESEND_AFTER
        results = await until(
            (self._ask(query, resolver, settings) for resolver in settings.resolvers),
            is_enough=lambda results: _is_majority(results, len(settings.resolvers)),
            grace_seconds=lambda results: patience if any(isinstance(result, _Vote) for result in results) else None,
        )
        votes = [result for result in results if isinstance(result, _Vote)]
        if not votes:
            return next((result for result in results if isinstance(result, AnswerState)), AnswerState.UNREACHABLE)
        counts = Counter(votes)
        # On a tie name servers win over none, and the answer fetched last (the longest left) over an older one.
        return max(votes, key=lambda vote: (counts[vote], bool(vote.hosts), vote.held, vote.ttl))

    async def _ask(self, query: Query, resolver: Resolver, settings: DnsSettings) -> _Vote | AnswerState:
        exchange = await self._transport.ask(query, resolver.address, resolver.port, settings.timeout_seconds)
        response = exchange.result
        if isinstance(response, AnswerState):
            return response
        reading = read_recursive(response, query.question)
        if not reading.state.is_definite:
            return reading.state
        if reading.chain:  # an alias is never the apex of a zone, and what follows tells of another zone
            return _Vote(frozenset(), None, held=False, ttl=reading.ttl or 0, glue={})
        hosts = frozenset(value.removesuffix(".") for value in reading.values)
        soa = response.soa.name if response.soa and is_within(query.question.name, response.soa.name) else None
        return _Vote(hosts, soa, held=response.authoritative, ttl=reading.ttl or 0, glue=glue_of(response, hosts))

    async def _name_servers(self, vote: _Vote, settings: DnsSettings) -> tuple[NameServer, ...]:
        hosts = sorted(vote.hosts)[:MOST_SERVERS]
        found = await gather_all(self._servers.look_up_addresses(host, settings) for host in hosts)
        return tuple(
            server if server.addresses else NameServer(server.host, vote.glue[server.host], server.failure)
            for server in found
        )


def _is_majority(results: Sequence[_Vote | AnswerState], voters: int) -> bool:
    counts = Counter(result for result in results if isinstance(result, _Vote))
    return bool(counts) and counts.most_common(1)[0][1] * 2 > voters
