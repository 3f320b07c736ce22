"""A table model over a list of any length, read by key: true length, few pages in memory, no I/O of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from smtpy_desktop.schemas.paging import Key, Page
from smtpy_desktop.views.icons import icon
from smtpy_desktop.views.tables.columns import Column
from smtpy_desktop.views.tables.list_reader import ListReader
from smtpy_desktop.views.tables.list_reload import ListReload
from smtpy_desktop.views.tables.paged_rows import PagedRows
from smtpy_desktop.views.widgets.label import plain_tooltip
from smtpy_desktop.views.widgets.single_shot import single_shot

Row = TypeVar("Row")
Index = QModelIndex | QPersistentModelIndex

ROW_ROLE = Qt.ItemDataRole.UserRole + 1
SORT_ROLE = Qt.ItemDataRole.UserRole + 2
CELL_ROLE = Qt.ItemDataRole.UserRole + 3
ID_ROLE = Qt.ItemDataRole.UserRole + 4

_PAGE_SIZE = 200
_PAGES_KEPT = 40
_PAGES_SOUGHT = 8
_COALESCE_MILLISECONDS = 10
_RELOAD_GAP_MILLISECONDS = 200
_RETRY_MILLISECONDS = 2000
_MOST_IN_FLIGHT = 3
_LOOK_AHEAD_ROWS = 60
_NO_INDEX = QModelIndex()


class KeyedTableModel(QAbstractTableModel, Generic[Row]):
    """Shows the rows that a ``ListReader`` reads.

    The first page is shown as soon as it is there, then the shape gives the true length; rows on their way are blank.
    ``sort_requested(column id, descending)``: the page changes its query and calls ``reload(keep=False)``.
    ``loading_changed(bool)``: the list is being read anew. ``loaded``: it was, and everything seen is there.
    ``failed``: it could not be read; what was shown before still is.
    """

    sort_requested = Signal(str, bool)
    loading_changed = Signal(bool)
    loaded = Signal()
    failed = Signal()

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        reader: ListReader[Row],
        parent: Any = None,
        *,
        page_size: int = _PAGE_SIZE,
        pages_kept: int = _PAGES_KEPT,
    ) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self._reader = reader
        self._page_size, self._pages_kept = page_size, pages_kept
        self._rows: PagedRows[Row] = PagedRows(page_size, pages_kept)
        self._count = 0
        self._reload: ListReload[Row] | None = None
        self._reload_again = False
        self._generation = 0
        self._in_flight: set[int] = set()
        self._missed: dict[int, None] = {}
        self._visible = (0, -1)
        self._fetch_soon = single_shot(self, self._fetch_missed, _COALESCE_MILLISECONDS)
        self._retry = single_shot(self, lambda: self.set_visible_rows(*self._visible), _RETRY_MILLISECONDS)
        self._reload_gap = single_shot(self, self._reload_if_asked_again, _RELOAD_GAP_MILLISECONDS)

    # What the view asks

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else self._count

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a row shows in a column; nothing while it is on its way."""
        if not index.isValid():
            return None
        row = self.row(index.row())
        return None if row is None else _cell_data(self.columns[index.column()], row, role, self, index)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tooltip(column.title)  # in a narrow column only its beginning is seen
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let every row be selected and none be edited."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Ask the page for another order; the model itself never sorts."""
        if 0 <= column < len(self.columns) and self.columns[column].sortable:
            self.sort_requested.emit(self.columns[column].id, order == Qt.SortOrder.DescendingOrder)

    # Rows

    def row(self, number: int) -> Row | None:
        """Return a row object, or None while it is on its way (it is then asked for)."""
        if not 0 <= number < self._count:
            return None
        row = self._rows.row(number)
        if row is None:
            self._miss(number // self._page_size)
        return row

    def row_id(self, number: int) -> int | None:
        """Return the id of a row, or None while it is not there."""
        return self._rows.row_id(number)

    def key(self, number: int) -> Key | None:
        """Return a row's place in the sorted list, or None while it is not there."""
        return self._rows.key(number)

    def number_of(self, row_id: int) -> int | None:
        """Return the number of the row with an id, or None when it is not among the pages in memory."""
        number = self._rows.number_of(row_id)
        return number if number is not None and number < self._count else None

    def loaded_rows(self, first: int, last: int) -> Iterator[tuple[int, Row]]:
        """Yield number and object of the rows from ``first`` to ``last`` that are in memory."""
        return self._rows.loaded(first, min(last, self._count - 1))

    def set_visible_rows(self, first: int, last: int) -> None:
        """Take from the view what is seen; the pages around it are read ahead."""
        self._visible = (first, last)
        for page in self._rows.pages_of(first - _LOOK_AHEAD_ROWS, last + _LOOK_AHEAD_ROWS):
            if not self._rows.has_page(page):
                self._miss(page)

    def update_row(self, row_id: int, row: Row) -> None:
        """Show another state of one row at once, without reading anything."""
        number = self.number_of(row_id)
        if number is not None:
            self._rows.replace(number, row)
            self.dataChanged.emit(self.index(number, 0), self.index(number, len(self.columns) - 1))

    # Reading

    @property
    def is_loading(self) -> bool:
        """Whether the list is being read anew."""
        return self._reload is not None

    def set_reader(self, reader: ListReader[Row]) -> None:
        """Read another list from now on; call ``reload(keep=False)`` next."""
        self._reader = reader

    def reload(self, *, keep: bool = True) -> None:
        """Read the list anew.

        With ``keep`` (after a change) selection and scroll position stay with their rows, and a burst of calls is one
        reading; without it (after another sort or filter) the list starts at its top. What is shown stays until then.
        """
        if keep and (self.is_loading or self._reload_gap.isActive()):
            self._reload_again = True
            return
        self._start_reload(keep=keep and self._count > 0)

    def _start_reload(self, *, keep: bool) -> None:
        if self._reload is not None:
            self._reload.stop()
        self._reload_again = False
        rows: PagedRows[Row] = PagedRows(self._page_size, self._pages_kept)
        self._reload = ListReload(
            self._reader,
            rows,
            visible=self._visible if keep else (0, -1),
            seek=self._rows_to_seek() if keep else None,
            on_first_page=_nothing if keep else partial(self._switch_to, rows),
            on_shape=_nothing if keep else self._take_true_length,
            on_ready=partial(self._on_ready, rows, keep=keep),
            on_failed=self._on_failed,
        )
        self._reload_gap.start()
        self.loading_changed.emit(True)
        self._reload.start()

    def _switch_to(self, rows: PagedRows[Row]) -> None:
        self.beginResetModel()
        self._adopt(rows)
        self._count = rows.total
        self.endResetModel()

    def _take_true_length(self) -> None:
        self._resize(self._rows.total)

    def _on_ready(self, rows: PagedRows[Row], *, keep: bool) -> None:
        if keep:
            self._move_over_to(rows)
        self._end_reload()
        self.set_visible_rows(*self._visible)  # what could not be read before the keys in the middle were known
        self.loaded.emit()

    def _on_failed(self) -> None:
        self._end_reload()
        self.failed.emit()

    def _end_reload(self) -> None:
        self._reload = None
        self.loading_changed.emit(False)

    def _reload_if_asked_again(self) -> None:
        if self._reload_again and self.is_loading:
            self._reload_gap.start()
        elif self._reload_again:
            self._start_reload(keep=True)

    def _rows_to_seek(self) -> dict[int, int]:
        """Ids and numbers of the rows that somebody holds on to: selected, current, or at the top of the view."""
        sought: dict[int, int] = {}
        pages: set[int] = set()
        numbers = dict.fromkeys([self._visible[0], *(index.row() for index in self.persistentIndexList())])
        for number in numbers:
            row_id = self._rows.row_id(number) if number >= 0 else None
            page = number // self._page_size
            if row_id is not None and (page in pages or len(pages) < _PAGES_SOUGHT):
                pages.add(page)
                sought[row_id] = number
        return sought

    def _move_over_to(self, rows: PagedRows[Row]) -> None:
        """Show other rows while every persistent index follows the row that it stands for."""
        old = self._rows
        if self._stand_as_before(rows):
            self._adopt(rows)
            self._tell_changed_rows(old)
            return
        self._resize(max(self._count, rows.total))
        self.layoutAboutToBeChanged.emit()
        self._adopt(rows)
        before = self.persistentIndexList()
        self.changePersistentIndexList(before, [self._index_of(old.row_id(i.row()), i.column()) for i in before])
        self.layoutChanged.emit()
        self._resize(rows.total)

    def _stand_as_before(self, rows: PagedRows[Row]) -> bool:
        """Say whether all rows that are seen or held on to are where they were."""
        held = {*range(self._visible[0], self._visible[1] + 1), *(index.row() for index in self.persistentIndexList())}
        numbers = [number for number in held if 0 <= number < self._count]
        ids = [self._rows.row_id(number) for number in numbers]
        return rows.total == self._count and None not in ids and ids == [rows.row_id(number) for number in numbers]

    def _tell_changed_rows(self, old: PagedRows[Row]) -> None:
        """Have those of the seen rows painted again that have changed: to paint them all costs many times as much."""
        last_column = len(self.columns) - 1
        for number in range(max(self._visible[0], 0), min(self._visible[1] + 1, self._count)):
            if self._rows.row(number) != old.row(number):
                self.dataChanged.emit(self.index(number, 0), self.index(number, last_column))

    def _index_of(self, row_id: int | None, column: int) -> QModelIndex:
        number = None if row_id is None else self._rows.number_of(row_id)
        return QModelIndex() if number is None or number >= self._rows.total else self.index(number, column)

    def _adopt(self, rows: PagedRows[Row]) -> None:
        self._rows = rows
        self._generation += 1
        self._in_flight.clear()
        self._missed.clear()

    def _resize(self, count: int) -> None:
        if count > self._count:
            self.beginInsertRows(QModelIndex(), self._count, count - 1)
            self._count = count
            self.endInsertRows()
        elif count < self._count:
            self.beginRemoveRows(QModelIndex(), count, self._count - 1)
            self._count = count
            self.endRemoveRows()

    # Pages on demand

    def _miss(self, page: int) -> None:
        if page not in self._in_flight and not self._rows.has_page(page):
            self._missed.pop(page, None)
            self._missed[page] = None
            if not self._fetch_soon.isActive():
                self._fetch_soon.start()

    def _fetch_missed(self) -> None:
        if self.is_loading and not self._rows.is_rough:
            return  # what is missing then is asked for when the new rows are painted
        # Only what was looked at last: pages that a quick scroll has left behind are not worth reading.
        newest = list(self._missed)[-_MOST_IN_FLIGHT:]
        self._missed = dict.fromkeys(newest)
        while newest and len(self._in_flight) < _MOST_IN_FLIGHT:
            page = newest.pop()
            del self._missed[page]
            request = self._rows.request_for(page)
            if request is not None:
                self._in_flight.add(page)
                take = partial(self._take_page, (self._generation, self._rows.total), page, request.skip)
                self._reader.read_page(request.position, request.limit, take)

    def _take_page(self, state: tuple[int, int], number: int, skip: int, page: Page[Row] | None) -> None:
        if state[0] != self._generation:
            return
        self._in_flight.discard(number)
        if state[1] != self._rows.total:
            self._miss(number)  # it was counted from another end of the list
            return
        if page is not None:
            self._rows.put(number, Page(page.rows[skip:], page.keys[skip:]))
            first = number * self._page_size
            last = min(first + self._page_size, self._count) - 1
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(self.columns) - 1))
        else:
            self._retry.start()  # rows that are seen must not stay blank
        if self._missed:
            self._fetch_soon.start()


def _nothing() -> None:
    return


def _alignment(column: Column[Any]) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column.align_end else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _cell_data(column: Column[Row], row: Row, role: int, model: KeyedTableModel[Row], index: Index) -> Any:
    match role:
        case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
            return column.text(row)
        case Qt.ItemDataRole.ToolTipRole:
            return plain_tooltip(column.tooltip_text(row)) or None
        case Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        case Qt.ItemDataRole.DecorationRole:
            spec = column.icon(row) if column.icon is not None else None
            return icon(*spec) if spec is not None else None
        case _ if role == ROW_ROLE:
            return row
        case _ if role == SORT_ROLE:
            return column.native(row)
        case _ if role == CELL_ROLE:
            return column.cell(row) if column.cell is not None else None
        case _ if role == ID_ROLE:
            return model.row_id(index.row())
    return None
