"""The real window over the samples, led scene by scene: for pictures and tests. Part of the composition root."""

from __future__ import annotations

import contextlib
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QLocale, QTimer, qInstallMessageHandler
from PySide6.QtWidgets import QApplication
from sqlalchemy import text as sql
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.config import Config, save_config
from smtpy_desktop.controllers.services import Services
from smtpy_desktop.database.engine import Database
from smtpy_desktop.database.migrate import upgrade
from smtpy_desktop.gateways.embedded_postgres import EmbeddedPostgres
from smtpy_desktop.paths import Profile
from smtpy_desktop.sandbox.gallery_stage import GalleryState, unavailable
from smtpy_desktop.sandbox.tour_hands import Until
from smtpy_desktop.sandbox.world import SandboxWorld
from smtpy_desktop.schemas.forwarding_state import ForwardingPhase
from smtpy_desktop.schemas.listener_state import ListenerPhase
from smtpy_desktop.schemas.text import text
from smtpy_desktop.views.theme import look_kept
from smtpy_desktop.views.widgets.moments import is_utc, set_utc
from smtpy_desktop.window_app import WindowApp
from smtpy_desktop.window_pages import WindowPages
from smtpy_desktop.window_start import WindowPlan

SIZE = (1440, 900)
_LOOK_MILLISECONDS = 10
_EMPTY_DATABASE = "smtpy_gallery_empty"


class Gallery(WindowApp):
    """A window that does nothing by itself: no live mail, no single instance, no event loop but while it waits."""

    def __init__(self, profile: Profile, *, theme: str, size: tuple[int, int]) -> None:
        super().__init__(WindowPlan("gallery", profile, EmbeddedPostgres(profile.postgres), None, {"theme": theme}))
        self._faults: list[str] = []
        self._state = GalleryState.FILLED
        self._samples: Services | None = None
        self._nothing: Database | None = None
        self._listen_for_faults()
        self.window.resize(*size)
        self.window.set_cover(self.start)
        self.window.show()
        self.window.activateWindow()
        self._begin()
        self.wait(Until("the pages are there", lambda: self.pages is not None, 120))
        self.wait(Until("listener and forwarder run", self._is_up, 60))

    @property
    def shown_pages(self) -> WindowPages:
        """The pages over the database that is in use; raise LookupError while there are none."""
        if self.pages is None:
            raise LookupError("there are no pages yet")
        return self.pages

    @property
    def sandbox(self) -> SandboxWorld:
        """The stand-ins for the outside world."""
        if self.world is None:
            raise LookupError("the gallery has no sandbox")
        return self.world

    @property
    def samples(self) -> Services:
        """What works over the sample data, whichever database is in use."""
        if self._samples is None:
            self._samples = self.shown_pages.context.services
        return self._samples

    def use(self, state: GalleryState) -> None:
        """Build the pages over another database, if they are not yet."""
        if state is self._state:
            return
        services = self._services_of(state)
        self._state = state
        self.window.banner.clear()
        self._on_opened(services)

    def wait(self, until: Until) -> None:
        """Let the window live until something is true; raise TimeoutError when it does not become so.

        Raises RuntimeError when the program tells of a fault of its own meanwhile.
        """
        loop, looks = QEventLoop(), QTimer()
        ends = time.monotonic() + until.seconds

        def look() -> None:
            if until.condition() or self._faults or time.monotonic() > ends:
                loop.quit()

        looks.timeout.connect(look)
        looks.start(_LOOK_MILLISECONDS)
        if not until.condition():
            loop.exec()
        looks.stop()
        if self._faults:
            raise RuntimeError(self._faults.pop())
        if not until.condition():
            raise TimeoutError(f"waited {until.seconds:.0f} s in vain until {until.what}")

    def end(self) -> None:
        """Close the window and put everything away."""
        self.window.close()
        if self._nothing is not None:
            self.loop_thread.submit(self._nothing.close()).result(30)
        self._put_away()
        self.theme.deleteLater()
        self.deleteLater()  # with everything that would go on reading while the next one is open
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def _listen_for_faults(self) -> None:
        self.runner.crashed.connect(self._faults.append)
        show = sys.excepthook

        def report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
            self._faults.append("".join(traceback.format_exception(kind, error, trace)))
            show(kind, error, trace)

        sys.excepthook = report

    def _is_up(self) -> bool:
        listens = self._listener is not None and self._listener.phase is ListenerPhase.LISTENING
        return listens and self._forwarder.phase is ForwardingPhase.RUNNING

    def _services_of(self, state: GalleryState) -> Services:
        samples = self.samples
        match state:
            case GalleryState.FILLED:
                return samples
            case GalleryState.READ_ONLY:
                why = text("You are signed in to this database with a role that may read it only.")
                return replace(samples, is_read_only=True, read_only_reason=why)
            case GalleryState.BROKEN:
                return replace(samples, sessions=_Away())
            case GalleryState.EMPTY:
                if self._nothing is None:
                    self._nothing = self.loop_thread.submit(_empty_database(samples)).result(60)
                return replace(samples, sessions=self._nothing)


class _Away:
    """Stands in for a database that does not answer."""

    def begin(self) -> AbstractAsyncContextManager[AsyncSession]:
        return self.read()

    def read(self) -> AbstractAsyncContextManager[AsyncSession]:
        raise unavailable()


async def _empty_database(samples: Services) -> Database:
    """Make a database without anything beside the one of the samples, where there is none yet."""
    filled = samples.sessions
    if not isinstance(filled, Database):
        raise TypeError("the samples are not in a database of their own")
    async with filled.engine.connect() as connection:
        outside = await connection.execution_options(isolation_level="AUTOCOMMIT")
        found = await outside.execute(sql("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": _EMPTY_DATABASE})
        if found.scalar_one_or_none() is None:
            await outside.execute(sql(f"CREATE DATABASE {_EMPTY_DATABASE}"))
    empty = Database(filled.url.set(database=_EMPTY_DATABASE), origin=filled.origin)
    await upgrade(empty.engine)
    return empty


@contextlib.contextmanager
def open_gallery(
    directory: Path, *, theme: str = "light", language: str = "en", size: tuple[int, int] = SIZE
) -> Iterator[Gallery]:
    """Open the window over the samples in a profile of its own; ``directory`` may be used again for the next one.

    The first time takes some seconds, as the database is made and filled.
    """
    profile = Profile(directory)
    profile.create()
    save_config(profile, Config(language=language, theme=theme))
    with _application_as_before():
        gallery = Gallery(profile, theme=theme, size=size)
        try:
            yield gallery
        finally:
            gallery.end()


@contextlib.contextmanager
def _application_as_before() -> Iterator[None]:
    """Put back what a window changes for the whole application, where there was one before: tests share it."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        yield
        return
    locale, direction, was_utc = QLocale(), app.layoutDirection(), is_utc()
    handler = qInstallMessageHandler(None)
    qInstallMessageHandler(handler)
    try:
        with look_kept(app):
            yield
    finally:
        qInstallMessageHandler(handler)
        QLocale.setDefault(locale)
        app.setLayoutDirection(direction)
        set_utc(wanted=was_utc)
