"""Sealing of private keys with the master key: AES-256-GCM, bound to what the sealed bytes belong to.

A sealed value is ``magic (3) | version (1) | key id (8) | nonce (12) | ciphertext and tag``. Header and context are
authenticated with it. The key id tells a wrong master key from damaged bytes; it is derived from the key by a hash, so
that it gives nothing away about it.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.text import text

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MASTER_KEY_BYTES = 32

_MAGIC = b"SMS"
_VERSION = 1
_KEY_ID_BYTES = 8
_NONCE_BYTES = 12
_TAG_BYTES = 16
_HEADER_BYTES = len(_MAGIC) + 1 + _KEY_ID_BYTES


class SealError(UserFacingError):
    """A sealed value cannot be opened."""


class WrongMasterKey(SealError):
    """The value was sealed with another master key; it is whole and opens with the right one.

    ``wanted`` and ``given`` are the key ids.
    """

    def __init__(self, wanted: str, given: str) -> None:
        self.wanted = wanted
        self.given = given
        super().__init__(
            "WRONG_MASTER_KEY",
            text("This was sealed with another master key."),
            detail=text("It needs the key {wanted}; the key in use is {given}.", wanted=wanted, given=given),
            hint=text("Nothing is lost: bring the earlier master key back, and it can be read again."),
        )


class SealDamaged(SealError):
    """The sealed bytes were changed, cut, or belong to something else."""

    def __init__(self) -> None:
        super().__init__(
            "SEAL_DAMAGED",
            text("A sealed value is damaged or belongs to something else."),
            hint=text("Restore it from a backup, or make a new key in its place."),
        )


class SealTooNew(SealError):
    """The value was sealed by a newer version of this program."""

    def __init__(self, version: int) -> None:
        super().__init__(
            "SEAL_TOO_NEW",
            text("This was sealed by a newer version of the program (format {version}).", version=version),
            hint=text("Update this program to read it."),
        )


@dataclass(frozen=True, slots=True)
class _Sealed:
    """A sealed value taken apart."""

    header: bytes
    key_id: str
    nonce: bytes
    ciphertext: bytes


def new_master_key() -> bytes:
    """Make a master key from the system's source of randomness."""
    return secrets.token_bytes(MASTER_KEY_BYTES)


def key_id(master_key: bytes) -> str:
    """Return the short public name of a master key: 16 hexadecimal digits."""
    return _key_id(master_key).hex()


def seal(master_key: bytes, plaintext: bytes, *, context: str) -> bytes:
    """Seal bytes; ``context`` names what they belong to (``dkim:example.com:smtpy1``) and is needed again to open them.

    ``master_key`` has 32 bytes. Every call gives other bytes.
    """
    header = _MAGIC + bytes([_VERSION]) + _key_id(master_key)
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return header + nonce + _cipher(master_key).encrypt(nonce, plaintext, header + context.encode())


def unseal(master_key: bytes, sealed: bytes, *, context: str) -> bytes:
    """Open what ``seal`` made with the same key and context; raise WrongMasterKey, SealDamaged or SealTooNew."""
    from cryptography.exceptions import InvalidTag

    parts = _take_apart(sealed)
    given = key_id(master_key)
    if parts.key_id != given:
        raise WrongMasterKey(parts.key_id, given)
    try:
        return _cipher(master_key).decrypt(parts.nonce, parts.ciphertext, parts.header + context.encode())
    except InvalidTag:
        raise SealDamaged from None


def sealed_key_id(sealed: bytes) -> str:
    """Return the id of the master key that a sealed value needs; raise SealDamaged or SealTooNew."""
    return _take_apart(sealed).key_id


def _take_apart(sealed: bytes) -> _Sealed:
    if not sealed.startswith(_MAGIC) or len(sealed) < _HEADER_BYTES + _NONCE_BYTES + _TAG_BYTES:
        raise SealDamaged
    version = sealed[len(_MAGIC)]
    if version == 0:
        raise SealDamaged
    if version > _VERSION:
        raise SealTooNew(version)
    return _Sealed(
        header=sealed[:_HEADER_BYTES],
        key_id=sealed[len(_MAGIC) + 1 : _HEADER_BYTES].hex(),
        nonce=sealed[_HEADER_BYTES : _HEADER_BYTES + _NONCE_BYTES],
        ciphertext=sealed[_HEADER_BYTES + _NONCE_BYTES :],
    )


def _key_id(master_key: bytes) -> bytes:
    return hashlib.sha256(b"smtpy-desktop key id\0" + _checked(master_key)).digest()[:_KEY_ID_BYTES]


def _cipher(master_key: bytes) -> AESGCM:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    # A key of its own for this purpose, so that the master key itself may serve others, too.
    derivation = HKDF(algorithm=SHA256(), length=MASTER_KEY_BYTES, salt=None, info=b"smtpy-desktop sealing 1")
    return AESGCM(derivation.derive(_checked(master_key)))


def _checked(master_key: bytes) -> bytes:
    if len(master_key) != MASTER_KEY_BYTES:
        raise ValueError(f"a master key has {MASTER_KEY_BYTES} bytes, not {len(master_key)}")
    return master_key
