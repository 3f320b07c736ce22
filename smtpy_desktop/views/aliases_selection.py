"""What is done with the selected aliases, by menu and by key."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMenu

from smtpy_desktop.schemas.aliases import AliasRow
from smtpy_desktop.views.aliases_actions import AliasesActions
from smtpy_desktop.views.aliases_list import AliasesList
from smtpy_desktop.views.icons import icon
from smtpy_desktop.views.shortcuts import Shortcut, bind
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.texts import number, tr, tr_n


class AliasesSelection(QObject):
    """Carries the selection of the list to the actions."""

    def __init__(self, context: ViewContext, aliases: AliasesList, actions: AliasesActions) -> None:
        super().__init__(aliases)
        self._context, self._list, self._actions = context, aliases, actions
        table = aliases.table
        table.set_menu_builder(self.build_menu)
        table.copied.connect(self._tell_copied)
        in_table = Qt.ShortcutContext.WidgetShortcut
        bind(table, Shortcut.DELETE.keys, self.delete, in_table)
        bind(table, Shortcut.RENAME.keys, self.edit, in_table)

    def edit(self) -> None:
        """Open the dialog of the selected alias."""
        row = self._list.table.current_row()
        if row is not None and self._list.table.selected_count == 1:
            self.edit_row(row)

    def edit_row(self, row: AliasRow) -> None:
        """Open the dialog of an alias."""
        if not self._context.services.is_read_only:
            self._actions.edit(row)

    def set_active(self, active: bool) -> None:
        """Switch the selected aliases on or off."""
        self._list.with_selected_ids(lambda ids: self._actions.set_active(ids, active=active))

    def delete(self) -> None:
        """Delete the selected aliases."""
        self._list.with_selected_ids(self._actions.delete)

    def copy_addresses(self) -> None:
        """Copy the addresses of the selected aliases, one per line."""
        self._actions.copy_addresses([row.unicode_address for row in self._list.table.selected_rows()])

    def build_menu(self, menu: QMenu) -> None:
        """Put everything that can be done with the selection into a menu."""
        count = self._list.table.selected_count
        if not count:
            return
        rows = self._list.table.selected_rows()
        can_write = not self._context.services.is_read_only
        change = menu.addAction(icon("pencil", Tone.MUTED), tr("&Change…"), self.edit)
        change.setShortcut(Shortcut.RENAME.keys)
        change.setEnabled(count == 1 and can_write)
        menu.addAction(
            icon("copy", Tone.MUTED), tr("Copy &address") if count == 1 else tr("Copy &addresses"), self.copy_addresses
        )
        menu.addSeparator()
        if any(not row.is_active for row in rows):
            on = menu.addAction(icon("player-play", Tone.MUTED), tr("Ac&tivate"), partial(self.set_active, True))
            on.setEnabled(can_write)
        if any(row.is_active for row in rows):
            off = menu.addAction(icon("player-pause", Tone.MUTED), tr("Deac&tivate"), partial(self.set_active, False))
            off.setEnabled(can_write)
        menu.addSeparator()
        delete = menu.addAction(icon("trash", Tone.MUTED), tr("&Delete"), self.delete)
        delete.setShortcut(Shortcut.DELETE.keys)
        delete.setEnabled(can_write)

    def _tell_copied(self, copied: int, selected: int) -> None:
        words = tr_n("Copied {n} row.", "Copied {n} rows.", copied)
        if copied < selected:
            words = tr("Copied {copied} of {selected} rows.", copied=number(copied), selected=number(selected))
        self._context.tell(Message(words, Tone.OK if copied == selected else Tone.WARN, key="copied"))
