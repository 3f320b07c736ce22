"""Signing mail in tests with dkimpy, which is the judge of our own signatures and verifications, too."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import dkim

from smtpy_desktop.core.dkim_key import DkimKeyPair, generate_dkim_key

SIGNED = (b"from", b"to", b"subject", b"date", b"message-id", b"mime-version", b"content-type")

logging.getLogger("dkimpy").setLevel(logging.CRITICAL)  # what it thinks of broken signatures is its result, no news


@dataclass(frozen=True)
class SigningKey:
    """A domain's key at a selector; ``record`` is what the DNS has to say at ``name``."""

    domain: str
    selector: str
    pair: DkimKeyPair = field(default_factory=generate_dkim_key)

    @property
    def name(self) -> str:
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def record(self) -> str:
        return f"v=DKIM1; k=rsa; p={self.pair.public_key}"

    def signed(
        self,
        raw: bytes,
        *,
        canonical: tuple[bytes, bytes] = (b"relaxed", b"relaxed"),
        headers: Sequence[bytes] = SIGNED,
        length: bool = False,
    ) -> bytes:
        """Put a DKIM signature on top; a header named more often than it is there is oversigned."""
        options = {"canonicalize": canonical, "include_headers": list(headers), "length": length}
        return dkim.sign(raw, self.selector.encode(), self.domain.encode(), self.pair.private_key, **options) + raw

    def sealed_by_dkimpy(self, raw: bytes, results: str) -> bytes:
        """Put an ARC set on top (needs authres)."""
        with_results = f"Authentication-Results: {self.domain}; {results}\r\n".encode() + raw
        names = (self.selector.encode(), self.domain.encode(), self.pair.private_key, self.domain.encode())
        return b"".join(dkim.arc_sign(with_results, *names, include_headers=list(SIGNED))) + raw


def dkimpy_accepts(raw: bytes, keys: Mapping[str, str], index: int = 0) -> bool:
    """Tell what dkimpy thinks of one DKIM signature of a message; the topmost is the first."""
    try:
        return bool(dkim.DKIM(raw).verify(index, dnsfunc=_dns(keys)))
    except dkim.DKIMException:
        return False


def dkimpy_on_chain(raw: bytes, keys: Mapping[str, str]) -> str:
    """Return what dkimpy thinks of an ARC chain: none, pass, fail or ended."""
    found = dkim.arc_verify(raw, dnsfunc=_dns(keys))[0]
    return found.decode() if found else "ended"


def _dns(keys: Mapping[str, str]):
    return lambda name, timeout=5: keys.get(name.decode().rstrip("."), "").encode()
