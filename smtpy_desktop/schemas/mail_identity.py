"""Who we are in the DNS: the values that every domain's wanted records are made from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MailExchanger:
    """One of our mail servers: ``host`` is a lower-case A-label name without trailing dot."""

    priority: int
    host: str


@dataclass(frozen=True, slots=True)
class Resolver:
    """A DNS resolver to ask."""

    address: str
    port: int = 53

    def __str__(self) -> str:
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


@dataclass(frozen=True, slots=True)
class MailIdentity:
    """The mail side of ``server_settings``, parsed.

    ``spf`` is the mechanism to publish (``include:spf.example.net``, ``ip4:192.0.2.1``);
    ``sending_addresses`` are the IP addresses that mail leaves from (SPF is evaluated for each of them);
    ``dmarc`` is the whole record wanted (``v=DMARC1; p=quarantine; rua=mailto:…``).
    """

    mx: tuple[MailExchanger, ...] = ()
    spf: str = ""
    sending_addresses: tuple[str, ...] = ()
    dmarc: str = ""
    hostname: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether records can be asked of domains: there is an MX, an SPF mechanism and a DMARC record."""
        return not self.missing

    @property
    def missing(self) -> tuple[str, ...]:
        """The settings that records cannot be asked of domains without, as far as they are not set."""
        needed = {"mail.mx": self.mx, "mail.spf": self.spf, "mail.dmarc": self.dmarc}
        return tuple(key for key, value in needed.items() if not value)


@dataclass(frozen=True, slots=True)
class DnsSettings:
    """Whom to ask: the resolvers, the port of authoritative servers (53 but for trials), and the patience."""

    resolvers: tuple[Resolver, ...]
    authoritative_port: int = 53
    timeout_seconds: float = 3.0
