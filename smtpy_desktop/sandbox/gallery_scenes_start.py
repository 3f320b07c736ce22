"""Scenes of what the window shows before there is a database."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QWidget

from smtpy_desktop.controllers.opening_controller import SchemaUpgradeNeeded
from smtpy_desktop.core.keyring_errors import KeyringLocked
from smtpy_desktop.sandbox.gallery_stage import Script, Sketch, Stage, unavailable
from smtpy_desktop.sandbox.tour_hands import Until
from smtpy_desktop.schemas.connection import ServerAddress
from smtpy_desktop.schemas.migration import SchemaReport, SchemaState
from smtpy_desktop.views.start_view import StartView
from smtpy_desktop.views.widgets.texts import tr

_SERVER = ServerAddress("db.example.net", 5432, "smtpy", "smtpy")
_NOBODY = ServerAddress("127.0.0.1", 9, "smtpy", "smtpy")
_OLDER = SchemaReport(SchemaState.OLDER, "0028_aliases", "0031_rules", ("0029_queue", "0030_books", "0031_rules"))


def _shown(stage: Stage, page: QWidget) -> Script:
    stage.app.start.setCurrentWidget(page)
    stage.window.set_cover(stage.app.start)
    yield from stage.calm()
    yield stage.window
    stage.window.set_cover(None)


def _choice(stage: Stage, *, changing: bool) -> Script:
    stage.app.start.show_choice(changing=changing)
    yield from _shown(stage, stage.app.start.choice)


def _opening(stage: Stage) -> Script:
    page = stage.app.start.opening
    page.show_words(tr("Starting the built-in database…"), tr("The first time takes a little longer."))
    yield from _shown(stage, page)


def _server(stage: Stage) -> Script:
    yield from _shown(stage, stage.app.start.server)


def _server_tested(stage: Stage) -> Script:
    page = stage.app.start.server
    page.show_address(_NOBODY)
    page.fields.password.set_text("x")
    stage.app.start.setCurrentWidget(page)
    stage.window.set_cover(stage.app.start)
    page.start_test()
    yield Until("the server was tried out", lambda: not page.is_testing)
    yield from _shown(stage, page)


def _failure(stage: Stage, which: str) -> Script:
    start: StartView = stage.app.start
    errors = {
        "failed": unavailable(),
        "upgrade": SchemaUpgradeNeeded(_OLDER),
        "password": KeyringLocked(),
    }
    start.show_failure(errors[which], _SERVER, retry=lambda: None)
    yield from _shown(stage, getattr(start, which))


def _identity(stage: Stage) -> Script:
    page = stage.app.start.identity
    page.ask(stage.app.samples)
    yield from _shown(stage, page)


START_SCENES = (
    Sketch("start", "The first choice", partial(_choice, changing=False)),
    Sketch("start-changing", "Another database", partial(_choice, changing=True)),
    Sketch("start-opening", "The database is opened", _opening),
    Sketch("start-server", "Connect to a server", _server),
    Sketch("start-server-tested", "A server that does not answer", _server_tested),
    Sketch("start-failed", "The database cannot be opened", partial(_failure, which="failed")),
    Sketch("start-upgrade", "A database that has to be upgraded", partial(_failure, which="upgrade")),
    Sketch("start-password", "A password that is asked for", partial(_failure, which="password")),
    Sketch("start-identity", "Your mail servers", _identity),
)
