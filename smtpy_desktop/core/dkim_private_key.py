"""Signing with a domain's private key."""

from __future__ import annotations

from collections.abc import Callable

Sign = Callable[[bytes], bytes]
"""Signs a SHA-256 digest (RSASSA-PKCS1-v1_5)."""


def signer_of(private_key: bytes) -> Sign:
    """Return what signs with an RSA key in PEM (checking it takes milliseconds); raise TypeError for another key."""
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    key = load_pem_private_key(private_key, password=None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError("a DKIM key of ours is an RSA key")
    padding, algorithm = PKCS1v15(), Prehashed(SHA256())
    return lambda digest: key.sign(digest, padding, algorithm)
