"""IP addresses as SPF sees them: numbers, prefix lengths and the dotted form of macros."""

from __future__ import annotations

import functools
import ipaddress

from smtpy_desktop.core.spf_record import Mechanism

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_BITS = {4: 32, 6: 128}


def sender_address(value: str | Address) -> Address:
    """Return the sender's address, an IPv4-mapped one as IPv4 (RFC 7208 section 5); raise ValueError."""
    address = ipaddress.ip_address(value)
    return (address.ipv4_mapped or address) if isinstance(address, ipaddress.IPv6Address) else address


def dotted(address: Address) -> str:
    """Return the address as the macro ``i`` gives it: IPv6 as 32 upper-case digits with dots (section 7.3)."""
    if address.version == 4:
        return str(address)
    return ".".join(f"{int(address):032X}")


def in_network(number: int, network: int, version: int, prefix: int) -> bool:
    """Return whether two addresses of one IP version, as numbers, have the first ``prefix`` bits in common."""
    return (number ^ network) >> (_BITS[version] - prefix) == 0


def any_in_network(address: Address, others: tuple[str, ...], mechanism: Mechanism) -> bool:
    """Return whether the address shares the mechanism's prefix with one of the others; foreign versions never do."""
    number, version = int(address), address.version
    prefix = mechanism.prefix4 if version == 4 else mechanism.prefix6
    for other in others:
        other_version, other_number = _parsed(other)
        if other_version == version and in_network(number, other_number, version, prefix):
            return True
    return False


def first_address(mechanism: Mechanism) -> str:
    """Return the first usable address of an ip4 or ip6 mechanism (of a network without host bits: the one after)."""
    bits = _BITS[mechanism.version]
    number = mechanism.network
    host_bits = bits - mechanism.prefix
    if host_bits:
        number = number >> host_bits << host_bits
    if host_bits > 1:
        number += 1
    return str(ipaddress.IPv4Address(number) if mechanism.version == 4 else ipaddress.IPv6Address(number))


@functools.lru_cache(maxsize=8192)
def _parsed(value: str) -> tuple[int, int]:
    """IP version and number of an address, (0, 0) for anything else."""
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return 0, 0
    return address.version, int(address)
