"""A real DNS asker whose patience a test chooses, so that silence costs no seconds and load makes no silence."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from smtpy_desktop.gateways.dns_gateway import DnsGateway
from smtpy_desktop.schemas.dns import Answer, AnswerState, Question
from smtpy_desktop.schemas.dns_zone import ZoneServers
from smtpy_desktop.schemas.mail_identity import DnsSettings


class PatientDns:
    """Asks with real packets; ``hold`` keeps those who ask about a domain waiting."""

    def __init__(self, *, timeout_seconds: float) -> None:
        self._gateway = DnsGateway()
        self._timeout = timeout_seconds
        self._held: dict[str, asyncio.Event] = {}
        self.arrived: asyncio.Queue[str] = asyncio.Queue()

    def hold(self, name: str) -> asyncio.Event:
        """Let everybody who looks for this zone wait for an event."""
        self._held[name] = asyncio.Event()
        return self._held[name]

    async def find_zone(self, name: str, settings: DnsSettings, *, fresh: bool = False) -> ZoneServers:
        if name in self._held:
            self.arrived.put_nowait(name)
            await self._held[name].wait()
        return await self._gateway.find_zone(name, self._patient(settings), fresh=fresh)

    async def ask_everywhere(self, question: Question, zone: ZoneServers, settings: DnsSettings) -> tuple[Answer, ...]:
        return await self._gateway.ask_everywhere(question, zone, self._patient(settings))

    async def look_up(self, question: Question, settings: DnsSettings) -> Answer:
        return await self._gateway.look_up(question, self._patient(settings))

    def forget(self, name: str) -> None:
        self._gateway.forget(name)

    def _patient(self, settings: DnsSettings) -> DnsSettings:
        return replace(settings, timeout_seconds=self._timeout)


class SpeechlessDns:
    """Says of everything that it could not be asked, without sending a packet."""

    async def find_zone(self, name: str, settings: DnsSettings, *, fresh: bool = False) -> ZoneServers:
        return ZoneServers(name, failure=AnswerState.SERVFAIL)

    async def ask_everywhere(self, question: Question, zone: ZoneServers, settings: DnsSettings) -> tuple[Answer, ...]:
        return (await self.look_up(question, settings),)

    async def look_up(self, question: Question, settings: DnsSettings) -> Answer:
        return Answer("nobody", authoritative=False, state=AnswerState.SERVFAIL)

    def forget(self, name: str) -> None:
        return None
