"""Finding out everything that the verdict on a domain's records needs, from the DNS."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from smtpy_desktop.controllers.side_by_side import first_failure
from smtpy_desktop.core.dns_verdict import follow_up_questions, judge
from smtpy_desktop.core.spf import SpfAnswer, check_host, spf_sending_addresses
from smtpy_desktop.core.spf_record import is_spf_record
from smtpy_desktop.core.wanted_records import wanted_records
from smtpy_desktop.gateways.dns_gateway import DnsAsker
from smtpy_desktop.schemas.dns import (
    Answer,
    AnswerState,
    Question,
    RecordEvidence,
    RecordKind,
    RecordReport,
    SpfOutcome,
    WantedRecord,
)
from smtpy_desktop.schemas.dns_zone import ZoneServers
from smtpy_desktop.schemas.domain_checks import CheckSubject
from smtpy_desktop.schemas.mail_identity import DnsSettings, MailIdentity

T = TypeVar("T")


class DnsExamination:
    """Asks and judges the records of domains under one mail identity; one object serves a whole run."""

    def __init__(self, asker: DnsAsker, identity: MailIdentity, settings: DnsSettings) -> None:
        self._asker = asker
        self._identity = identity
        self._settings = settings
        self._senders: tuple[str, ...] | None = None

    async def examine(self, subject: CheckSubject) -> tuple[RecordReport, ...]:
        """Ask for every wanted record of a domain and return the verdicts, in the order in which they are shown."""
        zone = await self._asker.find_zone(subject.name, self._settings, fresh=True)
        wanted = _by_kind(wanted_for(subject, self._identity))
        questions = {kind: Question(records[0].host, records[0].type) for kind, records in wanted.items()}
        answers = dict(
            zip(questions, await _all(self._ask(question, zone) for question in questions.values()), strict=True)
        )
        existing = published_spf(answers[RecordKind.SPF])
        if existing is not None:
            wanted[RecordKind.SPF] = _by_kind(wanted_for(subject, self._identity, existing))[RecordKind.SPF]
        return await _all(self._judged(kind, wanted[kind], answers[kind], zone) for kind in wanted)

    async def _ask(self, question: Question, zone: ZoneServers) -> tuple[Answer, ...]:
        return await self._asker.ask_everywhere(question, zone, self._settings)

    async def _judged(
        self, kind: RecordKind, wanted: tuple[WantedRecord, ...], answers: tuple[Answer, ...], zone: ZoneServers
    ) -> RecordReport:
        spf = await self._spf_outcomes(wanted[0].host, answers) if kind is RecordKind.SPF else {}
        evidence = RecordEvidence(wanted[0], answers, unlisted=zone.unlisted, spf=spf)
        report = judge(kind, wanted, evidence, self._identity)
        questions = follow_up_questions(report, wanted, evidence, random_label=secrets.token_hex(6))
        if not questions:
            return report
        found = await _all(self._asker.look_up(question, self._settings) for question in questions)
        evidence = replace(evidence, probes=dict(zip(questions, found, strict=True)))
        return judge(kind, wanted, evidence, self._identity)

    async def _spf_outcomes(self, domain: str, answers: Iterable[Answer]) -> dict[str, tuple[SpfOutcome, ...]]:
        records = {
            value for answer in answers for value in answer.values if answer.state.is_definite and is_spf_record(value)
        }
        if not records:
            return {}
        senders = await self._sending_addresses()
        return {
            record: await _all(self._spf_outcome(domain, record, sender) for sender in senders) for record in records
        }

    async def _spf_outcome(self, domain: str, record: str, address: str) -> SpfOutcome:
        evaluation = check_host(address, domain, f"postmaster@{domain}", domain, record=record)
        answer: SpfAnswer | None = None
        while True:
            try:
                question = evaluation.send(answer)  # type: ignore[arg-type] # the first one must be None
            except StopIteration as stop:
                result = stop.value
                return SpfOutcome(address, result.result, result.lookups, result.void_lookups, result.problem)
            found = await self._asker.look_up(question, self._settings)
            answer = _spf_answer(question, found)

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


def wanted_for(
    subject: CheckSubject, identity: MailIdentity, existing_spf: str | None = None
) -> tuple[WantedRecord, ...]:
    """Return the records that a domain has to publish."""
    return wanted_records(
        subject.name,
        identity=identity,
        dkim_selector=subject.dkim_selector,
        dkim_public_key=subject.dkim_public_key,
        verification_token=subject.verification_token,
        existing_spf=existing_spf,
    )


def published_spf(answers: Sequence[Answer]) -> str | None:
    """Return the SPF record that a domain publishes now, as its own servers (else the resolvers) say; None if none."""
    for answer in sorted(answers, key=lambda answer: not answer.authoritative):
        if answer.state.is_definite:
            return next((value for value in answer.values if is_spf_record(value)), None)
    return None


def _by_kind(records: Iterable[WantedRecord]) -> dict[RecordKind, tuple[WantedRecord, ...]]:
    kinds: dict[RecordKind, tuple[WantedRecord, ...]] = {}
    for record in records:
        kinds[record.kind] = (*kinds.get(record.kind, ()), record)
    return kinds


def _spf_answer(question: Question, found: Answer) -> SpfAnswer:
    if found.state is not AnswerState.FOUND:
        return SpfAnswer(found.state)
    values = found.values
    if question.type == "MX":
        exchangers = sorted((int(value.split()[0]), value.split()[1]) for value in values)
        values = tuple(host.rstrip(".") for _, host in exchangers)
    elif question.type == "PTR":
        values = tuple(value.rstrip(".") for value in values)
    return SpfAnswer(found.state, values)


async def _all(work: Iterable[Coroutine[Any, Any, T]]) -> tuple[T, ...]:
    """Run coroutines side by side; the first failure cancels the others."""
    with first_failure():
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in work]
    return tuple(task.result() for task in tasks)
