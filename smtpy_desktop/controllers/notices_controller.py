"""Notices: looking for conditions while a window is open, remembering them, and listing them once for a command."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, tzinfo

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.controllers import settings_controller
from smtpy_desktop.controllers.installation_id import installation_id
from smtpy_desktop.controllers.notice_sources import SOURCES, NoticeSource
from smtpy_desktop.controllers.services import Services
from smtpy_desktop.core import notice_state
from smtpy_desktop.core.notice_board import notice_board
from smtpy_desktop.core.notice_catalogue import notice_of
from smtpy_desktop.core.notice_settings import MUTED_KEY, format_kinds, parse_notice_settings
from smtpy_desktop.database import settings_database
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.gateways.notice_tools import NoticeTools
from smtpy_desktop.schemas.notice_kinds import NoticeId, NoticeKind, NoticeSettings
from smtpy_desktop.schemas.notices import Condition, Notice, NoticeBoard, NoticeState, Reading

_LOOK_SECONDS = 5.0
"""How often time alone may change something; sources are asked more seldom."""
_CALM_SECONDS = 0.5
_RELIEF = 50
"""A source is left alone for so many times as long as it has taken."""
_UNKNOWN = "unknown"
_log = logging.getLogger(__name__)


class NoticeWatch:
    """Looks for conditions until cancelled; belongs to one event loop, on which everything of it is called.

    ``on_board`` is given all notices whenever they look different; ``on_tell`` those that the desktop is to tell of
    now, once each.
    """

    def __init__(
        self,
        services: Services,
        *,
        on_board: Callable[[NoticeBoard], object],
        on_tell: Callable[[tuple[Notice, ...]], object] = lambda notices: None,
        sources: Iterable[NoticeSource] = SOURCES,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        zone: tzinfo | None = None,
    ) -> None:
        self._services, self._on_board, self._on_tell = services, on_board, on_tell
        self._sources, self._clock, self._zone = tuple(sources), clock, zone
        self._due = {source.name: float("-inf") for source in self._sources}
        self._known: dict[object, Reading] = {}
        self._changed, self._found = asyncio.Event(), asyncio.Event()
        self._settings: NoticeSettings | None = None
        self._settings_are_new = True
        self._paused_until: datetime | None = None
        self._database = ""
        self.state = NoticeState()
        self.board = NoticeBoard()

    async def run(self) -> None:
        """Look, tell and remember until cancelled."""
        await self.remember()
        async with asyncio.TaskGroup() as group:
            # Apart, since a database that is away keeps who asks it waiting, and just that has to be told.
            group.create_task(self._keep_asking())
            group.create_task(self._keep_telling())

    async def remember(self) -> None:
        """Take up what was known and told before this run."""
        self._database = await database_name(self._services)
        self.state = await _remembered(self._services, self._database)

    async def look(self) -> None:
        """Ask the sources that are due, and tell what follows."""
        await self._ask_due()
        await self._tell()

    def note(self, reading: Reading) -> None:
        """Take what somebody else has found out, such as how the listener in this process is."""
        self._known[reading.kinds] = reading
        self._found.set()

    def hear(self, change: Change) -> None:
        """Look soon where something has changed."""
        topics = {change.topic}
        if Topic.SETTINGS in topics:
            self._settings_are_new = True
        names = [source.name for source in self._sources if source.topics & topics]
        for name in names:
            self._due[name] = float("-inf")
        if names or Topic.SETTINGS in topics:
            self._changed.set()

    async def snooze(self, key: NoticeId, until: datetime | None) -> None:
        """Put a notice off until a moment; None shows it again."""
        await self._take(notice_state.after_snoozing(self.state, key, until))

    async def pause(self, until: datetime | None) -> None:
        """Let the desktop tell nothing until a moment; None ends a pause. A pause ends with the run."""
        self._paused_until = until
        await self._take(self.state)

    async def _keep_asking(self) -> None:
        while True:
            await self._ask_due()
            await _first_of(self._changed, _LOOK_SECONDS)

    async def _keep_telling(self) -> None:
        while True:
            try:
                await self._tell()
            except Exception:  # noqa: BLE001 - the next notice may be told all the same
                _log.exception("telling of notices failed unexpectedly")
            await _first_of(self._found, _LOOK_SECONDS)

    async def _ask_due(self) -> None:
        """Ask the sources whose time has come; what cannot be asked changes nothing."""
        if self._settings_are_new:
            await self._read_settings()
        time = asyncio.get_running_loop().time
        for source in self._sources:
            began = time()
            if self._due[source.name] <= began:
                self._due[source.name] = float("inf")
                await self._ask(source)
                # Over very many messages a source may take seconds: it is asked the more seldom.
                pause = max(source.every_seconds, _RELIEF * (time() - began))
                self._due[source.name] = min(self._due[source.name], time() + pause)

    async def _ask(self, source: NoticeSource) -> None:
        reading = await read_source(source, self._services)
        if reading is not None:
            self._known[source.name] = reading
        else:
            self._known.pop(source.name, None)
        self._found.set()

    async def _tell(self) -> None:
        """Tell what follows from what was found out last: it holds until it is looked for again.

        So time alone may raise or end a condition.
        """
        await self._take(notice_state.after_readings(self.state, self._known.values(), self._clock()))

    async def _take(self, state: NoticeState) -> None:
        now, settings = self._clock(), self._settings or NoticeSettings()
        silent = notice_state.silent_until(settings, self._paused_until, now, self._zone)
        # Before it is known how they are wanted, nobody is woken up.
        may_tell = silent is None and self._settings is not None
        news: tuple[Condition, ...] = notice_state.to_tell(state, settings) if may_tell else ()
        if news:
            state = notice_state.after_telling(state, news, now)
        is_same, self.state = notice_state.is_same(self.state, state), state
        is_paused = self._paused_until is not None and self._paused_until > now
        board = notice_board(state, settings, silent_until=silent, is_paused=is_paused)
        if board != self.board:
            self.board = board
            self._on_board(board)
        if news and settings.tells_desktop:
            self._on_tell(tuple(notice_of(one) for one in news))
        if not is_same and self._services.notices is not None:
            await self._services.notices.remember(self._database, state)

    async def _read_settings(self) -> None:
        self._settings_are_new = False  # they may change again while they are read
        settings = await notice_settings(self._services)
        if settings is None:
            self._settings_are_new = True
        else:
            self._settings = settings
            self._found.set()


async def run_notices(services: Services, *, on_notices: Callable[[NoticeBoard], object]) -> None:
    """Look for conditions until cancelled, and tell whenever they look different."""
    await NoticeWatch(services, on_board=on_notices).run()


async def list_notices(services: Services) -> NoticeBoard:
    """Look once, and return what holds now.

    Nobody waits here whether it goes on: what is seen counts, and what has gone is not listed.
    """
    readings = [await read_source(source, services) for source in SOURCES]
    known = await _remembered(services, await database_name(services))
    now = datetime.now(UTC)
    seen = notice_state.after_readings(known, [one for one in readings if one is not None], now)
    state = notice_state.at_once(seen, now)
    settings = await notice_settings(services) or NoticeSettings()
    return notice_board(state, settings, silent_until=notice_state.silent_until(settings, None, now))


async def set_muted(services: Services, kind: NoticeKind, *, is_muted: bool) -> None:
    """Let nobody hear of a kind any more, or tell of it again; raise UserFacingError where it cannot be stored."""
    async with services.sessions.read() as db:
        stored = await settings_database.read_settings(db)
    muted = parse_notice_settings(stored).muted
    muted = muted | {kind} if is_muted else muted - {kind}
    await settings_controller.change_settings(
        services.sessions, {MUTED_KEY: format_kinds(muted)}, actor=services.actor, publish=services.publish
    )


async def notice_settings(services: Services) -> NoticeSettings | None:
    """Return how notices are wanted; None while that cannot be read."""
    try:
        async with services.sessions.read() as db:
            return parse_notice_settings(await settings_database.read_settings(db))
    except UserFacingError as error:
        _log.info("the settings of notices are read later: %s", error)
        return None


async def read_source(source: NoticeSource, services: Services) -> Reading | None:
    """Ask one source; None where it cannot be asked now."""
    try:
        return await source.read(services)
    except UserFacingError as error:
        _log.info("%s cannot be looked at for notices: %s", source.name, error)
    except Exception:  # noqa: BLE001 - one source must not silence the others
        _log.exception("looking at %s for notices failed unexpectedly", source.name)
    return None


async def database_name(services: Services) -> str:
    """Return what tells the open database from others, so that each has its own memory."""
    try:
        if not services.is_read_only:
            return await installation_id(services.sessions)
        async with services.sessions.read() as db:
            return (await settings_database.read_settings(db)).get("installation.id", _UNKNOWN)
    except UserFacingError as error:
        _log.info("the database does not tell its name: %s", error)
        return _UNKNOWN


async def _first_of(event: asyncio.Event, seconds: float) -> None:
    """Wait for an event, and a moment more as events come in bursts, or for a time."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
        await asyncio.sleep(_CALM_SECONDS)
    except TimeoutError:
        pass
    event.clear()


async def _remembered(services: Services, database: str) -> NoticeState:
    tools: NoticeTools | None = services.notices
    return await tools.remembered(database) if tools is not None else NoticeState()
