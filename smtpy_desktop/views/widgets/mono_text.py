"""Monospace text that breaks anywhere, as DNS values have words longer than any window."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QEvent, QPointF, QSize, Qt
from PySide6.QtGui import QAccessible, QColor, QFont, QFontDatabase, QPainter, QPaintEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QSizePolicy, QWidget

from smtpy_desktop.core.visible_text import with_visible_overrides
from smtpy_desktop.views.theme import MONO_FAMILY
from smtpy_desktop.views.theme_tokens import FontSize, Tone, current_colors


@cache
def mono_font(size: int = FontSize.SMALL) -> QFont:
    """Return the monospace font in pixels; it is shared, so copy it before changing it."""
    font = QFont(MONO_FAMILY)
    font.setStyleHint(QFont.StyleHint.Monospace)
    if MONO_FAMILY not in QFontDatabase.families():
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPixelSize(size)
    return font


class MonoText(QWidget):
    """Plain monospace text over as many lines as it takes."""

    accessible_role = QAccessible.Role.StaticText

    def __init__(self, text: str, name: str, parent: QWidget | None = None, *, tone: Tone = Tone.TEXT) -> None:
        super().__init__(parent)
        self._text, self._name, self._tone = text, name, tone
        self._heights: dict[int, int] = {}
        self.setFont(mono_font())
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.set_text(text)

    def text(self) -> str:
        """Return the whole text."""
        return self._text

    def set_tone(self, tone: Tone) -> None:
        """Change what the text means."""
        self._tone = tone
        self.update()

    def set_text(self, text: str) -> None:
        """Show another text."""
        self._text = text
        self._heights.clear()
        self.setAccessibleName(self._name)
        self.setAccessibleDescription(text)
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        """Say that narrower means higher."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of the text broken at a width."""
        # Layouts ask for the same width again and again, and a key of 400 characters takes a while to break.
        if width not in self._heights:
            self._heights[width] = self._lay_out(width, None)
        return self._heights[width]

    def sizeHint(self) -> QSize:
        """Ask for the longest line's width."""
        lines = self._text.split("\n")
        width = max((self.fontMetrics().horizontalAdvance(line) for line in lines), default=0) + 2
        return QSize(width, self.fontMetrics().height() * len(lines))

    def minimumSizeHint(self) -> QSize:
        """Be content with a narrow column."""
        return QSize(min(80, self.sizeHint().width()), self.fontMetrics().height())

    def changeEvent(self, event: QEvent) -> None:
        """Measure again when the font changes."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._heights.clear()
            self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the lines."""
        painter = QPainter(self)
        painter.setPen(QColor(current_colors().foreground(self._tone)))
        self._lay_out(self.width(), painter)
        painter.end()

    def _lay_out(self, width: int, painter: QPainter | None) -> int:
        layout = QTextLayout(with_visible_overrides(self._text).replace("\n", "\u2028"), self.font())
        option = QTextOption(Qt.AlignmentFlag.AlignLeft)
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        layout.beginLayout()
        height = 0.0
        while (line := layout.createLine()).isValid():
            line.setLineWidth(max(width, 1))
            line.setPosition(QPointF(0, height))
            height += line.height()
        layout.endLayout()
        if painter is not None:
            layout.draw(painter, QPointF(0, 0))
        return int(height + 0.999)
