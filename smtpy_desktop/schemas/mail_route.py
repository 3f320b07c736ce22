"""Where mail for a destination is taken."""

from __future__ import annotations

from dataclasses import dataclass

from smtpy_desktop.schemas.outgoing_mail import MailServer, SendResult


@dataclass(frozen=True, slots=True)
class MailRoute:
    """The servers in the order in which they are tried, or the reason why there is none."""

    servers: tuple[MailServer, ...] = ()
    failure: SendResult | None = None


@dataclass(frozen=True, slots=True)
class OwnPlaces:
    """Where we ourselves take mail: names in lower-case A-labels, and the addresses and ports we listen at."""

    names: frozenset[str] = frozenset()
    listens: frozenset[tuple[str, int]] = frozenset()
