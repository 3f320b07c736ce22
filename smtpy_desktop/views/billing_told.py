"""Telling news about billing wherever the user is: once in the message bar, and by a count in the side bar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from PySide6.QtCore import QObject, Signal

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.controllers import billing_controller
from smtpy_desktop.runtime.task_runner import TaskHandle, say_nothing
from smtpy_desktop.schemas.billing_account import BillingNotice
from smtpy_desktop.views.billing_notice_words import notice_tone, notice_words
from smtpy_desktop.views.calm_reading import CalmReading
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.texts import tr, tr_n

_TOLD = "billing/told"
_MOST_TOLD = 2


class BillingTold(QObject):
    """``counted(int)``: how many notices have not been read. ``show`` goes to what one is about (None: to all)."""

    counted = Signal(int)

    def __init__(self, context: ViewContext, show: Callable[[BillingNotice | None], object], parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._show = context, show
        self._told: set[int] = set()
        self._has_read = False
        self.reading = CalmReading(self._read, self)
        context.bus.changed.connect(self._on_changed)

    def begin(self) -> None:
        """Read for the first time."""
        self.reading.now()

    def _on_changed(self, change: Change) -> None:
        if change.topic in (Topic.BILLING, Topic.CONNECTION):
            self.reading.soon()

    def _read(self) -> TaskHandle:
        services = self._context.services
        return self._context.runner.run(
            billing_controller.unseen_notices(services.sessions, services.stripe),
            owner=self,
            on_success=self._take,
            on_error=say_nothing,  # the banner tells that the database is away
            replaces="billing/told",
        )

    def _take(self, notices: tuple[BillingNotice, ...]) -> None:
        self.counted.emit(len(notices))
        new = [one for one in notices if one.id not in self._told]
        if not self._has_read:
            self._has_read, last = True, self._last_told()
            new = [one for one in new if last is None or one.at > last]
        self._told.update(one.id for one in notices)
        if not new:
            return
        self._context.memory.setValue(_TOLD, max(one.at for one in new).isoformat())
        if len(new) > _MOST_TOLD:
            self._tell(tr_n("{n} new notice about billing", "{n} new notices about billing", len(new)), Tone.WARN, None)
            return
        for notice in reversed(new):
            self._tell(notice_words(notice), notice_tone(notice), notice)

    def _tell(self, words: str, tone: Tone, notice: BillingNotice | None) -> None:
        key = f"billing-notice-{notice.id}" if notice is not None else "billing-notices"
        show = partial(self._show, notice)
        self._context.tell(Message(words, tone, action_text=tr("Show"), action=show, key=key))

    def _last_told(self) -> datetime | None:
        """Return the time of what an earlier run told last, so that nothing is told twice."""
        try:
            return datetime.fromisoformat(str(self._context.memory.value(_TOLD, "")))
        except ValueError:
            return None
