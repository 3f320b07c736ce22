"""Validating the chain of ARC sets of a message (RFC 8617 section 5.2): questions come out, answers go in."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Sequence
from dataclasses import dataclass

from smtpy_desktop.core.dkim_canonicalization import relaxed_field
from smtpy_desktop.core.dkim_public_key import find_public_key
from smtpy_desktop.core.dkim_signature import (
    RSA,
    SignatureFault,
    decoded,
    read_arc_signature,
    read_signature_tags,
    signing_algorithm,
    signing_domain,
)
from smtpy_desktop.core.dkim_verification import SignedMessage, unsigned_field, verify_signature
from smtpy_desktop.core.header_fields import HeaderField
from smtpy_desktop.core.tag_list import without_blanks
from smtpy_desktop.schemas.dns import Answer, Question

MOST_SETS = 50
"""A chain has no more (section 4.2.1)."""

RESULTS = b"arc-authentication-results"
MESSAGE_SIGNATURE = b"arc-message-signature"
SEAL = b"arc-seal"

_NAMES = (RESULTS, MESSAGE_SIGNATURE, SEAL)


@dataclass(frozen=True, slots=True)
class ArcSet:
    """The three fields of one instance; ``tags`` are those of its seal."""

    results: HeaderField
    signature: HeaderField
    seal: HeaderField
    tags: dict[str, str]

    @property
    def fields(self) -> tuple[HeaderField, HeaderField, HeaderField]:
        """The fields in the order in which a seal covers them (section 5.1.1)."""
        return self.results, self.signature, self.seal


@dataclass(frozen=True, slots=True)
class ArcState:
    """What became of a chain: none, pass, fail, or temperror where a key could not be asked for.

    ``highest`` is the highest instance found; ``has_ended``: its seal says that the chain failed before, so that nobody
    may add to it.
    """

    result: str
    highest: int = 0
    reason: str = ""
    has_ended: bool = False


def verify_chain(message: SignedMessage, now: int) -> Generator[Question, Answer, ArcState]:
    """Validate the chain of a message: yield each question for a key, be sent its answer, return the state."""
    found = highest_instance(message)
    if not found:
        return ArcState("none")
    try:
        chain = read_chain(message)
        if chain[-1].tags.get("cv", "").lower() == "fail":
            return ArcState("fail", found, "failed before", has_ended=True)
        _require_course(chain)
        yield from _verify_message_signature(message, chain[-1], now)
        digests = seal_digests(chain)
        for arc_set, digest in zip(reversed(chain), reversed(digests), strict=True):
            yield from _verify_seal(arc_set, digest)
    except SignatureFault as fault:
        return ArcState("temperror" if fault.result == "temperror" else "fail", found, fault.reason)
    return ArcState("pass", found)


def chain_state(message: SignedMessage, result: str) -> ArcState:
    """Return the state of a chain whose validation gave this result before."""
    found = highest_instance(message)
    if found >= MOST_SETS:
        return ArcState(result, found)
    seals = [field for field in message.named(SEAL) if _instance(field) == found]
    has_ended = any(_tags(field).get("cv", "").lower() == "fail" for field in seals)
    return ArcState(result, found, has_ended=has_ended)


def highest_instance(message: SignedMessage) -> int:
    """Return the highest instance of any ARC field, 0 when there is none that has one; too many are not looked at."""
    if any(len(message.named(name)) > MOST_SETS for name in _NAMES):
        return MOST_SETS
    return max((_instance(field) for name in _NAMES for field in message.named(name)), default=0)


def read_chain(message: SignedMessage) -> tuple[ArcSet, ...]:
    """Return the sets from the first to the last; raise SignatureFault unless each is whole and none is missing."""
    by_name: list[dict[int, HeaderField]] = []
    for name in _NAMES:
        fields = message.named(name)
        if len(fields) > MOST_SETS:
            raise SignatureFault("fail", "too many sets")
        by_name.append({_instance(field): field for field in fields})
        if set(by_name[-1]) != set(range(1, len(fields) + 1)) or len(fields) != len(by_name[0]):
            raise SignatureFault("fail", "a set is not whole, or one is missing")
    results, signatures, seals = by_name
    return tuple(
        ArcSet(results[number], signatures[number], seals[number], read_signature_tags(seals[number]))
        for number in range(1, len(seals) + 1)
    )


def seal_digests(chain: Sequence[ArcSet]) -> list[bytes]:
    """Return what each seal signs: all the fields before it in the chain, and itself without ``b=``."""
    hasher = hashlib.sha256()
    digests = []
    for arc_set in chain:
        hasher.update(_relaxed(arc_set.results))
        hasher.update(_relaxed(arc_set.signature))
        so_far = hasher.copy()
        so_far.update(unsigned_field(arc_set.seal, "relaxed"))
        digests.append(so_far.digest())
        hasher.update(_relaxed(arc_set.seal))
    return digests


def _require_course(chain: Sequence[ArcSet]) -> None:
    """Hold what the seals say against their place: none for the first, pass for those that follow."""
    for number, arc_set in enumerate(chain, start=1):
        if arc_set.tags.get("cv", "").lower() != ("none" if number == 1 else "pass"):
            raise SignatureFault("fail", f"cv= of set {number} does not fit")
        if "h" in arc_set.tags:
            raise SignatureFault("fail", f"the seal of set {number} has h=")


def _verify_message_signature(message: SignedMessage, last: ArcSet, now: int) -> Generator[Question, Answer, None]:
    signature = read_arc_signature(last.signature, now)
    answer = yield Question(signature.key_name, "TXT")
    verify_signature(message, signature, find_public_key(answer, signature.key_kind))


def _verify_seal(arc_set: ArcSet, digest: bytes) -> Generator[Question, Answer, None]:
    domain, selector = signing_domain(arc_set.tags)
    kind = "rsa" if signing_algorithm(arc_set.tags) == RSA else "ed25519"
    answer = yield Question(f"{selector}._domainkey.{domain}", "TXT")
    if not find_public_key(answer, kind).accepts(decoded(arc_set.tags, "b"), digest):
        raise SignatureFault("fail", f"the seal of {domain} did not verify")


def _relaxed(field: HeaderField) -> bytes:
    return relaxed_field(field.name, field.value)


def _instance(field: HeaderField) -> int:
    """The number in ``i=``; 0 where there is none. That of the results stands first, before anything else."""
    if field.name == RESULTS:
        name, _, number = field.value.partition(b";")[0].decode("utf-8", "replace").partition("=")
    else:
        name, number = "i", _tags(field).get("i", "")
    number = without_blanks(number)
    return int(number) if name.strip().lower() == "i" and number.isdecimal() and len(number) < 4 else 0


def _tags(field: HeaderField) -> dict[str, str]:
    """The tags of a field; none where it cannot be read."""
    try:
        return read_signature_tags(field)
    except SignatureFault:
        return {}
