"""Public keys of DKIM and ARC as they are published, and checking signatures with them (RFC 6376 section 6.1.2)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from smtpy_desktop.core.dkim_record import SHORTEST_KEY_BITS, decode_key, looks_like_key
from smtpy_desktop.core.dkim_signature import SignatureFault
from smtpy_desktop.core.rsa_key_size import rsa_key_bits
from smtpy_desktop.core.tag_list import parse_tag_list
from smtpy_desktop.schemas.dns import Answer

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

_LONGEST_KEY_BITS = 8192  # longer ones cost us more than they give
_ED25519_BYTES = 32


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that can be used; ``is_strict``: ``t=s``, not for subdomains; ``is_testing``: ``t=y``."""

    kind: str
    material: RSAPublicKey | Ed25519PublicKey
    is_strict: bool = False
    is_testing: bool = False

    def accepts(self, signature: bytes, digest: bytes) -> bool:
        """Tell whether a signature over a SHA-256 digest was made with the private half."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
        from cryptography.hazmat.primitives.hashes import SHA256

        try:
            if isinstance(self.material, Ed25519PublicKey):
                self.material.verify(signature, digest)
            else:
                self.material.verify(signature, digest, PKCS1v15(), Prehashed(SHA256()))
        except InvalidSignature:
            return False
        return True


def find_public_key(answer: Answer, kind: str) -> PublicKey:
    """Return the key among the TXT values at a selector; raise SignatureFault when there is none to be used."""
    if not answer.state.is_definite:
        raise SignatureFault("temperror", "the key could not be asked for")
    keys = tuple(value for value in answer.values if looks_like_key(value))
    if not keys:
        raise SignatureFault("permerror", "no key")
    if len(keys) > 1:
        raise SignatureFault("permerror", "several keys")
    found = _read_key(keys[0])
    if isinstance(found, tuple):
        raise SignatureFault(*found)
    if found.kind != kind:
        raise SignatureFault("permerror", "key of another kind")
    return found


@lru_cache(maxsize=1024)
def _read_key(value: str) -> PublicKey | tuple[str, str]:
    """The key, or result and reason why it cannot be used."""
    listed = parse_tag_list(value)
    tags = listed.tags
    if listed.duplicates or listed.malformed or tags.get("v", "DKIM1") != "DKIM1" or "p" not in tags:
        return "permerror", "malformed key"
    if not tags["p"]:
        return "permerror", "key revoked"
    if "sha256" not in _list(tags.get("h", "sha256")):
        return "permerror", "key for other hashes"
    if not {"*", "email"} & _list(tags.get("s", "*")):
        return "permerror", "key for another service"
    kind, material = tags.get("k", "rsa").lower(), decode_key(tags["p"])
    flags = _list(tags.get("t", ""))
    if material is None:
        return "permerror", "malformed key"
    loaded = _load_ed25519(material) if kind == "ed25519" else _load_rsa(material)
    if isinstance(loaded, tuple):
        return loaded
    return PublicKey(kind, loaded, "s" in flags, "y" in flags)


def _load_rsa(material: bytes) -> RSAPublicKey | tuple[str, str]:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    bits = rsa_key_bits(material)
    if bits is not None and not SHORTEST_KEY_BITS <= bits <= _LONGEST_KEY_BITS:
        return "policy", f"key of {bits} bits"
    try:
        key = load_der_public_key(material)
    except ValueError:
        return "permerror", "malformed key"
    return key if isinstance(key, RSAPublicKey) else ("permerror", "key of another kind")


def _load_ed25519(material: bytes) -> Ed25519PublicKey | tuple[str, str]:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if len(material) != _ED25519_BYTES:
        return "permerror", "malformed key"
    return Ed25519PublicKey.from_public_bytes(material)


def _list(content: str) -> set[str]:
    return {part.strip().lower() for part in content.split(":")}
