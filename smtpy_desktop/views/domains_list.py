"""The list of domains: what is asked for, the table, and which rows are meant by an action."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHeaderView, QWidget

from smtpy_desktop.controllers import domains_controller
from smtpy_desktop.schemas.domains import DomainQuery, DomainRow, DomainSort
from smtpy_desktop.schemas.identifiers import DomainId, OrganizationId
from smtpy_desktop.schemas.paging import Position
from smtpy_desktop.views.domains_columns import (
    ORGANIZATION,
    ORGANIZATION_WIDTHS,
    RECORDS,
    RECORDS_WIDTHS,
    domain_columns,
)
from smtpy_desktop.views.domains_filters import DomainFilters
from smtpy_desktop.views.tables.data_table import DataTable
from smtpy_desktop.views.tables.keyed_list import SHAPE_STEP, SortedList
from smtpy_desktop.views.tables.keyed_table_model import KeyedTableModel
from smtpy_desktop.views.tables.list_reader import DeliverPage, DeliverShape
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.remembered import Store
from smtpy_desktop.views.widgets.texts import tr

TakeIds = Callable[[tuple[DomainId, ...]], object]


class DomainsList(SortedList[DomainRow]):
    """``not_listed(DomainId)``: what was to be revealed is not in the list."""

    not_listed = Signal(int)

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        super().__init__(context, domain_columns(), tr("Domains"), "domains", parent, make_table=DomainsTable)
        self.table: DomainsTable
        self._query: DomainQuery = DomainQuery()
        self._anchor: tuple[DomainId, int] | None = None
        self._revealing: DomainId | None = None
        self.sort_as_remembered(DomainSort.NAME)

    # What is listed

    @property
    def query(self) -> DomainQuery:
        """What is asked for now."""
        return self._query

    def show_filtered(self, filters: DomainFilters, organization_id: OrganizationId | None) -> None:
        """List other domains, from the top."""
        self._query = replace(filters.applied_to(self._query), organization_id=organization_id)
        self.model.reload(keep=False)

    def show_organizations(self, *, shown: bool) -> None:
        """Show or hide the column that says whose a domain is."""
        section = next(n for n, column in enumerate(self.model.columns) if column.id == ORGANIZATION)
        self.table.memory.set_hidden(section, hidden=not shown)
        self.table.fit_columns()

    # Which rows are meant

    @property
    def selected_ids_known(self) -> tuple[DomainId, ...] | None:
        """The selected domains, or None when some of them are not in memory."""
        rows = self.table.selected_rows()
        return tuple(row.id for row in rows) if len(rows) == self.table.selected_count else None

    def with_selected_ids(self, take: TakeIds) -> None:
        """Call ``take`` with the selected domains, at once or after asking for those that are not in memory."""
        known = self.selected_ids_known
        if known is not None:
            take(known)
            return
        pick = self.picker()
        self.with_listed_ids(lambda ids: take(pick(ids)))

    def with_listed_ids(self, take: TakeIds) -> None:
        """Call ``take`` with every domain that is listed, in the order of the list."""
        work = domains_controller.list_ids(self._context.services.sessions, self._query)
        self._context.runner.run(work, owner=self, on_success=take)

    def reveal(self, domain_id: DomainId) -> None:
        """Select a domain and scroll to it as soon as it is listed."""
        self._revealing = domain_id
        if not self.model.is_loading:
            self._go_to(domain_id)

    # Reading

    def _read_page(self, position: Position, limit: int, deliver: DeliverPage[DomainRow]) -> None:
        work = domains_controller.list_domains(self._context.services.sessions, self._query, position, limit)
        self.read(work, deliver, f"page/{position.key}")

    def _read_shape(self, deliver: DeliverShape) -> None:
        work = domains_controller.list_shape(self._context.services.sessions, self._query, SHAPE_STEP)
        self.read(work, deliver, "shape")

    # Selection

    def _on_selection_changed(self) -> None:
        index = self.table.currentIndex()
        row_id = self.model.row_id(index.row()) if index.isValid() else None
        if row_id is not None and self.table.selected_count:
            self._anchor = (DomainId(row_id), index.row())
        elif self.model.is_loading:
            return  # rows come and go while the list is read; what stays selected is seen afterwards
        elif not self.table.selected_count:
            self._anchor = None
        self.selection_changed.emit()

    def _on_loaded(self) -> None:
        wanted = self._revealing
        if wanted is not None:
            self._go_to(wanted)
        elif not self.table.selected_count and self.model.rowCount():
            self._select_again()
        self.loaded.emit()
        self.selection_changed.emit()

    def _select_again(self) -> None:
        """Select what was selected before, or what has taken its place."""
        if self._anchor is None:
            self.select_number(0)
        elif not self.table.select_id(self._anchor[0]):
            self.select_number(min(self._anchor[1], self.model.rowCount() - 1))

    def _go_to(self, domain_id: DomainId) -> None:
        if self.table.select_id(domain_id):
            self._revealing = None
        else:
            self.with_listed_ids(partial(self._go_to_number, domain_id))

    def _go_to_number(self, domain_id: DomainId, ids: tuple[DomainId, ...]) -> None:
        if self._revealing != domain_id:
            return
        if domain_id not in ids:
            self._revealing = None
            self.not_listed.emit(domain_id)
        elif len(ids) <= self.model.rowCount():  # otherwise a reload is on its way, which will look again
            self._revealing = None
            self._anchor = (domain_id, ids.index(domain_id))
            self.select_number(ids.index(domain_id))


class DomainsTable(DataTable[DomainRow]):
    """The table, with columns that give way where the window is narrow."""

    def __init__(
        self, model: KeyedTableModel[DomainRow], name: str, key: str, store: Store, parent: QWidget | None = None
    ) -> None:
        super().__init__(model, name, key, store, parent)
        self._sections = {column.id: section for section, column in enumerate(model.columns)}
        self.horizontalHeader().setSectionResizeMode(self._sections[RECORDS], QHeaderView.ResizeMode.Fixed)

    def fit_columns(self) -> None:
        """Make the organization narrower, and leave the labels of the marks out, where there is no room for them."""
        header = self.horizontalHeader()
        organization, records = self._sections[ORGANIZATION], self._sections[RECORDS]
        name = next(column for column in self.model().columns if column.stretch)
        spare = self.viewport().width() - header.length() + header.sectionSize(self._sections[name.id]) - name.min_width
        spare += header.sectionSize(records) - RECORDS_WIDTHS[0]
        if not header.isSectionHidden(organization):
            width = header.sectionSize(organization)
            if spare < 0:
                header.resizeSection(organization, max(ORGANIZATION_WIDTHS[0], width + spare))
            elif width < ORGANIZATION_WIDTHS[1]:
                header.resizeSection(organization, min(ORGANIZATION_WIDTHS[1], width + spare))
            spare -= header.sectionSize(organization) - width
        header.resizeSection(records, RECORDS_WIDTHS[spare >= RECORDS_WIDTHS[1] - RECORDS_WIDTHS[0]])
        self._stretch_column()

    def model(self) -> KeyedTableModel[DomainRow]:
        """Return the model with its own type."""
        return self._model

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.fit_columns()
        super().resizeEvent(event)
