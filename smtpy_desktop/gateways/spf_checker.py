"""SPF of a received message: the pure evaluation, its questions put to the DNS (RFC 7208)."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from smtpy_desktop.core.author_domains import ascii_domain
from smtpy_desktop.core.spf import SpfAnswer, SpfResult, check_host
from smtpy_desktop.core.spf_answer import spf_answer
from smtpy_desktop.gateways.dns_gateway import DnsAsker
from smtpy_desktop.gateways.verdict_memory import VerdictMemory, seconds_of
from smtpy_desktop.schemas.dns import Answer
from smtpy_desktop.schemas.mail_identity import DnsSettings
from smtpy_desktop.schemas.smtp_session import MailClient

_ABOUT_THE_SENDER = re.compile(r"%\{[slh]", re.IGNORECASE)
"""Macros whose value is another one for other mail of the same domain from the same address."""


class SpfChecker:
    """Evaluates SPF and remembers the result for an address and a domain as long as the records hold."""

    def __init__(self, asker: DnsAsker, settings: Callable[[], DnsSettings], hostname: Callable[[], str]) -> None:
        self._asker = asker
        self._settings = settings
        self._hostname = hostname
        self._memory: VerdictMemory[str] = VerdictMemory()

    def recall(self, client: MailClient, domain: str) -> str | None:
        """Return the result where it is known already, without asking anybody."""
        return self._memory.recall((client.address, domain))

    async def check(self, client: MailClient, sender: str, domain: str) -> str:
        """Return the result in the words of RFC 8601 for a client that sends for ``sender`` (empty: for its HELO)."""
        written = sender or f"postmaster@{domain}"
        try:
            result, answers = await self._evaluate(client, written, domain)
        except ValueError:  # no address: nothing is known about the client
            return "none"
        if not any(_ABOUT_THE_SENDER.search(value) for answer in answers for value in answer.values):
            self._memory.keep((client.address, domain), result.result, seconds_of(answers))
        return result.result

    async def _evaluate(self, client: MailClient, sender: str, domain: str) -> tuple[SpfResult, list[Answer]]:
        evaluation = check_host(
            client.address, domain, sender, client.helo, receiver=self._hostname(), timestamp=int(time.time())
        )
        answers: list[Answer] = []
        answer: SpfAnswer | None = None
        while True:
            try:
                question = evaluation.send(answer)  # type: ignore[arg-type] # the first one must be None
            except StopIteration as stop:
                return stop.value, answers
            found = await self._asker.look_up(question, self._settings())
            answers.append(found)
            answer = spf_answer(question, found)


def spf_domain(sender: str, helo: str) -> str:
    """Return the domain that SPF is checked for: the sender's, and for the null sender the name of HELO (2.4)."""
    return ascii_domain(sender.rpartition("@")[2] if sender else helo) if not sender or "@" in sender else ""
