"""Filter chips: what a list is narrowed down to, seen and changed in one click."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QMenu, QSizePolicy, QWidget

from smtpy_desktop.views.theme_tokens import Metric, Tone, current_colors
from smtpy_desktop.views.widgets.buttons import on_click
from smtpy_desktop.views.widgets.painting import PillCell, paint_focus, paint_pill, paint_rounded, pill_width
from smtpy_desktop.views.widgets.texts import number, tr


class Chip(QAbstractButton):
    """A chip that is pressed, toggled (``checkable``) or opens a menu.

    An applied chip (checked, or made with ``closable``) carries a cross: pressing it takes the filter away.
    """

    def __init__(
        self,
        text: str,
        parent: QWidget | None = None,
        *,
        tone: Tone = Tone.MUTED,
        icon: str = "",
        count: int | None = None,
        checkable: bool = False,
        closable: bool = False,
        action: Callable[[], object] | None = None,
    ) -> None:
        super().__init__(parent)
        self._tone, self._icon, self._count, self._closable = tone, icon, count, closable
        self._menu: QMenu | None = None
        self._applied = False
        self.setCheckable(checkable)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setText(text)
        self.toggled.connect(self._refresh)
        self._refresh()
        if action is not None:
            on_click(self, action)

    def set_label(self, text: str, *, count: int | None = None) -> None:
        """Change the words and the count."""
        self._count = count
        self.setText(text)
        self._refresh()

    def set_menu(self, menu: QMenu) -> None:
        """Open a menu at each press."""
        menu.setParent(self, menu.windowFlags())
        self._menu = menu
        on_click(self, self._open_menu)
        self._refresh()

    @property
    def is_applied(self) -> bool:
        """Whether the chip narrows the list down now."""
        return self._closable or self._applied or self.isChecked()

    def set_applied(self, applied: bool) -> None:
        """Show whether a chip with a menu narrows the list down now."""
        self._applied = applied
        self._refresh()

    def sizeHint(self) -> QSize:
        """Return the size of the whole chip."""
        return QSize(pill_width(self._cell()), Metric.PILL_HEIGHT)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take Return like Space, and Delete to remove an applied chip."""
        removes = event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self._is_removed_by_press
        if removes or event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the chip, its hover and its focus."""
        painter = QPainter(self)
        area = QRect(0, 0, self.width(), self.height())
        paint_pill(painter, area, self._cell())
        if self.underMouse() and self.isEnabled():
            painter.setOpacity(0.06)
            paint_rounded(painter, area, current_colors().text)
            painter.setOpacity(1)
        if self.hasFocus():
            paint_focus(painter, area, self.height() / 2)
        painter.end()

    @property
    def _is_removed_by_press(self) -> bool:
        return self.is_applied and self._menu is None

    def _cell(self) -> PillCell:
        tone = Tone.ACCENT if self.is_applied and self._tone is Tone.MUTED else self._tone
        words = self.text() if self._count is None else f"{self.text()}  {number(self._count)}"
        if self._menu is not None:
            return PillCell(words, tone, self._icon, "chevron-down")
        return PillCell(words, tone, "x" if self.is_applied else self._icon)

    def _refresh(self) -> None:
        count = "" if self._count is None else f", {number(self._count)}"
        self.setAccessibleName(f"{self.text()}{count}")
        self.setAccessibleDescription(tr("Press to remove this filter") if self._is_removed_by_press else "")
        self.updateGeometry()
        self.update()

    def _open_menu(self) -> None:
        if self._menu is not None:
            self._menu.popup(self.mapToGlobal(QPoint(0, self.height() + Metric.PILL_GAP)))
