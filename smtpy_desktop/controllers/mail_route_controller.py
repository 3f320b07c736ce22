"""Finds the servers that mail for an address is taken to: the smart host, or those that the DNS names."""

from __future__ import annotations

import asyncio
import ipaddress
import random
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from smtpy_desktop.core.bounce_kinds import BounceClass
from smtpy_desktop.core.dns_name import NameFault, normalize_name
from smtpy_desktop.core.mail_exchangers import better_than_us, is_named, parse_exchangers, shuffled, takes_no_mail
from smtpy_desktop.gateways.dns_gateway import DnsAsker
from smtpy_desktop.schemas.dns import AnswerState, Question
from smtpy_desktop.schemas.mail_identity import DnsSettings, MailExchanger
from smtpy_desktop.schemas.mail_route import MailRoute, OwnPlaces
from smtpy_desktop.schemas.messages import DeliveryState
from smtpy_desktop.schemas.outgoing_mail import MailServer, SendResult
from smtpy_desktop.schemas.smart_host import SmartHostAccess

SMTP_PORT = 25
_MOST_EXCHANGERS = 10
_KEPT_SECONDS = 5.0
_MOST_KNOWN = 4096
_LITERAL = re.compile(r"\[(?:IPv6:)?([0-9A-Fa-f:.]+)\]", re.IGNORECASE)
_SMARTHOST = re.compile(r"\[?([^\[\]]+?)\]?:([0-9]{1,5})")
_UNSPECIFIED = ("0.0.0.0", "::")  # noqa: S104 - recognized, not bound


@dataclass(frozen=True, slots=True)
class _Address:
    """An IP address and what it is good for."""

    text: str
    is_loopback: bool
    is_host: bool

    @staticmethod
    def of(text: str) -> _Address:
        """Return what an address is."""
        parsed = ipaddress.ip_address(text)
        parsed = getattr(parsed, "ipv4_mapped", None) or parsed
        is_host = not (parsed.is_unspecified or parsed.is_multicast or parsed.is_link_local)
        return _Address(text, parsed.is_loopback, is_host)


@dataclass(frozen=True, slots=True)
class _Known:
    """The mail servers of a domain, best first, with their addresses, as the DNS had them a moment ago."""

    until: float
    exchangers: tuple[MailExchanger, ...]
    addresses: Mapping[str, tuple[_Address, ...]]
    is_certain: bool


class RouteFinder(Protocol):
    """What the delivery workers need to know where to go."""

    async def find(self, recipient: str) -> MailRoute:
        """Return the servers for an address."""
        ...


class ServerRoutes:
    """Asks the DNS for routes; ``smarthost`` is ``host:port`` or empty, and is asked for anew each time.

    ``access`` says how the smart host is used.
    """

    def __init__(
        self,
        asker: DnsAsker,
        dns: Callable[[], DnsSettings],
        *,
        smarthost: Callable[[], str],
        access: Callable[[], SmartHostAccess] = SmartHostAccess,
        own: Callable[[], OwnPlaces],
        port: int = SMTP_PORT,
        allows_loopback: bool = False,
    ) -> None:
        """Prepare to find routes; another ``port`` and loopback addresses are for trials on one machine."""
        self._asker = asker
        self._dns = dns
        self._smarthost, self._access = smarthost, access
        self._own = own
        self._port = port
        self._allows_loopback = allows_loopback
        self._known: dict[str, _Known] = {}
        self._chance = random.Random()  # noqa: S311 - it spreads load

    async def find(self, recipient: str) -> MailRoute:
        """Return the servers for an address, best first; never ourselves."""
        smarthost = self._smarthost()
        if smarthost:
            return await self._to_smarthost(smarthost)
        domain = recipient.rpartition("@")[2]
        now = asyncio.get_running_loop().time()
        known = self._known.get(domain)
        if known is None or known.until < now:
            found = await self._look_up_domain(domain, now)
            if isinstance(found, MailRoute):
                return found
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            known = self._known[domain] = found
        return self._arranged(domain, known)

    async def _look_up_domain(self, domain: str, now: float) -> _Known | MailRoute:
        literal = _LITERAL.fullmatch(domain)
        if literal is not None:
            return self._to_literal(literal[1])
        try:
            name = normalize_name(domain).name
        except NameFault:
            return _failed("5.1.2", f"“{domain}” is no domain name", BounceClass.HOST_NOT_FOUND)
        return await self._look_up(name, now)

    async def _to_smarthost(self, smarthost: str) -> MailRoute:
        """A smart host that cannot be found is our own mistake: mail waits until it is mended."""
        written = _SMARTHOST.fullmatch(smarthost)
        if written is None:
            return _deferred("4.3.5", f"The smart host “{smarthost}” is not written as host:port")
        host, port = written[1], int(written[2])
        addresses = (host,) if _is_address(host) else (await self._addresses(host))[0]
        own = self._own().listens
        name, access = "" if _is_address(host) else host, self._access()
        servers = [MailServer(name, address, port, access) for address in addresses]
        usable = tuple(server for server in servers if not _is_ours(_Address.of(server.address), port, own))
        if servers and not usable:
            return _deferred(
                "4.4.6", "The smart host is this forwarder itself: mail loops back to me", BounceClass.LOOP
            )
        if not usable:
            return _deferred("4.4.4", f"The smart host {host} was not found in the DNS", BounceClass.HOST_NOT_FOUND)
        return MailRoute(usable)

    def _to_literal(self, address: str) -> MailRoute:
        if not _is_address(address):
            return _failed("5.1.2", f"“{address}” is no IP address", BounceClass.HOST_NOT_FOUND)
        if not self._may_connect(_Address.of(address), self._own().listens):
            return _loop()
        return MailRoute((MailServer("", address, self._port),))

    async def _look_up(self, name: str, now: float) -> _Known | MailRoute:
        """Return the mail servers of a domain with their addresses, or why there are none."""
        answer = await self._asker.look_up(Question(name, "MX"), self._dns())
        if answer.state is AnswerState.NO_NAME:
            return _failed("5.1.2", f"The domain {name} does not exist (NXDOMAIN)", BounceClass.HOST_NOT_FOUND)
        if not answer.state.is_definite:
            return _deferred("4.4.3", f"The DNS does not tell the mail servers of {name} now ({answer.state})")
        exchangers = parse_exchangers(answer.values)
        if takes_no_mail(exchangers):
            return _failed("5.1.10", f"{name} takes no mail (null MX)", BounceClass.NO_MAIL_ACCEPTED)
        if not exchangers:
            exchangers = (MailExchanger(0, name),)  # the implicit MX
        named = [exchanger for exchanger in exchangers if exchanger.host][:_MOST_EXCHANGERS]
        found = await asyncio.gather(*(self._addresses(exchanger.host) for exchanger in named))
        addresses = {
            exchanger.host: tuple(map(_Address.of, those)) for exchanger, (those, _) in zip(named, found, strict=True)
        }
        is_certain = all(certain for _, certain in found)
        return _Known(now + (_KEPT_SECONDS if is_certain else 0), tuple(named), addresses, is_certain)

    def _arranged(self, name: str, known: _Known) -> MailRoute:
        """Put the servers in the order in which they are tried now."""
        own = self._own()

        def is_us(exchanger: MailExchanger) -> bool:
            addresses = known.addresses[exchanger.host]
            return is_named(exchanger.host, own.names) or any(
                _is_ours(one, self._port, own.listens) for one in addresses
            )

        left = better_than_us(known.exchangers, is_us)
        if not left:
            return _loop()
        servers = tuple(
            MailServer(exchanger.host, address.text, self._port)
            for exchanger in shuffled(left, self._chance)
            for address in self._mixed(known.addresses[exchanger.host])
            if self._may_connect(address, own.listens)
        )
        if servers:
            return MailRoute(servers)
        if not known.is_certain:
            return _deferred("4.4.3", f"The DNS does not tell the addresses of {name}'s mail servers now")
        return _failed("5.4.4", f"No mail server of {name} has an address", BounceClass.HOST_NOT_FOUND)

    async def _addresses(self, host: str) -> tuple[tuple[str, ...], bool]:
        """Return the IPv4 addresses and then the IPv6 ones of a host, and whether that is certain to be all."""
        dns = self._dns()
        answers = await asyncio.gather(*(self._asker.look_up(Question(host, kind), dns) for kind in ("A", "AAAA")))
        addresses = tuple(value for answer in answers for value in answer.values if _is_address(value))
        return addresses, all(answer.state.is_definite for answer in answers)

    def _mixed(self, addresses: Sequence[_Address]) -> Sequence[_Address]:
        """Return the IPv4 addresses in any order, then the IPv6 ones."""
        if len(addresses) < 2:
            return addresses
        return sorted(addresses, key=lambda address: (":" in address.text, self._chance.random()))

    def _may_connect(self, address: _Address, own: Collection[tuple[str, int]]) -> bool:
        if not address.is_host or (address.is_loopback and not self._allows_loopback):
            return False
        return not _is_ours(address, self._port, own)


def _is_ours(address: _Address, port: int, own: Collection[tuple[str, int]]) -> bool:
    if (address.text, port) in own:
        return True
    return address.is_loopback and any((everywhere, port) in own for everywhere in _UNSPECIFIED)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _loop() -> MailRoute:
    return _failed(
        "5.4.6", "The best mail server for this domain is ourselves: mail loops back to me", BounceClass.LOOP
    )


def _failed(enhanced: str, words: str, bounce: BounceClass) -> MailRoute:
    result = SendResult(DeliveryState.FAILED, enhanced=enhanced, reply=words, bounce_class=bounce.value)
    return MailRoute(failure=result)


def _deferred(enhanced: str, words: str, bounce: BounceClass = BounceClass.TIMEOUT) -> MailRoute:
    result = SendResult(DeliveryState.DEFERRED, enhanced=enhanced, reply=words, bounce_class=bounce.value)
    return MailRoute(failure=result)
