"""How the page of the sandbox's mail server names what it lists and what can go wrong."""

from __future__ import annotations

from smtpy_desktop.sandbox.mail_playing import MailRow
from smtpy_desktop.sandbox.mail_sink_faults import STORING_FAULTS, SinkFault, SinkVerb
from smtpy_desktop.views.message_words import size_words
from smtpy_desktop.views.tables.columns import Column
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.relative_time import full_time, relative_time
from smtpy_desktop.views.widgets.texts import tr

DELAYS_SECONDS = (0.0, 1.0, 5.0, 30.0)


def verb_words(verb: SinkVerb) -> str:
    """Return where in a session something goes wrong."""
    return {
        SinkVerb.CONNECT: tr("at the greeting"),
        SinkVerb.HELO: tr("at EHLO"),
        SinkVerb.STARTTLS: tr("at STARTTLS"),
        SinkVerb.MAIL: tr("at MAIL FROM"),
        SinkVerb.RCPT: tr("at RCPT TO"),
        SinkVerb.DATA: tr("at DATA"),
        SinkVerb.CONTENT: tr("after the final dot"),
        SinkVerb.RSET: tr("at RSET"),
        SinkVerb.QUIT: tr("at QUIT"),
    }[verb]


def fault_words(fault: SinkFault) -> str:
    """Return what happens there."""
    return {
        SinkFault.NONE: tr("mail is taken"),
        SinkFault.TEMPORARY: tr("refused for now (4xx)"),
        SinkFault.PERMANENT: tr("refused for good (5xx)"),
        SinkFault.CLOSING: tr("sent away (421)"),
        SinkFault.HANG: tr("no answer ever"),
        SinkFault.HANG_STORED: tr("kept, and no answer ever"),
        SinkFault.HALF_CLOSE: tr("half of the line is closed"),
        SinkFault.CUT: tr("the line is cut"),
        SinkFault.CUT_STORED: tr("kept, and the line is cut"),
    }[fault]


def possible_faults(verb: SinkVerb) -> tuple[SinkFault, ...]:
    """Return what can go wrong at a verb: only after the final dot there is something to keep."""
    return tuple(fault for fault in SinkFault if verb is SinkVerb.CONTENT or fault not in STORING_FAULTS)


def delay_words(seconds: float) -> str:
    """Return how late answers come."""
    return tr("after {seconds} s", seconds=f"{seconds:g}") if seconds else tr("at once")


def mail_columns() -> tuple[Column[MailRow], ...]:
    """Return the columns of the inbox."""
    return (
        Column("subject", tr("Subject"), lambda row: row.subject or "—", tooltip=_who, required=True, stretch=True),
        Column("recipients", tr("To"), lambda row: row.recipients, width=190, tooltip=lambda row: row.recipients),
        Column(
            "received_at",
            tr("Received"),
            lambda row: relative_time(row.received_at),
            width=104,
            tooltip=lambda row: full_time(row.received_at),
            value=lambda row: row.received_at,
            tone=lambda row: Tone.MUTED,
        ),
        Column(
            "size_bytes",
            tr("Size"),
            lambda row: size_words(row.size_bytes),
            width=80,
            value=lambda row: row.size_bytes,
            align_end=True,
            hidden=True,
        ),
    )


def _who(row: MailRow) -> str:
    return tr("From {sender}, envelope sender <{envelope}>", sender=row.sender or "—", envelope=row.envelope_sender)
