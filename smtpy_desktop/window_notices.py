"""Notices in the window: the bell, the tray icon, and closing into it. Part of the composition root."""

from __future__ import annotations

from collections.abc import Coroutine
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from smtpy_desktop.schemas.forwarding_state import ForwardingState
from smtpy_desktop.schemas.identifiers import DomainId, OrganizationId
from smtpy_desktop.schemas.listener_state import ListenerState
from smtpy_desktop.views.command_palette import PaletteEntry
from smtpy_desktop.views.notices_tools import NoticesTools
from smtpy_desktop.views.shortcuts import Shortcut, bind
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.accessibility import announce
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.profile_mark import with_profile
from smtpy_desktop.views.widgets.texts import tr
from smtpy_desktop.views.window_closing import WindowClosing

if TYPE_CHECKING:
    from smtpy_desktop.schemas.notice_kinds import NoticeId, NoticeKind
    from smtpy_desktop.schemas.notices import Notice, NoticeAction, NoticeBoard
    from smtpy_desktop.views.notices_bell import NoticesBell
    from smtpy_desktop.views.notices_panel import NoticesPanel
    from smtpy_desktop.views.tray_icon import TrayIcon
    from smtpy_desktop.window_app import WindowApp

_AFTER_FIRST_PICTURE_MILLISECONDS = 600
_LOOK_FOR_TRAY_MILLISECONDS = 20_000


class WindowNotices(QObject):
    """Shows what the watch on the asyncio thread tells; everything but closing is made after the first picture.

    ``board_told(NoticeBoard)`` and ``news_told(tuple[Notice, …])`` carry that over.
    """

    board_told = Signal(object)
    news_told = Signal(object)

    def __init__(self, app: WindowApp) -> None:
        super().__init__(app)
        self._app = app
        self._listener: ListenerState | None = None
        self._forwarder: ForwardingState | None = None
        self._board: NoticeBoard | None = None
        self.bell: NoticesBell | None = None
        self.panel: NoticesPanel | None = None
        self.tray: TrayIcon | None = None
        self.tools = NoticesTools(
            show=self._show,
            snooze=self._snooze,
            mute=self._mute,
            pause=self._pause,
            show_settings=self._show_settings,
            test=self._test,
            has_tray=self._has_tray,
        )
        asks = app.plan.what in ("gui", "sandbox")
        self.closing = WindowClosing(
            app.window, app.store, stops=self._what_stops, has_tray=lambda: self.tray is not None, asks=asks
        )
        self._wants_tray = asks
        self._tray_timer = QTimer(self)
        self._tray_timer.setInterval(_LOOK_FOR_TRAY_MILLISECONDS)
        self._tray_timer.timeout.connect(self._look_for_tray)
        self.board_told.connect(self._on_board)
        self.news_told.connect(self._on_news)
        app.listener_told.connect(self._on_listener)
        app.forwarder_told.connect(self._on_forwarder)
        app.app.commitDataRequest.connect(lambda manager: self.closing.end_of_session())

    def follow(self) -> None:
        """Let the watch of the databases that are opened tell this."""
        watch = self._app.opening.notices
        watch.tell_board, watch.tell_news = self.board_told.emit, self.news_told.emit

    def begin(self) -> None:
        """Add what the window has of notices, a moment after the pages of a database are there."""
        self._app.window.add_command(PaletteEntry(tr("Notices"), self.show_list, "bell", tr("Action")))
        QTimer.singleShot(_AFTER_FIRST_PICTURE_MILLISECONDS, self, self._build)

    def show_list(self) -> NoticesPanel:
        """Open the list below the bell, in front of everything."""
        self._build()
        assert self.panel is not None and self.bell is not None  # noqa: S101, PT018 - they were just made
        self._app.raise_window()
        self.panel.open_below(self.bell)
        return self.panel

    def put_away(self) -> None:
        """Leave the tray, as the program ends."""
        self._tray_timer.stop()
        if self.tray is not None:
            self.tray.hide()

    # Building

    def _build(self) -> None:
        if self.bell is not None:
            return
        from smtpy_desktop.views.notices_bell import NoticesBell
        from smtpy_desktop.views.notices_panel import NoticesPanel
        from smtpy_desktop.views.widgets.tab_order import follow

        window = self._app.window
        self.bell = NoticesBell(window.top_bar)
        self.bell.clicked.connect(self._toggle)
        window.top_bar.add_button(self.bell)
        self.bell.show()
        follow(window.top_bar)
        self.panel = NoticesPanel(self.tools, window)
        bind(window, Shortcut.NOTICES.keys, self._toggle)
        self._look_for_tray()
        if self._wants_tray:
            self._tray_timer.start()
        if self._board is not None:
            self._on_board(self._board)

    def _look_for_tray(self) -> None:
        """Make the tray icon as soon as there is a tray, and take it away when that has gone."""
        if not self._wants_tray:
            return
        from smtpy_desktop.views.tray_icon import TrayIcon, is_tray_there

        if self.tray is None and is_tray_there():
            self.tray = TrayIcon(with_profile("SMTPy Desktop"), self.tools, self)
            self.tray.open_wanted.connect(self._app.raise_window)
            self.tray.list_wanted.connect(self.show_list)
            self.tray.place_wanted.connect(self._show)
            self.tray.quit_wanted.connect(self.closing.quit)
            if self._board is not None:
                self.tray.show_board(self._board)
            self.tray.show()
        elif self.tray is not None and not is_tray_there():
            self.tray.hide()
            self.tray.deleteLater()
            self.tray = None

    def _toggle(self) -> None:
        if self.panel is not None and self.panel.isVisible():
            self.panel.close_panel()
        else:
            self.show_list()

    # What is told

    def _on_board(self, board: NoticeBoard) -> None:
        self._board = board
        if self.bell is not None and self.panel is not None:
            self.bell.show_board(board)
            self.panel.show_board(board)
        if self.tray is not None:
            self.tray.show_board(board)

    def _on_news(self, notices: tuple[Notice, ...]) -> None:
        from smtpy_desktop.views.notices_words import told_words

        self._look_for_tray()
        if self.tray is not None:
            self.tray.tell(notices)
        if self.bell is not None:
            announce(self.bell, told_words(notices)[0])

    def _on_listener(self, state: ListenerState) -> None:
        self._listener = state

    def _on_forwarder(self, state: ForwardingState) -> None:
        self._forwarder = state

    def _what_stops(self) -> tuple[str, ...]:
        from smtpy_desktop.views.closing_dialog import what_stops

        return what_stops(self._listener, self._forwarder)

    # What is done

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        self._app.runner.run(work, owner=self)

    def _snooze(self, key: NoticeId, until: datetime | None) -> None:
        self._run(self._app.opening.notices.snooze(key, until))

    def _pause(self, until: datetime | None) -> None:
        self._run(self._app.opening.notices.pause(until))

    def _mute(self, kind: NoticeKind) -> None:
        watch = self._app.opening.notices

        def tell(nothing: None) -> None:
            again = partial(self._run, watch.set_muted(kind, False))  # noqa: FBT003 - a state
            words = tr("Notices of this kind are not told any more.")
            self._app.window.show_message(
                Message(words, Tone.OK, action_text=tr("Undo"), action=again, key="notices/muted")
            )

        self._app.runner.run(watch.set_muted(kind, True), owner=self, on_success=tell)  # noqa: FBT003 - a state

    def _show(self, action: NoticeAction) -> None:
        self._app.raise_window()
        if self.panel is not None:
            self.panel.close_panel()
        show_place(self._app, action)

    def _show_settings(self) -> None:
        pages = self._app.pages
        self._app.raise_window()
        if pages is not None:
            self._app.window.show_page("settings")
            pages.settings.show_section("notices")

    def _has_tray(self) -> bool:
        self._look_for_tray()
        return self.tray is not None

    def _test(self) -> bool:
        return self._has_tray() and self.tray is not None and self.tray.tell_test()


def show_place(app: WindowApp, action: NoticeAction) -> None:
    """Show the page that a notice leads to, and there what it is about; nothing while no database is open."""
    from smtpy_desktop.core.notice_observations import TO

    pages, window, argument = app.pages, app.window, action.argument
    if pages is None:
        return
    if action.page == "listener":
        pages.listener.open()
        return
    window.show_page(action.page)
    if action.page == "domains" and isinstance(argument, int):
        pages.domains.show_domain(DomainId(argument))
    elif action.page == "billing" and isinstance(argument, int):
        pages.billing.show_organization(OrganizationId(argument))
    elif action.page == "messages" and isinstance(argument, str):
        pages.messages.show_search(argument)
    elif action.page == "events":
        pages.events.show_failed()
    elif action.page == "forwarder" and argument == "books":
        pages.forwarder.show_books()
    elif action.page == "forwarder" and isinstance(argument, str) and argument.startswith(TO):
        pages.forwarder.show_destination(argument.removeprefix(TO))
    elif action.page == "settings" and isinstance(argument, str):
        pages.settings.show_section(argument)
