"""Tell the size of an RSA public key from its DER bytes, without a cryptographic library."""

from __future__ import annotations

_SEQUENCE, _INTEGER, _BIT_STRING = 0x30, 0x02, 0x03


def rsa_key_bits(der: bytes) -> int | None:
    """Return the bits of the modulus of a SubjectPublicKeyInfo or bare RSAPublicKey; None if it is neither."""
    try:
        inside = _content(der, 0, _SEQUENCE)[0]
        if inside[:1] == bytes([_SEQUENCE]):
            _algorithm, end = _content(inside, 0, _SEQUENCE)
            bits = _content(inside, end, _BIT_STRING)[0]
            inside = _content(bits, 1, _SEQUENCE)[0]
        modulus = _content(inside, 0, _INTEGER)[0]
    except (IndexError, ValueError):
        return None
    return int.from_bytes(modulus, "big").bit_length()


def _content(der: bytes, start: int, tag: int) -> tuple[bytes, int]:
    """Return the content of the element at ``start`` and where the next one begins (ITU-T X.690 section 8.1)."""
    if der[start] != tag:
        raise ValueError
    length, begin = der[start + 1], start + 2
    if length & 0x80:
        size = length & 0x7F
        length, begin = int.from_bytes(der[begin : begin + size], "big"), begin + size
    if begin + length > len(der):
        raise ValueError
    return der[begin : begin + length], begin + length
