"""The frame of every start page: one column of limited width in the middle, scrolled where the window is small."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from smtpy_desktop.views.icons import app_icon
from smtpy_desktop.views.theme_tokens import Space

_PICTURE = 48


class StartFrame(QScrollArea):
    """``column`` is for the page to fill; with ``centered`` it stands in the middle of the height, too."""

    def __init__(self, width: int, parent: QWidget | None = None, *, centered: bool = False) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        content = QWidget(self)
        content.setObjectName("scrollContent")
        outer = QHBoxLayout(content)
        outer.setContentsMargins(Space.XXL, Space.XXL, Space.XXL, Space.XXL)
        middle = QWidget(content)
        middle.setMaximumWidth(width)
        middle.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        outer.addStretch(1)
        outer.addWidget(middle, 1000)
        outer.addStretch(1)
        around = QVBoxLayout(middle)
        around.setContentsMargins(0, 0, 0, 0)
        self.column = QVBoxLayout()
        self.column.setSpacing(Space.M)
        if centered:
            around.addStretch(2)
        around.addLayout(self.column)
        around.addStretch(3)
        self.setWidget(content)


class ProductPicture(QWidget):
    """The program's own icon."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(_PICTURE, _PICTURE)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        app_icon().paint(painter, self.rect())
        painter.end()
