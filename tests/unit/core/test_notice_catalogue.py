"""The catalogue has everything for every kind, and facts become notices that can be read."""

from __future__ import annotations

import string
from datetime import UTC, datetime, timedelta

import pytest

from smtpy_desktop.core import notice_observations
from smtpy_desktop.core.notice_board import notice_board
from smtpy_desktop.core.notice_catalogue import CATALOGUE
from smtpy_desktop.core.notice_state import after_readings, after_snoozing, at_once
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas import billing_account
from smtpy_desktop.schemas.backups import BackupState
from smtpy_desktop.schemas.dns import RecordKind
from smtpy_desktop.schemas.forwarder import ForwarderProcess, ForwarderState, QueueLine
from smtpy_desktop.schemas.forwarding_state import ForwardingPhase, ForwardingState
from smtpy_desktop.schemas.identifiers import DomainId, OrganizationId
from smtpy_desktop.schemas.listener_state import ListenerPhase, ListenerState
from smtpy_desktop.schemas.messages import MessageTotals
from smtpy_desktop.schemas.notice_kinds import NoticeKind, NoticeSettings, Severity
from smtpy_desktop.schemas.notices import DiskSpace, FailedDomain, NoticeState, Reading
from smtpy_desktop.schemas.queue import QueueSnapshot
from smtpy_desktop.schemas.text import text

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
GIB = 1024**3
MIB = 1024**2


def broken(number: int, *records: RecordKind, was_verified: bool = True) -> FailedDomain:
    return FailedDomain(DomainId(number), f"d{number}.example", records or (RecordKind.MX,), NOW, was_verified)


def forwarder(state: ForwarderState, counters: dict[str, int] | None = None) -> ForwarderProcess:
    return ForwarderProcess("mx1", "mx1", 1, "1", "", 50, state, NOW - HOUR, NOW - 2 * MINUTE, counters or {})


def billing(number: int, kind: billing_account.NoticeKind) -> billing_account.BillingNotice:
    return billing_account.BillingNotice(number, OrganizationId(7), "Harbour <b>", True, kind, "in_1", NOW, False)


def kinds(reading: Reading) -> list[NoticeKind]:
    assert {one.kind for one in reading.found} <= reading.kinds
    return [one.kind for one in reading.found]


EVERYTHING = (
    notice_observations.domain_reading([broken(1), broken(2, RecordKind.OWNERSHIP, was_verified=False)]),
    notice_observations.forwarder_reading(
        [
            forwarder(ForwarderState.SILENT),
            forwarder(ForwarderState.RUNNING, {"certificate_ends": int(NOW.timestamp()) + 86400, "sign_in_refused": 9}),
        ],
        NOW,
    ),
    notice_observations.queue_reading(
        [],
        QueueSnapshot((QueueLine("a.example", 3, 0, 0, NOW - 5 * HOUR, NOW),), waiting=3),
        timedelta(0),
        NOW,
    ),
    notice_observations.delivery_reading(MessageTotals(delivered=5, failed=3, bounced=3)),
    notice_observations.books_reading(-2),
    notice_observations.billing_reading([billing(n, kind) for n, kind in enumerate(billing_account.NoticeKind)]),
    notice_observations.events_reading(3),
    notice_observations.backup_reading(BackupState(problem=text("The disk is full.")), NOW),
    notice_observations.disk_reading([DiskSpace("/var/lib", 100 * MIB, 20 * GIB)]),
    notice_observations.keys_reading(2),
    notice_observations.read_only_reading(text("An older program.")),
    notice_observations.connection_reading(UserFacingError("X", "y")),
    notice_observations.listener_reading(ListenerState(ListenerPhase.FAILED, 4242)),
    notice_observations.forwarding_reading(ForwardingState(ForwardingPhase.FAILED)),
)


def test_every_kind_has_words() -> None:
    assert set(CATALOGUE) == set(NoticeKind)


@pytest.mark.parametrize("kind", NoticeKind)
def test_the_words_of_a_kind_stand_by_themselves_but_for_the_message(kind: NoticeKind) -> None:
    entry = CATALOGUE[kind]
    fixed = (entry.name, entry.hint, entry.show)

    assert all(str(one) for one in fixed)
    assert not any(name for one in fixed for _, name, _, _ in string.Formatter().parse(one.template))
    assert entry.clear_after >= timedelta(0) <= entry.raise_after


def test_everything_that_can_be_observed_can_be_read() -> None:
    state = at_once(after_readings(NoticeState(), EVERYTHING, NOW), NOW)

    board = notice_board(state, NoticeSettings())

    assert all(str(one.message) and str(one.hint) and one.action is not None for one in board.notices)
    assert {one.kind for one in board.notices} == set(NoticeKind) - {
        NoticeKind.DOMAINS_BROKEN,
        NoticeKind.DELIVERIES_LATE,
        NoticeKind.BACKUP_OVERDUE,
    }


def test_nothing_is_observed_where_all_is_well() -> None:
    fine = (
        notice_observations.domain_reading([]),
        notice_observations.forwarder_reading([forwarder(ForwarderState.RUNNING)], NOW),
        notice_observations.forwarder_reading([forwarder(ForwarderState.STOPPED)], NOW),
        notice_observations.queue_reading([], QueueSnapshot(), timedelta(0), NOW),
        notice_observations.delivery_reading(MessageTotals(delivered=100, failed=4)),
        notice_observations.books_reading(0),
        notice_observations.billing_reading([]),
        notice_observations.events_reading(0),
        notice_observations.backup_reading(BackupState(next_at=NOW - HOUR), NOW),
        notice_observations.disk_reading([DiskSpace("/", 100 * GIB, 200 * GIB)]),
        notice_observations.keys_reading(0),
        notice_observations.read_only_reading(None),
        notice_observations.connection_reading(None),
        notice_observations.listener_reading(ListenerState(ListenerPhase.LISTENING, 4242)),
        notice_observations.forwarding_reading(ForwardingState(ForwardingPhase.OFF)),
    )

    assert [one.found for one in fine] == [()] * len(fine)


def test_very_many_broken_domains_are_told_as_one() -> None:
    some, many = (notice_observations.domain_reading([broken(n) for n in range(count)]) for count in (20, 21))

    assert kinds(some) == [NoticeKind.DOMAIN_BROKEN] * 20
    assert kinds(many) == [NoticeKind.DOMAINS_BROKEN]


def test_a_domain_that_never_passed_is_only_to_be_known() -> None:
    (seen,) = notice_observations.domain_reading([broken(1, was_verified=False)]).found

    assert CATALOGUE[seen.kind].severity is Severity.INFO


@pytest.mark.parametrize(
    ("records", "words"),
    [
        ((RecordKind.MX, RecordKind.SPF), "MX, SPF"),
        ((RecordKind.OWNERSHIP,), "ownership"),
        ((RecordKind.DKIM, RecordKind.OWNERSHIP), "DKIM, ownership"),
    ],
)
def test_the_records_are_named(records: tuple[RecordKind, ...], words: str) -> None:
    (seen,) = notice_observations.domain_reading([broken(1, *records)]).found

    assert str(seen.values["records"]) == words


def test_late_deliveries_are_told_only_while_a_forwarder_runs() -> None:
    waiting, overdue = QueueSnapshot(waiting=3), 20 * MINUTE
    alone = notice_observations.queue_reading([forwarder(ForwarderState.SILENT)], waiting, overdue, NOW)
    late = notice_observations.queue_reading([forwarder(ForwarderState.RUNNING)], waiting, overdue, NOW)

    assert kinds(alone) == [NoticeKind.NOTHING_FORWARDED]
    assert kinds(late) == [NoticeKind.DELIVERIES_LATE]


def test_a_smart_host_that_lets_nobody_in_is_told_once_for_all_forwarders() -> None:
    refused = forwarder(ForwarderState.RUNNING, {"sign_in_refused": 100})
    unsafe = forwarder(ForwarderState.RUNNING, {"sign_in_unsafe": 200})
    stopped = forwarder(ForwarderState.STOPPED, {"sign_in_needed": 50})

    (found,) = notice_observations.forwarder_reading([unsafe, refused, stopped], NOW).found

    assert (found.kind, found.since) == (NoticeKind.SMART_HOST_SIGN_IN, datetime.fromtimestamp(100, UTC))
    assert str(found.values["reason"]) == "The smart host does not accept the user name and password"


def test_held_mail_is_no_old_mail() -> None:
    held = QueueSnapshot((QueueLine("a.example", 0, 0, 9, NOW - 50 * HOUR, None),), held=9)

    assert kinds(notice_observations.queue_reading([], held, timedelta(0), NOW)) == []


@pytest.mark.parametrize(
    ("days", "severity"), [(15, None), (14, None), (13, Severity.WARNING), (2, Severity.BAD), (-1, Severity.BAD)]
)
def test_a_certificate_is_told_two_weeks_before_its_end(days: int, severity: Severity | None) -> None:
    ends = {"certificate_ends": int((NOW + timedelta(days=days, minutes=1)).timestamp())}

    found = notice_observations.forwarder_reading([forwarder(ForwarderState.RUNNING, ends)], NOW).found

    assert [one.severity for one in found] == ([severity] if severity is not None else [])


@pytest.mark.parametrize(
    ("free", "total", "severity"),
    [
        (2 * GIB, 500 * GIB, None),
        (900 * MIB, 500 * GIB, Severity.WARNING),
        (900 * MIB, 10 * GIB, None),
        (200 * MIB, 10 * GIB, Severity.BAD),
        (100 * MIB, 1 * GIB, Severity.WARNING),
        (40 * MIB, 1 * GIB, Severity.BAD),
    ],
)
def test_a_disk_is_judged_by_its_room(free: int, total: int, severity: Severity | None) -> None:
    found = notice_observations.disk_reading([DiskSpace("/", free, total)]).found

    assert [one.severity for one in found] == ([severity] if severity is not None else [])


def test_a_failed_backup_is_told_in_place_of_a_late_one() -> None:
    late = BackupState(next_at=NOW - 4 * HOUR)
    failed = BackupState(next_at=NOW - 4 * HOUR, problem=text("No room."))

    assert kinds(notice_observations.backup_reading(late, NOW)) == [NoticeKind.BACKUP_OVERDUE]
    assert kinds(notice_observations.backup_reading(failed, NOW)) == [NoticeKind.BACKUP_FAILED]


def test_the_board_has_the_worst_first_and_apart_what_is_put_off_or_muted() -> None:
    state = at_once(after_readings(NoticeState(), EVERYTHING, NOW), NOW)
    state = after_snoozing(state, (NoticeKind.EVENTS_FAILING, ""), NOW + HOUR)

    board = notice_board(state, NoticeSettings(muted=frozenset({NoticeKind.BOOKS_DIFFER})))

    ranks = [one.severity.rank for one in board.notices]
    assert ranks == sorted(ranks, reverse=True)
    assert [one.kind for one in board.snoozed] == [NoticeKind.EVENTS_FAILING]
    assert [one.kind for one in board.muted] == [NoticeKind.BOOKS_DIFFER]
    assert board.severity is Severity.BAD
