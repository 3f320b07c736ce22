"""Asking the DNS: a zone's own servers and the configured resolvers, side by side."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import Protocol

from smtpy_desktop.gateways.dns_authoritative import AuthoritativeServers
from smtpy_desktop.gateways.dns_cache import SharedAnswers
from smtpy_desktop.gateways.dns_parallel import first_good, gather_all
from smtpy_desktop.gateways.dns_reading import Reading, read_recursive
from smtpy_desktop.gateways.dns_transport import RESEND_AFTER, DnsTransport
from smtpy_desktop.gateways.dns_wire import Query, WireError
from smtpy_desktop.gateways.dns_zone_cut import ZoneFinder
from smtpy_desktop.schemas.dns import Answer, AnswerState, Question
from smtpy_desktop.schemas.dns_zone import ZoneServers
from smtpy_desktop.schemas.mail_identity import DnsSettings, Resolver

_REMEMBERED = 4096
_LONGEST_MEMORY = 60.0
_LONGEST_MEMORY_OF_NOTHING = 10.0
_ONE_BURST = 5.0  # the records of one domain are asked for together, whatever the TTL of its delegation


class DnsAsker(Protocol):
    """What the controllers need of the DNS."""

    async def find_zone(self, name: str, settings: DnsSettings, *, fresh: bool = False) -> ZoneServers:
        """Return the zone that holds a name; ``fresh``: do not use what is remembered about it."""
        ...

    async def ask_everywhere(self, question: Question, zone: ZoneServers, settings: DnsSettings) -> tuple[Answer, ...]:
        """Return what every name server of the zone and every resolver says."""
        ...

    async def look_up(self, question: Question, settings: DnsSettings) -> Answer:
        """Return what the first resolver that knows says."""
        ...

    def forget(self, name: str) -> None:
        """Drop what is remembered about a name and everything below it."""
        ...


class DnsGateway:
    """Asks with real packets; for use on one event loop.

    Nothing raises for what servers do: every silence, refusal or nonsense is an ``AnswerState``.
    """

    def __init__(self, *, max_sockets: int | None = None) -> None:
        """Prepare to ask, with at most so many sockets at once (300, or fewer where the system allows fewer)."""
        self._transport = DnsTransport(max_sockets)
        self._servers = AuthoritativeServers(self._transport, self.look_up)
        self._finder = ZoneFinder(self._transport, self._servers)
        self._answers: SharedAnswers[Answer] = SharedAnswers(_REMEMBERED)
        self._zones: SharedAnswers[ZoneServers] = SharedAnswers(_REMEMBERED)

    async def find_zone(self, name: str, settings: DnsSettings, *, fresh: bool = False) -> ZoneServers:
        """Return the zone that holds a name, remembered for at most a minute unless ``fresh``."""
        name = _plain(name)
        if fresh:
            self.forget(name)

        async def find() -> tuple[ZoneServers, float]:
            zone, ttl = await self._finder.find(name, settings)
            is_uncertain = zone.failure is not None or any(server.failure for server in zone.servers)
            return zone, 0 if is_uncertain else max(_memory(ttl, is_something=bool(zone.servers)), _ONE_BURST)

        return await self._zones.get((name, settings), find)

    async def ask_everywhere(self, question: Question, zone: ZoneServers, settings: DnsSettings) -> tuple[Answer, ...]:
        """Return the answers of every name server of the zone, then those of every resolver, never from memory.

        A zone whose servers could not be found out gives one answer under the zone's name with that failure.
        """
        question = Question(_plain(question.name), question.type)
        try:
            direct = Query(question, recursive=False)
            recursive = Query(question, recursive=True)
        except WireError:
            return _impossible(zone, settings)
        async with asyncio.TaskGroup() as group:
            authoritative = group.create_task(self._servers.ask(direct, zone, settings))
            resolved = group.create_task(
                gather_all(self._ask_resolver(recursive, resolver, zone, settings) for resolver in settings.resolvers)
            )
        return (*authoritative.result(), *resolved.result())

    async def look_up(self, question: Question, settings: DnsSettings) -> Answer:
        """Return the first definite answer of the resolvers, remembered for its TTL and at most a minute."""
        question = Question(_plain(question.name), question.type)

        async def ask() -> tuple[Answer, float]:
            answer = await self._ask_one_resolver(question, settings)
            seconds = _memory(answer.ttl or 0, is_something=answer.state is AnswerState.FOUND)
            return answer, seconds if answer.state.is_definite else 0

        return await self._answers.get((question.name, (question.type, settings)), ask)

    def forget(self, name: str) -> None:
        """Drop what is remembered about a name and everything below it."""
        name = _plain(name)
        self._zones.forget(name)
        self._answers.forget(name)

    async def _ask_one_resolver(self, question: Question, settings: DnsSettings) -> Answer:
        if not settings.resolvers:
            return Answer("", authoritative=False, state=AnswerState.UNREACHABLE)
        try:
            query = Query(question, recursive=True)
        except WireError:
            return Answer("", authoritative=False, state=AnswerState.NO_NAME)
        return await first_good(
            [partial(self._ask_resolver, query, resolver, None, settings) for resolver in settings.resolvers],
            is_good=lambda answer: answer.state.is_definite,
            patience_seconds=settings.timeout_seconds * RESEND_AFTER,
        )

    async def _ask_resolver(
        self, query: Query, resolver: Resolver, zone: ZoneServers | None, settings: DnsSettings
    ) -> Answer:
        """Ask one resolver, and again for the end of a CNAME chain that it left unfinished."""
        reading = Reading(AnswerState.EMPTY, target=query.question.name)
        milliseconds = 0
        is_authority = zone is not None and zone.failure is None and not zone.is_askable
        while reading.target is not None:
            exchange = await self._transport.ask(query, resolver.address, resolver.port, settings.timeout_seconds)
            milliseconds += exchange.milliseconds
            if isinstance(exchange.result, AnswerState):
                reading = Reading(exchange.result).after(reading)
                break
            is_authority = is_authority and exchange.result.authoritative
            reading = read_recursive(exchange.result, query.question).after(reading)
            if reading.target is not None:
                try:
                    query = Query(Question(reading.target, query.question.type), recursive=True)
                except WireError:
                    reading = replace(reading, state=AnswerState.MALFORMED, target=None)
        return Answer(
            str(resolver), is_authority, reading.state, reading.values, reading.ttl, reading.chain, milliseconds
        )


def _plain(name: str) -> str:
    return name.lower().removesuffix(".")


def _memory(ttl: float, *, is_something: bool) -> float:
    return min(ttl, _LONGEST_MEMORY if is_something else _LONGEST_MEMORY_OF_NOTHING)


def _impossible(zone: ZoneServers, settings: DnsSettings) -> tuple[Answer, ...]:
    """What everybody would say about a name that breaks the rules for names (RFC 1035 section 2.3.4)."""
    authoritative = [Answer(server.host, authoritative=True, state=AnswerState.NO_NAME) for server in zone.servers]
    resolved = [
        Answer(str(resolver), authoritative=False, state=AnswerState.NO_NAME) for resolver in settings.resolvers
    ]
    return (*authoritative, *resolved)
