"""Making an ARC set: our results, a signature of the message, and the seal on the chain (RFC 8617 section 5.1)."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from smtpy_desktop.core.arc_chain import MOST_SETS, ArcState, read_chain
from smtpy_desktop.core.dkim_canonicalization import RELAXED, relaxed_field
from smtpy_desktop.core.dkim_private_key import Sign
from smtpy_desktop.core.dkim_verification import SignedMessage
from smtpy_desktop.core.header_fields import HeaderField
from smtpy_desktop.core.header_lines import header_line

_SIGNED = (
    b"from",
    b"sender",
    b"reply-to",
    b"to",
    b"cc",
    b"subject",
    b"date",
    b"message-id",
    b"in-reply-to",
    b"references",
    b"mime-version",
    b"content-type",
    b"content-transfer-encoding",
    b"list-id",
    b"list-unsubscribe",
    b"list-unsubscribe-post",
    b"dkim-signature",
)
"""What the author and the lists before us wrote; never Authentication-Results or seals (section 4.1.2)."""

_MOST_OF_A_NAME = 5
_PIECE = 72


@dataclass(frozen=True, slots=True)
class ArcSigner:
    """Who seals: domain, selector of its key, and the signing with it."""

    domain: str
    selector: str
    sign: Sign


def arc_set(message: SignedMessage, state: ArcState, results: str, signer: ArcSigner, *, now: int) -> bytes:
    """Return the three lines to put on top of a message, each with its CRLF; nothing where no set may be added.

    ``state`` is that of the chain as it came, ``results`` what goes after ``i=…; `` into the first line (ASCII, one
    line, as in Authentication-Results), ``now`` seconds since 1970. Nothing is added to a chain that had failed before,
    to one of 50 sets, and to one whose state is not known. A chain that fails here gets its last seal.
    """
    instance = state.highest + 1
    if state.has_ended or state.result == "temperror" or instance > MOST_SETS:
        return b""
    cv = state.result if state.result in ("none", "pass") else "fail"
    own = _line("ARC-Authentication-Results", f"i={instance}; {results}")
    signature = _message_signature(message, signer, instance, now)
    return _seal(message, signer, cv, instance, now, own, signature) + signature.raw + own.raw


def _message_signature(message: SignedMessage, signer: ArcSigner, instance: int, now: int) -> HeaderField:
    names = [name for name in _SIGNED for _ in message.named(name)[:_MOST_OF_A_NAME]]
    names.append(b"from")  # once more than there are: nobody may add another
    body, _ = message.body_hash(RELAXED, None)
    tags = (
        f"i={instance}; a=rsa-sha256; c=relaxed/relaxed; d={signer.domain}; s={signer.selector}; t={now};"
        f" h={': '.join(name.decode() for name in names)}; bh={base64.b64encode(body).decode()}; b="
    )
    line = _line("ARC-Message-Signature", tags)
    hasher = hashlib.sha256()
    for field in message.selected(names):
        hasher.update(relaxed_field(field.name, field.value))
    hasher.update(_relaxed(line).removesuffix(b"\r\n"))
    return HeaderField(line.name, _signed(line, signer.sign(hasher.digest())))


def _seal(
    message: SignedMessage,
    signer: ArcSigner,
    cv: str,
    instance: int,
    now: int,
    results: HeaderField,
    signature: HeaderField,
) -> bytes:
    tags = f"i={instance}; a=rsa-sha256; t={now}; cv={cv}; d={signer.domain}; s={signer.selector}; b="
    line = _line("ARC-Seal", tags)
    hasher = hashlib.sha256()
    # The seal on a chain that failed covers the new set alone (section 5.1.2): the others cannot be put in order.
    for earlier in read_chain(message) if cv == "pass" else ():
        for field in earlier.fields:
            hasher.update(_relaxed(field))
    hasher.update(_relaxed(results))
    hasher.update(_relaxed(signature))
    hasher.update(_relaxed(line).removesuffix(b"\r\n"))
    return _signed(line, signer.sign(hasher.digest()))


def _relaxed(field: HeaderField) -> bytes:
    return relaxed_field(field.name, field.value)


def _line(name: str, value: str) -> HeaderField:
    return HeaderField(name.lower().encode(), header_line(name, value))


def _signed(line: HeaderField, signature: bytes) -> bytes:
    """A signature line that ends in ``b=``, with the signature there."""
    letters = base64.b64encode(signature).decode()
    pieces = [f"\r\n {letters[start : start + _PIECE]}" for start in range(0, len(letters), _PIECE)]
    return line.raw.removesuffix(b"\r\n") + "".join(pieces).encode() + b"\r\n"
