"""The columns of the Forwarder page's lists: queue, books, processes, deliveries, suspects, and the minutes' table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.schemas.books import Suspect
from smtpy_desktop.schemas.forwarder import BookLine, ForwarderProcess, ForwarderState, QueueLine
from smtpy_desktop.schemas.queue import WaitingDelivery
from smtpy_desktop.views.forwarder_words import (
    age_words,
    delivery_pill,
    delivery_pills,
    due_words,
    fault_word,
    state_pill,
    state_word,
)
from smtpy_desktop.views.tables.column_kinds import count_column, time_column
from smtpy_desktop.views.tables.columns import Column
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.moments import day_and_time_of
from smtpy_desktop.views.widgets.relative_time import full_time
from smtpy_desktop.views.widgets.texts import number, tr

_LONGEST_REPLY = 400
_NARROW = 64
"""Of counts that stand side by side: their titles need more."""


def queue_columns() -> list[Column[QueueLine]]:
    """Return the columns of the queue by destination."""
    return [
        Column(
            "destination",
            tr("Destination"),
            lambda row: row.destination,
            sortable=True,
            required=True,
            width=150,
            tooltip=lambda row: row.destination,
        ),
        count_column("waiting", tr("Waiting"), lambda row: row.waiting, width=80),
        count_column("sending", tr("Sending"), lambda row: row.sending, width=72),
        count_column("held", tr("Held"), lambda row: row.held, width=62),
        time_column(
            "oldest",
            tr("Oldest"),
            lambda row: row.oldest_at,
            words=lambda row: age_words(row.oldest_at),
            width=88,
            sortable=True,
        ),
        time_column(
            "next",
            tr("Next attempt"),
            lambda row: row.next_attempt_at,
            words=lambda row: due_words(row.next_attempt_at) if row.next_attempt_at is not None else "",
            width=104,
            sortable=True,
            samples=_due_samples(),
        ),
        Column(
            "reply",
            tr("Last reply"),
            lambda row: visible_line(row.last_reply, _LONGEST_REPLY),
            stretch=True,
            min_width=90,
            tooltip=lambda row: visible_line(row.last_reply, _LONGEST_REPLY),
            tone=lambda row: Tone.MUTED,
        ),
    ]


def _due_samples() -> tuple[str, ...]:
    now = datetime.now(UTC)
    return tuple(due_words(now + wait, now) for wait in (timedelta(seconds=59), timedelta(minutes=59)))


def delivery_columns() -> list[Column[WaitingDelivery]]:
    """Return the columns of the deliveries to one destination."""
    return [
        Column(
            "target",
            tr("Target"),
            lambda row: row.target,
            sortable=True,
            required=True,
            stretch=True,
            min_width=108,
            tooltip=lambda row: f"{row.sender_email or '<>'} → {row.recipient_email} → {row.target}\n{row.subject}",
        ),
        Column(
            "state",
            tr("State"),
            lambda row: delivery_pill(row).text,
            width=100,
            sortable=True,
            cell=delivery_pill,
            pills=delivery_pills(),
            tooltip=lambda row: visible_line(row.last_reply, _LONGEST_REPLY),
            value=lambda row: "held" if row.held_at is not None else row.state.value,
        ),
        time_column(
            "next",
            tr("Next"),
            lambda row: row.next_attempt_at,
            words=lambda row: "" if _is_still(row) else due_words(row.next_attempt_at),
            sortable=True,
            samples=_due_samples(),
        ),
        count_column("attempts", tr("Attempts"), lambda row: row.attempts, hidden=True),
        Column("from", tr("From"), lambda row: row.sender_email or "<>", width=160, sortable=True, hidden=True),
        Column("to", tr("To"), lambda row: row.recipient_email, width=160, sortable=True, hidden=True),
        Column("subject", tr("Subject"), lambda row: visible_line(row.subject), width=180, sortable=True, hidden=True),
        Column(
            "reply",
            tr("Last reply"),
            lambda row: visible_line(row.last_reply, _LONGEST_REPLY),
            width=220,
            hidden=True,
            tone=lambda row: Tone.MUTED,
        ),
        Column(
            "id",
            tr("Message"),
            lambda row: str(row.message_id),
            width=90,
            sortable=True,
            hidden=True,
            value=lambda row: row.message_id,
        ),
    ]


def process_columns() -> list[Column[ForwarderProcess]]:
    """Return the columns of the processes."""
    return [
        Column(
            "host",
            tr("Host"),
            lambda row: row.host,
            sortable=True,
            required=True,
            stretch=True,
            min_width=150,
            tooltip=lambda row: row.name,
        ),
        Column(
            "state",
            tr("State"),
            lambda row: state_word(row.state),
            width=112,
            sortable=True,
            cell=lambda row: state_pill(row.state),
            pills=tuple(map(state_pill, ForwarderState)),
            value=lambda row: row.state.value,
        ),
        time_column("seen", tr("Last sign of life"), lambda row: row.seen_at, width=116, sortable=True),
        Column("listen", tr("Listens at"), lambda row: row.listen, width=128, tooltip=lambda row: row.listen),
        Column("version", tr("Version"), lambda row: row.version, width=74, sortable=True),
        count_column("workers", tr("Workers"), lambda row: row.workers, width=78),
        count_column("accepted", tr("Accepted"), lambda row: row.counters.get("accepted", 0), width=82),
        count_column("sent", tr("Delivered"), lambda row: row.counters.get("sent", 0), width=84),
        count_column("pid", tr("Process"), lambda row: row.pid, hidden=True),
        time_column("started", tr("Started"), lambda row: row.started_at, width=110, sortable=True, hidden=True),
    ]


def book_columns() -> list[Column[BookLine]]:
    """Return the columns of the books."""
    return [
        Column(
            "hour",
            tr("Hour"),
            lambda row: hour_words(row.hour),
            sortable=True,
            required=True,
            stretch=True,
            min_width=108,
            tooltip=lambda row: full_time(row.hour),
            value=lambda row: row.hour.isoformat(),
        ),
        Column(
            "difference",
            tr("Difference"),
            lambda row: number(row.difference),
            width=84,
            sortable=True,
            align_end=True,
            icon=lambda row: ("alert-triangle", Tone.BAD) if row.difference else ("check", Tone.OK),
            tone=lambda row: Tone.BAD if row.difference else Tone.MUTED,
            value=lambda row: row.difference,
        ),
        count_column("accepted", tr("Accepted"), lambda row: row.accepted, width=_NARROW),
        count_column("delivered", tr("Delivered"), lambda row: row.delivered, width=_NARROW),
        count_column("waiting", tr("Queued"), lambda row: row.waiting, width=_NARROW),
        count_column("failed", tr("Failed"), lambda row: row.failed, width=_NARROW),
        count_column("bounced", tr("Bounced"), lambda row: row.bounced, width=_NARROW),
        count_column("rejected", tr("Rejected"), lambda row: row.rejected, width=_NARROW),
        count_column("removed", tr("Removed"), lambda row: row.removed, width=_NARROW),
    ]


def suspect_columns() -> list[Column[Suspect]]:
    """Return the columns of the messages behind a difference."""
    return [
        Column(
            "id",
            tr("Message"),
            lambda row: str(row.message_id),
            width=80,
            sortable=True,
            required=True,
            value=lambda row: row.message_id,
        ),
        Column(
            "kind",
            tr("What is wrong"),
            lambda row: fault_word(row.kind),
            width=156,
            sortable=True,
            icon=lambda row: ("alert-triangle", Tone.BAD),
            value=lambda row: row.kind.value,
        ),
        Column(
            "to",
            tr("To"),
            lambda row: row.recipient_email or "",
            stretch=True,
            min_width=80,
            sortable=True,
            tooltip=lambda row: row.recipient_email or "",
        ),
    ]


def hour_words(hour: datetime) -> str:
    """Return an hour in the shown zone, with its day."""
    return day_and_time_of(hour)


def _is_still(row: WaitingDelivery) -> bool:
    return row.held_at is not None or row.state.value == "sending"
