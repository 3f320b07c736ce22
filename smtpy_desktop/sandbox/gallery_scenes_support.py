"""Scenes of what helps: the guide, the log, the support bundle, and what a killed program has left."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from PySide6.QtWidgets import QApplication, QWidget

from smtpy_desktop.sandbox.gallery_stage import Script, Sketch, Stage, dialog_over
from smtpy_desktop.sandbox.tour_hands import Until
from smtpy_desktop.schemas.log_lines import LogLevel, LogQuery
from smtpy_desktop.views.add_domain_dialog import AddDomainDialog
from smtpy_desktop.views.help_window import HelpWindow
from smtpy_desktop.views.log_window import LogWindow
from smtpy_desktop.views.support_bundle_dialog import SupportBundleDialog
from smtpy_desktop.views.widgets.drafts import Draft

_BUNDLE_SECONDS = 60

Window = TypeVar("Window", bound=QWidget)


def _top(kind: type[Window]) -> Window | None:
    found = (top for top in QApplication.topLevelWidgets() if isinstance(top, kind) and top.isVisible())
    return next(found, None)


def _window(stage: Stage, kind: type[Window], ask: Callable[[], object]) -> Script:
    yield from stage.page("domains")
    ask()
    yield Until("its window is open", lambda: _top(kind) is not None)
    yield from stage.calm()
    yield _top(kind) or stage.window


def _guide(stage: Stage, topic: str, search: str = "") -> Script:
    def ask() -> None:
        stage.window.help_wanted.emit(topic)
        window = _top(HelpWindow)
        if window is not None:
            window.search.setText(search)

    return _window(stage, HelpWindow, ask)


def _log(stage: Stage, query: LogQuery) -> Script:
    def ask() -> None:
        stage.window.log_wanted.emit(query)

    yield from stage.page("domains")
    ask()
    yield Until("the log is open", lambda: _top(LogWindow) is not None)
    window = _top(LogWindow)
    if window is None:
        raise LookupError("the log was closed")
    window.pause_button.setChecked(True)
    window.pause_button.clicked.emit()
    yield from stage.calm()
    window.table.selectRow(0)
    yield from stage.calm()
    yield window
    window.pause_button.setChecked(False)


def _bundle(stage: Stage) -> Script:
    yield from stage.page("settings")
    stage.pages.settings.about.bundle_button.click()
    yield Until("the bundle is there", _has_bundle, _BUNDLE_SECONDS)
    yield from stage.calm()
    yield _top(SupportBundleDialog) or stage.window


def _has_bundle() -> bool:
    dialog = _top(SupportBundleDialog)
    return dialog is not None and dialog.save_button.isEnabled()


def _draft(stage: Stage) -> None:
    Draft(stage.context.memory, "add-domain").keep({"name": "willow-press.example"})
    AddDomainDialog(stage.context, stage.window).open()


SUPPORT_SCENES = (
    Sketch("guide", "The guide", partial(_guide, topic="aliases")),
    Sketch("guide-search", "The guide, searched", partial(_guide, topic="domains", search="verify")),
    Sketch("log", "The log", partial(_log, query=LogQuery())),
    Sketch("log-nothing", "The log, nothing found", partial(_log, query=LogQuery(LogLevel.CRITICAL, "nothing"))),
    Sketch("support-bundle", "The support bundle", _bundle),
    Sketch("draft", "What a killed program has left", dialog_over("domains", _draft)),
)
