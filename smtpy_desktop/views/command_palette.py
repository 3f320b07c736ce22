"""The search box of the top bar: pages, commands and whatever a provider finds, in one list under it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from smtpy_desktop.views import icons
from smtpy_desktop.views.theme import text_font
from smtpy_desktop.views.theme_dress import dress
from smtpy_desktop.views.theme_tokens import FontSize, Metric, Radius, Space, Tone, current_colors
from smtpy_desktop.views.widgets.label import set_tooltip, text_width
from smtpy_desktop.views.widgets.mirroring import mirrored
from smtpy_desktop.views.widgets.painting import paint_text
from smtpy_desktop.views.widgets.single_shot import single_shot
from smtpy_desktop.views.widgets.texts import tr

_MOST_ROWS_SEEN = 9
_ASK_AFTER_MILLISECONDS = 120
_ENTRY_ROLE = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True, slots=True)
class PaletteEntry:
    """Something to jump to or to do."""

    title: str
    run: Callable[[], object]
    icon: str = "chevron-right"
    kind: str = ""
    keywords: str = ""

    def matches(self, words: Sequence[str]) -> bool:
        """Say whether every word occurs in the title or the keywords."""
        haystack = f"{self.title} {self.keywords}".casefold()
        return all(word in haystack for word in words)


DeliverEntries = Callable[[Sequence[PaletteEntry]], None]
SearchProvider = Callable[[str, DeliverEntries], object]


class SearchBox(QLineEdit):
    """Opens the palette while it has the focus; Up, Down, Return and Esc work on the list, the rest is typing.

    The provider is asked a moment after the last key; an answer to an older text is dropped.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("search")
        self.setPlaceholderText(tr("Search or jump to…"))
        set_tooltip(self, self.placeholderText())
        self.setAccessibleName(tr("Search or jump to"))
        self.addAction(icons.icon("search", Tone.MUTED), QLineEdit.ActionPosition.LeadingPosition)
        self._fixed: Callable[[], Sequence[PaletteEntry]] = tuple
        self._providers: tuple[SearchProvider, ...] = ()
        self._found: dict[int, Sequence[PaletteEntry]] = {}
        self._asked = 0
        self._popup: PalettePopup | None = None
        self._ask_soon = single_shot(self, self._ask_provider, _ASK_AFTER_MILLISECONDS)
        self.textChanged.connect(self._on_text_changed)

    def set_entries(self, entries: Callable[[], Sequence[PaletteEntry]]) -> None:
        """Give the pages and commands, asked for each time that the palette opens."""
        self._fixed = entries

    def set_provider(self, provider: SearchProvider, *last: SearchProvider) -> None:
        """Give the search for everything else, such as domains by name; what ``last`` find is listed at the end."""
        self._providers = (provider, *last)

    @property
    def shown_entries(self) -> list[PaletteEntry]:
        """What the palette lists now."""
        return [] if self._popup is None or self._popup.isHidden() else self._popup.entries()

    def open(self) -> None:
        """Take the focus and show the list."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()
        self._refresh()

    def hide_palette(self) -> None:
        """Hide the list."""
        if self._popup is not None:
            self._popup.hide()

    def close_palette(self) -> None:
        """Hide the list and forget what was typed."""
        self.clear()
        self.hide_palette()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() is not Qt.FocusReason.ActiveWindowFocusReason:
            self._refresh()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if self._popup is not None and event.reason() is not Qt.FocusReason.PopupFocusReason:
            self._popup.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        popup = self._popup
        if popup is None or popup.isHidden():
            super().keyPressEvent(event)
            return
        match event.key():
            case Qt.Key.Key_Down | Qt.Key.Key_Up:
                popup.move_by(1 if event.key() == Qt.Key.Key_Down else -1)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._run(popup.current_entry())
            case _:
                super().keyPressEvent(event)

    def _on_text_changed(self) -> None:
        self._asked += 1
        self._found = {}
        if self.text().strip() and self._providers:
            self._ask_soon.start()
        if self.hasFocus():
            self._refresh()

    def _ask_provider(self) -> None:
        asked = self._asked

        def deliver(place: int, entries: Sequence[PaletteEntry]) -> None:
            if asked == self._asked:
                self._found[place] = tuple(entries)
                if self.hasFocus():
                    self._refresh()

        for place, provider in enumerate(self._providers):
            provider(self.text().strip(), partial(deliver, place))

    def _refresh(self) -> None:
        words = self.text().casefold().split()
        entries = [entry for entry in self._fixed() if entry.matches(words)]
        first = self._found.get(0, ())
        last = [entry for place, found in sorted(self._found.items()) if place for entry in found]
        if self._popup is None:
            self._popup = PalettePopup(self.window(), self._run)
        self._popup.show_entries([*first, *entries, *last], below=self)

    def _run(self, entry: PaletteEntry | None) -> None:
        if entry is not None:
            self.close_palette()
            self.clearFocus()
            entry.run()


class PalettePopup(QFrame):
    """The list under the search box; it never takes the focus."""

    def __init__(self, window: QWidget, run: Callable[[PaletteEntry], object]) -> None:
        super().__init__(window)
        self._window = window
        self.setObjectName("popup")
        dress(self)
        self.setAccessibleName(tr("Results"))
        self._list = QListWidget(self)
        self._list.setObjectName("paletteList")
        self._list.setAccessibleName(tr("Results"))
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setItemDelegate(_EntryDelegate(self._list))
        self._list.setMouseTracking(True)
        self._list.itemEntered.connect(self._list.setCurrentItem)
        self._list.itemClicked.connect(lambda item: run(item.data(_ENTRY_ROLE)))
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.XS, Space.XS, Space.XS, Space.XS)
        column.addWidget(self._list)
        self.hide()

    def entries(self) -> list[PaletteEntry]:
        """Return what is listed; nothing where the list says that nothing was found."""
        found = (self._list.item(row).data(_ENTRY_ROLE) for row in range(self._list.count()))
        return [entry for entry in found if isinstance(entry, PaletteEntry)]

    def current_entry(self) -> PaletteEntry | None:
        """Return the entry that Return would run."""
        item = self._list.currentItem()
        entry: object = item.data(_ENTRY_ROLE) if self._list.count() else None
        return entry if isinstance(entry, PaletteEntry) else None

    def move_by(self, step: int) -> None:
        """Go up or down, from the end back to the start."""
        count = self._list.count()
        if count:
            self._list.setCurrentRow((self._list.currentRow() + step) % count)

    def show_entries(self, entries: Sequence[PaletteEntry], *, below: QWidget) -> None:
        """List entries under a widget; without any, say so."""
        self._list.clear()
        for entry in entries:
            item = QListWidgetItem(entry.title, self._list)
            item.setData(_ENTRY_ROLE, entry)
        if not entries:
            QListWidgetItem(tr("Nothing found"), self._list).setFlags(Qt.ItemFlag.NoItemFlags)
        self._list.setCurrentRow(0)
        rows = min(max(self._list.count(), 1), _MOST_ROWS_SEEN)
        width = max(below.width(), Metric.PALETTE_WIDTH)
        self.resize(width, rows * Metric.PALETTE_ROW_HEIGHT + 2 * Space.XS + 2 * Metric.BORDER)
        corner = below.mapTo(self._window, QPoint(0, below.height() + Space.XS))
        self.move(corner - QPoint((width - below.width()) // 2, 0))
        self.show()
        self.raise_()


class _EntryDelegate(QStyledItemDelegate):
    """Paints icon, title and, at the end, what kind of thing it is."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, Metric.PALETTE_ROW_HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        colors = current_colors()
        rect: QRect = option.rect
        entry = index.data(_ENTRY_ROLE)
        painter.save()
        if QStyle.StateFlag.State_Selected in option.state:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colors.accent_tint))
            painter.drawRoundedRect(rect, Radius.SMALL, Radius.SMALL)
        inner = rect.adjusted(Space.M, 0, -Space.M, 0)
        painter.setFont(text_font(FontSize.SMALL))
        painter.setPen(QColor(colors.muted))
        if isinstance(entry, PaletteEntry):
            top = rect.top() + (rect.height() - Metric.ICON) // 2
            square = QRect(inner.left(), top, Metric.ICON, Metric.ICON)
            icons.paint_icon(painter, entry.icon, colors.muted, mirrored(square, rect))
            inner.setLeft(inner.left() + Metric.ICON + Space.M)
            width = text_width(painter.font(), entry.kind)
            kind_rect = QRect(inner.right() - width, inner.top(), width, inner.height())
            paint_text(painter, mirrored(kind_rect, rect), entry.kind, Qt.AlignmentFlag.AlignRight)
            inner.setRight(inner.right() - width - Space.M)
            painter.setPen(QColor(colors.text))
        painter.setFont(text_font())
        paint_text(painter, mirrored(inner, rect), str(index.data()))
        painter.restore()
