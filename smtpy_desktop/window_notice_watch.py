"""The watch for conditions beside an open database of the window. Part of the composition root."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from smtpy_desktop.changes import Change
from smtpy_desktop.controllers.services import Services
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.forwarding_state import ForwardingPhase, ForwardingState
from smtpy_desktop.schemas.listener_state import ListenerState

if TYPE_CHECKING:
    from smtpy_desktop.controllers.notices_controller import NoticeWatch
    from smtpy_desktop.schemas.notice_kinds import NoticeId, NoticeKind
    from smtpy_desktop.schemas.notices import Notice, NoticeBoard

_AFTER_FIRST_PICTURE = 1.0
"""In seconds: looking for trouble must not keep the window from its first picture."""


class WindowNoticeWatch:
    """Runs beside one database after the other, and passes on what others tell; belongs to the asyncio thread.

    ``tell_board`` and ``tell_news`` are called there, too.
    """

    def __init__(self) -> None:
        self.tell_board: Callable[[NoticeBoard], object] = lambda board: None
        self.tell_news: Callable[[tuple[Notice, ...]], object] = lambda notices: None
        self._watch: NoticeWatch | None = None
        self._services: Services | None = None
        self._connection: UserFacingError | None = None
        self._listener: ListenerState | None = None
        self._forwarder = ForwardingState(ForwardingPhase.OFF)

    async def run(self, services: Services) -> None:
        """Look for conditions of a database until cancelled, from a moment after the window is there."""
        await asyncio.sleep(_AFTER_FIRST_PICTURE)
        make = await asyncio.to_thread(_notice_watch)
        self._watch, self._services = make(services, on_board=self.tell_board, on_tell=self.tell_news), services
        self._note_all()
        try:
            await self._watch.run()
        finally:
            self._watch = None

    def hear(self, change: Change) -> None:
        """Heed what was changed."""
        if self._watch is not None:
            self._watch.hear(change)

    def hear_connection(self, error: UserFacingError | None) -> None:
        """Heed that the database is away, or there again (None)."""
        self._connection = error
        self._note_all()

    def hear_listener(self, state: ListenerState) -> None:
        """Heed how the webhook listener is."""
        self._listener = state
        self._note_all()

    def hear_forwarder(self, state: ForwardingState) -> None:
        """Heed how the forwarder in this window is."""
        self._forwarder = state
        self._note_all()

    async def snooze(self, key: NoticeId, until: datetime | None) -> None:
        """Put a notice off until a moment; None shows it again."""
        if self._watch is not None:
            await self._watch.snooze(key, until)

    async def pause(self, until: datetime | None) -> None:
        """Let the desktop tell nothing until a moment; None ends a pause."""
        if self._watch is not None:
            await self._watch.pause(until)

    async def set_muted(self, kind: NoticeKind, is_muted: bool) -> None:  # noqa: FBT001 - a state, as it is kept
        """Let nobody hear of a kind any more, or tell of it again; raise UserFacingError."""
        from smtpy_desktop.controllers.notices_controller import set_muted

        if self._services is not None:
            await set_muted(self._services, kind, is_muted=is_muted)

    def _note_all(self) -> None:
        if self._watch is None:
            return
        from smtpy_desktop.core import notice_observations

        self._watch.note(notice_observations.connection_reading(self._connection))
        self._watch.note(notice_observations.forwarding_reading(self._forwarder))
        if self._listener is not None:
            self._watch.note(notice_observations.listener_reading(self._listener))


def _notice_watch() -> type[NoticeWatch]:
    """Load what it takes to look for trouble, off the event loop."""
    from smtpy_desktop.controllers.notices_controller import NoticeWatch

    return NoticeWatch
