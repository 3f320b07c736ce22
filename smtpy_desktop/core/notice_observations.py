"""Facts about an installation turned into what is observed of it: pure, one function for each source of notices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from smtpy_desktop.core import notice_limits
from smtpy_desktop.core.bounce_advice import advice_for
from smtpy_desktop.core.bounce_kinds import SIGN_IN_TROUBLES, BounceClass
from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.backups import BackupState
from smtpy_desktop.schemas.billing_account import BillingNotice
from smtpy_desktop.schemas.dns import RecordKind
from smtpy_desktop.schemas.forwarder import CERTIFICATE_ENDS, ForwarderProcess, ForwarderState
from smtpy_desktop.schemas.forwarding_state import ForwardingPhase, ForwardingState
from smtpy_desktop.schemas.listener_state import ListenerPhase, ListenerState
from smtpy_desktop.schemas.messages import MessageTotals
from smtpy_desktop.schemas.notice_kinds import NoticeKind, Severity
from smtpy_desktop.schemas.notices import DiskSpace, FailedDomain, Observation, Reading
from smtpy_desktop.schemas.queue import QueueSnapshot
from smtpy_desktop.schemas.text import Text, text

DOMAIN_KINDS = frozenset({NoticeKind.DOMAIN_BROKEN, NoticeKind.DOMAINS_BROKEN, NoticeKind.DOMAIN_NOT_PASSING})
FORWARDER_KINDS = frozenset({NoticeKind.FORWARDER_SILENT, NoticeKind.CERTIFICATE_ENDS, NoticeKind.SMART_HOST_SIGN_IN})
QUEUE_KINDS = frozenset({NoticeKind.NOTHING_FORWARDED, NoticeKind.DELIVERIES_LATE, NoticeKind.QUEUE_OLD})
BILLING_KINDS = frozenset(
    {
        NoticeKind.PAYMENT_FAILED,
        NoticeKind.SUBSCRIPTION_ENDING,
        NoticeKind.SUBSCRIPTION_ENDED,
        NoticeKind.BILLING_DIFFERS,
        NoticeKind.CUSTOMER_DELETED,
    }
)
BACKUP_KINDS = frozenset({NoticeKind.BACKUP_FAILED, NoticeKind.BACKUP_OVERDUE})

TO = "to:"
"""What stands before a destination that the Forwarder page is to show."""

_BILLING = {"drift_found": NoticeKind.BILLING_DIFFERS}
_HOUR = timedelta(hours=1)


def domain_reading(failed: Sequence[FailedDomain]) -> Reading:
    """Return what failed domains come to; very many of them are told as one."""
    broken = [domain for domain in failed if domain.was_verified]
    others = [domain for domain in failed if not domain.was_verified]
    found = [_domain(NoticeKind.DOMAIN_NOT_PASSING, domain) for domain in others[: notice_limits.MOST_ALONE]]
    if len(broken) > notice_limits.MOST_ALONE:
        began = min((domain.since for domain in broken if domain.since is not None), default=None)
        found.append(Observation(NoticeKind.DOMAINS_BROKEN, values={"count": len(broken)}, since=began))
    else:
        found.extend(_domain(NoticeKind.DOMAIN_BROKEN, domain) for domain in broken)
    return Reading(DOMAIN_KINDS, tuple(found))


def forwarder_reading(processes: Sequence[ForwarderProcess], now: datetime) -> Reading:
    """Return the forwarders that give no sign of life, certificates that end, and a smart host that keeps us out."""
    silent = (
        Observation(NoticeKind.FORWARDER_SILENT, one.name, _name(one), since=one.seen_at, argument=one.name)
        for one in processes
        if one.state is ForwarderState.SILENT
    )
    ending = (_certificate(one, now) for one in processes if one.state is ForwarderState.RUNNING)
    return Reading(FORWARDER_KINDS, (*silent, *(one for one in ending if one is not None), *_not_let_in(processes)))


def queue_reading(
    processes: Sequence[ForwarderProcess], queue: QueueSnapshot, overdue: timedelta, now: datetime
) -> Reading:
    """Return whether nobody takes what waits, whether it is taken too late, and what waits for long."""
    found = []
    runs = any(one.state in (ForwarderState.RUNNING, ForwarderState.STOPPING) for one in processes)
    if queue.waiting and not runs:
        found.append(Observation(NoticeKind.NOTHING_FORWARDED))
    elif overdue > notice_limits.LATE:
        minutes = int(overdue.total_seconds()) // 60
        found.append(Observation(NoticeKind.DELIVERIES_LATE, values={"minutes": minutes}, since=now - overdue))
    waiting = [(line.oldest_at, line.destination) for line in queue.lines if line.waiting and line.oldest_at]
    oldest, destination = min(waiting, default=(now, ""))
    if now - oldest >= notice_limits.OLD:
        values = {"destination": visible_line(destination), "hours": (now - oldest) // _HOUR}
        found.append(Observation(NoticeKind.QUEUE_OLD, values=values, since=oldest, argument=f"{TO}{destination}"))
    return Reading(QUEUE_KINDS, tuple(found))


def delivery_reading(totals: MessageTotals) -> Reading:
    """Return whether many of the newest messages fail."""
    failed = totals.failed + totals.bounced
    seen = Observation(NoticeKind.DELIVERIES_FAILING, values={"failed": failed, "total": failed + totals.delivered})
    return _reading(NoticeKind.DELIVERIES_FAILING, seen if notice_limits.is_failing(totals) else None)


def books_reading(difference: int) -> Reading:
    """Return whether the books balance."""
    seen = Observation(NoticeKind.BOOKS_DIFFER, values={"count": abs(difference)}, argument="books")
    return _reading(NoticeKind.BOOKS_DIFFER, seen if difference else None)


def billing_reading(notices: Sequence[BillingNotice]) -> Reading:
    """Return what nobody has read yet of billing; it is over once it was read on the page."""
    kinds = {kind.value: kind for kind in BILLING_KINDS} | _BILLING
    return Reading(
        BILLING_KINDS,
        tuple(
            Observation(
                kinds[one.kind.value],
                str(one.id),
                {"organization": visible_line(one.organization_name)},
                since=one.at,
                argument=int(one.organization_id),
            )
            for one in notices
            if one.kind.value in kinds
        ),
    )


def events_reading(failed: int) -> Reading:
    """Return whether events of Stripe could not be applied."""
    seen = Observation(NoticeKind.EVENTS_FAILING, values={"count": failed}, argument="failed")
    return _reading(NoticeKind.EVENTS_FAILING, seen if failed else None)


def backup_reading(state: BackupState, now: datetime) -> Reading:
    """Return whether the last backup failed, and whether one is late."""
    found = []
    if state.problem is not None:
        values = {"reason": state.problem}
        found.append(Observation(NoticeKind.BACKUP_FAILED, values=values, since=state.last_at))
    elif state.next_at is not None and now - state.next_at > notice_limits.OVERDUE:
        hours = (now - state.next_at) // _HOUR
        found.append(Observation(NoticeKind.BACKUP_OVERDUE, values={"hours": hours}, since=state.next_at))
    return Reading(BACKUP_KINDS, tuple(found))


def disk_reading(disks: Sequence[DiskSpace]) -> Reading:
    """Return the disks that have little room."""
    found = []
    for disk in disks:
        severity = notice_limits.disk_severity(disk)
        if severity is not None:
            values = {"directory": visible_line(disk.directory), "free": disk.free // (1024 * 1024)}
            found.append(Observation(NoticeKind.DISK_FULL, disk.directory, values, severity=severity))
    return Reading(frozenset({NoticeKind.DISK_FULL}), tuple(found))


def keys_reading(domains: int) -> Reading:
    """Return whether signing keys are sealed with a master key that is not the newest."""
    seen = Observation(NoticeKind.SIGNING_KEYS_SEALED, values={"count": domains})
    return _reading(NoticeKind.SIGNING_KEYS_SEALED, seen if domains else None)


def read_only_reading(reason: Text | None) -> Reading:
    """Return whether nothing may be changed, and why."""
    seen = Observation(NoticeKind.DATABASE_READ_ONLY, hint=reason)
    return _reading(NoticeKind.DATABASE_READ_ONLY, seen if reason is not None else None)


def connection_reading(error: UserFacingError | None) -> Reading:
    """Return whether the database is away."""
    seen = Observation(NoticeKind.DATABASE_LOST)
    return _reading(NoticeKind.DATABASE_LOST, seen if error is not None else None)


def listener_reading(state: ListenerState) -> Reading:
    """Return whether the webhook listener cannot listen."""
    seen = Observation(NoticeKind.LISTENER_DOWN, values={"reason": state.reason or text("it is stopped.")})
    is_down = state.phase in (ListenerPhase.PORT_IN_USE, ListenerPhase.FAILED)
    return _reading(NoticeKind.LISTENER_DOWN, seen if is_down else None)


def forwarding_reading(state: ForwardingState) -> Reading:
    """Return whether the forwarder in this window has failed."""
    values = {"reason": state.reason or text("it ended by itself.")}
    seen = Observation(NoticeKind.FORWARDER_FAILED, values=values, hint=state.hint)
    return _reading(NoticeKind.FORWARDER_FAILED, seen if state.phase is ForwardingPhase.FAILED else None)


def _reading(kind: NoticeKind, seen: Observation | None) -> Reading:
    return Reading(frozenset({kind}), (seen,) if seen is not None else ())


def _domain(kind: NoticeKind, domain: FailedDomain) -> Observation:
    return Observation(
        kind,
        str(domain.id),
        {"domain": visible_line(domain.name), "records": _record_names(domain.records)},
        since=domain.since,
        argument=int(domain.id),
    )


def _record_names(records: Sequence[RecordKind]) -> str | Text:
    names = ", ".join(kind.value.upper() for kind in records if kind is not RecordKind.OWNERSHIP)
    if RecordKind.OWNERSHIP not in records:
        return names
    return text("{records}, ownership", records=names) if names else text("ownership")


def _name(process: ForwarderProcess) -> dict[str, object]:
    return {"name": visible_line(process.name)}


def _not_let_in(processes: Sequence[ForwarderProcess]) -> list[Observation]:
    """Return that the smart host does not let forwarders in, once for all of them, by what the first one was told."""
    told = [
        (since, name)
        for one in processes
        if one.state is ForwarderState.RUNNING
        for name, since in one.counters.items()
        if name in SIGN_IN_TROUBLES
    ]
    if not told:
        return []
    since, name = min(told)
    values = {"reason": advice_for(BounceClass(name)).heading}
    return [Observation(NoticeKind.SMART_HOST_SIGN_IN, values=values, since=datetime.fromtimestamp(since, UTC))]


def _certificate(process: ForwarderProcess, now: datetime) -> Observation | None:
    ends = process.counters.get(CERTIFICATE_ENDS, 0)
    days = int(ends - now.timestamp()) // 86400
    if not ends or days >= notice_limits.CERTIFICATE_DAYS:
        return None
    severity = Severity.BAD if days < notice_limits.CERTIFICATE_DAYS_LEFT else Severity.WARNING
    values = {**_name(process), "days": max(0, days)}
    return Observation(NoticeKind.CERTIFICATE_ENDS, process.name, values, severity=severity, argument=process.name)
