"""Watching the connection to the database, and passing on what other processes change in it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import aclosing

from smtpy_desktop.changes import Change, Publish, Topic
from smtpy_desktop.database.change_notices_database import notices
from smtpy_desktop.database.engine import Database
from smtpy_desktop.errors import UserFacingError

_log = logging.getLogger(__name__)

# Also how late a change of messages is noticed at most of which no notice tells.
_HEARTBEAT_SECONDS = 0.25
_FIRST_WAIT = 0.2
_TOPICS = frozenset(topic.value for topic in Topic)
_LONGEST_WAIT = 3.0

Told = Callable[[UserFacingError | None], object]
"""Is told the failure when the connection is lost, and None when it is (again) there."""


async def watch(database: Database, *, publish: Publish, tell: Told, after_gap: bool = False) -> None:
    """Pass on the changes of other processes until cancelled; reconnect by itself for as long as it takes.

    After a gap everything counts as changed, since what happened meanwhile went unheard; ``after_gap``: it begins with
    one.
    """
    wait = _FIRST_WAIT
    lost = False
    while True:
        try:
            async with aclosing(notices(database, heartbeat_seconds=_HEARTBEAT_SECONDS)) as heard:
                async for notice in heard:
                    if lost:
                        tell(None)
                    if lost or after_gap:
                        lost = after_gap = False
                        for topic in Topic:
                            publish(Change(topic))
                    wait = _FIRST_WAIT
                    # A newer program may tell of topics that this one does not know.
                    if notice is not None and notice.origin != database.origin and notice.topic in _TOPICS:
                        publish(Change(Topic(notice.topic), notice.ids, notice.origin))
        except UserFacingError as error:
            _log.info("the connection to the database is lost: %s", error)
            if not lost:
                lost = True
                tell(error)
        await asyncio.sleep(wait)
        wait = min(wait * 1.5, _LONGEST_WAIT)
