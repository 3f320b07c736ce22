"""Evaluating SPF records for our sending addresses, and finding out what a broken one has to become."""

from __future__ import annotations

from collections.abc import Iterable

from smtpy_desktop.controllers.side_by_side import all_of
from smtpy_desktop.core.spf import SpfAnswer, check_host, spf_sending_addresses
from smtpy_desktop.core.spf_answer import spf_answer
from smtpy_desktop.core.spf_mending import (
    costly_terms,
    is_known_to_fail,
    mended_record,
    needs_too_many_lookups,
    offending_terms,
)
from smtpy_desktop.core.spf_record import VERSION, is_spf_record
from smtpy_desktop.gateways.dns_gateway import DnsAsker
from smtpy_desktop.schemas.dns import Answer, Question, SpfMending, SpfOutcome
from smtpy_desktop.schemas.mail_identity import DnsSettings, MailIdentity

_MOST_ROUNDS = 16
"""Each takes out at least one more term that leads nowhere."""


class SpfEvaluation:
    """Evaluates records under one mail identity; what it asks for, the asker remembers."""

    def __init__(self, asker: DnsAsker, identity: MailIdentity, settings: DnsSettings) -> None:
        self._asker = asker
        self._identity = identity
        self._settings = settings
        self._senders: tuple[str, ...] | None = None

    async def outcomes(self, domain: str, answers: Iterable[Answer]) -> dict[str, tuple[SpfOutcome, ...]]:
        """Return what each SPF record among the answers gives for our sending addresses."""
        records = {
            value for answer in answers for value in answer.values if answer.state.is_definite and is_spf_record(value)
        }
        return {record: await self._evaluated(domain, record) for record in records}

    async def mend(self, domain: str, existing: str) -> SpfMending:
        """Return what the record of a domain has to become for mail from our addresses to pass."""
        outcomes = await self._evaluated(domain, existing)
        offending = dict.fromkeys(offending_terms(outcomes))
        mended = mended_record(existing, self._identity.spf, domain=domain, offending=offending)
        for _ in range(_MOST_ROUNDS):
            outcomes = await self._evaluated(domain, mended.value)
            further = [term for term in offending_terms(outcomes) if term not in offending]
            if not further:
                break
            offending |= dict.fromkeys(further)
            mended = mended_record(existing, self._identity.spf, domain=domain, offending=offending)
        if not is_known_to_fail(outcomes):
            return SpfMending(mended.value, mended.removed, outcomes)
        costs = await self._costs(domain, mended.value) if needs_too_many_lookups(outcomes) else ()
        return SpfMending("", mended.removed, outcomes, costs)

    async def _costs(self, domain: str, record: str) -> tuple[tuple[str, int], ...]:
        """Count the look-ups of each term by itself: the evaluation of all of them ends at the limit."""
        terms = costly_terms(record)
        counted = await all_of(self._evaluated(domain, f"{VERSION} {term}") for term in terms)
        return tuple(
            (term, max((outcome.lookups for outcome in outcomes), default=0))
            for term, outcomes in zip(terms, counted, strict=True)
        )

    async def _evaluated(self, domain: str, record: str) -> tuple[SpfOutcome, ...]:
        senders = await self._sending_addresses()
        return await all_of(self._outcome(domain, record, sender) for sender in senders)

    async def _outcome(self, domain: str, record: str, address: str) -> SpfOutcome:
        evaluation = check_host(address, domain, f"postmaster@{domain}", domain, record=record)
        answer: SpfAnswer | None = None
        while True:
            try:
                question = evaluation.send(answer)  # type: ignore[arg-type] # the first one must be None
            except StopIteration as stop:
                end = stop.value
                return SpfOutcome(address, end.result, end.lookups, end.void_lookups, end.problem, end.offending)
            found = await self._asker.look_up(question, self._settings)
            answer = spf_answer(question, found)

    async def _sending_addresses(self) -> tuple[str, ...]:
        """The addresses that SPF is evaluated for: as set, or as our own mechanism gives them."""
        if self._senders is None:
            self._senders = self._identity.sending_addresses or await self._written_addresses()
        return self._senders

    async def _written_addresses(self) -> tuple[str, ...]:
        mechanisms = self._identity.spf
        found = list(spf_sending_addresses(mechanisms))
        for word in mechanisms.split():
            name, _, target = word.partition(":")
            if name.lstrip("+").lower() == "include" and target:
                answer = await self._asker.look_up(Question(target, "TXT"), self._settings)
                found += [
                    address
                    for value in answer.values
                    if is_spf_record(value)
                    for address in spf_sending_addresses(value)
                ]
        return tuple(dict.fromkeys(found))
