"""The time line of a message: received, every attempt to hand it over, and what comes next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.schemas.messages import Delivery, DeliveryState, MessageDetails
from smtpy_desktop.views.forwarder_words import due_words
from smtpy_desktop.views.message_words import (
    attempt_words,
    clock_words,
    delivery_state_icon,
    delivery_state_word,
)
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.card import clear_layout
from smtpy_desktop.views.widgets.icon_label import IconLabel
from smtpy_desktop.views.widgets.label import PlainLabel, set_tooltip
from smtpy_desktop.views.widgets.moments import date_of, here
from smtpy_desktop.views.widgets.relative_time import full_time
from smtpy_desktop.views.widgets.texts import tr
from smtpy_desktop.views.widgets.wrapped_text import WrappedText

_LONGEST_REPLY = 2000
_MOST_LINES = 100


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """One line: when, an icon with its meaning in words, and what happened."""

    at: datetime
    icon: str
    tone: Tone
    meaning: str
    words: str


def timeline_events(message: MessageDetails) -> tuple[TimelineEvent, ...]:
    """Return what is known to have happened, and what is about to, in the order of time."""
    events = [TimelineEvent(message.created_at, "circle-check", Tone.OK, tr("done"), _received_words(message))]
    for delivery in message.deliveries:
        events.extend(_events_of(delivery))
    return tuple(sorted(events, key=lambda event: event.at))


class MessageTimeline(QWidget):
    """Lines of icon, time and words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Time line"))
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(Space.S)
        self._grid.setVerticalSpacing(Space.S)
        self._grid.setColumnStretch(2, 1)
        self.events: tuple[TimelineEvent, ...] = ()

    def show_message(self, message: MessageDetails) -> None:
        """Show the time line of a message."""
        events = timeline_events(message)
        if events != self.events:
            self._show(events)

    def changeEvent(self, event: QEvent) -> None:
        """Write the times anew when another zone is shown."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.LocaleChange:
            self._show(self.events)

    def _show(self, events: tuple[TimelineEvent, ...]) -> None:
        clear_layout(self._grid)
        self.events = events
        shown = events if len(events) <= _MOST_LINES else (*events[:1], *events[-_MOST_LINES:])
        days = {here(event.at).date() for event in shown}
        for row, event in enumerate(shown):
            self._add(row, event, with_day=len(days) > 1)

    def _add(self, row: int, event: TimelineEvent, *, with_day: bool) -> None:
        top = Qt.AlignmentFlag.AlignTop
        when = clock_words(event.at)
        time = PlainLabel(when, self, tone=Tone.MUTED, mono=True)
        if with_day:
            time.setText(f"{date_of(event.at)}\n{when}")
        set_tooltip(time, full_time(event.at))
        words = WrappedText(event.words, self)
        self._grid.addWidget(IconLabel(event.icon, event.tone, self, name=event.meaning), row, 0, top)
        self._grid.addWidget(time, row, 1, top)
        self._grid.addWidget(words, row, 2)


def _received_words(message: MessageDetails) -> str:
    return tr(
        "Received from {sender} for {recipient}",
        sender=visible_line(message.sender_email) or tr("an empty sender"),
        recipient=visible_line(message.recipient_email),
    )


def _events_of(delivery: Delivery) -> Iterator[TimelineEvent]:
    for attempt in delivery.attempts:
        icon, tone = delivery_state_icon(attempt.outcome)
        meaning = delivery_state_word(attempt.outcome)
        words = visible_line(attempt_words(attempt), _LONGEST_REPLY)
        yield TimelineEvent(attempt.at, icon, tone, meaning, words)
    if delivery.next_attempt_at is not None and delivery.state in (DeliveryState.QUEUED, DeliveryState.DEFERRED):
        target = visible_line(delivery.target)
        words = tr("Next attempt for {target}, {when}", target=target, when=due_words(delivery.next_attempt_at))
        yield TimelineEvent(delivery.next_attempt_at, "clock", Tone.MUTED, tr("still to come"), words)
    elif delivery.state is DeliveryState.CLOSED and delivery.changed_at is not None:
        icon, tone = delivery_state_icon(delivery.state)
        words = tr("Closed by hand: nothing more is sent to {target}", target=visible_line(delivery.target))
        yield TimelineEvent(delivery.changed_at, icon, tone, delivery_state_word(delivery.state), words)
