"""The list of aliases: what is asked for, the table, and which aliases are meant by an action."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtWidgets import QWidget

from smtpy_desktop.controllers import aliases_controller
from smtpy_desktop.schemas.aliases import AliasQuery, AliasRow, AliasSort
from smtpy_desktop.schemas.identifiers import AliasId
from smtpy_desktop.schemas.paging import Position
from smtpy_desktop.views.aliases_columns import alias_columns
from smtpy_desktop.views.tables.keyed_list import SHAPE_STEP, SortedList
from smtpy_desktop.views.tables.list_reader import DeliverPage, DeliverShape
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.texts import tr

TakeIds = Callable[[tuple[AliasId, ...]], object]


class AliasesList(SortedList[AliasRow]):
    """Reveals an alias that was asked for as soon as it is among the rows that are read."""

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        super().__init__(context, alias_columns(), tr("Aliases"), "aliases", parent)
        self._query: AliasQuery = AliasQuery(organization_id=context.choice.chosen)
        self._revealing: AliasId | None = None
        self.sort_as_remembered(AliasSort.ADDRESS)

    @property
    def query(self) -> AliasQuery:
        """What is asked for now."""
        return self._query

    def show_query(self, query: AliasQuery) -> None:
        """List other aliases in the same order, from the top."""
        self._query = replace(query, sort=self._query.sort, descending=self._query.descending)
        self.model.reload(keep=False)

    def reveal(self, alias_id: AliasId) -> None:
        """Select an alias as soon as it is among the rows that are read."""
        self._revealing = alias_id
        if not self.model.is_loading and self.table.select_id(alias_id):
            self._revealing = None

    def with_selected_ids(self, take: TakeIds) -> None:
        """Call ``take`` with the selected aliases, at once or after asking for those that are not in memory."""
        rows = self.table.selected_rows()
        if len(rows) == self.table.selected_count:
            take(tuple(row.id for row in rows))
            return
        work = aliases_controller.list_ids(self._context.services.sessions, self._query)
        pick = self.picker()
        self._context.runner.run(work, owner=self, on_success=lambda ids: take(pick(ids)))

    def _read_page(self, position: Position, limit: int, deliver: DeliverPage[AliasRow]) -> None:
        work = aliases_controller.list_aliases(self._context.services.sessions, self._query, position, limit)
        self.read(work, deliver, f"page/{position.key}")

    def _read_shape(self, deliver: DeliverShape) -> None:
        work = aliases_controller.list_shape(self._context.services.sessions, self._query, SHAPE_STEP)
        self.read(work, deliver, "shape")

    def _on_loaded(self) -> None:
        if self._revealing is not None and self.table.select_id(self._revealing):
            self._revealing = None
        super()._on_loaded()
