"""SPF mechanisms made from the addresses that mail leaves from."""

from __future__ import annotations

import ipaddress

from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.mail_identity import parse_sending_addresses, parse_spf_mechanism
from smtpy_desktop.core.sender_addresses import mechanisms_for


def test_each_address_becomes_a_mechanism_of_its_own_kind() -> None:
    assert mechanisms_for(("192.0.2.25", "2001:db8::25")) == "ip4:192.0.2.25 ip6:2001:db8::25"


def test_no_address_gives_no_mechanism() -> None:
    assert mechanisms_for(()) == ""


def _can_send(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return address.is_global and not (address.is_multicast or getattr(address, "ipv4_mapped", None))


@given(st.lists(st.ip_addresses().filter(_can_send), max_size=5))
def test_what_is_made_is_accepted_as_a_setting_as_it_is(addresses: list) -> None:
    parsed = parse_sending_addresses(", ".join(map(str, addresses)))

    made = mechanisms_for(parsed)

    assert parse_spf_mechanism(made) == made
