"""The two canonical forms of a message, held against dkimpy and against the examples of RFC 6376."""

from __future__ import annotations

import hashlib
import time

import pytest
from dkim.canonicalization import Relaxed, Simple
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core import dkim_canonicalization
from smtpy_desktop.core.dkim_canonicalization import RELAXED, SIMPLE, body_hash, canonical_field, without_signature
from smtpy_desktop.core.header_fields import HeaderField

PIECES = st.sampled_from([b"\r\n", b" ", b"\t", b"a", b"bc \r\n", b"  ", b" " * 40, b"\r\n\r\n", b"\xe9"])
BODIES = st.lists(PIECES, max_size=30).map(b"".join).map(lambda body: body and body + b"\r\n")
JUDGES = {SIMPLE: Simple, RELAXED: Relaxed}


def hash_of(body: bytes, method: str, length: int | None = None) -> tuple[bytes, int]:
    return body_hash(memoryview(body), method, length)


def expected(canonical: bytes) -> tuple[bytes, int]:
    return hashlib.sha256(canonical).digest(), len(canonical)


@pytest.mark.parametrize("method", [SIMPLE, RELAXED])
@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 64, 65536])
@given(body=BODIES)
def test_a_body_is_hashed_as_dkimpy_hashes_it_wherever_it_is_cut(method: str, chunk: int, body: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dkim_canonicalization, "_CHUNK", chunk)

        found = hash_of(body, method)

    assert found == expected(JUDGES[method].canonicalize_body(body))


@given(body=BODIES, length=st.integers(0, 60), method=st.sampled_from([SIMPLE, RELAXED]))
def test_of_a_limited_body_that_many_octets_are_hashed(body: bytes, length: int, method: str) -> None:
    canonical = JUDGES[method].canonicalize_body(body)

    digest, octets = hash_of(body, method, length)

    assert digest == hashlib.sha256(canonical[:length]).digest()
    assert octets == len(canonical)


@pytest.mark.parametrize(
    ("method", "canonical"),
    [(SIMPLE, b" C \r\nD \t E\r\n"), (RELAXED, b" C\r\nD E\r\n")],
)
def test_the_bodys_example_of_the_rfc_comes_out_as_there(method: str, canonical: bytes) -> None:
    assert hash_of(b" C \r\nD \t E\r\n\r\n\r\n", method) == expected(canonical)


@pytest.mark.parametrize(
    ("raw", "relaxed"),
    [
        (b"A: X\r\n", b"a:X\r\n"),
        (b"B : Y\t\r\n\tZ  \r\n", b"b:Y Z\r\n"),
        (b"C:\r\n \r\n\t\r\n x\r\n", b"c:x\r\n"),
        (b"D:\r\n", b"d:\r\n"),
        (b"E: \xe9\x0b\x0c\xa0\r\n", b"e:\xe9\x0b\x0c\xa0\r\n"),
    ],
)
def test_the_relaxed_form_of_a_field_has_a_small_name_and_single_blanks(raw: bytes, relaxed: bytes) -> None:
    field = HeaderField(raw.partition(b":")[0].rstrip().lower(), raw)

    assert canonical_field(field, RELAXED) == relaxed
    assert canonical_field(field, SIMPLE) == raw


@pytest.mark.parametrize(
    ("value", "emptied"),
    [
        (b" v=1; b=abc=\r\n def; bh=b=c", b" v=1; b=; bh=b=c"),
        (b" bh=xx; b\r\n =abc", b" bh=xx; b\r\n ="),
        (b"b=", b"b="),
        (b" v=1; bb=1", b" v=1; bb=1"),
    ],
)
def test_only_the_content_of_b_is_taken_out_of_a_signature(value: bytes, emptied: bytes) -> None:
    assert without_signature(value) == emptied


@pytest.mark.parametrize("bomb", [b" " * 8, b"\r\n", b"a  ", b" \r\n", b"\t\t\r\n", b"\r\r\n"], ids=repr)
def test_no_body_takes_long(bomb: bytes) -> None:
    body = bomb * (8 * 1024 * 1024 // len(bomb)) + b"\r\n"
    began = time.process_time()

    hash_of(body, RELAXED)

    assert time.process_time() - began < 1
