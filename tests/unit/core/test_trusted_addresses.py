"""Whose word is taken: addresses and networks of both families."""

from __future__ import annotations

import pytest

from smtpy_desktop.core.trusted_addresses import TrustedAddresses


@pytest.mark.parametrize(
    ("address", "is_trusted"),
    [
        ("127.0.0.1", True),
        ("127.0.0.2", False),
        ("10.1.2.3", True),
        ("11.1.2.3", False),
        ("2001:db8::7", True),
        ("2001:db9::7", False),
        ("::1", True),
        ("", False),
        ("nonsense", False),
    ],
)
def test_addresses_and_networks_are_trusted(address, is_trusted):
    trusted = TrustedAddresses(("127.0.0.1", "10.0.0.0/8", "2001:db8::/32", "::1"))

    assert (address in trusted) is is_trusted


def test_nobody_is_trusted_where_nobody_is_named():
    assert "127.0.0.1" not in TrustedAddresses(())


def test_what_is_no_address_is_refused():
    with pytest.raises(ValueError, match="front"):
        TrustedAddresses(("front.example.net",))
