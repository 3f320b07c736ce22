"""Making DKIM keys and their selectors."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import date
from itertools import chain, count

KEY_BITS = 2048
"""RFC 8301 section 3.2 asks for at least 1024 and recommends 2048; longer ones do not fit every DNS provider."""


@dataclass(frozen=True, slots=True)
class DkimKeyPair:
    """A signing key: the public half as base64 DER for the DNS, the private half as PKCS#8 PEM."""

    public_key: str
    private_key: bytes = field(repr=False)


def generate_dkim_key() -> DkimKeyPair:
    """Make a new 2048-bit RSA key (takes about a tenth of a second of one core)."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return DkimKeyPair(base64.b64encode(public).decode("ascii"), private)


def new_selector(today: date, used: frozenset[str] = frozenset()) -> str:
    """Return a selector that this domain has never used: ``smtpy202611``, then ``smtpy202611b`` and so on."""
    base = f"smtpy{today:%Y%m}"
    letters = "bcdefghijklmnopqrstuvwxyz"
    endings = chain(("",), letters, (f"z{number}" for number in count(2)))
    return next(base + ending for ending in endings if base + ending not in used)
