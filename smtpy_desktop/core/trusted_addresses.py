"""Whether an address is one of those that are believed."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence


class TrustedAddresses:
    """Addresses and networks; raises ValueError for what is neither."""

    def __init__(self, trusted: Sequence[str]) -> None:
        self._networks = [ipaddress.ip_network(entry, strict=False) for entry in trusted]
        self._single = {str(network.network_address) for network in self._networks if network.num_addresses == 1}

    def __contains__(self, address: str) -> bool:
        """Tell whether an address in its usual form is among them."""
        if address in self._single:
            return True
        if len(self._networks) == len(self._single):
            return False
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._networks)
