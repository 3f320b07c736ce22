"""The box in which a search for messages is typed: problems underlined, keys and values completed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QCompleter,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from smtpy_desktop.core.message_search_completion import Completion, complete, value_wanted
from smtpy_desktop.schemas.message_search import Problem
from smtpy_desktop.views.icons import icon
from smtpy_desktop.views.theme import text_font
from smtpy_desktop.views.theme_dress import dress
from smtpy_desktop.views.theme_tokens import FontSize, Metric, Space, Tone, current_colors
from smtpy_desktop.views.widgets.label import set_tooltip
from smtpy_desktop.views.widgets.mirroring import mirrored
from smtpy_desktop.views.widgets.mono_text import mono_font
from smtpy_desktop.views.widgets.painting import paint_text
from smtpy_desktop.views.widgets.texts import tr, translated

Index = QModelIndex | QPersistentModelIndex

_MOST_SHOWN = 9
_POPUP_WIDTH = 460
_WAVE = 2


class MessagesSearchBox(QLineEdit):
    """``values_wanted(ValueWanted)``: answer with ``offer`` what is stored. ``left``: Down or Return was pressed."""

    values_wanted = Signal(object)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._problems: tuple[Problem, ...] = ()
        self.setProperty("mono", True)
        self.setPlaceholderText(tr("Search: words, or from: to: domain: status: after: has:attachment …"))
        set_tooltip(self, self.placeholderText())
        self.setAccessibleName(tr("Search messages"))
        self.addAction(icon("search", Tone.MUTED), QLineEdit.ActionPosition.LeadingPosition)
        self._clear_text = self.addAction(icon("x", Tone.MUTED), QLineEdit.ActionPosition.TrailingPosition)
        self._clear_text.setText(tr("Clear the search"))
        self._clear_text.setVisible(False)
        self._clear_text.triggered.connect(self.clear)
        self.completions = _Completions(self)
        self._completer = QCompleter(self.completions, self)
        self._completer.setWidget(self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setMaxVisibleItems(_MOST_SHOWN)
        popup = QListView(self)
        popup.setObjectName("completions")
        popup.setAccessibleName(tr("Completions"))
        popup.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._completer.setPopup(popup)
        dress(popup)  # the completer has made it a window of its own, without a parent
        popup.setItemDelegate(_CompletionDelegate(popup))  # afterwards: the completer sets its own
        self._completer.activated.connect(self._on_chosen)
        self.textEdited.connect(self._on_edited)
        self.textChanged.connect(lambda text: self._clear_text.setVisible(bool(text)))

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Underline what was not understood."""
        self._problems = tuple(problems)
        self.update()

    def offer(self, completions: Sequence[Completion]) -> None:
        """Offer ways to go on below the box, unless the text has gone on meanwhile."""
        shown = tuple(one for one in completions if self.text()[one.start : one.end] != one.insert)
        self.completions.show(shown)
        if shown and self.hasFocus():
            self._completer.complete(QRect(0, 0, min(_POPUP_WIDTH, self.width()), self.height()))
            self.popup.setCurrentIndex(QModelIndex())  # Return searches for what is typed until one of them is chosen
        else:
            self.popup.hide()

    @property
    def popup(self) -> Any:
        """The list of completions."""
        return self._completer.popup()

    def suggest(self) -> None:
        """Offer what can be typed at the cursor."""
        wanted = value_wanted(self.text(), self.cursorPosition())
        self.offer(complete(self.text(), self.cursorPosition()))
        if wanted is not None:
            self.values_wanted.emit(wanted)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.popup.isVisible() and self._is_for_completions(event):
            event.ignore()  # the completer takes it
            return
        if event.key() == Qt.Key.Key_Space and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self.suggest()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            self.popup.hide()
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def _is_for_completions(self, event: QKeyEvent) -> bool:
        is_return = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        return event.key() == Qt.Key.Key_Escape or (is_return and self.popup.currentIndex().isValid())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() is not Qt.FocusReason.PopupFocusReason:
            self.popup.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._problems:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(current_colors().bad), 1.2))
        text, metrics = self.text(), self.fontMetrics()
        start = self.cursorRect().center().x() - metrics.horizontalAdvance(text[: self.cursorPosition()])
        bottom = self.cursorRect().bottom() + 1
        edge = Metric.ICON + 2 * Space.S
        for problem in self._problems:
            left = max(start + metrics.horizontalAdvance(text[: problem.start]), edge)
            right = min(start + metrics.horizontalAdvance(text[: problem.end]), self.width() - edge)
            _paint_wave(painter, left, max(right, left + metrics.averageCharWidth()), bottom)
        painter.end()

    def _on_edited(self) -> None:
        before = self.text()[: self.cursorPosition()]
        if before.strip() and not before.endswith(" "):
            self.suggest()
        else:
            self.popup.hide()

    def _on_chosen(self, insert: str) -> None:
        chosen = self.completions.find(insert)
        if chosen is None:
            return
        # A key is gone on with; behind a value comes the next term.
        insert = chosen.insert if chosen.insert.endswith(":") else f"{chosen.insert} "
        rest = self.text()[chosen.end :]
        self.setText(f"{self.text()[: chosen.start]}{insert}{rest.lstrip() if insert.endswith(' ') else rest}")
        self.setCursorPosition(chosen.start + len(insert))
        self.textEdited.emit(self.text())
        if insert.endswith(":"):
            self.suggest()


class _Completions(QAbstractListModel):
    """What the list shows."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._shown: tuple[Completion, ...] = ()

    def show(self, completions: Sequence[Completion]) -> None:
        self.beginResetModel()
        self._shown = tuple(completions)
        self.endResetModel()

    def at(self, row: int) -> Completion | None:
        return self._shown[row] if 0 <= row < len(self._shown) else None

    def find(self, insert: str) -> Completion | None:
        return next((one for one in self._shown if one.insert == insert), None)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - an invalid index is a constant
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        found = self.at(index.row())
        if found is None:
            return None
        if role == Qt.ItemDataRole.AccessibleDescriptionRole:
            return translated(found.hint) if found.hint is not None else ""
        return found.insert if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole) else None


class _CompletionDelegate(QStyledItemDelegate):
    """Paints what is inserted in the font of the box, and behind it what it finds."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, Metric.COMPACT_ROW_HEIGHT)  # as wide as the list is

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        colors = current_colors()
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(colors.accent_tint))
        inner = rect.adjusted(Space.M, 0, -Space.M, 0)
        painter.setFont(mono_font())
        painter.setPen(QColor(colors.text))
        paint_text(painter, mirrored(inner, rect), str(index.data()))
        hint = index.data(Qt.ItemDataRole.AccessibleDescriptionRole)
        if hint:
            left = painter.fontMetrics().horizontalAdvance(str(index.data())) + Space.L
            painter.setFont(text_font(FontSize.SMALL))
            painter.setPen(QColor(colors.muted))
            paint_text(painter, mirrored(inner.adjusted(max(left, 110), 0, 0, 0), rect), str(hint))


def _paint_wave(painter: QPainter, left: float, right: float, bottom: float) -> None:
    points, x, up = [QPointF(left, bottom)], left, True
    while x < right:
        x += _WAVE
        points.append(QPointF(min(x, right), bottom - (_WAVE if up else 0)))
        up = not up
    painter.drawPolyline(points)
