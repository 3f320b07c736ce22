"""Puts the mail servers of a domain into the order in which they are tried (RFC 5321 section 5.1, RFC 7505)."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import groupby

from smtpy_desktop.schemas.mail_identity import MailExchanger


def parse_exchangers(values: Iterable[str]) -> tuple[MailExchanger, ...]:
    """Read MX records as ``Answer.values`` has them ("priority exchange."), the best first; others are left out.

    The null MX of RFC 7505 has an empty host.
    """
    found = []
    for value in values:
        priority, _, host = value.partition(" ")
        if priority.isascii() and priority.isdigit() and host:
            found.append(MailExchanger(int(priority), host.strip().lower().removesuffix(".")))
    return tuple(sorted(found, key=lambda exchanger: exchanger.priority))


def takes_no_mail(exchangers: Sequence[MailExchanger]) -> bool:
    """Tell whether a domain says by a null MX that it takes no mail (RFC 7505 section 3)."""
    return bool(exchangers) and not any(exchanger.host for exchanger in exchangers)


def better_than_us(
    exchangers: Sequence[MailExchanger], is_us: Callable[[MailExchanger], bool]
) -> tuple[MailExchanger, ...]:
    """Return what is left once we and all that are not better than we are have been cut off, so that no loop begins."""
    named = [exchanger for exchanger in exchangers if exchanger.host]
    ours = min((exchanger.priority for exchanger in named if is_us(exchanger)), default=None)
    return tuple(exchanger for exchanger in named if ours is None or exchanger.priority < ours)


def shuffled(exchangers: Sequence[MailExchanger], chance: random.Random) -> tuple[MailExchanger, ...]:
    """Return the servers best first, equal ones in any order, so that they share the load."""
    in_order: list[MailExchanger] = []
    for _, equal in groupby(exchangers, key=lambda exchanger: exchanger.priority):
        group = list(equal)
        chance.shuffle(group)
        in_order += group
    return tuple(in_order)


def is_named(host: str, names: Collection[str]) -> bool:
    """Tell whether a host is one of these names, both in lower-case A-labels."""
    return host.lower().removesuffix(".") in names
