"""Backups among the settings: how things stand, the files there are, and what can be done with them."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.core.backup_setting_keys import EVERY_KEY
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.runtime.task_runner import TaskHandle
from smtpy_desktop.schemas.backups import PreviousDatabase
from smtpy_desktop.views.backups_actions import BackupsActions
from smtpy_desktop.views.backups_form import BackupsForm
from smtpy_desktop.views.backups_list import BackupsList
from smtpy_desktop.views.backups_reading import BackupsSeen, read_backups
from smtpy_desktop.views.backups_tools import BackupsTools
from smtpy_desktop.views.backups_words import state_words
from smtpy_desktop.views.calm_reading import CalmReading
from smtpy_desktop.views.message_words import size_words
from smtpy_desktop.views.settings_section import SettingsSection
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import Notice, button_row, separator
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.relative_time import relative_time
from smtpy_desktop.views.widgets.texts import tr, tr_n, translated

_CLOCK_MILLISECONDS = 60_000
_TOPICS = (Topic.BACKUPS, Topic.SETTINGS, Topic.CONNECTION)


class BackupsSection(SettingsSection):
    """Reads how things stand each time that it is shown, and after every change; ``form`` is saved with the page."""

    def __init__(self, context: ViewContext, tools: BackupsTools, parent: QWidget | None = None) -> None:
        keywords = "backup restore dump pg_dump copy schedule move server migrate verify"
        super().__init__(
            "backups", tr("Backups"), tr("copies that have been proved"), "backup", parent, keywords=keywords
        )
        self._context, self.tools = context, tools
        self._previous: PreviousDatabase | None = None
        self._failure: UserFacingError | None = None
        self.seen: BackupsSeen | None = None
        may_change = not context.services.is_read_only
        self.commands = BackupsActions(context, tools, self)
        self.commands.changed.connect(self._on_work_changed)
        self.commands.failed.connect(self._show_failure)
        self._reading = CalmReading(self._read, self)
        self.body.setSpacing(Space.M)
        self.state = Notice(tr("Looking…"), "", Tone.MUTED, self)
        self.failure = Notice("", "", Tone.BAD, self)
        self.failure.hide()
        self.list = BackupsList(context.memory, self, may_restore=may_change)
        self.list.verify_wanted.connect(self.commands.verify)
        self.list.restore_wanted.connect(lambda backup: self.commands.restore(backup.path))
        self.form = BackupsForm(str(context.services.backup_tools.default_directory), self)
        self.previous = Notice("", "", Tone.MUTED, self)
        self.drop_button = Button(tr("Remove i&t…"), self, icon="trash", action=self._on_drop)
        self.back_button = Button(tr("&Put it back…"), self, icon="arrow-back-up", action=self._on_back)
        for button in (self.back_button, self.drop_button):
            button.setEnabled(may_change)
        self.previous.add_actions(self.back_button, self.drop_button)
        self.previous.hide()
        self._build(may_change=may_change)
        self._clock = QTimer(self)  # what is told in words such as "3 h ago" gets older
        self._clock.setInterval(_CLOCK_MILLISECONDS)
        self._clock.timeout.connect(self._tell_state)
        context.bus.changed.connect(self._on_changed)

    @property
    def is_about_to_read(self) -> bool:
        """Whether something is still to be read."""
        return self._reading.is_waiting

    def take_focus(self) -> None:
        """Give the keyboard to the button that makes a backup."""
        self.back_up_button.setFocus()

    def refresh(self) -> None:
        """Read how things stand."""
        self._reading.now()

    def show_seen(self, seen: BackupsSeen) -> None:
        """Show how things stand."""
        self.seen = seen
        self._tell_state()
        self.list.show_backups(seen.files)
        if self._failure is not None and str(self._failure.message) == str(seen.state.problem):
            self._show_failure(None)  # told at the top now, to everybody

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._clock.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._clock.stop()

    def _tell_state(self) -> None:
        seen = self.seen
        if seen is None:
            return
        every = self.form.stored().get(EVERY_KEY, "")
        self.state.show_words(*state_words(seen.state, seen.files, every=every))
        self._previous = seen.previous[0] if seen.previous else None
        self.previous.setVisible(self._previous is not None)
        if self._previous is not None:
            words = tr(
                "{name}, {size}, replaced {when}.",
                name=self._previous.name,
                size=size_words(self._previous.size_bytes),
                when=relative_time(self._previous.replaced_at),
            )
            older = len(seen.previous) - 1
            if older:
                words = f"{words} {tr_n('{n} older one is kept, too.', '{n} older ones are kept, too.', older)}"
            self.previous.show_words(tr("What the last restore replaced is still kept"), words, Tone.MUTED)

    def _build(self, *, may_change: bool) -> None:
        commands = self.commands
        self.back_up_button = Button(tr("&Back up now"), self, kind="primary", icon="backup", action=commands.back_up)
        self.file_button = Button(tr("Back up to a &file…"), self, icon="download", action=commands.back_up_to)
        self.restore_button = Button(tr("Restore from a file…"), self, icon="upload", action=commands.restore_from)
        self.restore_button.setEnabled(may_change)
        self.move_button = Button(tr("&Move to a server…"), self, icon="server-2", action=commands.move_to_server)
        self.move_button.setEnabled(may_change and self.tools.no_move is None)
        move_words = (
            translated(self.tools.no_move)
            if self.tools.no_move is not None
            else tr("Copies everything from the built-in database to a PostgreSQL server, and proves it.")
        )
        self.body.addWidget(self.state)
        self.body.addLayout(button_row(self.back_up_button, self.file_button, self.restore_button))
        self.body.addWidget(self.failure)
        self.body.addWidget(self.list)
        self.body.addWidget(self.previous)
        self.body.addWidget(separator(self))
        self.add_form(self.form)
        self.body.addWidget(separator(self))
        self.move_words = PlainLabel(move_words, self, tone=Tone.MUTED, size="small", wrap=True)
        self.body.addWidget(PlainLabel(tr("Move to a server"), self, size="label"))
        self.body.addWidget(self.move_words)
        self.body.addLayout(button_row(self.move_button))

    def _read(self) -> TaskHandle:
        return self._context.runner.run(
            read_backups(self._context.services),
            owner=self,
            on_success=self.show_seen,
            on_error=self._on_unreadable,
            replaces="settings/backups",
        )

    def _on_unreadable(self, error: UserFacingError) -> bool:
        self.state.show_words(translated(error.message), _rest(error), Tone.BAD)
        return True

    def _show_failure(self, error: UserFacingError | None) -> None:
        """Say in full what the line at the bottom has no room for."""
        self._failure = error
        self.failure.setVisible(error is not None)
        if error is not None:
            self.failure.show_words(translated(error.message), _rest(error), Tone.BAD)

    def _on_changed(self, change: Change) -> None:
        if change.topic in _TOPICS and self.isVisible():
            self._reading.soon()

    def _on_work_changed(self) -> None:
        # The buttons stay as they are: one that is switched off under the keyboard would send it elsewhere.
        if not self.commands.is_busy:
            self._reading.soon()

    def _on_back(self) -> None:
        if self._previous is not None:
            self.commands.go_back(self._previous)

    def _on_drop(self) -> None:
        if self._previous is not None:
            self.commands.drop_previous(self._previous)


def _rest(error: UserFacingError) -> str:
    """Return why it failed and what to do."""
    return " ".join(translated(part) for part in (error.detail, error.hint) if part is not None)
