"""Copying more messages than are in memory: read in the order of the list, then put on the clipboard at once."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from smtpy_desktop.controllers import messages_bulk_controller
from smtpy_desktop.schemas.message_bulk import MessageSelection
from smtpy_desktop.schemas.messages import MessageRow
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.views.copied_rows import tell_copied
from smtpy_desktop.views.tables.data_table import DataTable
from smtpy_desktop.views.tables.row_copy import CopyForm
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.texts import number, tr

MOST_COPIED = 50_000
"""Rows that a clipboard is given; for more there is the export, which writes them to a file."""


class MessagesCopying(QObject):
    """Copies a selection in one piece, or nothing of it."""

    def __init__(self, context: ViewContext, table: DataTable[MessageRow], export: Callable[[], object]) -> None:
        super().__init__(table)
        self._context, self._table, self._export = context, table, export

    def copy(self, selection: MessageSelection, form: CopyForm) -> None:
        """Read the selection's rows and put them on the clipboard; offer the export where they are too many."""
        if self._table.selected_count > MOST_COPIED:
            words = tr("More than {n} rows do not go on the clipboard; export them instead.", n=number(MOST_COPIED))
            self._context.tell(Message(words, Tone.ACCENT, tr("Export…"), self._export, key="copied"))
            return
        progress = Progress(total=self._table.selected_count)

        def take(rows: tuple[MessageRow, ...]) -> None:
            self._table.copy_rows(rows, form)
            tell_copied(self._context, len(rows), len(rows))

        self._context.runner.run(
            messages_bulk_controller.read_selected(
                self._context.services.sessions, selection, MOST_COPIED, progress=progress
            ),
            owner=self,
            on_success=take,
            progress=progress,
            title=tr("Copying messages"),
            replaces="messages/copy",
        )
