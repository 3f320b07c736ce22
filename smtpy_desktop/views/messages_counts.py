"""How many messages there are and how many of them match: about at once, exactly as soon as that is known."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from smtpy_desktop.controllers import messages_controller
from smtpy_desktop.runtime.task_runner import TaskHandle, say_nothing
from smtpy_desktop.schemas.message_search import MessageCount, MessageQuery, Search
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.texts import number, tr, tr_n


class MessagesCounts(QObject):
    """Keeps ``label`` up to date; ``changed``: another number is known.

    ``is_reading`` says whether the list is being read: then its length will tell how many match. To count at the same
    time would keep the rows waiting.
    """

    changed = Signal()

    def __init__(self, context: ViewContext, is_reading: Callable[[], bool], parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._is_reading = is_reading
        self._waiting: MessageQuery | None = None
        self._total: MessageCount | None = None
        self._matching: MessageCount | None = None
        self._is_search = False
        self.label = PlainLabel("", parent, tone=Tone.MUTED, elide=Qt.TextElideMode.ElideRight)

    @property
    def total(self) -> int | None:
        """How many messages there are, None until that is known."""
        return self._total.count if self._total is not None else None

    @property
    def matching(self) -> int | None:
        """How many messages the search finds, None until that is known."""
        found = self._matching if self._is_search else self._total
        return found.count if found is not None else None

    def read(self, query: MessageQuery) -> TaskHandle:
        """Count anew; the handle is that of the last count."""
        self._waiting = None
        is_search = query.search != Search()
        if is_search != self._is_search or is_search:
            self._matching = None
        self._is_search = is_search
        handle = self._estimate(MessageQuery(organization_id=query.organization_id), is_total=True)
        return self._estimate(query, is_total=False) if is_search else handle

    def take_length(self, length: int | None) -> None:
        """Take the length of the list that was read; None when it is only a part of what matches."""
        waiting, self._waiting = self._waiting, None
        if length is not None and self._is_search:
            self._take(MessageCount(length, is_exact=True), is_total=False)
        elif waiting is not None:
            self._count(waiting, is_total=False)

    def _estimate(self, query: MessageQuery, *, is_total: bool) -> TaskHandle:
        def take(count: MessageCount) -> None:
            self._take(count, is_total=is_total)
            if count.is_exact:
                return
            if self._is_reading() and not is_total:
                self._waiting = query
            else:
                self._count(query, is_total=is_total)

        work = messages_controller.estimate_messages(self._context.services.sessions, query)
        return self._context.runner.run(
            work, owner=self, on_success=take, on_error=say_nothing, replaces=f"messages/about/{is_total}"
        )

    def _count(self, query: MessageQuery, *, is_total: bool) -> None:
        def take(count: int) -> None:
            self._take(MessageCount(count, is_exact=True), is_total=is_total)

        work = messages_controller.count_messages(self._context.services.sessions, query)
        self._context.runner.run(
            work, owner=self, on_success=take, on_error=say_nothing, replaces=f"messages/count/{is_total}"
        )

    def _take(self, count: MessageCount, *, is_total: bool) -> None:
        if is_total:
            self._total = count
        else:
            self._matching = count
        self.label.setText(self._words())
        self.changed.emit()

    def _words(self) -> str:
        """Return what the search finds before all there are: where room is short, the end is left out."""
        total = matching = ""
        if self._total is not None and self._total.count:
            shown = number(self._total.count)
            total = shown if self._total.is_exact else tr("about {n}", n=shown)
        if self._is_search and self._matching is not None:
            match = tr_n("{n} match", "{n} matches", self._matching.count)
            matching = match if self._matching.is_exact else tr("about {match}", match=match)
        return tr("{matches} of {total}", matches=matching, total=total) if matching and total else matching or total
