"""The columns of the list of messages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.schemas.messages import MessageRow, MessageSort
from smtpy_desktop.views.message_words import (
    deletion_pill,
    message_status_pill,
    message_status_word,
    received_words,
    size_words,
)
from smtpy_desktop.views.tables.columns import Column
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.relative_time import full_time
from smtpy_desktop.views.widgets.texts import tr

ADDRESS_WIDTHS = (92, 150)
"""In a narrow window, and otherwise."""

IsGoing = Callable[[MessageRow], bool]
"""Whether a message is about to be deleted."""


def message_columns(is_going: IsGoing) -> tuple[Column[MessageRow], ...]:
    """Return the columns; those that can be sorted have the id of their ``MessageSort``."""

    def tone(row: MessageRow) -> Tone:
        return Tone.MUTED if is_going(row) else Tone.TEXT

    return (
        _received_column(tone),
        Column(
            MessageSort.STATUS.value,
            tr("Status"),
            lambda row: message_status_word(row.status),
            width=126,
            sortable=True,
            value=lambda row: row.status.value,
            cell=lambda row: deletion_pill() if is_going(row) else message_status_pill(row.status),
        ),
        _text_column(MessageSort.SENDER.value, tr("From"), lambda row: row.sender_email, tone, width=ADDRESS_WIDTHS[1]),
        _text_column(
            MessageSort.RECIPIENT.value, tr("To"), lambda row: row.recipient_email, tone, width=ADDRESS_WIDTHS[1]
        ),
        _subject_column(tone),
        _text_column(
            MessageSort.FORWARDED.value, tr("Forwarded to"), _forwarded, tone, width=ADDRESS_WIDTHS[1], hidden=True
        ),
        _text_column(MessageSort.DOMAIN.value, tr("Domain"), lambda row: row.domain_name, tone, width=150, hidden=True),
        Column(
            MessageSort.SIZE.value,
            tr("Size"),
            lambda row: size_words(row.size_bytes),
            width=92,
            sortable=True,
            value=lambda row: row.size_bytes,
            tone=tone,
            align_end=True,
            hidden=True,
        ),
        Column(
            "attachments",
            tr("Attachments"),
            lambda row: tr("yes") if row.has_attachments else tr("no"),
            width=116,
            value=lambda row: row.has_attachments,
            tone=tone,
            hidden=True,
        ),
        _text_column("error", tr("Error"), _error, tone, width=220, hidden=True, sortable=False),
    )


def _received_column(tone: Callable[[MessageRow], Tone]) -> Column[MessageRow]:
    return Column(
        MessageSort.CREATED.value,
        tr("Received"),
        lambda row: received_words(row.created_at, datetime.now(UTC)),
        width=118,
        sortable=True,
        tooltip=lambda row: full_time(row.created_at),
        value=lambda row: row.created_at.isoformat(),
        tone=tone,
    )


def _subject_column(tone: Callable[[MessageRow], Tone]) -> Column[MessageRow]:
    return Column(
        MessageSort.SUBJECT.value,
        tr("Subject"),
        _subject,
        sortable=True,
        tooltip=_subject,
        value=lambda row: row.subject,
        tone=lambda row: Tone.MUTED if not row.subject.strip() else tone(row),
        required=True,
        stretch=True,
        min_width=130,
    )


def _text_column(
    column_id: str,
    title: str,
    value: Callable[[MessageRow], str],
    tone: Callable[[MessageRow], Tone],
    *,
    width: int,
    hidden: bool = False,
    sortable: bool = True,
) -> Column[MessageRow]:
    def shown(row: MessageRow) -> str:
        return visible_line(value(row))

    return Column(
        column_id,
        title,
        shown,
        width=width,
        sortable=sortable,
        tooltip=shown,
        value=value,
        tone=tone,
        hidden=hidden,
    )


def _subject(row: MessageRow) -> str:
    return visible_line(row.subject) if row.subject.strip() else tr("(no subject)")


def _forwarded(row: MessageRow) -> str:
    return row.forwarded_to or ""


def _error(row: MessageRow) -> str:
    return row.error_message or ""
