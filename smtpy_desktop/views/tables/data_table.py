"""The table of every list page: whole-row selection, sort by header or key, columns to choose, copy in four forms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPersistentModelIndex, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from smtpy_desktop.views.shortcuts import Shortcut, bind
from smtpy_desktop.views.tables.cell_delegate import CellDelegate
from smtpy_desktop.views.tables.column_fit import needed_width
from smtpy_desktop.views.tables.column_memory import ColumnMemory
from smtpy_desktop.views.tables.keyed_table_model import KeyedTableModel
from smtpy_desktop.views.tables.row_copy import CopyForm, rows_as_text
from smtpy_desktop.views.tables.row_painter import RowPainter, SeenRows
from smtpy_desktop.views.tables.sort_header import SortHeader
from smtpy_desktop.views.theme_tokens import Metric, Radius
from smtpy_desktop.views.widgets.label import menu_text
from smtpy_desktop.views.widgets.painting import paint_focus
from smtpy_desktop.views.widgets.remembered import Store
from smtpy_desktop.views.widgets.texts import tr

Row = TypeVar("Row")
MenuBuilder = Callable[[QMenu], None]
Copier = Callable[[CopyForm], bool]

_WALKING = (Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Up, Qt.Key.Key_Down)


class DataTable(QTableView, Generic[Row]):
    """Shows a ``KeyedTableModel``. ``name`` is the table's accessible name, ``key`` where its columns are remembered.

    ``row_opened(row object)``: Return or a double click. ``details_wanted``: Space. ``find_typed(str)``: the user
    started typing. ``selection_changed``: other rows are selected or current. ``copied(copied, selected)``: rows were
    put on the clipboard; fewer than selected when some of them were not in memory. ``keeps_top``: rows added above the
    first one do not move what is read, not even while nothing is scrolled out.
    """

    row_opened = Signal(object)
    details_wanted = Signal()
    find_typed = Signal(str)
    selection_changed = Signal()
    copied = Signal(int, int)

    def __init__(
        self, model: KeyedTableModel[Row], name: str, key: str, store: Store, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._menu_builder: MenuBuilder | None = None
        self._copier: Copier | None = None
        self._top_row: QPersistentModelIndex | None = None
        self._top_number = -1
        self.keeps_top = False
        self._sorted = (-1, False)
        self.setObjectName("dataTable")
        self.setAccessibleName(name)
        self._set_up_view()
        header = SortHeader(self)
        self.setHorizontalHeader(header)
        self._rows = RowPainter(model, header)
        self.setModel(model)
        self._set_up_header(header)
        self.memory = ColumnMemory(header, model.columns, f"tables/{key}", store, self)
        self._set_up_signals(header)

    # Selection

    def selected_ranges(self) -> list[tuple[int, int]]:
        """Return the selected rows as (first, last), in order and without overlaps."""
        spans = sorted((item.top(), item.bottom()) for item in self.selectionModel().selection().toList())
        merged: list[tuple[int, int]] = []
        for first, last in spans:
            if merged and first <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
            else:
                merged.append((first, last))
        return merged

    @property
    def selected_count(self) -> int:
        """How many rows are selected, in memory or not."""
        return sum(last - first + 1 for first, last in self.selected_ranges())

    @property
    def all_selected(self) -> bool:
        """Whether every row of the list is selected (then act on the query, not on the rows)."""
        count = self._model.rowCount()
        return count > 0 and self.selected_count == count

    def selected_rows(self) -> list[Row]:
        """Return the selected row objects that are in memory; compare their number with ``selected_count``."""
        return [row for span in self.selected_ranges() for _, row in self._model.loaded_rows(*span)]

    def current_row(self) -> Row | None:
        """Return the row object that has the cursor."""
        index = self.currentIndex()
        return self._model.row(index.row()) if index.isValid() else None

    def select_id(self, row_id: int) -> bool:
        """Select the row with an id and scroll to it; False when it is not in memory."""
        number = self._model.number_of(row_id)
        if number is None:
            return False
        index = self._model.index(number, max(0, self.horizontalHeader().logicalIndex(0)))
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.selectionModel().setCurrentIndex(index, flags)
        return True

    # Look and behaviour that pages may set

    def set_menu_builder(self, builder: MenuBuilder) -> None:
        """Let the page put its actions at the top of the context menu, each time that it opens."""
        self._menu_builder = builder

    def set_copier(self, copier: Copier) -> None:
        """Let the page copy what is selected; the table does it where ``copier`` returns False."""
        self._copier = copier

    def set_compact(self, *, compact: bool) -> None:
        """Choose between the two row heights."""
        height = Metric.COMPACT_ROW_HEIGHT if compact else Metric.ROW_HEIGHT
        self.verticalHeader().setDefaultSectionSize(height)

    def content_height(self, most_rows: int) -> int:
        """Return the height of the header and of the rows that there are, up to a number of them."""
        rows = min(self._model.rowCount(), most_rows)
        return Metric.HEADER_HEIGHT + rows * self.verticalHeader().defaultSectionSize()

    def show_sort(self, column_id: str, *, descending: bool) -> None:
        """Show the order that the page has asked for."""
        self._sorted = (self._section_of(column_id), descending)
        self._show_sorted()

    def copy_selection(self, form: CopyForm = CopyForm.TSV) -> None:
        """Put the selected rows on the clipboard, or let the page do it where they are not in memory."""
        if self._copier is not None and self._copier(form):
            return
        rows = self.selected_rows()
        if rows:
            self.copy_rows(rows, form)
            self.copied.emit(len(rows), self.selected_count)

    def copy_rows(self, rows: Sequence[Row], form: CopyForm) -> None:
        """Put rows on the clipboard, the visible columns in the order in which they are seen."""
        header = self.horizontalHeader()
        seen = [header.logicalIndex(visual) for visual in range(header.count())]
        columns = [self._model.columns[section] for section in seen if not header.isSectionHidden(section)]
        QGuiApplication.clipboard().setText(rows_as_text(columns, rows, form))

    # Qt

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Space if not event.modifiers():
                self.details_wanted.emit()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._open(self.currentIndex())
            case _ if event == QKeySequence.StandardKey.Copy:
                self.copy_selection()
            case key:
                super().keyPressEvent(event)
                if key in _WALKING:
                    # Qt scrolls to a row only when it was not the current one: Home after a drag would do nothing.
                    self.scrollTo(self.currentIndex())

    def keyboardSearch(self, search: str) -> None:
        """Hand typing over to the page's filter: a list of millions cannot be searched here."""
        if search.strip():
            self.find_typed.emit(search)

    def moveCursor(self, cursorAction: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        """Make Home and End go to the first and the last row, as rows are what is selected here."""
        column = max(self.currentIndex().column(), 0)
        if cursorAction is QAbstractItemView.CursorAction.MoveHome:
            return self._model.index(0, column)
        if cursorAction is QAbstractItemView.CursorAction.MoveEnd:
            return self._model.index(self._model.rowCount() - 1, column)
        return super().moveCursor(cursorAction, modifiers)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)  # data reads as it is written
        self._rows.paint(painter, event.rect(), self._seen_rows(event.rect()), self.selectionModel())
        index = self.currentIndex()
        if self.hasFocus() and index.isValid():
            cell = self.visualRect(index)
            row = QRect(0, cell.top(), self.viewport().width(), cell.height())
            paint_focus(painter, row.adjusted(1, 0, -1, -1), Radius.SMALL)
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._set_hovered(self.rowAt(event.position().toPoint().y()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._set_hovered(-1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._stretch_column()
        self._tell_visible_rows()

    # Set-up

    def _set_up_view(self) -> None:
        self.setItemDelegate(CellDelegate(self._model, self))
        # Scrolling then moves what is there; where something may shine through, Qt paints all rows anew.
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setMouseTracking(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        for corner in self.findChildren(QAbstractButton):
            corner.setAccessibleName(tr("Select everything"))
        rows = self.verticalHeader()
        rows.setAccessibleName(tr("Rows"))
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(Metric.COMPACT_ROW_HEIGHT)
        rows.setDefaultSectionSize(Metric.ROW_HEIGHT)

    def _set_up_header(self, header: QHeaderView) -> None:
        header.setSortIndicatorShown(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self._stretched = next((n for n, column in enumerate(self._model.columns) if column.stretch), -1)

    def _set_up_signals(self, header: QHeaderView) -> None:
        header.sectionClicked.connect(self._sort_by)
        header.customContextMenuRequested.connect(self._open_column_menu)
        self.customContextMenuRequested.connect(self._open_menu)
        header.sectionResized.connect(self._stretch_column)
        self.doubleClicked.connect(self._open)
        self.verticalScrollBar().valueChanged.connect(self._tell_visible_rows)
        self.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self.selectionModel().currentRowChanged.connect(self._on_selection_changed)
        self._model.layoutAboutToBeChanged.connect(self._keep_top_row)
        self._model.layoutChanged.connect(self._restore_top_row)
        self._model.modelReset.connect(self._tell_visible_rows)
        self._model.loaded.connect(self._tell_visible_rows)
        focused = Qt.ShortcutContext.WidgetShortcut
        bind(self, Shortcut.SORT.keys, self._sort_by_current_column, focused)
        bind(self, Shortcut.COLUMNS.keys, self._open_column_menu_by_key, focused)
        bind(self, Shortcut.MENU.keys, self._open_menu_by_key, focused)

    def _stretch_column(self) -> None:
        """Give one column the room that the others leave, but never less than its own width (Qt's mode would)."""
        if self._stretched < 0:
            return
        header = self.horizontalHeader()
        others = header.length() - header.sectionSize(self._stretched)
        column = self._model.columns[self._stretched]
        width = max(column.min_width, needed_width(column), self.viewport().width() - others)
        if width != header.sectionSize(self._stretched):
            header.resizeSection(self._stretched, width)

    # Sorting

    def _section_of(self, column_id: str) -> int:
        return next((n for n, column in enumerate(self._model.columns) if column.id == column_id), -1)

    def _sort_by(self, section: int) -> None:
        if 0 <= section < len(self._model.columns) and self._model.columns[section].sortable:
            self._sorted = (section, self._sorted == (section, False))
            self._show_sorted()
            self._model.sort(section, self.horizontalHeader().sortIndicatorOrder())
        else:
            self._show_sorted()

    def _show_sorted(self) -> None:
        """Show the order that holds: Qt moves the arrow at every click, also on columns that cannot be sorted."""
        section, descending = self._sorted
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        self.horizontalHeader().setSortIndicator(section, order)

    def _sort_by_current_column(self) -> None:
        self._sort_by(self.currentIndex().column())

    # Menus

    def _open_menu_by_key(self) -> None:
        self._open_menu(self.visualRect(self.currentIndex()).center())

    def _open_menu(self, position: QPoint) -> None:
        self.build_menu().popup(self.viewport().mapToGlobal(position))

    def build_menu(self) -> QMenu:
        """Return the context menu: the page's actions, then those of every table."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self._menu_builder is not None:
            self._menu_builder(menu)
            menu.addSeparator()
        copy = menu.addAction(tr("&Copy"), self.copy_selection)
        copy.setShortcut(Shortcut.COPY.keys)
        as_menu = menu.addMenu(tr("Copy &as"))
        for form in CopyForm:
            as_menu.addAction(form.value, partial(self.copy_selection, form))
        for action in (copy, as_menu.menuAction()):
            action.setEnabled(self.selected_count > 0)
        return menu

    def _open_column_menu_by_key(self) -> None:
        self._open_column_menu(QPoint(Metric.CELL_PADDING, Metric.HEADER_HEIGHT))

    def _open_column_menu(self, position: QPoint) -> None:
        menu = self.build_column_menu(self.horizontalHeader().logicalIndexAt(position))
        menu.popup(self.horizontalHeader().mapToGlobal(position))

    def build_column_menu(self, section: int = -1) -> QMenu:
        """Return a menu to sort by a column and to choose which columns are shown."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if 0 <= section < len(self._model.columns) and self._model.columns[section].sortable:
            title = menu_text(self._model.columns[section].title)
            menu.addAction(tr("Sort by {column}", column=title), partial(self._sort_by, section))
            menu.addSeparator()
        for number, column in enumerate(self._model.columns):
            action = menu.addAction(menu_text(column.title))
            action.setCheckable(True)
            action.setChecked(not self.memory.is_hidden(number))
            action.setEnabled(not column.required)
            action.toggled.connect(partial(self._show_column, number))
        menu.addSeparator()
        menu.addAction(tr("&Reset columns"), self.memory.reset)
        return menu

    def _show_column(self, section: int, shown: bool) -> None:
        self.memory.set_hidden(section, hidden=not shown)

    # Keeping things in place

    def _tell_visible_rows(self) -> None:
        first = max(0, self.rowAt(0))
        last = self.rowAt(self.viewport().height() - 1)
        self._model.set_visible_rows(first, last if last >= 0 else self._model.rowCount() - 1)

    def reset(self) -> None:
        """Begin at the top: another list stands in the place of the one that was scrolled."""
        super().reset()
        self.scrollToTop()

    def dataChanged(self, first: Any, last: Any, roles: Sequence[int] = ()) -> None:
        """Paint again only when something is seen of it: pages that are read ahead are not."""
        seen = self._seen_rows(self.viewport().rect())
        if first.row() <= seen.last and last.row() >= seen.first:
            super().dataChanged(first, last, roles)

    def _seen_rows(self, area: QRect) -> SeenRows:
        """Return the rows that lie in an area; all of them are equally high."""
        first = max(0, self.rowAt(area.top()))
        last = self.rowAt(area.bottom())
        top, height = self.rowViewportPosition(first), self.verticalHeader().defaultSectionSize()
        return SeenRows(first, last if last >= 0 else self._model.rowCount() - 1, top, height)

    def _keep_top_row(self) -> None:
        """Remember which row is at the top, so that rows added before it do not move what is read."""
        number = self.rowAt(0)
        scrolled = self.verticalScrollBar().value() > 0 or self.keeps_top
        self._top_row = QPersistentModelIndex(self._model.index(number, 0)) if scrolled and number >= 0 else None
        self._top_number = number

    def _restore_top_row(self) -> None:
        top, self._top_row = self._top_row, None
        if top is not None and top.isValid() and top.row() != self._top_number:
            self.updateGeometries()  # the bar's range must know of the new rows
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + (top.row() - self._top_number) * self.verticalHeader().defaultSectionSize())

    def _set_hovered(self, row: int) -> None:
        if row == self._rows.hovered_row:
            return
        rows = (self._rows.hovered_row, row)
        self._rows.hovered_row = row
        for each in rows:
            if each >= 0:
                top, height = self.rowViewportPosition(each), self.rowHeight(each)
                self.viewport().update(0, top, self.viewport().width(), height)

    def _open(self, index: QModelIndex) -> None:
        row: Any = self._model.row(index.row()) if index.isValid() else None
        if row is not None:
            self.row_opened.emit(row)

    def _on_selection_changed(self) -> None:
        self.selection_changed.emit()
        self.viewport().update()
