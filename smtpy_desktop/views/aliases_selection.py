"""What is done with the selected aliases, by menu and by key."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMenu

from smtpy_desktop.schemas.aliases import AliasRow
from smtpy_desktop.views.aliases_actions import AliasesActions
from smtpy_desktop.views.aliases_list import AliasesList
from smtpy_desktop.views.copied_rows import tell_copied
from smtpy_desktop.views.row_menu import add_entry, add_switches
from smtpy_desktop.views.shortcuts import Shortcut, bind
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.texts import tr


class AliasesSelection(QObject):
    """Carries the selection of the list to the actions."""

    def __init__(self, context: ViewContext, aliases: AliasesList, actions: AliasesActions) -> None:
        super().__init__(aliases)
        self._context, self._list, self._actions = context, aliases, actions
        table = aliases.table
        table.set_menu_builder(self.build_menu)
        table.copied.connect(partial(tell_copied, context))
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
        one, can_write = count == 1, not self._context.services.is_read_only
        add_entry(menu, "pencil", tr("&Change…"), self.edit, Shortcut.RENAME.keys, enabled=one and can_write)
        add_entry(menu, "copy", tr("Copy &address") if one else tr("Copy &addresses"), self.copy_addresses)
        menu.addSeparator()
        add_switches(menu, self._list.table.selected_rows(), self.set_active, enabled=can_write)
        menu.addSeparator()
        add_entry(menu, "trash", tr("&Delete"), self.delete, Shortcut.DELETE.keys, enabled=can_write)
