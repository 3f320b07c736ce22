"""The menu of the saved views: choose one, save the present search, make one the default, import and export."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QCheckBox, QLineEdit, QMenu, QWidget

from smtpy_desktop.controllers import saved_views_controller
from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.errors import FieldError, UserFacingError
from smtpy_desktop.schemas.messages import SavedView
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.file_choice import choose_file, choose_new_file
from smtpy_desktop.views.widgets.form_field import FormField
from smtpy_desktop.views.widgets.label import menu_text
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.texts import tr, tr_n

_LONGEST_IN_MENU = 60
_FILE_NAME = "message-views.json"


class SavedViewsMenu(QObject):
    """``chosen(str)``: a search is to be shown. ``default_read(SavedView | None)``: what lists begin with."""

    chosen = Signal(str)
    default_read = Signal(object)

    def __init__(self, context: ViewContext, window: QWidget) -> None:
        super().__init__(window)
        self._context, self._window = context, window
        self._query = ""
        self.views: tuple[SavedView, ...] = ()
        self.menu = QMenu(window)
        self.menu.setAccessibleName(tr("Saved views"))
        self.menu.aboutToShow.connect(self._fill)

    def set_query(self, query: str) -> None:
        """Take the search that "Save" would save."""
        self._query = query

    def read(self) -> None:
        """Read the saved views; the default one is told."""

        def take(views: tuple[SavedView, ...]) -> None:
            self.views = views
            self.default_read.emit(next((view for view in views if view.is_default), None))

        def fail(error: UserFacingError) -> bool:
            self.default_read.emit(None)  # the list begins without one, and tells what is wrong
            return True

        work = saved_views_controller.list_views(self._context.services.sessions)
        self._context.runner.run(work, owner=self, on_success=take, on_error=fail, replaces="messages/views")

    def open_save(self) -> SaveViewDialog:
        """Open the dialog that saves the present search under a name."""
        dialog = SaveViewDialog(self._context, self._query, self._window)
        dialog.saved.connect(self._on_saved)
        dialog.open()
        return dialog

    def rename(self, view: SavedView) -> SaveViewDialog:
        """Open the dialog that gives a view another name."""
        dialog = SaveViewDialog(self._context, view.query, self._window, view)
        dialog.saved.connect(self._on_saved)
        dialog.open()
        return dialog

    def delete(self, view: SavedView) -> None:
        """Delete a view; the message that says so offers to take it back."""
        services = self._context.services

        def undo() -> None:
            self._run(
                saved_views_controller.save_view(
                    services.sessions, view.name, view.query, replace=True, publish=services.publish
                )
            )

        words = tr("The view {name} was deleted.", name=view.name)
        message = Message(words, Tone.OK, tr("Undo"), undo, key="views")
        self._run(saved_views_controller.delete_view(services.sessions, view.id, publish=services.publish), message)

    def set_default(self, view: SavedView | None) -> None:
        """Let the page begin with a view, or with all messages."""
        services = self._context.services
        view_id = view.id if view is not None else None
        words = tr("The page begins with {name} from now on.", name=view.name) if view is not None else ""
        self._run(
            saved_views_controller.set_default(services.sessions, view_id, publish=services.publish),
            Message(words or tr("The page begins with all messages from now on."), key="views"),
        )

    def export_to(self, path: Path) -> None:
        """Write all views into a file."""

        def take(content: str) -> None:
            try:
                path.write_text(content, encoding="utf-8")
            except OSError as error:
                reason = error.strerror or str(error)
                words = tr("{path} could not be written: {reason}", path=path, reason=reason)
                self._context.tell(Message(words, Tone.BAD, key="views"))
                return
            self._context.tell(Message(tr("The views were written to {path}.", path=path), key="views"))

        work = saved_views_controller.export_views(self._context.services.sessions)
        self._context.runner.run(work, owner=self, on_success=take)

    def import_from(self, path: Path) -> None:
        """Read views out of a file."""
        try:
            content = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or tr("it is no text")
            words = tr("{path} could not be read: {reason}", path=path, reason=reason)
            self._context.tell(Message(words, Tone.BAD, key="views"))
            return

        def take(count: int) -> None:
            words = tr_n("{n} view was imported.", "{n} views were imported.", count)
            self._context.tell(Message(words, key="views"))
            self.read()

        services = self._context.services
        work = saved_views_controller.import_views(services.sessions, content, publish=services.publish)
        self._context.runner.run(work, owner=self, on_success=take)

    def _fill(self) -> None:
        menu = self.menu
        menu.clear()
        can_act = not self._context.services.is_read_only
        menu.addAction(tr("&All messages"), partial(self.chosen.emit, ""))
        for view in self.views:
            name = menu_text(visible_line(view.name, _LONGEST_IN_MENU))
            title = tr("{name} (default)", name=name) if view.is_default else name
            menu.addAction(title, partial(self.chosen.emit, view.query))
        menu.addSeparator()
        menu.addAction(tr("&Save this search…"), self.open_save).setEnabled(can_act)
        if self.views:
            self._add_choice(tr("Begin with"), self.set_default, can_act=can_act)
            self._add_choice(tr("Rename"), self.rename, can_act=can_act)
            self._add_choice(tr("Delete"), self.delete, can_act=can_act)
        menu.addSeparator()
        menu.addAction(tr("&Import views…"), self._ask_import).setEnabled(can_act)
        menu.addAction(tr("&Export views…"), self._ask_export).setEnabled(bool(self.views))

    def _add_choice(self, title: str, act: Callable[[SavedView], object], *, can_act: bool) -> None:
        menu = self.menu.addMenu(title)
        menu.setEnabled(can_act)
        if act == self.set_default:
            menu.addAction(tr("All messages"), partial(self.set_default, None))
        for view in self.views:
            menu.addAction(menu_text(visible_line(view.name, _LONGEST_IN_MENU)), partial(act, view))

    def _ask_import(self) -> None:
        choose_file(self._window, tr("Import views"), lambda path: self.import_from(Path(path)), "JSON (*.json)")

    def _ask_export(self) -> None:
        dialog = choose_new_file(self._window, _FILE_NAME)
        dialog.fileSelected.connect(lambda path: self.export_to(Path(path)))

    def _on_saved(self, name: str) -> None:
        self._context.tell(Message(tr("The view {name} was saved.", name=name), key="views"))
        self.read()

    def _run(self, work: Coroutine[Any, Any, Any], message: Message | None = None) -> None:
        def take(_result: object) -> None:
            if message is not None:
                self._context.tell(message)
            self.read()

        self._context.runner.run(work, owner=self, on_success=take)


class SaveViewDialog(Dialog):
    """Asks for the name of a view; ``saved(str)`` gives it once it was saved."""

    saved = Signal(str)

    def __init__(self, context: ViewContext, query: str, parent: QWidget | None, view: SavedView | None = None) -> None:
        title = tr("Save this search") if view is None else tr("Rename a view")
        super().__init__(parent, title, visible_line(query, 200) or tr("All messages"))
        self._context, self._query, self._view = context, query, view
        self.name = QLineEdit(view.name if view is not None else "", self)
        self.field = FormField(tr("&Name"), self.name, parent=self)
        self.content.addWidget(self.field)
        self.replace = QCheckBox(tr("&Replace the view of that name"), self)
        self.replace.hide()
        self.content.addWidget(self.replace)
        self.save_button = Button(tr("Save"), self, kind="primary", action=self._save)
        self.save_button.setDefault(True)
        self.set_buttons(Button(tr("Cancel"), self, action=self.reject), self.save_button)
        self.name.setFocus()

    def _save(self) -> None:
        services, name = self._context.services, self.name.text()
        if self._view is None:
            work: Coroutine[Any, Any, Any] = saved_views_controller.save_view(
                services.sessions, name, self._query, replace=self.replace.isChecked(), publish=services.publish
            )
        else:
            work = saved_views_controller.rename_view(services.sessions, self._view.id, name, publish=services.publish)
        self._context.runner.run(
            work,
            owner=self,
            on_success=self._on_saved,
            on_error=self._on_error,
        )

    def _on_saved(self, _result: object) -> None:
        self.saved.emit(" ".join(self.name.text().split()))
        self.accept()

    def _on_error(self, error: UserFacingError) -> bool:
        if not isinstance(error, FieldError):
            return False
        self.field.show_error(error)
        self.replace.setVisible(error.code == "VIEW_EXISTS" and self._view is None)
        self.fit_height()
        return True
