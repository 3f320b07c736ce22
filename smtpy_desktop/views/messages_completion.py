"""Completes domains and addresses in the search box from what is stored."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject

from smtpy_desktop.controllers import messages_controller
from smtpy_desktop.core.message_search_completion import STORED_VALUES, Completion, ValueWanted
from smtpy_desktop.runtime.task_runner import say_nothing
from smtpy_desktop.views.messages_search_box import MessagesSearchBox
from smtpy_desktop.views.view_context import ViewContext


class MessagesCompletion(QObject):
    """Answers when the box wants values; what comes too late is dropped."""

    def __init__(self, context: ViewContext, box: MessagesSearchBox) -> None:
        super().__init__(box)
        self._context, self._box = context, box
        box.values_wanted.connect(self._read)

    def _read(self, wanted: ValueWanted) -> None:
        if wanted.key not in STORED_VALUES:
            return
        typed, cursor = self._box.text(), self._box.cursorPosition()
        work = messages_controller.complete_search(
            self._context.services.sessions, typed, cursor, self._context.choice.chosen
        )
        self._context.runner.run(
            work,
            owner=self,
            on_success=partial(self._offer, typed, cursor),
            on_error=say_nothing,
            replaces="messages/completion",
        )

    def _offer(self, typed: str, cursor: int, completions: tuple[Completion, ...]) -> None:
        if (self._box.text(), self._box.cursorPosition()) == (typed, cursor):
            self._box.offer(completions)
