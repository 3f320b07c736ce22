"""Finds the servers that mail for an address is taken to: the smart host, or those that the DNS names."""

from __future__ import annotations

import asyncio
import ipaddress
import random
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from smtpy_desktop.core.bounce_advice import BounceClass
from smtpy_desktop.core.dns_name import NameFault, normalize_name
from smtpy_desktop.core.mail_exchangers import better_than_us, is_named, parse_exchangers, shuffled, takes_no_mail
from smtpy_desktop.gateways.dns_gateway import DnsAsker
from smtpy_desktop.schemas.dns import Answer, AnswerState, Question
from smtpy_desktop.schemas.mail_identity import DnsSettings, MailExchanger
from smtpy_desktop.schemas.mail_route import MailRoute, OwnPlaces
from smtpy_desktop.schemas.messages import DeliveryState
from smtpy_desktop.schemas.outgoing_mail import MailServer, SendResult

SMTP_PORT = 25
_MOST_EXCHANGERS = 10
_LITERAL = re.compile(r"\[(?:IPv6:)?([0-9A-Fa-f:.]+)\]", re.IGNORECASE)
_SMARTHOST = re.compile(r"\[?([^\[\]]+?)\]?:([0-9]{1,5})")
_UNSPECIFIED = ("0.0.0.0", "::")  # noqa: S104 - recognized, not bound


class RouteFinder(Protocol):
    """What the delivery workers need to know where to go."""

    async def find(self, recipient: str) -> MailRoute:
        """Return the servers for an address."""
        ...


class MailRoutes:
    """Asks the DNS for routes; ``smarthost`` is ``host:port`` or empty, and is asked for anew each time."""

    def __init__(
        self,
        asker: DnsAsker,
        dns: Callable[[], DnsSettings],
        *,
        smarthost: Callable[[], str],
        own: Callable[[], OwnPlaces],
        port: int = SMTP_PORT,
        allows_loopback: bool = False,
    ) -> None:
        """Prepare to find routes; another ``port`` and loopback addresses are for trials on one machine."""
        self._asker = asker
        self._dns = dns
        self._smarthost = smarthost
        self._own = own
        self._port = port
        self._allows_loopback = allows_loopback
        self._chance = random.Random()  # noqa: S311 - it spreads load

    async def find(self, recipient: str) -> MailRoute:
        """Return the servers for an address, best first; never ourselves."""
        smarthost = self._smarthost()
        if smarthost:
            return await self._to_smarthost(smarthost)
        domain = recipient.rpartition("@")[2]
        literal = _LITERAL.fullmatch(domain)
        if literal is not None:
            return self._to_literal(literal[1])
        try:
            name = normalize_name(domain).name
        except NameFault:
            return _failed("5.1.2", f"“{domain}” is no domain name", BounceClass.HOST_NOT_FOUND)
        return await self._to_domain(name)

    async def _to_smarthost(self, smarthost: str) -> MailRoute:
        """A smart host that cannot be found is our own mistake: mail waits until it is mended."""
        written = _SMARTHOST.fullmatch(smarthost)
        if written is None:
            return _deferred("4.3.5", f"The smart host “{smarthost}” is not written as host:port")
        host, port = written[1], int(written[2])
        addresses, _ = ((host,), True) if _is_address(host) else await self._addresses(host)
        servers = [MailServer("" if _is_address(host) else host, address, port) for address in addresses]
        usable = tuple(server for server in servers if not self._is_ours(server.address, server.port))
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
        if not self._may_connect(address):
            return _loop()
        return MailRoute((MailServer("", address, self._port),))

    async def _to_domain(self, name: str) -> MailRoute:
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
        left = better_than_us(exchangers, lambda exchanger: is_named(exchanger.host, self._own().names))
        if not left:
            return _loop()
        return await self._to_exchangers(name, left)

    async def _to_exchangers(self, name: str, exchangers: Sequence[MailExchanger]) -> MailRoute:
        in_order = shuffled(exchangers, self._chance)[:_MOST_EXCHANGERS]
        found = await asyncio.gather(*(self._addresses(exchanger.host) for exchanger in in_order))
        ours = {
            exchanger.host
            for exchanger, (addresses, _) in zip(in_order, found, strict=True)
            if any(self._is_ours(address, self._port) for address in addresses)
        }
        left = better_than_us(in_order, lambda exchanger: exchanger.host in ours)
        servers = tuple(
            MailServer(exchanger.host, address, self._port)
            for exchanger, (addresses, _) in zip(in_order, found, strict=True)
            if exchanger in left
            for address in addresses
            if self._may_connect(address)
        )
        if servers:
            return MailRoute(servers)
        if not left:
            return _loop()
        if not all(is_certain for _, is_certain in found):
            return _deferred("4.4.3", f"The DNS does not tell the addresses of {name}'s mail servers now")
        return _failed("5.4.4", f"No mail server of {name} has an address", BounceClass.HOST_NOT_FOUND)

    async def _addresses(self, host: str) -> tuple[tuple[str, ...], bool]:
        """Return the IPv4 addresses and then the IPv6 ones of a host, and whether that is certain to be all."""
        dns = self._dns()
        answers = await asyncio.gather(*(self._asker.look_up(Question(host, kind), dns) for kind in ("A", "AAAA")))
        return tuple(self._mixed(answers)), all(answer.state.is_definite for answer in answers)

    def _mixed(self, answers: Iterable[Answer]) -> Iterable[str]:
        for answer in answers:
            addresses = list(answer.values)
            self._chance.shuffle(addresses)
            yield from addresses

    def _may_connect(self, address: str) -> bool:
        parsed = ipaddress.ip_address(address)
        if parsed.is_unspecified or parsed.is_multicast or (parsed.is_loopback and not self._allows_loopback):
            return False
        return not self._is_ours(address, self._port)

    def _is_ours(self, address: str, port: int) -> bool:
        own = self._own().listens
        if (address, port) in own:
            return True
        is_here = ipaddress.ip_address(address).is_loopback
        return is_here and any((everywhere, port) in own for everywhere in _UNSPECIFIED)


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
