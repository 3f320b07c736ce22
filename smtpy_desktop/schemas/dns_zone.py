"""The zone that holds a name, and the servers that are to be asked about it."""

from __future__ import annotations

from dataclasses import dataclass

from smtpy_desktop.schemas.dns import AnswerState


@dataclass(frozen=True, slots=True)
class NameServer:
    """One name server of a zone: ``host`` without trailing dot, its IP addresses, IPv4 before IPv6.

    ``failure`` says why there are no addresses when looking them up did not give any.
    """

    host: str
    addresses: tuple[str, ...] = ()
    failure: AnswerState | None = None


@dataclass(frozen=True, slots=True)
class ZoneServers:
    """The zone around a name.

    ``apex``: the zone's own name, without trailing dot. ``unlisted``: every level above the name says for certain that
    no name server is published (private stub zones). ``failure``: the name servers could not be found out, and why.
    """

    apex: str
    servers: tuple[NameServer, ...] = ()
    unlisted: bool = False
    failure: AnswerState | None = None

    @property
    def is_askable(self) -> bool:
        """Whether at least one authoritative server has an address to send a question to."""
        return any(server.addresses for server in self.servers)
