"""The list beside the guide: its chapters, or what a search has found."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from smtpy_desktop.core.guide_text import Found, Guide, Place
from smtpy_desktop.views.theme import text_font
from smtpy_desktop.views.theme_tokens import FontSize, Metric, Space, current_colors
from smtpy_desktop.views.widgets.texts import tr

_PLACE = Qt.ItemDataRole.UserRole
_GROUP_HEIGHT = 40


class HelpContents(QListWidget):
    """``chosen(Place)``: somebody wants to read it."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("contents")
        self.setWordWrap(True)
        self.setItemDelegate(_Wrapping(self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self._is_filling = False
        self.currentItemChanged.connect(self._on_current)
        self.itemActivated.connect(self._choose)
        self.itemClicked.connect(self._choose)

    def show_chapters(self, guide: Guide, seen: Place) -> None:
        """List everything there is to read."""
        self.setAccessibleName(tr("Contents"))

        def fill() -> None:
            document = ""
            for chapter in guide.chapters:
                if chapter.document != document:
                    document = chapter.document
                    self._add_group(_document_title(document))
                self._add(chapter.title, chapter.place, chapter.place == seen)

        self._fill(fill)

    def show_found(self, found: Sequence[Found]) -> None:
        """List what a search has found, the first selected."""
        self.setAccessibleName(tr("Found in the guide"))

        def fill() -> None:
            if not found:
                self._add_group(tr("Nothing found"))
            for number, one in enumerate(found):
                self._add(one.title, one.place, number == 0)
                self.item(self.count() - 1).setFont(text_font(FontSize.BASE, QFont.Weight.DemiBold))
                if one.snippet:
                    self._add_snippet(one)

        self._fill(fill)

    def show_current(self, place: Place) -> None:
        """Mark the chapter that is read."""
        for row in range(self.count()):
            if self.item(row).data(_PLACE) == place:
                self._is_filling = True
                self.setCurrentRow(row)
                self._is_filling = False
                return

    def first_place(self) -> Place | None:
        """Return the first thing that can be read."""
        places = (self.item(row).data(_PLACE) for row in range(self.count()))
        return next((place for place in places if isinstance(place, Place)), None)

    def _fill(self, fill: Callable[[], None]) -> None:
        self._is_filling = True
        self.clear()
        fill()
        self._is_filling = False

    def _add_group(self, title: str) -> None:
        item = QListWidgetItem(title, self)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        item.setFont(text_font(FontSize.CAPTION, QFont.Weight.DemiBold))
        item.setTextAlignment(Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeading)
        item.setSizeHint(QSize(0, Metric.ROW_HEIGHT if self.count() == 1 else _GROUP_HEIGHT))

    def _add(self, words: str, place: Place, is_current: bool) -> None:
        item = QListWidgetItem(words, self)
        item.setData(_PLACE, place)
        if is_current:
            self.setCurrentItem(item)

    def _add_snippet(self, found: Found) -> None:
        """Put the words that were found below their heading; a click on them leads there, too."""
        item = QListWidgetItem(found.snippet, self)
        item.setData(_PLACE, found.place)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        item.setFont(text_font(FontSize.SMALL))
        item.setForeground(QColor(current_colors().muted))

    def _on_current(self, item: QListWidgetItem | None) -> None:
        if item is not None and not self._is_filling:
            self._choose(item)

    def _choose(self, item: QListWidgetItem) -> None:
        place = item.data(_PLACE)
        if isinstance(place, Place):
            self.chosen.emit(place)


class _Wrapping(QStyledItemDelegate):
    """Breaks lines where the padding of the style begins: Qt measures without it, and cuts off what has no room."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the room that an item needs in the width that its words really have."""
        narrowed = QStyleOptionViewItem(option)
        narrowed.rect.setWidth(option.rect.width() - 2 * Space.M)
        return super().sizeHint(narrowed, index)


def _document_title(document: str) -> str:
    return {
        "user-guide": tr("USER GUIDE"),
        "backups": tr("BACKUPS"),
        "server": tr("A MAIL SERVER WITH FORWARDERS"),
        "scaling": tr("MANY FORWARDERS"),
    }.get(document, document)
