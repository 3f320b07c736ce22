"""Rules of rewritten senders: they lead back, nobody else can make one, they end, and they always fit."""

from __future__ import annotations

import base64
import contextlib
import random
import string
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.srs import (
    HASH_LETTERS,
    KEY_BYTES,
    MAX_AGE_DAYS,
    SrsError,
    SrsFault,
    is_srs,
    srs_forward,
    srs_reverse,
    srs_stored,
    srs_token,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEYS = (b"k" * KEY_BYTES, b"o" * KEY_BYTES)
FORGERIES = 100_000

ATOM = st.text(string.ascii_letters + string.digits + "!#$%&'*+-/=?^_`{|}~", min_size=1, max_size=12)
ATOMS = st.lists(ATOM, min_size=1, max_size=3).map(".".join)
UTF8_ATOM = st.text(st.characters(min_codepoint=0xA1, max_codepoint=0x2FF, categories=["L"]), min_size=1, max_size=6)
QUOTED = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=12)
HOSTS = st.sampled_from(
    ["a.example", "mail.b.example", "bücher.example", "xn--bcher-kva.example", "[192.0.2.1]", "[IPv6:2001:db8::1]"]
)


def quoted(content: str) -> str:
    return '"' + content.replace("\\", "\\\\").replace('"', '\\"') + '"'


SENDERS = st.tuples(ATOMS | UTF8_ATOM | QUOTED.map(quoted), HOSTS).map("@".join)


def forward(sender: str, domain: str = "alias.example", keys=KEYS, now: datetime = NOW) -> str:
    rewritten = srs_forward(sender, domain, keys, now=now)
    assert rewritten is not None
    return rewritten


def local_part(address: str) -> str:
    return address.rpartition("@")[0]


def reverse(address: str, keys=KEYS, now: datetime = NOW) -> str:
    return srs_reverse(local_part(address), keys, now=now)


def content(address: str) -> tuple[str, str]:
    """What an address means: quotes make no difference where they are not needed."""
    local, _, host = address.rpartition("@")
    if local.startswith('"'):
        local = local[1:-1].replace("\\\\", "\0").replace('\\"', '"').replace("\0", "\\")
    return local, host


@given(sender=SENDERS)
def test_a_rewritten_sender_leads_back_to_the_sender(sender: str) -> None:
    rewritten = srs_forward(sender, "alias.example", KEYS, now=NOW)

    if rewritten is None:
        assert len(sender.encode()) > 40
    else:
        assert content(reverse(rewritten)) == content(sender)


@given(sender=SENDERS, domain=st.sampled_from(["alias.example", "x" * 60 + ".example", ".".join(["y" * 60] * 4)]))
def test_what_goes_out_fits_into_an_address_and_always_can(sender: str, domain: str) -> None:
    rewritten = srs_forward(sender, domain, KEYS, now=NOW)
    if len(domain) < 190 and rewritten is None:
        _, rewritten = srs_stored(sender, domain, KEYS, now=NOW)

    if rewritten is not None:
        assert len(local_part(rewritten).encode()) <= 64
        assert len(rewritten.encode()) <= 254


def test_the_null_sender_stays_as_it_is() -> None:
    assert srs_forward("", "alias.example", KEYS, now=NOW) == ""


@pytest.mark.parametrize("case", [str.lower, str.upper, str.swapcase], ids=["lower", "upper", "swapped"])
def test_servers_that_change_the_case_on_the_way_do_no_harm(case) -> None:
    rewritten = forward("Ada.Lovelace@Example.org")

    found = srs_reverse(case(local_part(rewritten)), KEYS, now=NOW)

    assert found.lower() == "ada.lovelace@example.org"


@pytest.mark.parametrize("separator", ["=", "+", "-"])
def test_an_address_that_is_srs_already_keeps_its_first_forwarder_and_its_separator(separator: str) -> None:
    first = f"SRS0{separator}abcd=HH=origin.example=ada@first.example"

    second = forward(first)

    assert local_part(second).startswith("SRS1=")
    assert local_part(second).endswith(f"=first.example={separator}abcd=HH=origin.example=ada")
    assert reverse(second) == first


def test_further_hops_make_it_no_longer_and_lead_to_the_first_forwarder() -> None:
    hops = [forward("SRS0=abcd=HH=origin.example=ada@first.example", "two.example")]
    for number in range(3, 9):
        hops.append(forward(hops[-1], f"{number}.example", (bytes([number]) * KEY_BYTES,)))

    assert len({len(local_part(hop)) for hop in hops}) == 1
    assert reverse(hops[-1], (b"\x08" * KEY_BYTES,)) == "SRS0=abcd=HH=origin.example=ada@first.example"


@pytest.mark.parametrize(
    "sender",
    [
        "SRS1=x@e.example",
        "SRS1=a=b@e.example",
        "SRS1=a==b@e.example",
        "SRS1=a=first.example=x@e.example",
        "SRS0@e.example",
    ],
)
def test_what_only_looks_like_srs_is_rewritten_like_any_other_sender(sender: str) -> None:
    assert local_part(forward(sender)).startswith("SRS0=")
    assert reverse(forward(sender)) == sender


@pytest.mark.parametrize(
    "sender", ["a" * 64 + "@example.org", "a@" + "b" * 60 + ".example", "postmaster", "x@stored", "SRS0=a@stored"]
)
def test_a_sender_that_does_not_fit_is_stored_and_its_address_leads_to_the_token(sender: str) -> None:
    assert srs_forward(sender, "alias.example", KEYS, now=NOW) is None

    token, rewritten = srs_stored(sender, "alias.example", KEYS, now=NOW)

    assert srs_token(local_part(rewritten).lower(), KEYS, now=NOW) == token
    assert srs_stored(sender, "alias.example", KEYS, now=NOW) == (token, rewritten)
    with pytest.raises(SrsError) as refusal:
        reverse(rewritten)
    assert refusal.value.code is SrsFault.STORED


@pytest.mark.parametrize("sender", ["a\r\nRCPT TO:<x>@e.example", "a\0@e.example", "a\x7f@e.example", "a\t@e.example"])
def test_a_sender_with_control_characters_is_no_sender(sender: str) -> None:
    with pytest.raises(ValueError, match="control"):
        srs_forward(sender, "alias.example", KEYS, now=NOW)


@pytest.mark.parametrize("half", [0xD800, 0xDCFF], ids=hex)
def test_half_a_character_is_signed_like_any_other(half: int) -> None:
    sender = f"h{chr(half)}a@example.org"

    assert reverse(forward(sender)) == sender


@pytest.mark.parametrize("days", [0, 1, 7, MAX_AGE_DAYS])
def test_an_address_is_good_for_its_days(days: int) -> None:
    assert reverse(forward("ada@example.org"), now=NOW + timedelta(days=days)) == "ada@example.org"


@pytest.mark.parametrize("days", [MAX_AGE_DAYS + 1, 200, 1000, 1022, -2, -100])
def test_an_address_is_refused_after_its_days_and_before_them(days: int) -> None:
    with pytest.raises(SrsError) as refusal:
        reverse(forward("ada@example.org"), now=NOW + timedelta(days=days))

    assert refusal.value.code is SrsFault.EXPIRED


def test_a_clock_that_is_a_day_ahead_is_forgiven() -> None:
    assert reverse(forward("ada@example.org"), now=NOW - timedelta(days=1)) == "ada@example.org"


def test_every_key_of_the_list_verifies_and_the_first_one_signs() -> None:
    of_old_key = forward("ada@example.org", keys=KEYS[1:])
    of_new_key = forward("ada@example.org", keys=KEYS)

    assert reverse(of_old_key) == reverse(of_new_key) == "ada@example.org"
    with pytest.raises(SrsError):
        reverse(of_new_key, keys=KEYS[1:])


@pytest.mark.parametrize("length", [length for length in range(32) if length != HASH_LETTERS])
@pytest.mark.parametrize("sender", ["ada@example.org", "SRS0=abcd=HH=origin.example=ada@first.example"])
def test_a_hash_of_another_length_is_refused_though_it_is_right_as_far_as_it_goes(sender: str, length: int) -> None:
    tag, good, rest = local_part(forward(sender)).split("=", 2)
    longer = good + base64.b32encode(b"x" * 30).decode()

    with pytest.raises(SrsError) as refusal:
        srs_reverse(f"{tag}={longer[:length]}={rest}", KEYS, now=NOW)

    assert refusal.value.code is SrsFault.MALFORMED


@pytest.mark.parametrize("place", range(5, 5 + HASH_LETTERS))
def test_a_hash_with_one_other_letter_is_refused(place: int) -> None:
    good = local_part(forward("ada@example.org"))

    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567":
        if letter != good[place]:
            with pytest.raises(SrsError):
                srs_reverse(good[:place] + letter + good[place + 1 :], KEYS, now=NOW)


@pytest.mark.parametrize("letter", ["ſ", "ı", "K", "1", "8", "é", "\udcc4"])
def test_letters_that_only_become_base32_when_their_case_changes_are_no_hash(letter: str) -> None:
    good = local_part(forward("ada@example.org"))

    with pytest.raises(SrsError):
        srs_reverse(good[:5] + letter + good[6:], KEYS, now=NOW)


def test_nobody_forges_an_address_in_a_hundred_thousand_tries() -> None:
    chance = random.Random(20261122)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    accepted = 0

    for _ in range(FORGERIES):
        length = HASH_LETTERS if chance.random() < 0.7 else chance.randrange(HASH_LETTERS + 6)
        forged = "".join(chance.choices(alphabet, k=length))
        stamp = "".join(chance.choices(alphabet, k=2))
        kind = chance.choice([f"SRS0={forged}={stamp}=victim.example=boss", f"SRS1={forged}=victim.example==x=y=z"])
        try:
            srs_reverse(kind, KEYS, now=NOW)
            accepted += 1
        except SrsError:
            pass

    assert accepted == 0


@given(sender=SENDERS, place=st.integers(0, 63), letter=st.characters(min_codepoint=0x21, max_codepoint=0x7E))
def test_no_letter_of_an_address_can_be_changed(sender: str, place: int, letter: str) -> None:
    rewritten = srs_forward(sender, "alias.example", KEYS, now=NOW)
    if rewritten is None or rewritten.startswith('"'):
        return
    good = local_part(rewritten)
    changed = good[: place % len(good)] + letter + good[place % len(good) + 1 :]

    try:
        found = srs_reverse(changed, KEYS, now=NOW)
    except SrsError:
        return

    assert found.lower() == reverse(rewritten).lower()  # case and the separator after SRS0 are all that is free


@given(local=st.text(max_size=80))
def test_any_local_part_is_read_or_refused_and_nothing_else(local: str) -> None:
    with contextlib.suppress(SrsError):
        srs_reverse(local, KEYS, now=NOW)

    assert is_srs(local) in (True, False)
