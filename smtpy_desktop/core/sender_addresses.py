"""Make the SPF mechanisms that allow certain addresses to send."""

from __future__ import annotations

import ipaddress


def mechanisms_for(addresses: tuple[str, ...]) -> str:
    """Return ``ip4:`` and ``ip6:`` mechanisms for IP addresses, separated by blanks (RFC 7208 section 5.6)."""
    return " ".join(f"ip{ipaddress.ip_address(address).version}:{address}" for address in addresses)
