"""Verifying domains: asking the DNS, judging, remembering, telling; and the history of it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from smtpy_desktop.changes import Change, Publish, Topic
from smtpy_desktop.controllers.dns_evidence import DnsExamination
from smtpy_desktop.controllers.settings_controller import parse_dns_settings, parse_identity, require_complete
from smtpy_desktop.controllers.side_by_side import first_failure
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.dns_report_json import in_order, record_from_json, record_to_json
from smtpy_desktop.core.domain_state import DomainCheckState, KindState, StateChange, next_state, wrong_in_a_row
from smtpy_desktop.core.recheck_schedule import next_check
from smtpy_desktop.core.setting_keys import SETTINGS
from smtpy_desktop.database import audit_database, domain_checks_database, settings_database
from smtpy_desktop.errors import NotFoundError
from smtpy_desktop.gateways.dns_gateway import DnsAsker
from smtpy_desktop.schemas.audit import Actor, AuditEntry
from smtpy_desktop.schemas.dns import DnsReport, RecordKind, RecordReport, Verdict
from smtpy_desktop.schemas.domain_checks import (
    CheckResult,
    CheckSubject,
    RecordState,
    StatusNotice,
    VerificationSummary,
)
from smtpy_desktop.schemas.domains import DomainStatus
from smtpy_desktop.schemas.identifiers import DomainId
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.schemas.text import text

_AT_ONCE = 40
_LARGEST_BATCH = 50
_CHECKER = Actor("smtpy-desktop", "check")


@dataclass(frozen=True, slots=True)
class PastCheck:
    """One past verdict on one record, with its number in the history."""

    id: int
    checked_at: datetime
    report: RecordReport


async def verify_domain(sessions: Sessions, domain_id: DomainId, *, asker: DnsAsker, publish: Publish) -> DnsReport:
    """Check every record of a domain now and return the report; raise NotFoundError when it is gone."""
    summary = await verify_domains(sessions, [domain_id], asker=asker, publish=publish)
    if summary.missing:
        raise NotFoundError("DOMAIN_NOT_FOUND", text("This domain does not exist any more."))
    return summary.reports[0]


async def verify_domains(
    sessions: Sessions,
    domain_ids: Sequence[DomainId],
    *,
    asker: DnsAsker,
    publish: Publish,
    progress: Progress | None = None,
    on_report: Callable[[DnsReport], None] = lambda report: None,
    on_notice: Callable[[StatusNotice], object] = lambda notice: None,
) -> VerificationSummary:
    """Check several domains side by side; what is done when it is cancelled stays done.

    Results are stored and published in small batches while the others are still being asked.
    """
    async with sessions.read() as db:
        stored = await settings_database.read_settings(db)
        subjects = await domain_checks_database.check_subjects(db, domain_ids)
    identity = parse_identity(stored)
    require_complete(identity)
    examination = DnsExamination(asker, identity, parse_dns_settings(stored))
    run = _Run(sessions, publish, _recheck_interval(stored), progress or Progress(), on_report, on_notice)
    run.progress.total = len(subjects)
    await run.check(subjects, examination)
    return run.summary(domain_ids)


async def last_report(sessions: Sessions, domain_id: DomainId) -> DnsReport | None:
    """Return the newest verdict on every record of a domain; None when it was never checked."""
    async with sessions.read() as db:
        stored = await domain_checks_database.latest_reports(db, domain_id)
        subjects = await domain_checks_database.check_subjects(db, [domain_id])
    if not stored or not subjects:
        return None
    records = in_order(record_from_json(report) for report in stored)
    checked_at = max(report["checked_at"] for report in stored)
    subject = subjects[0]
    wrong = wrong_in_a_row(_check_state(subject))
    return DnsReport(domain_id, subject.name, subject.status.value, checked_at, records, wrong)


async def history(
    sessions: Sessions,
    domain_id: DomainId,
    *,
    kind: RecordKind | None = None,
    before: int | None = None,
    limit: int = 100,
) -> tuple[PastCheck, ...]:
    """Return past checks of a domain, newest first; go on with the id of the last one as ``before``."""
    async with sessions.read() as db:
        rows = await domain_checks_database.history(db, domain_id, kind=kind, before=before, limit=limit)
    return tuple(PastCheck(check_id, report["checked_at"], record_from_json(report)) for check_id, report in rows)


class _Run:
    """One run over several domains: some ask, one writes."""

    def __init__(
        self,
        sessions: Sessions,
        publish: Publish,
        interval: timedelta,
        progress: Progress,
        on_report: Callable[[DnsReport], None],
        on_notice: Callable[[StatusNotice], object],
    ) -> None:
        self.progress = progress
        self._sessions = sessions
        self._publish = publish
        self._interval = interval
        self._on_report = on_report
        self._on_notice = on_notice
        self._examined: asyncio.Queue[tuple[CheckSubject, tuple[RecordReport, ...]] | None] = asyncio.Queue()
        self._reports: list[DnsReport] = []

    async def check(self, subjects: Sequence[CheckSubject], examination: DnsExamination) -> None:
        waiting = iter(subjects)

        async def ask() -> None:
            for subject in waiting:  # shared by all askers: each takes the next one
                self._examined.put_nowait((subject, await examination.examine(subject)))

        async def ask_all() -> None:
            async with asyncio.TaskGroup() as askers:
                for _ in range(min(_AT_ONCE, len(subjects))):
                    askers.create_task(ask())
            self._examined.put_nowait(None)

        with first_failure():
            async with asyncio.TaskGroup() as group:
                group.create_task(ask_all())
                group.create_task(self._write_all())

    def summary(self, wanted: Iterable[DomainId]) -> VerificationSummary:
        found = {report.domain_id for report in self._reports}
        wrong = [report for report in self._reports if any(one.verdict is Verdict.WRONG for one in report.records)]
        right = [report for report in self._reports if report.right == len(report.records)]
        return VerificationSummary(
            checked=len(self._reports),
            verified=len(right),
            wrong=len(wrong),
            unknown=len(self._reports) - len(right) - len(wrong),
            missing=tuple(domain_id for domain_id in dict.fromkeys(wanted) if domain_id not in found),
            reports=tuple(self._reports),
        )

    async def _write_all(self) -> None:
        open_ended = True
        while open_ended:
            batch = [await self._examined.get()]
            while len(batch) < _LARGEST_BATCH and not self._examined.empty():
                batch.append(self._examined.get_nowait())
            open_ended = None not in batch
            await self._write([one for one in batch if one is not None])

    async def _write(self, batch: Sequence[tuple[CheckSubject, tuple[RecordReport, ...]]]) -> None:
        if not batch:
            return
        now = datetime.now(UTC)
        records = {subject.id: reports for subject, reports in batch}
        async with self._sessions.begin() as db:
            # Read again under a lock: another process may have checked the same domain meanwhile.
            subjects = await domain_checks_database.check_subjects(db, records.keys(), for_update=True)
            concluded = [_conclude(subject, records[subject.id], now, self._interval) for subject in subjects]
            results = [result for result, _ in concluded]
            stored = {result.id: [record_to_json(one) for one in result.report.records] for result in results}
            await domain_checks_database.store_results(db, results, stored)
            notices = [notice for _, notice in concluded if notice is not None]
            await audit_database.record(db, _CHECKER, *(_audit_entry(notice) for notice in notices))
        if results:
            self._publish(Change(Topic.DOMAINS, frozenset(result.id for result in results)))
        for result in results:
            self._reports.append(result.report)
            self._on_report(result.report)
        for notice in notices:
            self._on_notice(notice)
        self.progress.done += len(batch)


def _conclude(
    subject: CheckSubject, reports: tuple[RecordReport, ...], now: datetime, interval: timedelta
) -> tuple[CheckResult, StatusNotice | None]:
    """Make the domain's new state of its old one and the verdicts."""
    verdicts = {report.kind: report.verdict for report in reports}
    after, changes = next_state(_check_state(subject), verdicts, now)
    report = DnsReport(subject.id, subject.name, after.status.value, now, reports, wrong_in_a_row(after))
    result = CheckResult(
        id=subject.id,
        status=after.status,
        flags={kind: after.kind(kind).verified for kind in RecordKind},
        states=_record_states(subject.states, after, verdicts),
        needs_attention=_needs_attention(after, verdicts.values()),
        next_check_at=next_check(
            status=after.status,
            is_active=subject.is_active,
            created_at=subject.created_at,
            verdicts=verdicts.values(),
            now=now,
            interval=interval,
            dice=random.random(),  # noqa: S311 - spreads load, guards nothing
        ),
        report=report,
    )
    return result, _notice(subject, after.status, changes, now)


def _needs_attention(state: DomainCheckState, verdicts: Iterable[Verdict]) -> bool:
    """Whether something is wrong; a record that was wrong and cannot be asked about now still counts."""
    is_failing = any(state.kind(kind).wrong_count for kind in RecordKind)
    return state.status is DomainStatus.FAILED or is_failing or Verdict.WRONG in verdicts


def _check_state(subject: CheckSubject) -> DomainCheckState:
    kinds = {}
    for kind, verified in subject.flags.items():
        state = subject.states.get(kind)
        count, since = (state.wrong_count, state.first_wrong_at) if state else (0, None)
        kinds[kind] = KindState(verified, count, since)
    return DomainCheckState(subject.status, kinds)


def _record_states(
    before: Mapping[RecordKind, RecordState], after: DomainCheckState, verdicts: Mapping[RecordKind, Verdict]
) -> dict[RecordKind, RecordState]:
    return {
        kind: RecordState(verdict, after.kind(kind).wrong_count, after.kind(kind).first_wrong_at)
        for kind in RecordKind
        if (verdict := verdicts.get(kind) or (before[kind].verdict if kind in before else None)) is not None
    }


def _notice(
    subject: CheckSubject, status: DomainStatus, changes: Collection[StateChange], now: datetime
) -> StatusNotice | None:
    if status is subject.status:
        return None
    return StatusNotice(subject.id, subject.name, subject.status, status, tuple(one.kind for one in changes), now)


def _audit_entry(notice: StatusNotice) -> AuditEntry:
    changes = {"status": [notice.old.value, notice.new.value], "records": [kind.value for kind in notice.records]}
    return AuditEntry("domain.status", "domain", notice.domain_id, notice.name, changes=changes)


def _recheck_interval(stored: Mapping[str, str]) -> timedelta:
    return timedelta(minutes=int(stored.get("dns.recheck_minutes") or SETTINGS["dns.recheck_minutes"].default))
