"""What is done with the selected domains, by menu and by key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMenu

from smtpy_desktop.schemas.identifiers import DomainId
from smtpy_desktop.views.copied_rows import tell_copied
from smtpy_desktop.views.domains_actions import DomainsActions
from smtpy_desktop.views.domains_list import DomainsList
from smtpy_desktop.views.row_menu import add_entry, add_switches
from smtpy_desktop.views.shortcuts import Shortcut, bind
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.texts import tr, tr_n


class DomainsSelection(QObject):
    """Carries the selection of the list to the actions."""

    def __init__(self, context: ViewContext, domains: DomainsList, actions: DomainsActions) -> None:
        super().__init__(domains)
        self._context, self._list, self._actions = context, domains, actions
        table = domains.table
        table.set_menu_builder(self.build_menu)
        table.copied.connect(partial(tell_copied, context))
        in_table = Qt.ShortcutContext.WidgetShortcut
        bind(table, Shortcut.DELETE.keys, self.ask_to_delete, in_table)
        bind(table, Shortcut.RENAME.keys, self.open_settings, in_table)

    def verify(self) -> None:
        """Verify the selected domains."""
        self._list.with_selected_ids(self._actions.verify)

    def set_active(self, active: bool) -> None:
        """Switch the selected domains on or off."""
        self._list.with_selected_ids(lambda ids: self._actions.set_active(ids, active=active))

    def copy_names(self) -> None:
        """Copy the names of the selected domains, one per line."""
        self._actions.copy_names([row.unicode_name for row in self._list.table.selected_rows()])

    def open_settings(self) -> None:
        """Open the settings of the selected domain."""
        self._with_one(self._actions.open_settings)

    def open_history(self) -> None:
        """Open the past checks of the selected domain."""
        self._with_one(self._actions.open_history)

    def ask_to_delete(self) -> None:
        """Open the question whether the selected domain is to be deleted."""
        if self._list.table.selected_count > 1:
            self._actions.tell_delete_one_by_one()
        elif not self._context.services.is_read_only:
            self._with_one(self._actions.ask_to_delete)

    def build_menu(self, menu: QMenu) -> None:
        """Put everything that can be done with the selection into a menu."""
        count = self._list.table.selected_count
        if not count:
            return
        one, can_write = count == 1, not self._context.services.is_read_only
        verify = tr("&Verify") if one else tr_n("&Verify {n} domain", "&Verify {n} domains", count)
        add_entry(menu, "refresh", verify, self.verify, Shortcut.VERIFY.keys, enabled=can_write)
        add_entry(menu, "copy", tr("Copy &name") if one else tr("Copy &names"), self.copy_names)
        menu.addSeparator()
        add_switches(menu, self._list.table.selected_rows(), self.set_active, enabled=can_write)
        settings = tr("&Settings…")
        add_entry(menu, "settings", settings, self.open_settings, Shortcut.RENAME.keys, enabled=one and can_write)
        add_entry(menu, "history", tr("&History…"), self.open_history, enabled=one)
        menu.addSeparator()
        add_entry(menu, "trash", tr("&Delete…"), self.ask_to_delete, Shortcut.DELETE.keys, enabled=one and can_write)

    def _with_one(self, act: Callable[[DomainId], object]) -> None:
        def take(ids: Sequence[DomainId]) -> None:
            if len(ids) == 1:
                act(ids[0])

        if self._list.table.selected_count == 1:
            self._list.with_selected_ids(take)
