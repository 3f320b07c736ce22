"""DKIM keys and their selectors."""

from __future__ import annotations

import base64
from datetime import date

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.dkim_key import KEY_BITS, generate_dkim_key, new_selector
from smtpy_desktop.core.rsa_key_size import rsa_key_bits


def test_the_public_half_checks_what_the_private_half_signs():
    pair = generate_dkim_key()

    private = serialization.load_pem_private_key(pair.private_key, password=None)
    public = serialization.load_der_public_key(base64.b64decode(pair.public_key))
    assert isinstance(private, rsa.RSAPrivateKey)
    assert isinstance(public, rsa.RSAPublicKey)
    assert public.key_size == KEY_BITS == 2048
    public.verify(private.sign(b"mail", padding.PKCS1v15(), SHA256()), b"mail", padding.PKCS1v15(), SHA256())


def test_no_two_keys_are_the_same_and_none_shows_its_private_half():
    first, second = generate_dkim_key(), generate_dkim_key()

    assert first.public_key != second.public_key
    assert "PRIVATE" not in repr(first)


@given(st.dates(date(2000, 1, 1), date(9999, 12, 31)), st.integers(0, 24))
def test_a_selector_is_a_label_of_its_month_that_was_never_used(today, count):
    used = set()
    for _ in range(count):
        used.add(new_selector(today, frozenset(used)))

    fresh = new_selector(today, frozenset(used))

    assert fresh not in used
    assert len(used) == count
    assert fresh.startswith(f"smtpy{today.year:04}{today.month:02}")
    assert fresh.isalnum()


def test_the_first_selector_of_a_month_has_no_letter_and_the_second_is_b():
    today = date(2026, 11, 3)

    assert new_selector(today) == "smtpy202611"
    assert new_selector(today, frozenset({"smtpy202611"})) == "smtpy202611b"
    assert new_selector(today, frozenset({"smtpy202611", "smtpy202611b"})) == "smtpy202611c"


def test_even_in_a_month_of_many_rotations_there_is_a_selector():
    today = date(2026, 11, 3)
    used = set()

    for _ in range(60):
        used.add(new_selector(today, frozenset(used)))

    assert len(used) == 60


@pytest.mark.parametrize("bits", [2048])
def test_the_size_is_what_the_record_check_reads(bits):
    assert rsa_key_bits(base64.b64decode(generate_dkim_key().public_key)) == bits
