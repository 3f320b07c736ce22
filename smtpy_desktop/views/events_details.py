"""The details of the selected event, or of a refused delivery: every value to copy, and what to do next."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from smtpy_desktop.controllers import stripe_events_controller
from smtpy_desktop.core.visible_text import visible_text
from smtpy_desktop.errors import NotFoundError, UserFacingError
from smtpy_desktop.schemas.webhook_events import EventOutcome, RefusedDelivery, WebhookEventDetails, WebhookEventRow
from smtpy_desktop.views.events_words import (
    attempts_words,
    failure_words,
    mode_word,
    outcome_pill,
    outcome_sentence,
    verdict_sentence,
    verdict_word,
    via_word,
)
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import Card, Notice, clear_layout
from smtpy_desktop.views.widgets.copy_button import CopyButton
from smtpy_desktop.views.widgets.empty_state import EmptyState
from smtpy_desktop.views.widgets.key_value import KeyValueList
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.mono_text import mono_font
from smtpy_desktop.views.widgets.pill import Pill
from smtpy_desktop.views.widgets.relative_time import exact_time
from smtpy_desktop.views.widgets.single_shot import single_shot
from smtpy_desktop.views.widgets.tab_order import follow
from smtpy_desktop.views.widgets.texts import number, tr, tr_n
from smtpy_desktop.views.widgets.wrapped_text import WrappedText

_READ_AFTER_MILLISECONDS = 60
_PAYLOAD_HEIGHT = 320


class EventDetailsView(QObject):
    """Fills ``head`` and ``body`` of a details pane. ``replay_wanted``: of all that are selected."""

    replay_wanted = Signal()

    def __init__(self, context: ViewContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._shown: WebhookEventRow | None = None
        self._read_soon = single_shot(self, self._read, _READ_AFTER_MILLISECONDS)
        self.head, self.body = QWidget(parent), QWidget(parent)
        self._build()
        self.show_nothing(has_rows=False)

    @property
    def is_about_to_read(self) -> bool:
        """Whether the details of what is selected are still to be read."""
        return self._read_soon.isActive()

    def show_event(self, row: WebhookEventRow) -> None:
        """Show what is known of an event, and a moment later what Stripe sent."""
        if row == self._shown:
            return
        is_other = self._shown is None or row.number != self._shown.number
        self._shown = row
        if is_other:
            self._show_row(row)
        self._read_soon.start()

    def show_selection(self, count: int) -> None:
        """Show that several events are selected, with what can be done with them."""
        self._clear()
        self._title.setText(tr_n("{n} event selected", "{n} events selected", count))
        self.replay_button.set_text(tr("Replay all"))
        self.replay_button.setVisible(True)
        self._column.addWidget(
            WrappedText(
                tr("Each of them is worked on again; what was done already has no second effect."),
                self.body,
                tone=Tone.MUTED,
            )
        )
        self._column.addStretch(1)

    def show_refused(self, row: RefusedDelivery) -> None:
        """Show why a delivery was refused, and what to do."""
        self._clear()
        self._title.setText(tr("Refused delivery"))
        self._pill.set_state(verdict_word(row.verdict), Tone.BAD)
        self._pill.show()
        self._column.addWidget(Notice(tr("What to do"), verdict_sentence(row.verdict), Tone.WARN, self.body))
        facts = KeyValueList(self.body)
        facts.add(tr("When"), exact_time(row.at))
        facts.add(tr("Claims to be"), row.claimed_type or tr("(nothing that can be read)"), copy=bool(row.claimed_type))
        facts.add(tr("Claimed event"), row.claimed_id or tr("(none)"), copy=bool(row.claimed_id), mono=True)
        facts.add(tr("Bytes"), number(row.size))
        self._column.addWidget(facts)
        kept = tr("Its content is not kept: anybody may have sent it.")
        self._column.addWidget(PlainLabel(kept, self.body, tone=Tone.MUTED, size="small", wrap=True))
        self._column.addStretch(1)

    def show_nothing(self, *, has_rows: bool = True) -> None:
        """Show that nothing is selected; nothing at all where there is nothing to be selected."""
        self._clear()
        if has_rows:
            hint = tr("Select an event to see what Stripe sent and what became of it.")
            self._column.addWidget(EmptyState("webhook", tr("Nothing selected"), hint, parent=self.body))

    def refresh(self) -> None:
        """Read what is shown again."""
        if self._shown is not None:
            self._read_soon.start()

    # Building

    def _build(self) -> None:
        self._title = PlainLabel("", self.head, size="heading", elide=Qt.TextElideMode.ElideRight)
        self._pill = Pill("", Tone.MUTED, self.head)
        self.replay_button = Button(tr("Replay"), self.head, icon="refresh", action=self.replay_wanted.emit)
        row = QHBoxLayout(self.head)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        row.addWidget(self._title, 1)
        row.addWidget(self._pill)
        row.addWidget(self.replay_button)
        self._column = QVBoxLayout(self.body)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(Space.M)

    def _clear(self) -> None:
        self._shown = None
        self._read_soon.stop()
        self._empty()

    def _empty(self) -> None:
        clear_layout(self._column)
        self._title.setText("")
        self._pill.hide()
        self.replay_button.hide()
        self.replay_button.setEnabled(not self._context.services.is_read_only)

    # Showing

    def _read(self) -> None:
        if self._shown is None:
            return
        self._context.runner.run(
            stripe_events_controller.event_details(self._context.services.sessions, self._shown.number),
            owner=self,
            on_success=self._take,
            on_error=self._on_error,
            replaces="events/details",
        )

    def _take(self, details: WebhookEventDetails) -> None:
        if self._shown is not None and details.row.number == self._shown.number:
            self._shown = details.row
            self._show_row(details.row, details)

    def _on_error(self, error: UserFacingError) -> bool:
        if isinstance(error, NotFoundError):
            self.show_nothing()
        return True  # the list says that the database is away

    def _show_row(self, row: WebhookEventRow, details: WebhookEventDetails | None = None) -> None:
        self._empty()
        self._title.setText(row.type)
        pill = outcome_pill(row.outcome)
        self._pill.set_state(pill.text, pill.tone, icon=pill.icon)
        self._pill.show()
        self.replay_button.set_text(tr("Replay"))
        self.replay_button.show()
        self._column.addWidget(self._outcome(row))
        self._column.addWidget(self._facts(row, details))
        if details is not None:
            self._column.addWidget(self._payload(details))
        self._column.addStretch(1)
        follow(self.head, self.body)

    def _outcome(self, row: WebhookEventRow) -> QWidget:
        if row.outcome is not EventOutcome.FAILED:
            return WrappedText(outcome_sentence(row), self.body, tone=Tone.MUTED)
        reason, advice = failure_words(row.error_code or "", row.error_text or "")
        return Notice(reason, advice, Tone.BAD, self.body)

    def _facts(self, row: WebhookEventRow, details: WebhookEventDetails | None) -> QWidget:
        facts = KeyValueList(self.body)
        facts.add(tr("Event"), row.id, mono=True)
        facts.add(tr("Type"), row.type)
        facts.add(tr("Object"), f"{row.object_type} {row.object_id}".strip(), copied=row.object_id or row.object_type)
        if row.customer_id is not None:
            facts.add(tr("Customer"), row.customer_id, mono=True)
        if row.organization_name is not None:
            facts.add(tr("Organization"), row.organization_name)
        facts.add(tr("Mode"), mode_word(livemode=row.livemode), copy=False)
        facts.add(tr("Happened"), exact_time(row.created_at))
        facts.add(tr("Received"), exact_time(row.received_at))
        facts.add(tr("Received via"), via_word(row.received_via), copy=False)
        facts.add(tr("Signature"), f"{verdict_word(row.verdict)}. {verdict_sentence(row.verdict)}", copy=False)
        if details is not None:
            facts.add(tr("Deliveries"), _deliveries_words(details), copy=False)
        facts.add(tr("Attempts"), attempts_words(row), copy=False)
        if row.finished_at is not None:
            facts.add(tr("Finished"), exact_time(row.finished_at))
        if row.error_code is not None:
            facts.add(tr("Error code"), row.error_code, mono=True)
        if row.error_text is not None:
            facts.add(tr("Error"), visible_text(row.error_text))
        return facts

    def _payload(self, details: WebhookEventDetails) -> QWidget:
        card = Card(tr("Payload"), tr("as Stripe sent it; never trusted"), self.body)
        card.add_action(CopyButton(details.payload, tr("Payload"), card))
        editor = QPlainTextEdit(card)
        editor.setReadOnly(True)
        editor.setTabChangesFocus(True)
        editor.setProperty("mono", True)
        editor.setFont(mono_font())
        editor.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        editor.setAccessibleName(tr("Payload"))
        editor.setPlainText(visible_text(details.payload))
        editor.setFixedHeight(_PAYLOAD_HEIGHT)
        card.body.addWidget(editor)
        if details.is_shortened:
            words = tr("Only the beginning is shown: the payload is very long.")
            card.body.addWidget(PlainLabel(words, card, tone=Tone.WARN, size="small", wrap=True))
        return card


def _deliveries_words(details: WebhookEventDetails) -> str:
    if not details.deliveries:
        return tr("none; it was read from Stripe")
    words = tr_n("{n} delivery", "{n} deliveries", details.deliveries)
    if details.deliveries == 1:
        return words
    return tr("{deliveries}, the last one {time}", deliveries=words, time=exact_time(details.last_received_at))
