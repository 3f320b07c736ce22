"""What the window shows before there is a database: the first choice, and how opening it goes."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from smtpy_desktop.controllers import settings_controller
from smtpy_desktop.controllers.opening_controller import SchemaUpgradeNeeded
from smtpy_desktop.controllers.services import Services
from smtpy_desktop.core.keyring_errors import KeyringUnavailable
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.runtime.task_runner import TaskHandle, TaskRunner
from smtpy_desktop.schemas.connection import ServerAddress
from smtpy_desktop.schemas.text import Text
from smtpy_desktop.views.start_actions import (
    OpenedServer,
    StartActions,
    open_and_keep,
    open_embedded,
    open_with_stored_password,
)
from smtpy_desktop.views.start_state_page import FailedPage, OpeningPage, StatePage, step_lines, step_words
from smtpy_desktop.views.start_upgrade_words import upgrade_action, upgrade_words
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import clear_layout
from smtpy_desktop.views.widgets.confirm import ConfirmDialog, confirm
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.single_shot import single_shot
from smtpy_desktop.views.widgets.texts import tr, translated

if TYPE_CHECKING:
    from smtpy_desktop.views.identity_page import IdentityPage
    from smtpy_desktop.views.password_page import PasswordPage
    from smtpy_desktop.views.server_page import ServerPage
    from smtpy_desktop.views.start_choice_page import StartChoicePage

SHOW_AFTER_MILLISECONDS = 300

_NOT_STORED = "SECRET_NOT_STORED"
_OnError = Callable[[UserFacingError], object]
P = TypeVar("P", bound=QWidget)


class StartView(QStackedWidget):
    """Covers the window until a database is open; it opens it by what it was given, and keeps nothing itself.

    Its pages are made when they are first needed: most starts show none of them.

    ``opened(Services)``: the pages can be built; on a first run after the mail identity was entered or skipped.
    ``sample_data_wanted``, ``quit_wanted``; ``cancelled``: the database in use stays.
    ``failed_to_open(UserFacingError)``: the user is asked what to do.
    """

    opened = Signal(object)
    sample_data_wanted = Signal()
    quit_wanted = Signal()
    cancelled = Signal()
    failed_to_open = Signal(object)

    def __init__(
        self, actions: StartActions, runner: TaskRunner, tell: Callable[[Message], None], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Start"))
        self._actions, self._runner, self._tell = actions, runner, tell
        self._server: ServerAddress | None = None
        self._password: str | None = None
        self._asks_identity = self._is_changing = False
        self._opening: TaskHandle | None = None
        self._retry: Callable[[], object] = self._open_again
        self._upgrade: Callable[[], object] = self._open_upgraded
        self._blank = self._added(QWidget(self))
        self.opening = self._added(OpeningPage(self))
        self._show_soon = single_shot(self, lambda: self._show(self.opening), SHOW_AFTER_MILLISECONDS)

    # The pages

    @cached_property
    def choice(self) -> StartChoicePage:
        """The page that asks which database to use."""
        from smtpy_desktop.views.start_choice_page import StartChoicePage

        page = self._added(StartChoicePage(self))
        page.embedded_chosen.connect(self._on_embedded_chosen)
        page.server_chosen.connect(lambda: self._show(self.server))
        page.sample_data_wanted.connect(self.sample_data_wanted)
        page.back_wanted.connect(self.cancelled)
        return page

    @cached_property
    def server(self) -> ServerPage:
        """The page that asks for a server's address."""
        from smtpy_desktop.views.server_page import ServerPage

        page = self._added(ServerPage(self._actions, self._runner, self))
        page.back_wanted.connect(lambda: self._show(self.choice))
        page.stop_wanted.connect(self._on_stop)
        page.connect_wanted.connect(self._on_server_chosen)
        return page

    @cached_property
    def failed(self) -> FailedPage:
        """The page that says why the database could not be opened."""
        return self._added(FailedPage(self))

    @cached_property
    def upgrade(self) -> StatePage:
        """The page that asks before a server's schema is changed."""
        return self._added(StatePage("database", Tone.WARN, self))

    @cached_property
    def password(self) -> PasswordPage:
        """The page that asks for a server's password."""
        from smtpy_desktop.views.password_page import PasswordPage

        page = self._added(PasswordPage(self))
        page.password_given.connect(self._on_password)
        page.retry_wanted.connect(self._on_keyring_again)
        page.change_wanted.connect(self._change_connection)
        return page

    @cached_property
    def identity(self) -> IdentityPage:
        """The page that asks for the mail identity on a first run."""
        from smtpy_desktop.views.identity_page import IdentityPage

        page = self._added(IdentityPage(self._runner, self))
        page.finished.connect(self.opened)
        return page

    def _added(self, page: P) -> P:
        self.addWidget(page)
        return page

    def _shows(self, name: str) -> bool:
        """Whether the page of that name has been made and is the one that is seen."""
        return self.currentWidget() is vars(self).get(name)

    # What the composition root asks for

    def show_choice(self, server: ServerAddress | None = None, *, changing: bool = False) -> None:
        """Ask for the database: on a first run, or (``changing``) in place of the one that is in use."""
        self._asks_identity, self._is_changing = not changing, changing
        self.choice.set_changing(changing=changing)
        if server is not None:
            self.server.show_address(server)
        self._show(self.choice)

    def open_configured(self, server: ServerAddress | None) -> None:
        """Open the database that the configuration names: a server, or (None) the built-in one."""
        self._server, self._password = server, None
        self._open_again()

    def clear(self) -> None:
        """Show no page that was seen before, as another opening is about to begin."""
        self._show(self._blank)

    def show_failure(
        self,
        error: UserFacingError,
        server: ServerAddress | None = None,
        retry: Callable[[], object] | None = None,
        upgrade: Callable[[], object] | None = None,
    ) -> None:
        """Show why the database could not be opened, and what can be done about it."""
        self._server = server if server is not None else self._server
        self._retry = retry or self._open_again
        self._upgrade = upgrade or self._open_upgraded
        self._show_failure(error)

    def show_note(self, note: Text) -> None:
        """Say what is being done while the database is being opened (on the GUI thread)."""
        self.opening.note.setText(translated(note))

    # Opening

    def _open_again(self) -> None:
        self._retry, self._upgrade = self._open_again, self._open_upgraded
        server = self._server
        if server is None:
            self._open(open_embedded(self._actions), self._show_failure)
        elif self._password is not None:
            self._open(open_and_keep(self._actions, server, self._password, may_upgrade=False), self._show_failure)
        else:
            self._open(open_with_stored_password(self._actions, server, may_upgrade=False), self._show_failure)

    def _open(self, work: Coroutine[Any, Any, OpenedServer], on_error: _OnError, *, cover: bool = True) -> None:
        """Run an opening; with ``cover`` it has a page of its own, once it takes longer than a moment."""
        if cover:
            # What is seen stays for a moment, so that a quick opening does not flash a page of its own.
            self._set_page_enabled(enabled=False)
            self._describe_opening()
            self._show_soon.start()

        def fail(error: UserFacingError) -> bool:
            self._end_opening()
            on_error(error)
            return True

        self._opening = self._runner.run(
            work, owner=self, on_success=self._on_opened, on_error=fail, replaces="start-opening"
        )

    def _describe_opening(self) -> None:
        self.opening.note.setText("")
        if self._server is None:
            self.opening.show_words(tr("Starting the built-in database…"), tr("The first time takes a little longer."))
            self.opening.set_buttons()
        else:
            self.opening.show_words(tr("Connecting to the server…"), subject=str(self._server))
            self.opening.set_buttons(Button(tr("Cancel"), self, action=self._on_stop))

    def _end_opening(self) -> None:
        self._show_soon.stop()
        self._set_page_enabled(enabled=True)
        self._opening = None
        if "server" in vars(self):
            self.server.show_connecting(connecting=False)
        if "password" in vars(self):
            self.password.show_busy(busy=False)

    def _on_stop(self) -> None:
        if self._opening is not None:
            self._opening.cancel()
        self._end_opening()
        if not self._shows("server"):
            self._show(self.choice)

    def _on_opened(self, opened: OpenedServer) -> None:
        self._end_opening()
        if opened.unkept is not None:
            self._tell_unkept(opened.unkept)
        services = opened.services
        if not self._asks_identity or services.is_read_only:
            self.opened.emit(services)
            return
        self._runner.run(
            settings_controller.mail_settings(services.sessions),
            owner=self,
            on_success=lambda settings: self._on_settings_read(services, is_known=settings[0].is_complete),
            on_error=lambda error: self.opened.emit(services),
        )

    def _on_settings_read(self, services: Services, *, is_known: bool) -> None:
        if is_known:
            self.opened.emit(services)
        else:
            self.identity.ask(services)
            self._show(self.identity)

    def _tell_unkept(self, problem: KeyringUnavailable) -> None:
        hint = translated(problem.hint) if problem.hint is not None else ""
        words = tr("The password is kept for this run only. {why}", why=translated(problem.message))
        self._tell(Message(f"{words} {hint}".strip(), Tone.WARN, key="password-unkept"))

    # Failures

    def _show_failure(self, error: UserFacingError) -> None:
        self.failed_to_open.emit(error)
        server = self._server
        if isinstance(error, SchemaUpgradeNeeded):
            self._show_upgrade(error)
        elif server is not None and (isinstance(error, KeyringUnavailable) or error.code == _NOT_STORED):
            self.password.show_reason(error, server)
            self._show(self.password)
        elif self._shows("password"):
            self.password.show_error(error)
        else:
            self.failed.show_failure(error, str(server) if server is not None else "")
            self.failed.set_buttons(*self._failure_buttons())
            self._show(self.failed)

    def _failure_buttons(self) -> list[Button]:
        buttons = [Button(tr("&Retry"), self, kind="primary", icon="refresh", action=self._on_retry)]
        if self._server is not None:
            buttons.append(Button(tr("&Use another password…"), self, action=self._ask_password))
        buttons.append(Button(tr("C&hange connection…"), self, action=self._change_connection))
        return buttons

    def _on_retry(self) -> None:
        self._retry()

    def _ask_password(self) -> None:
        if self._server is not None:
            self.password.show_asked(self._server)
            self._show(self.password)

    def _change_connection(self) -> None:
        self.show_choice(self._server)

    def _show_upgrade(self, needed: SchemaUpgradeNeeded) -> None:
        heading, text = upgrade_words(needed)
        self.upgrade.show_words(heading, text, subject=str(self._server) if self._server is not None else "")
        clear_layout(self.upgrade.body)
        self.upgrade.body.addWidget(step_lines(needed.report.pending, self.upgrade))
        self.upgrade.set_buttons(
            Button(upgrade_action(needed), self, kind="primary", action=self._on_upgrade),
            Button(tr("&Quit"), self, action=self.quit_wanted.emit),
            Button(tr("C&hange connection…"), self, kind="ghost", action=self._change_connection),
        )
        self._show(self.upgrade)

    def _on_upgrade(self) -> None:
        self._upgrade()

    def _open_upgraded(self) -> None:
        server = self._server
        if server is None:
            return
        if self._password is None:
            self._open(open_with_stored_password(self._actions, server, may_upgrade=True), self._show_failure)
        else:
            self._open(open_and_keep(self._actions, server, self._password, may_upgrade=True), self._show_failure)

    # What the pages tell

    def _on_embedded_chosen(self) -> None:
        self.open_configured(None)

    def _on_server_chosen(self, address: ServerAddress, password: str) -> None:
        self._connect_server(address, password, may_upgrade=False)

    def _connect_server(self, address: ServerAddress, password: str, *, may_upgrade: bool) -> None:
        self.server.show_connecting(connecting=True)

        def fail(error: UserFacingError) -> None:
            if isinstance(error, SchemaUpgradeNeeded):
                self._ask_upgrade(error, address, password)
            else:
                self.server.start_test()  # shows which step it is that fails
                self.server.show_error(error)

        work = open_and_keep(self._actions, address, password, may_upgrade=may_upgrade)
        self._open(work, fail, cover=False)

    def _ask_upgrade(self, needed: SchemaUpgradeNeeded, address: ServerAddress, password: str) -> ConfirmDialog:
        heading, text = upgrade_words(needed)
        return confirm(
            self,
            heading,
            f"{text}\n{address}",
            upgrade_action(needed),
            lambda: self._connect_server(address, password, may_upgrade=True),
            consequences=[step_words(step) for step in needed.report.pending],
            dangerous=False,
        )

    def _on_password(self, password: str) -> None:
        self._password = password
        server = self._server
        if server is not None:
            self.password.show_busy(busy=True)
            work = open_and_keep(self._actions, server, password, may_upgrade=False)
            self._open(work, self._show_failure, cover=False)

    def _on_keyring_again(self) -> None:
        self._password = None
        self._open_again()

    def _set_page_enabled(self, *, enabled: bool) -> None:
        page = self.currentWidget()
        if page is not None:
            page.setEnabled(enabled)

    def _show(self, page: QWidget) -> None:
        self._show_soon.stop()
        self._set_page_enabled(enabled=True)
        self.setCurrentWidget(page)
        proxy = page.focusProxy()
        if proxy is not None:
            proxy.setFocus()
