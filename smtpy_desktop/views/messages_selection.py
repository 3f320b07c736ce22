"""What the context menu and the keys do with the selected messages, in memory or not."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QMenu

from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.schemas.identifiers import MessageId
from smtpy_desktop.schemas.message_bulk import MessageSelection
from smtpy_desktop.schemas.message_search import MessageQuery, SearchKey
from smtpy_desktop.schemas.messages import MessageRow
from smtpy_desktop.views.messages_actions import MessagesActions
from smtpy_desktop.views.messages_bulk_actions import MessagesBulkActions
from smtpy_desktop.views.messages_copying import MessagesCopying
from smtpy_desktop.views.messages_list import MessagesList
from smtpy_desktop.views.messages_search_bar import MessagesSearchBar
from smtpy_desktop.views.shortcuts import Shortcut
from smtpy_desktop.views.tables.row_copy import CopyForm
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.label import menu_text
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.texts import tr

_LONGEST_IN_MENU = 40


class MessagesSelection:
    """Acts on the selected rows; where not all are in memory, on the part of the search's result that they are."""

    def __init__(
        self,
        context: ViewContext,
        shown: MessagesList,
        bar: MessagesSearchBar,
        actions: MessagesActions,
        bulk: MessagesBulkActions,
        export: Callable[[], object],
    ) -> None:
        self._context, self._list, self._bar = context, shown, bar
        self._actions, self._bulk, self._export = actions, bulk, export
        self._copying = MessagesCopying(context, shown.table, export)
        shown.table.set_copier(self._copy)

    def retry(self) -> None:
        """Retry the selected messages."""
        self._act(self._actions.retry, self._bulk.retry)

    def delete(self) -> None:
        """Delete the selected messages."""
        self._act(self._actions.delete, self._bulk.delete)

    def update_status(self) -> None:
        """Give the selected messages another status."""

        def of_ids(ids: tuple[MessageId, ...]) -> None:
            if ids:
                self._bulk.update_status(MessageSelection(MessageQuery(), max(ids), ids=ids))

        self._act(of_ids, self._bulk.update_status)

    def build_menu(self, menu: QMenu) -> None:
        """Put what can be done with the selection into a menu."""
        table = self._list.table
        rows = table.selected_rows()
        can_act = table.selected_count > 0 and not self._context.services.is_read_only
        row = rows[0] if len(rows) == 1 == table.selected_count else None
        retry = menu.addAction(tr("&Retry now"), self.retry)
        status = menu.addAction(tr("Update &status…"), self.update_status)
        delete = menu.addAction(tr("&Delete"), self.delete)
        delete.setShortcut(Shortcut.DELETE.keys)
        for action in (retry, status, delete):
            action.setEnabled(can_act)
        if any(map(self._list.is_going, rows)):
            menu.addAction(tr("&Undo the deletion"), partial(self._undo, rows))
        addresses = [address for one in rows for address in (one.sender_email, one.recipient_email)]
        copy = menu.addAction(tr("Copy the &addresses"), partial(self._actions.copy_addresses, addresses))
        copy.setEnabled(bool(rows) and len(rows) == table.selected_count)
        if table.all_selected and not self._list.is_recent:
            menu.addAction(tr("&Export…"), self._export)
        if row is not None:
            menu.addSeparator()
            self._add_searches(menu, row)

    def _add_searches(self, menu: QMenu, row: MessageRow) -> None:
        sender, recipient = _in_menu(row.sender_email), _in_menu(row.recipient_email)
        only = self._bar.set_only
        if row.sender_email:
            menu.addAction(
                tr("Only from {address}", address=sender),
                partial(only, SearchKey.FROM, row.sender_email, is_exact=True),
            )
            exclude = partial(self._bar.add, SearchKey.FROM, row.sender_email, is_exact=True, is_excluded=True)
            menu.addAction(tr("Without {address}", address=sender), exclude)
        menu.addAction(
            tr("Only to {address}", address=recipient), partial(only, SearchKey.TO, row.recipient_email, is_exact=True)
        )
        domain = partial(only, SearchKey.DOMAIN, row.domain_name, is_exact=True)
        menu.addAction(tr("Only of {domain}", domain=_in_menu(row.domain_name)), domain)

    def _undo(self, rows: list[MessageRow]) -> None:
        for row in rows:
            self._actions.undo(row.id)
        self._bulk.undo()

    def _copy(self, form: CopyForm) -> bool:
        if not self._list.is_held:
            return False
        self._with_held(partial(self._copying.copy, form=form))
        return True

    def _act(
        self, with_ids: Callable[[tuple[MessageId, ...]], object], with_held: Callable[[MessageSelection], object]
    ) -> None:
        ids = self._list.selected_ids
        if ids is not None:
            with_ids(ids)
        else:
            self._with_held(with_held)

    def _with_held(self, act: Callable[[MessageSelection], object]) -> None:
        selection = self._list.selection
        if selection is not None:
            act(selection)
            return
        words = tr("The ends of the selection are still being read. Try again in a moment.")
        self._context.tell(Message(words, Tone.ACCENT, key="selection"))


def _in_menu(value: str) -> str:
    return menu_text(visible_line(value, _LONGEST_IN_MENU))
