"""Figure *authenticate*: processor time for SPF, DKIM, DMARC and ARC of a message, against dkimpy alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import dkim

from benchmarks.figure import Figure, tell
from benchmarks.measuring import alternate
from smtpy_desktop.core.dkim_key import generate_dkim_key
from smtpy_desktop.gateways.mail_authenticator import DnsMailAuthenticator
from smtpy_desktop.schemas.dns import Answer, AnswerState, Question
from smtpy_desktop.schemas.dns_zone import ZoneServers
from smtpy_desktop.schemas.mail_identity import DnsSettings
from smtpy_desktop.schemas.smtp_session import MailClient

_MESSAGES = 1000
_ROUNDS = 5
_DOMAIN, _SELECTOR = "author.example", "k1"
_CLIENT = MailClient("192.0.2.10", helo="mail.author.example")
_HEAD = (
    b"From: Ada <ada@author.example>\r\nTo: shop@alias.example\r\nSubject: An order\r\n"
    b"Date: Sun, 22 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@author.example>\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n"
)
_RAW = _HEAD + b"A line of some words, about as long as the lines of mail are.\r\n" * 156


class _KnownAnswers:
    """A DNS that has every answer at hand, as the cache of a forwarder has for mail from a known place."""

    def __init__(self, records: dict[str, str]) -> None:
        self._records = records

    async def look_up(self, question: Question, settings: DnsSettings) -> Answer:
        found = self._records.get(question.name)
        state = AnswerState.NO_NAME if found is None else AnswerState.FOUND
        return Answer("here", authoritative=False, state=state, values=(found,) if found else (), ttl=300)

    async def find_zone(self, name: str, settings: DnsSettings, *, fresh: bool = False) -> ZoneServers:
        raise NotImplementedError

    async def ask_everywhere(self, question: Question, zone: ZoneServers, settings: DnsSettings) -> tuple[Answer, ...]:
        raise NotImplementedError

    def forget(self, name: str) -> None:
        raise NotImplementedError


def main() -> None:
    """Measure and tell the figures."""
    pair = generate_dkim_key()
    record = f"v=DKIM1; k=rsa; p={pair.public_key}"
    policy, senders = "v=DMARC1; p=reject", "v=spf1 ip4:192.0.2.0/28 -all"
    names = {f"{_SELECTOR}._domainkey.{_DOMAIN}": record, _DOMAIN: senders, f"_dmarc.{_DOMAIN}": policy}
    authenticator = DnsMailAuthenticator(_KnownAnswers(names), lambda: DnsSettings(()))
    options = {"canonicalize": (b"relaxed", b"relaxed")}
    signed = dkim.sign(_RAW, _SELECTOR.encode(), _DOMAIN.encode(), pair.private_key, **options) + _RAW
    rounds = {
        name: alternate(
            lambda raw=raw: _each(lambda: asyncio.run(_authenticate(authenticator, raw))),  # type: ignore[misc]
            lambda: _each(lambda: _by_dkimpy(signed, record)),
            _ROUNDS,
        )
        for name, raw in (("unsigned", _RAW), ("signed", signed))
    }
    note = f"processor time for one of {_MESSAGES:,} messages of 10 KiB from a known client, answers of the DNS at hand"
    reference = "against dkimpy checking an RSA-2048 signature and nothing else"
    for name, limit in (("unsigned", 150.0), ("signed", 600.0)):
        found = rounds[name]
        words = f"{note}, {name}; {reference}; median of {_ROUNDS}"
        tell(
            Figure(
                f"authenticate {name} mail",
                found.median_ours,
                found.median_reference,
                "µs",
                limit=limit,
                bounds_ours=True,
                largest_ratio=1.0,
                note=words,
            )
        )


async def _authenticate(authenticator: DnsMailAuthenticator, raw: bytes) -> None:
    for _ in range(_MESSAGES):
        verdict = await authenticator.verify(_CLIENT, "ada@author.example", raw)
        assert verdict.dmarc == "pass", verdict


def _by_dkimpy(signed: bytes, record: str) -> None:
    for _ in range(_MESSAGES):
        assert dkim.verify(signed, dnsfunc=lambda name, timeout=5: record.encode())


def _each(work: Callable[[], None]) -> float:
    """Return the processor time for one message, in microseconds."""
    began = time.process_time()
    work()
    return (time.process_time() - began) / _MESSAGES * 1e6


if __name__ == "__main__":
    main()
