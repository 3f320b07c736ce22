"""An icon on its own that follows the theme."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QAccessible, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from smtpy_desktop.views.icons import paint_icon
from smtpy_desktop.views.theme_tokens import Metric, Tone, current_colors
from smtpy_desktop.views.widgets.label import set_tooltip


class IconLabel(QWidget):
    """A painted icon; ``name`` says in words what it shows (empty: the text beside it says so already)."""

    def __init__(
        self,
        icon: str,
        tone: Tone = Tone.MUTED,
        parent: QWidget | None = None,
        *,
        size: int = Metric.ICON,
        name: str = "",
    ) -> None:
        super().__init__(parent)
        self._icon, self._tone, self._size = icon, tone, size
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_icon(icon, tone, name=name)

    @property
    def accessible_role(self) -> QAccessible.Role:
        """A picture where it says something, nothing to be told of where the text beside it does."""
        return QAccessible.Role.Graphic if self.accessibleName() else QAccessible.Role.Client

    def set_icon(self, icon: str, tone: Tone, *, name: str = "") -> None:
        """Show another icon."""
        self._icon, self._tone = icon, tone
        self.setAccessibleName(name)
        set_tooltip(self, name)
        self.update()

    def sizeHint(self) -> QSize:
        """Return the icon's size."""
        return QSize(self._size, self._size)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the icon in the theme's colour."""
        painter = QPainter(self)
        paint_icon(painter, self._icon, current_colors().foreground(self._tone), QRect(0, 0, self._size, self._size))
        painter.end()
