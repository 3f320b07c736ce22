"""The counts in the side bar: domains that need attention, messages that did not arrive, news about billing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from PySide6.QtCore import QObject, QTimer

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.controllers import domains_controller, message_statistics_controller, stripe_events_controller
from smtpy_desktop.runtime.task_runner import TaskHandle, say_nothing
from smtpy_desktop.schemas.domains import DomainTotals
from smtpy_desktop.schemas.messages import MessageTotals
from smtpy_desktop.schemas.webhook_events import EventTotals
from smtpy_desktop.views.calm_reading import CalmReading
from smtpy_desktop.views.main_window import MainWindow
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.texts import tr_n

_DAY = timedelta(days=1)
_PAUSE_MILLISECONDS = 5000
_AGAIN_MILLISECONDS = 5 * 60 * 1000


class SidebarCounts(QObject):
    """Reads after changes, calmly; those of the messages also now and then, because the last day moves on."""

    def __init__(self, context: ViewContext, window: MainWindow, parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._window = context, window
        self.domains = CalmReading(self._read_domains, self)
        self.messages = CalmReading(self._read_messages, self, _PAUSE_MILLISECONDS)
        self.events = CalmReading(self._read_events, self, _PAUSE_MILLISECONDS)
        self._again = QTimer(self)
        self._again.setInterval(_AGAIN_MILLISECONDS)
        self._again.timeout.connect(self.messages.soon)
        self._again.start()
        context.bus.changed.connect(self._on_changed)
        self.domains.now()
        self.messages.now()
        self.events.now()

    def show_billing(self, count: int) -> None:
        """Show how many notices about billing have not been read."""
        words = tr_n("{n} notice about billing is not read", "{n} notices about billing are not read", count)
        self._window.set_count("billing", count, Tone.WARN, words)

    def _on_changed(self, change: Change) -> None:
        if change.topic in (Topic.DOMAINS, Topic.CONNECTION):
            self.domains.soon()
        if change.topic in (Topic.MESSAGES, Topic.DOMAINS, Topic.CONNECTION):
            self.messages.soon()
        if change.topic in (Topic.EVENTS, Topic.CONNECTION):
            self.events.soon()

    def _read_domains(self) -> TaskHandle:
        return self._context.runner.run(
            domains_controller.domain_totals(self._context.services.sessions, None),
            owner=self,
            on_success=self._take_domains,
            on_error=say_nothing,  # the banner tells that the database is away
            replaces="sidebar/domains",
        )

    def _read_messages(self) -> TaskHandle:
        since = datetime.now(UTC) - _DAY
        return self._context.runner.run(
            message_statistics_controller.message_totals(self._context.services.sessions, since=since),
            owner=self,
            on_success=self._take_messages,
            on_error=say_nothing,
            replaces="sidebar/messages",
        )

    def _read_events(self) -> TaskHandle:
        return self._context.runner.run(
            stripe_events_controller.event_totals(self._context.services.sessions),
            owner=self,
            on_success=self._take_events,
            on_error=say_nothing,
            replaces="sidebar/events",
        )

    def _take_domains(self, totals: DomainTotals) -> None:
        count = totals.needs_attention
        words = tr_n("{n} domain needs attention", "{n} domains need attention", count)
        self._window.set_count("domains", count, Tone.BAD, words)

    def _take_messages(self, totals: MessageTotals) -> None:
        count = totals.failed + totals.bounced
        words = tr_n(
            "{n} message of the last 24 hours failed or bounced",
            "{n} messages of the last 24 hours failed or bounced",
            count,
        )
        self._window.set_count("messages", count, Tone.MUTED, words)

    def _take_events(self, totals: EventTotals) -> None:
        words = tr_n("{n} event failed", "{n} events failed", totals.failed)
        self._window.set_count("events", totals.failed, Tone.BAD, words)
