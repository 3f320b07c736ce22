"""The columns of the list of events, and of the list of refused deliveries."""

from __future__ import annotations

from smtpy_desktop.schemas.webhook_events import EventOutcome, RefusedDelivery, WebhookEventRow
from smtpy_desktop.views.events_words import (
    mode_word,
    outcome_pill,
    outcome_word,
    verdict_icon,
    verdict_word,
    via_icon,
    via_word,
)
from smtpy_desktop.views.tables.column_kinds import count_column, time_column
from smtpy_desktop.views.tables.columns import Column
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.texts import tr


def event_columns() -> list[Column[WebhookEventRow]]:
    """Return the columns of the events; those that are seen at first fit beside the details at 1440 pixels."""
    return [
        time_column("time", tr("Time"), lambda row: row.created_at, required=True),
        Column(
            "type",
            tr("Type"),
            lambda row: row.type,
            tooltip=lambda row: row.type,
            required=True,
            stretch=True,
            min_width=230,
        ),
        _outcome_column(),
        Column(
            "organization",
            tr("Organization"),
            lambda row: row.organization_name or "",
            width=124,
            tooltip=lambda row: row.customer_id or "",
        ),
        _signature_column(),
        Column(
            "via",
            tr("Received via"),
            lambda row: via_word(row.received_via),
            width=104,
            icon=lambda row: (via_icon(row.received_via), Tone.MUTED),
            value=lambda row: row.received_via.value,
        ),
        count_column("attempts", tr("Attempts"), lambda row: row.attempts, width=78, sortable=False, hidden=True),
        Column(
            "object",
            tr("Object"),
            lambda row: row.object_id or row.object_type,
            width=150,
            mono=True,
            hidden=True,
            tooltip=lambda row: f"{row.object_type} {row.object_id}",
            tone=lambda row: Tone.MUTED,
        ),
        Column(
            "mode",
            tr("Mode"),
            lambda row: mode_word(livemode=row.livemode),
            width=70,
            hidden=True,
            value=lambda row: row.livemode,
        ),
        *_hidden_columns(),
    ]


def refused_columns() -> list[Column[RefusedDelivery]]:
    """Return the columns of the refused deliveries."""
    return [
        time_column("at", tr("When"), lambda row: row.at, width=100),
        Column(
            "verdict",
            tr("Signature"),
            lambda row: verdict_word(row.verdict),
            width=150,
            icon=lambda row: verdict_icon(row.verdict),
            value=lambda row: row.verdict.value,
            required=True,
        ),
        Column(
            "type",
            tr("Claims to be"),
            lambda row: row.claimed_type or tr("(nothing that can be read)"),
            stretch=True,
            tone=lambda row: Tone.TEXT if row.claimed_type else Tone.MUTED,
        ),
        Column("id", tr("Claimed event"), lambda row: row.claimed_id, width=220, mono=True),
        count_column("size", tr("Bytes"), lambda row: row.size, width=90, sortable=False),
    ]


def _outcome_column() -> Column[WebhookEventRow]:
    return Column(
        "outcome",
        tr("Outcome"),
        lambda row: outcome_word(row.outcome),
        width=102,
        value=lambda row: row.outcome.value,
        cell=lambda row: outcome_pill(row.outcome),
        pills=tuple(map(outcome_pill, EventOutcome)),
    )


def _signature_column() -> Column[WebhookEventRow]:
    return Column(
        "signature",
        tr("Signature"),
        lambda row: verdict_word(row.verdict),
        width=104,
        icon=lambda row: verdict_icon(row.verdict),
        value=lambda row: row.verdict.value,
    )


def _hidden_columns() -> list[Column[WebhookEventRow]]:
    """Return the columns that are shown only when somebody asks for them."""
    return [
        Column("id", tr("Event"), lambda row: row.id, width=200, mono=True, hidden=True),
        Column("customer", tr("Customer"), lambda row: row.customer_id or "", width=170, mono=True, hidden=True),
        time_column("received", tr("Received"), lambda row: row.received_at, width=100, hidden=True),
        Column("code", tr("Error"), lambda row: row.error_code or "", width=150, mono=True, hidden=True),
    ]
