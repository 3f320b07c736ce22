"""What the context menu and the keys do with the selected messages."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QMenu

from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.schemas.identifiers import MessageId
from smtpy_desktop.schemas.message_search import SearchKey
from smtpy_desktop.schemas.messages import MessageRow
from smtpy_desktop.views.messages_actions import MessagesActions
from smtpy_desktop.views.messages_list import MessagesList
from smtpy_desktop.views.messages_search_bar import MessagesSearchBar
from smtpy_desktop.views.shortcuts import Shortcut
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.label import menu_text
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.texts import number, tr

_LONGEST_IN_MENU = 40


class MessagesSelection:
    """Acts on the selected rows; of those that are not in memory it says so instead of leaving them out."""

    def __init__(
        self, context: ViewContext, shown: MessagesList, bar: MessagesSearchBar, actions: MessagesActions
    ) -> None:
        self._context, self._list, self._bar, self._actions = context, shown, bar, actions

    def retry(self) -> None:
        """Retry the selected messages."""
        self._actions.retry(self._ids())

    def delete(self) -> None:
        """Delete the selected messages."""
        self._actions.delete(self._ids())

    def build_menu(self, menu: QMenu) -> None:
        """Put what can be done with the selection into a menu."""
        rows = self._list.table.selected_rows()
        can_act = bool(rows) and not self._context.services.is_read_only
        row = rows[0] if len(rows) == 1 else None
        retry = menu.addAction(tr("&Retry now"), self.retry)
        retry.setEnabled(can_act)
        delete = menu.addAction(tr("&Delete"), self.delete)
        delete.setShortcut(Shortcut.DELETE.keys)
        delete.setEnabled(can_act)
        if row is not None and row.id in self._actions.going:
            menu.addAction(tr("&Undo the deletion"), partial(self._actions.undo, row.id))
        addresses = [address for one in rows for address in (one.sender_email, one.recipient_email)]
        copy = menu.addAction(tr("Copy the &addresses"), partial(self._actions.copy_addresses, addresses))
        copy.setEnabled(bool(rows))
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

    def _ids(self) -> tuple[MessageId, ...]:
        ids = self._list.selected_ids
        if ids is not None:
            return ids
        loaded = len(self._list.table.selected_rows())
        words = tr(
            "Only {n} of the {total} selected messages are in memory. Select fewer at a time.",
            n=number(loaded),
            total=number(self._list.table.selected_count),
        )
        self._context.tell(Message(words, Tone.WARN, key="selection"))
        return ()


def _in_menu(value: str) -> str:
    return menu_text(visible_line(value, _LONGEST_IN_MENU))
