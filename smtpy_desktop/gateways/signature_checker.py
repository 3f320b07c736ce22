"""DKIM signatures and ARC chains of a message: keys asked for in the DNS, large messages hashed in another thread."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Generator, Sequence
from typing import TypeVar

from smtpy_desktop.core.arc_chain import ArcState, verify_chain
from smtpy_desktop.core.dkim_public_key import find_public_key
from smtpy_desktop.core.dkim_signature import SignatureFault, read_dkim_signature, read_signature_tags, signing_domain
from smtpy_desktop.core.dkim_verification import SignedMessage, verify_signature
from smtpy_desktop.core.header_fields import HeaderField, has_field, header_length
from smtpy_desktop.gateways.dns_gateway import DnsAsker
from smtpy_desktop.schemas.dns import Answer, Question
from smtpy_desktop.schemas.mail_authentication import DkimSignature
from smtpy_desktop.schemas.mail_identity import DnsSettings

MOST_SIGNATURES = 5
"""How many DKIM signatures of one message are looked at: those of the author's domain first, then the topmost."""

_MOST_READ = 50

_AT_ONCE = 65536
"""Messages up to this size are hashed in less time than another thread would cost."""

T = TypeVar("T")


class SignatureChecker:
    """Checks what is signed in a message."""

    def __init__(self, asker: DnsAsker, settings: Callable[[], DnsSettings]) -> None:
        self._asker = asker
        self._settings = settings

    async def read(self, raw: bytes) -> SignedMessage | None:
        """Return the message as signatures see it; None when nothing in it is signed. Raises SignatureFault."""
        if not has_field(raw[: header_length(raw)], b"dkim-signature", b"arc-"):
            return None
        return await _work(len(raw), SignedMessage, raw)

    async def check_dkim(self, message: SignedMessage, authors: Sequence[str] = ()) -> tuple[DkimSignature, ...]:
        """Return the verdict on each signature that is looked at, in the order of the header."""
        fields = message.named(b"dkim-signature")[:_MOST_READ]
        if len(fields) > MOST_SIGNATURES:
            chosen = sorted(range(len(fields)), key=lambda place: (not _is_authors(fields[place], authors), place))
            fields = [fields[place] for place in sorted(chosen[:MOST_SIGNATURES])]
        if len(fields) == 1:
            return (await self._check_one(message, fields[0]),)
        return tuple(await asyncio.gather(*(self._check_one(message, field) for field in fields)))

    async def check_arc(self, message: SignedMessage) -> ArcState:
        """Return the state of the ARC chain."""
        validation = verify_chain(message, int(time.time()))
        answer: Answer | None = None
        while True:
            step = await _work(len(message.body), _step, validation, answer)
            if isinstance(step, ArcState):
                return step
            answer = await self._asker.look_up(step, self._settings())

    async def _check_one(self, message: SignedMessage, field: HeaderField) -> DkimSignature:
        try:
            signature = read_dkim_signature(field, int(time.time()))
        except SignatureFault as fault:
            return DkimSignature(*_names_in(field), fault.result, fault.reason)
        answer = await self._asker.look_up(Question(signature.key_name, "TXT"), self._settings())
        try:
            key = find_public_key(answer, signature.key_kind)
            note = await _work(len(message.body), verify_signature, message, signature, key)
        except SignatureFault as fault:
            return DkimSignature(signature.domain, signature.selector, fault.result, fault.reason)
        return DkimSignature(signature.domain, signature.selector, "pass", note)


async def _work(size: int, function: Callable[..., T], *arguments: object) -> T:
    """Call a function that works on a message of that size: here, or in another thread when that takes longer."""
    if size <= _AT_ONCE:
        return function(*arguments)
    return await asyncio.to_thread(function, *arguments)


def _step(validation: Generator[Question, Answer, ArcState], answer: Answer | None) -> Question | ArcState:
    try:
        return validation.send(answer)  # type: ignore[arg-type] # the first one must be None
    except StopIteration as stop:
        state: ArcState = stop.value
        return state


def _is_authors(field: HeaderField, authors: Sequence[str]) -> bool:
    domain, _ = _names_in(field)
    return any(author == domain or author.endswith(f".{domain}") for author in authors if domain)


def _names_in(field: HeaderField) -> tuple[str, str]:
    """Domain and selector of a signature as far as they can be read at all."""
    try:
        return signing_domain(read_signature_tags(field))
    except SignatureFault:
        return "", ""
