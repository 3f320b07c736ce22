"""Counts what each client did within the last minute, for limits."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict

_MINUTE = 60.0
_MOST_CLIENTS = 20_000


class MinuteCounts:
    """How often each name came since its first time in a minute; forgets those that came first when there are many."""

    def __init__(self) -> None:
        self._counts: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def add(self, name: str, now: float) -> int:
        """Count one more and return how many there are in this minute; ``now`` is in seconds of any steady clock."""
        start, count = self._counts.get(name, (now, 0))
        if now - start >= _MINUTE:
            start, count = now, 0
            self._counts.move_to_end(name)
        self._counts[name] = (start, count + 1)
        if len(self._counts) > _MOST_CLIENTS:
            self._counts.popitem(last=False)
        return count + 1

    def count(self, name: str, now: float) -> int:
        """Return how many there are in this minute."""
        start, count = self._counts.get(name, (now, 0))
        return count if now - start < _MINUTE else 0


def client_name(address: str) -> str:
    """Return what clients are told apart by: an IPv4 address, or the /64 network of an IPv6 address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or ipaddress.IPv6Network((parsed, 64), strict=False))
