"""Rules of sealing: only the same key and context open it, and the reason of a refusal is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.sealing import (
    SealDamaged,
    SealTooNew,
    WrongMasterKey,
    key_id,
    new_master_key,
    seal,
    sealed_key_id,
    unseal,
)

KEYS = st.binary(min_size=32, max_size=32)
HEADER_BYTES = 12


@given(key=KEYS, plaintext=st.binary(), context=st.text())
def test_what_was_sealed_opens_with_the_same_key_and_context(key: bytes, plaintext: bytes, context: str) -> None:
    sealed = seal(key, plaintext, context=context)

    assert unseal(key, sealed, context=context) == plaintext


@given(key=KEYS, other=KEYS, plaintext=st.binary())
def test_another_key_is_named_as_such_and_not_as_damage(key: bytes, other: bytes, plaintext: bytes) -> None:
    if key == other:
        return
    sealed = seal(key, plaintext, context="dkim:example.com")

    with pytest.raises(WrongMasterKey) as refusal:
        unseal(other, sealed, context="dkim:example.com")

    assert refusal.value.wanted == key_id(key) == sealed_key_id(sealed)
    assert refusal.value.given == key_id(other)


@given(key=KEYS, plaintext=st.binary(), context=st.text(), other=st.text())
def test_a_value_moved_to_another_place_does_not_open(key: bytes, plaintext: bytes, context: str, other: str) -> None:
    if context == other:
        return
    sealed = seal(key, plaintext, context=context)

    with pytest.raises(SealDamaged):
        unseal(key, sealed, context=other)


@given(key=KEYS, plaintext=st.binary(), data=st.data())
def test_no_changed_byte_passes(key: bytes, plaintext: bytes, data: st.DataObject) -> None:
    sealed = bytearray(seal(key, plaintext, context="c"))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= data.draw(st.integers(1, 255))

    with pytest.raises((SealDamaged, WrongMasterKey, SealTooNew)) as refusal:
        unseal(key, bytes(sealed), context="c")

    if place >= HEADER_BYTES:
        assert refusal.type is SealDamaged


@given(key=KEYS, plaintext=st.binary(), data=st.data())
def test_no_cut_value_passes(key: bytes, plaintext: bytes, data: st.DataObject) -> None:
    sealed = seal(key, plaintext, context="c")
    length = data.draw(st.integers(0, len(sealed) - 1))

    with pytest.raises(SealDamaged):
        unseal(key, sealed[:length], context="c")


@given(rubbish=st.binary())
def test_rubbish_is_damage_and_never_a_crash(rubbish: bytes) -> None:
    with pytest.raises((SealDamaged, SealTooNew, WrongMasterKey)):
        unseal(b"k" * 32, rubbish, context="c")


def test_a_newer_format_asks_for_an_update() -> None:
    sealed = bytearray(seal(b"k" * 32, b"secret", context="c"))
    sealed[3] = 2

    with pytest.raises(SealTooNew):
        unseal(b"k" * 32, bytes(sealed), context="c")


@given(key=KEYS, plaintext=st.binary(min_size=4))
def test_neither_key_nor_plaintext_shows_in_the_sealed_bytes(key: bytes, plaintext: bytes) -> None:
    sealed = seal(key, plaintext, context="c")

    assert plaintext not in sealed[HEADER_BYTES + 12 :]
    assert key not in sealed
    assert sealed != seal(key, plaintext, context="c")


def test_new_master_keys_differ() -> None:
    assert new_master_key() != new_master_key()
    assert len(new_master_key()) == 32


def test_a_key_of_the_wrong_length_is_a_bug_of_the_caller() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        seal(b"short", b"", context="c")
