"""What can be done with aliases: switch on and off, delete, copy, export, open their dialogs; each with its undo."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from smtpy_desktop.controllers import alias_lists_controller, aliases_controller
from smtpy_desktop.schemas.aliases import AliasQuery, AliasRow
from smtpy_desktop.schemas.identifiers import AliasId
from smtpy_desktop.schemas.rules import DeletedAliases
from smtpy_desktop.views.alias_dialog import AliasDialog
from smtpy_desktop.views.aliases_import_dialog import AliasesImportDialog
from smtpy_desktop.views.aliases_list import TakeIds
from smtpy_desktop.views.domain_choice_button import OneDomain
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.confirm import confirm_in_production
from smtpy_desktop.views.widgets.file_choice import choose_new_file
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.texts import tr, tr_n

_FILE_NAME = "aliases.csv"


class AliasesActions(QObject):
    """``saved(AliasRow)``: an alias was added or changed in its dialog, and is to be seen."""

    saved = Signal(object)

    def __init__(self, context: ViewContext, window: QWidget) -> None:
        super().__init__(window)
        self._context, self._window = context, window

    # Dialogs

    def add(self, domain: OneDomain | None, typed: str = "") -> AliasDialog:
        """Open the dialog that adds an alias; a name without "@" belongs to ``domain``."""
        dialog = AliasDialog(self._context, self._window, domain=domain, typed=typed)
        dialog.saved.connect(self._on_added)
        dialog.open()
        return dialog

    def edit(self, alias: AliasRow) -> AliasDialog:
        """Open the dialog that changes an alias."""
        dialog = AliasDialog(self._context, self._window, alias=alias)
        dialog.saved.connect(self._on_changed)
        dialog.open()
        return dialog

    def import_list(self, domain: OneDomain | None, *, from_file: bool) -> AliasesImportDialog:
        """Open the dialog that takes a whole list in."""
        dialog = AliasesImportDialog(self._context, self._window, domain=domain)
        dialog.imported.connect(self._on_imported)
        dialog.open()
        if from_file:
            dialog.choose_file()
        return dialog

    def export(self, query: AliasQuery) -> QFileDialog:
        """Ask where to, and write what is listed as CSV."""
        dialog = choose_new_file(self._window, _FILE_NAME)
        dialog.fileSelected.connect(lambda path: self._export(query, path))
        return dialog

    # Switching and deleting

    def set_active(self, ids: Sequence[AliasId], *, active: bool) -> None:
        """Switch aliases on or off; undo touches only those that changed."""
        if not ids or self._context.services.is_read_only:
            return

        def tell(changed: tuple[AliasId, ...]) -> None:
            if changed:
                self._tell_switched(changed, active=active)
            else:
                words = tr("They were active already.") if active else tr("They were inactive already.")
                self._context.tell(Message(words, key="alias-active"))

        def switch() -> None:
            self._switch(ids, active=active, then=tell)

        if active:
            switch()
            return
        confirm_in_production(
            self._window,
            tr_n("Deactivate {n} alias?", "Deactivate {n} aliases?", len(ids)),
            tr("Mail to what is inactive is refused."),
            tr("Deactivate"),
            switch,
        )

    def delete(self, ids: Sequence[AliasId]) -> None:
        """Delete aliases; undo adds them again as they were."""
        if ids and not self._context.services.is_read_only:
            confirm_in_production(
                self._window,
                tr_n("Delete {n} alias?", "Delete {n} aliases?", len(ids)),
                tr("Mail to what is deleted is refused, or taken by the domain's catch-all."),
                tr("Delete"),
                lambda: self._delete(ids),
            )

    def _delete(self, ids: Sequence[AliasId]) -> None:
        services = self._context.services
        self._context.runner.run(
            aliases_controller.delete_aliases(services.sessions, ids, actor=services.actor, publish=services.publish),
            owner=self,
            on_success=self._tell_deleted,
        )

    def copy_addresses(self, addresses: Sequence[str]) -> None:
        """Put addresses on the clipboard, one per line."""
        if addresses:
            QGuiApplication.clipboard().setText("\n".join(addresses))
            words = tr_n("Copied {n} address.", "Copied {n} addresses.", len(addresses))
            self._context.tell(Message(words, key="copied"))

    def _switch(self, ids: Sequence[AliasId], *, active: bool, then: TakeIds) -> None:
        services = self._context.services
        self._context.runner.run(
            aliases_controller.set_active(
                services.sessions, ids, active=active, actor=services.actor, publish=services.publish
            ),
            owner=self,
            on_success=then,
        )

    def _tell_switched(self, ids: tuple[AliasId, ...], *, active: bool) -> None:
        words = (
            tr_n("Activated {n} alias.", "Activated {n} aliases.", len(ids))
            if active
            else tr_n(
                "Deactivated {n} alias: its mail is refused now.",
                "Deactivated {n} aliases: their mail is refused now.",
                len(ids),
            )
        )
        undone = Message(tr_n("{n} alias is as before.", "{n} aliases are as before.", len(ids)), key="alias-active")

        def undo() -> None:
            self._switch(ids, active=not active, then=lambda changed: self._context.tell(undone))

        self._context.tell(Message(words, action_text=tr("Undo"), action=undo, key="alias-active"))

    def _tell_deleted(self, gone: DeletedAliases) -> None:
        if not gone.rows:
            return
        words = (
            tr("{address} was deleted.", address=gone.rows[0].unicode_address)
            if len(gone.rows) == 1
            else tr_n("{n} alias was deleted.", "{n} aliases were deleted.", len(gone.rows))
        )
        message = Message(words, action_text=tr("Undo"), action=lambda: self._restore(gone), key="alias-deleted")
        self._context.tell(message)

    def _restore(self, gone: DeletedAliases) -> None:
        services = self._context.services
        words = tr_n("{n} alias is back.", "{n} aliases are back.", len(gone.rows))
        self._context.runner.run(
            aliases_controller.restore_aliases(services.sessions, gone, actor=services.actor, publish=services.publish),
            owner=self,
            on_success=lambda ids: self._context.tell(Message(words, key="alias-deleted")),
        )

    def _export(self, query: AliasQuery, path: str) -> None:
        services = self._context.services

        def tell(count: int) -> None:
            words = tr_n("Wrote {n} alias to {path}.", "Wrote {n} aliases to {path}.", count, path=path)
            self._context.tell(Message(words, key="alias-export"))

        self._context.runner.run(
            alias_lists_controller.save_aliases(services.sessions, query, Path(path), files=services.files),
            owner=self,
            on_success=tell,
            title=tr("Exporting aliases"),
        )

    def _on_added(self, alias: AliasRow) -> None:
        self.saved.emit(alias)
        self._context.tell(Message(tr("{address} was added.", address=alias.unicode_address), key="alias-saved"))

    def _on_changed(self, alias: AliasRow) -> None:
        self.saved.emit(alias)
        self._context.tell(Message(tr("{address} was saved.", address=alias.unicode_address), key="alias-saved"))

    def _on_imported(self, added: int, changed: int, refused: int) -> None:
        words = [tr_n("{n} alias added", "{n} aliases added", added)]
        if changed:
            words.append(tr_n("{n} changed", "{n} changed", changed))
        if refused:
            words.append(tr_n("{n} line left out", "{n} lines left out", refused))
        self._context.tell(Message(", ".join(words) + ".", key="alias-imported"))
