"""How states, sizes, times and results are named, coloured and marked wherever messages are shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from PySide6.QtCore import QLocale

from smtpy_desktop.schemas.messages import Attempt, DeliveryState, MessageStatus
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.moments import date_of, day_and_time_of, here, time_of
from smtpy_desktop.views.widgets.painting import PillCell
from smtpy_desktop.views.widgets.texts import decimal, tr

_WITHOUT_YEAR_DAYS = 300
_STATUS_LOOKS = {
    MessageStatus.PENDING: (Tone.MUTED, None),
    MessageStatus.PROCESSING: (Tone.ACCENT, "refresh"),
    MessageStatus.DELIVERED: (Tone.OK, None),
    MessageStatus.FAILED: (Tone.BAD, None),
    MessageStatus.BOUNCED: (Tone.WARN, None),
    MessageStatus.REJECTED: (Tone.MUTED, "minus"),
}
_STATE_LOOKS = {
    DeliveryState.QUEUED: ("clock", Tone.MUTED),
    DeliveryState.SENDING: ("loader-2", Tone.ACCENT),
    DeliveryState.SENT: ("circle-check", Tone.OK),
    DeliveryState.DEFERRED: ("clock", Tone.WARN),
    DeliveryState.FAILED: ("x", Tone.BAD),
    DeliveryState.UNCERTAIN: ("help-circle", Tone.WARN),
    DeliveryState.CLOSED: ("minus", Tone.MUTED),
}
_RESULT_TONES = {"pass": Tone.OK, "fail": Tone.BAD, "permerror": Tone.BAD, "none": Tone.MUTED, "neutral": Tone.MUTED}


def message_status_word(status: MessageStatus) -> str:
    """Return a message's state in words."""
    match status:
        case MessageStatus.PENDING:
            return tr("Pending")
        case MessageStatus.PROCESSING:
            return tr("Processing")
        case MessageStatus.DELIVERED:
            return tr("Delivered")
        case MessageStatus.FAILED:
            return tr("Failed")
        case MessageStatus.BOUNCED:
            return tr("Bounced")
        case MessageStatus.REJECTED:
            return tr("Rejected")


def message_status_pill(status: MessageStatus) -> PillCell:
    """Return a message's state as a pill."""
    tone, icon = _STATUS_LOOKS[status]
    return PillCell(message_status_word(status), tone, icon)


def deletion_pill() -> PillCell:
    """Return what stands in place of the state while a deletion can still be taken back."""
    return PillCell(tr("Deleting"), Tone.MUTED, "trash")


def delivery_state_word(state: DeliveryState) -> str:
    """Return where a delivery stands in words."""
    match state:
        case DeliveryState.QUEUED:
            return tr("waiting")
        case DeliveryState.SENDING:
            return tr("being sent")
        case DeliveryState.SENT:
            return tr("delivered")
        case DeliveryState.DEFERRED:
            return tr("put off")
        case DeliveryState.FAILED:
            return tr("failed")
        case DeliveryState.UNCERTAIN:
            return tr("uncertain: the connection broke at the very end")
        case DeliveryState.CLOSED:
            return tr("closed by hand")


def delivery_state_icon(state: DeliveryState) -> tuple[str, Tone]:
    """Return the icon and tone of a delivery's state."""
    return _STATE_LOOKS[state]


def authentication_pills(results: Mapping[str, str]) -> tuple[PillCell, ...]:
    """Return a pill for each authentication result, such as "SPF pass"."""
    order = ("spf", "dkim", "dmarc", "arc")
    names = [*(name for name in order if name in results), *(name for name in results if name not in order)]
    return tuple(
        PillCell(f"{name.upper()} {results[name]}", _RESULT_TONES.get(results[name].lower(), Tone.WARN), "")
        for name in names
    )


def size_words(size: int) -> str:
    """Return a size in bytes as people write it: "184 kB"."""
    return QLocale().formattedDataSize(size, 1 if size >= 1_000_000 else 0, QLocale.DataSizeFormat.DataSizeSIFormat)


def duration_words(milliseconds: int) -> str:
    """Return how long an attempt took: "0.4 s"."""
    return tr("{seconds} s", seconds=decimal(milliseconds / 1000))


def attempt_words(attempt: Attempt) -> str:
    """Return one attempt in a line: "mx1.target.example: 552 5.2.2 Mailbox full (0.4 s)"."""
    code = " ".join(str(part) for part in (attempt.code, attempt.enhanced) if part)
    reply = attempt.reply.strip()
    # Replies are often stored with their codes in front.
    answer = reply if code and reply.startswith(str(attempt.code)) else " ".join(filter(None, (code, reply)))
    parts = [f"{attempt.host}: {answer}" if attempt.host else answer, f"({duration_words(attempt.milliseconds)})"]
    if attempt.tls:
        parts.append(f"· {attempt.tls}")
    return " ".join(parts)


def received_words(moment: datetime, now: datetime) -> str:
    """Return when a message came: the time for today's, day and time within a year, else the date."""
    days = (here(now).date() - here(moment).date()).days
    if days == 0:
        return time_of(moment)
    return day_and_time_of(moment) if 0 < days < _WITHOUT_YEAR_DAYS else date_of(moment)


def clock_words(moment: datetime) -> str:
    """Return the time of the day to the second."""
    return time_of(moment, seconds=True)
