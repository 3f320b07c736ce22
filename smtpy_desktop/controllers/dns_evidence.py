"""Finding out everything that the verdict on a domain's records needs, from the DNS."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import replace

from smtpy_desktop.controllers.side_by_side import all_of
from smtpy_desktop.controllers.spf_evaluation import SpfEvaluation
from smtpy_desktop.core.dns_verdict import follow_up_questions, judge
from smtpy_desktop.core.spf_record import is_spf_record
from smtpy_desktop.core.wanted_records import wanted_records
from smtpy_desktop.gateways.dns_gateway import DnsAsker
from smtpy_desktop.schemas.dns import (
    Answer,
    Question,
    RecordEvidence,
    RecordKind,
    RecordReport,
    SpfMending,
    WantedRecord,
)
from smtpy_desktop.schemas.dns_zone import ZoneServers
from smtpy_desktop.schemas.domain_checks import CheckSubject
from smtpy_desktop.schemas.mail_identity import DnsSettings, MailIdentity


class DnsExamination:
    """Asks and judges the records of domains under one mail identity; one object serves a whole run."""

    def __init__(self, asker: DnsAsker, identity: MailIdentity, settings: DnsSettings) -> None:
        self._asker = asker
        self._identity = identity
        self._settings = settings
        self._spf = SpfEvaluation(asker, identity, settings)

    async def examine(self, subject: CheckSubject) -> tuple[RecordReport, ...]:
        """Ask for every wanted record of a domain and return the verdicts, in the order in which they are shown."""
        zone = await self._asker.find_zone(subject.name, self._settings, fresh=True)
        wanted = _by_kind(wanted_for(subject, self._identity))
        questions = {kind: Question(records[0].host, records[0].type) for kind, records in wanted.items()}
        answers = dict(
            zip(questions, await all_of(self._ask(question, zone) for question in questions.values()), strict=True)
        )
        evidence = {kind: RecordEvidence(wanted[kind][0], answers[kind], unlisted=zone.unlisted) for kind in questions}
        if RecordKind.SPF in wanted:
            known = await self._spf_evidence(subject.name, evidence[RecordKind.SPF])
            evidence[RecordKind.SPF] = known
            wanted[RecordKind.SPF] = _by_kind(wanted_for(subject, self._identity, known.mending))[RecordKind.SPF]
        return await all_of(self._judged(kind, wanted[kind], evidence[kind]) for kind in wanted)

    async def _spf_evidence(self, domain: str, evidence: RecordEvidence) -> RecordEvidence:
        outcomes = await self._spf.outcomes(domain, evidence.answers)
        existing = published_spf(evidence.answers)
        mending = await self._spf.mend(domain, existing) if existing is not None else None
        return replace(evidence, spf=outcomes, mending=mending)

    async def _ask(self, question: Question, zone: ZoneServers) -> tuple[Answer, ...]:
        return await self._asker.ask_everywhere(question, zone, self._settings)

    async def _judged(
        self, kind: RecordKind, wanted: tuple[WantedRecord, ...], evidence: RecordEvidence
    ) -> RecordReport:
        evidence = replace(evidence, wanted=wanted[0])
        report = judge(kind, wanted, evidence, self._identity)
        questions = follow_up_questions(report, wanted, evidence, random_label=secrets.token_hex(6))
        if not questions:
            return report
        found = await all_of(self._asker.look_up(question, self._settings) for question in questions)
        evidence = replace(evidence, probes=dict(zip(questions, found, strict=True)))
        return judge(kind, wanted, evidence, self._identity)


def wanted_for(
    subject: CheckSubject, identity: MailIdentity, mending: SpfMending | None = None
) -> tuple[WantedRecord, ...]:
    """Return the records that a domain has to publish; the plain SPF record where its own cannot be mended."""
    return wanted_records(
        subject.name,
        identity=identity,
        dkim_selector=subject.dkim_selector,
        dkim_public_key=subject.dkim_public_key,
        verification_token=subject.verification_token,
        existing_spf=mending.value or None if mending is not None else None,
    )


def records_to_offer(
    subject: CheckSubject, identity: MailIdentity, mending: SpfMending | None
) -> tuple[WantedRecord, ...]:
    """Return the records that a domain has to publish, without an SPF record where none is known that would do."""
    records = wanted_for(subject, identity, mending)
    if mending is None or mending.value:
        return records
    return tuple(record for record in records if record.kind is not RecordKind.SPF)


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
