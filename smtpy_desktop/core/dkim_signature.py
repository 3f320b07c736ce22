"""Reading the signature fields of DKIM and ARC (RFC 6376 section 3.5, RFC 8617 section 4.1)."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from smtpy_desktop.core.dkim_canonicalization import RELAXED, SIMPLE
from smtpy_desktop.core.header_fields import HeaderField
from smtpy_desktop.core.tag_list import TagList, read_tag_list, without_blanks

RSA = "rsa-sha256"
ED25519 = "ed25519-sha256"

_KEY_KINDS = {RSA: "rsa", ED25519: "ed25519"}
_LONGEST_FIELD = 32768
_MOST_HEADERS = 512
_CLOCK_SECONDS = 3600  # clocks differ; what was signed a little in the future was signed now
_DOMAIN = re.compile(r"[^\s\"(),:;<>@\[\\\]=/]+\Z")
_NUMBER = re.compile(r"[0-9]{1,20}\Z")


class SignatureFault(Exception):
    """A signature does not count: ``result`` in the words of RFC 8601, ``reason`` in English for a header comment."""

    def __init__(self, result: str, reason: str) -> None:
        self.result = result
        self.reason = reason
        super().__init__(f"{result}: {reason}")


@dataclass(frozen=True, slots=True)
class Signature:
    """A DKIM-Signature or an ARC-Message-Signature, read.

    ``headers`` are the names signed (lower case), ``length`` is ``l=`` (None: the whole body), ``identity`` the domain
    of ``i=``, ``expires_at`` seconds since 1970.
    """

    field: HeaderField
    algorithm: str
    domain: str
    selector: str
    identity: str
    headers: tuple[bytes, ...]
    header_method: str
    body_method: str
    body_hash: bytes
    signature: bytes
    length: int | None = None
    expires_at: int | None = None

    @property
    def key_name(self) -> str:
        """Where the public key is published."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def key_kind(self) -> str:
        """What ``k=`` of the key has to say."""
        return _KEY_KINDS[self.algorithm]


def read_dkim_signature(field: HeaderField, now: int) -> Signature:
    """Read a DKIM-Signature; ``now`` in seconds since 1970. Raises SignatureFault."""
    tags = read_signature_tags(field)
    if tags.get("v") != "1":
        raise SignatureFault("permerror", "unknown version")
    signature = _read(field, tags, identity=_identity(tags))
    _require_time(tags, now, signature.expires_at)
    methods = [part.strip() for part in tags.get("q", "dns/txt").split(":")]
    if "dns/txt" not in methods:
        raise SignatureFault("permerror", "unknown way to the key")
    return signature


def read_arc_signature(field: HeaderField, now: int) -> Signature:
    """Read an ARC-Message-Signature, whose ``i=`` is a number and which has no version. Raises SignatureFault."""
    tags = read_signature_tags(field)
    signature = _read(field, tags, identity="")
    _require_time(tags, now, signature.expires_at)
    if b"arc-seal" in signature.headers:
        raise SignatureFault("permerror", "signs ARC-Seal")
    return signature


def read_signature_tags(field: HeaderField) -> dict[str, str]:
    """Return the tags of a signature field; raise SignatureFault when they are no list of tags."""
    if len(field.raw) > _LONGEST_FIELD:
        raise SignatureFault("permerror", "too long")
    listed: TagList = read_tag_list(field.value.decode("utf-8", "replace"))
    if listed.duplicates or listed.malformed:
        raise SignatureFault("permerror", "malformed")
    return listed.tags


def required(tags: dict[str, str], name: str) -> str:
    """Return what a tag holds, without the blanks inside; raise SignatureFault when it is missing or empty."""
    found = without_blanks(tags.get(name, ""))
    if not found:
        raise SignatureFault("permerror", f"{name}= is missing")
    return found


def decoded(tags: dict[str, str], name: str) -> bytes:
    """Return the bytes that a base64 tag holds; raise SignatureFault."""
    try:
        return base64.b64decode(required(tags, name), validate=True)
    except (binascii.Error, ValueError):
        raise SignatureFault("permerror", f"{name}= is no base64") from None


def signing_domain(tags: dict[str, str]) -> tuple[str, str]:
    """Return domain and selector in lower case; raise SignatureFault."""
    domain, selector = required(tags, "d").lower().rstrip("."), required(tags, "s").lower()
    if not _DOMAIN.match(domain) or not _DOMAIN.match(selector):
        raise SignatureFault("permerror", "no domain name in d= or s=")
    return domain, selector


def signing_algorithm(tags: dict[str, str]) -> str:
    """Return the algorithm; raise SignatureFault for unknown ones and for rsa-sha1 (RFC 8301 section 3.1)."""
    found = required(tags, "a").lower()
    if found not in _KEY_KINDS:
        raise SignatureFault("permerror", "rsa-sha1 counts no more" if found == "rsa-sha1" else "unknown algorithm")
    return found


def _read(field: HeaderField, tags: dict[str, str], *, identity: str) -> Signature:
    domain, selector = signing_domain(tags)
    identity = identity or domain
    if identity != domain and not identity.endswith(f".{domain}"):
        raise SignatureFault("permerror", "i= is not within d=")
    headers = tuple(name.strip().lower().encode() for name in tags.get("h", "").split(":"))
    if b"from" not in headers:
        raise SignatureFault("permerror", "From is not signed")
    if len(headers) > _MOST_HEADERS:
        raise SignatureFault("permerror", "too many headers")
    header_method, body_method = _methods(tags)
    return Signature(
        field,
        signing_algorithm(tags),
        domain,
        selector,
        identity,
        headers,
        header_method,
        body_method,
        decoded(tags, "bh"),
        decoded(tags, "b"),
        length=_number(tags, "l"),
        expires_at=_number(tags, "x"),
    )


def _identity(tags: dict[str, str]) -> str:
    if "i" not in tags:
        return ""
    _, at, domain = without_blanks(tags["i"]).rpartition("@")
    if not at:
        raise SignatureFault("permerror", "i= is no identity")
    return domain.lower().rstrip(".")


def _methods(tags: dict[str, str]) -> tuple[str, str]:
    header_method, _, body_method = without_blanks(tags.get("c", SIMPLE)).lower().partition("/")
    body_method = body_method or SIMPLE
    if not {header_method, body_method} <= {SIMPLE, RELAXED}:
        raise SignatureFault("permerror", "unknown canonicalization")
    return header_method, body_method


def _number(tags: dict[str, str], name: str) -> int | None:
    if name not in tags:
        return None
    if not _NUMBER.match(tags[name]):
        raise SignatureFault("permerror", f"{name}= is no number")
    return int(tags[name])


def _require_time(tags: dict[str, str], now: int, expires_at: int | None) -> None:
    signed_at = _number(tags, "t")
    if signed_at is not None and expires_at is not None and expires_at <= signed_at:
        raise SignatureFault("permerror", "x= is not after t=")
    if signed_at is not None and signed_at > now + _CLOCK_SECONDS:
        raise SignatureFault("fail", "signed in the future")
    if expires_at is not None and expires_at < now:
        raise SignatureFault("fail", "expired")
