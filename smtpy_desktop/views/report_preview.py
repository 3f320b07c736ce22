"""The pages of a report on the screen: scrolled, zoomed, and walked through by keyboard."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QColor, QKeyEvent, QPainter, QPaintEvent, QPixmap, QWheelEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from smtpy_desktop.views.report_document import ReportDocument
from smtpy_desktop.views.theme_tokens import LIGHT, Space, current_colors
from smtpy_desktop.views.widgets.texts import tr

ZOOMS = (0.5, 0.65, 0.8, 1.0, 1.25, 1.5, 2.0)
_USUAL_ZOOM = 2
_KEPT_PICTURES = 4


class ReportPreview(QScrollArea):
    """Shows laid out pages; ``moved`` fires when another page or zoom is seen.

    Page keys go from page to page, Home and End to the first and last one, Ctrl with + - 0 or the wheel zooms.
    """

    moved = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Pages of the report"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setWidgetResizable(True)
        self.pages: list[PageView] = []
        self._zoom = _USUAL_ZOOM
        self._show([])
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)

    @property
    def zoom(self) -> float:
        """How large a page is shown; 1.0 is 96 pixels to the inch."""
        return ZOOMS[self._zoom]

    @property
    def page(self) -> int:
        """The page that is looked at, counted from 0: the one in the middle of what is seen."""
        middle = self.verticalScrollBar().value() + self.viewport().height() // 2
        above = [place for place, page in enumerate(self.pages) if page.y() <= middle]
        return above[-1] if above else 0

    def show_document(self, document: ReportDocument) -> None:
        """Show the pages of a laid out report from the first one."""
        pictures = _Pictures(document)
        self._show([PageView(pictures, page) for page in range(document.page_count)])
        for page in self.pages:
            page.set_zoom(self.zoom)
        self._arrange()
        self.verticalScrollBar().setValue(0)
        self.moved.emit()

    def set_zoom_step(self, step: int) -> None:
        """Show the pages in one of the sizes of ``ZOOMS``, by its place there, and stay at the same page."""
        wanted = min(max(step, 0), len(ZOOMS) - 1)
        if wanted == self._zoom:
            return
        page = self.page
        self._zoom = wanted
        for one in self.pages:
            one.set_zoom(self.zoom)
        self._arrange()
        self.go_to(page)
        self.moved.emit()

    def zoom_in(self) -> None:
        """Show the pages larger."""
        self.set_zoom_step(self._zoom + 1)

    def zoom_out(self) -> None:
        """Show the pages smaller."""
        self.set_zoom_step(self._zoom - 1)

    def go_to(self, page: int) -> None:
        """Scroll to the beginning of a page."""
        if self.pages:
            place = min(max(page, 0), len(self.pages) - 1)
            self.verticalScrollBar().setValue(self.pages[place].y() - Space.S)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            acts: dict[Qt.Key, Callable[[], None]] = {
                Qt.Key.Key_Plus: self.zoom_in,
                Qt.Key.Key_Equal: self.zoom_in,
                Qt.Key.Key_Minus: self.zoom_out,
                Qt.Key.Key_0: lambda: self.set_zoom_step(_USUAL_ZOOM),
            }
        else:
            acts = {
                Qt.Key.Key_PageDown: lambda: self.go_to(self.page + 1),
                Qt.Key.Key_PageUp: lambda: self.go_to(self.page - 1),
                Qt.Key.Key_Home: lambda: self.go_to(0),
                Qt.Key.Key_End: lambda: self.go_to(len(self.pages) - 1),
            }
        act = acts.get(Qt.Key(event.key()))
        if act is None:
            super().keyPressEvent(event)
            return
        act()
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.set_zoom_step(self._zoom + (1 if event.angleDelta().y() > 0 else -1))
            event.accept()
            return
        super().wheelEvent(event)

    def _show(self, pages: list[PageView]) -> None:
        content = QWidget(self)
        content.setObjectName("scrollContent")
        column = QVBoxLayout(content)
        column.setSpacing(Space.L)
        for page in pages:
            column.addWidget(page, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        self.pages = pages
        self._content, self._column = content, column
        self.setWidget(content)
        self._arrange()

    def _arrange(self) -> None:
        """Give every page its place now, for what is asked about it before the next paint."""
        self._column.activate()
        self._content.resize(self._content.sizeHint().expandedTo(self.viewport().size()))

    def _on_scrolled(self) -> None:
        self.moved.emit()


class _Pictures:
    """Keeps the pictures of the few pages that were painted last."""

    def __init__(self, document: ReportDocument) -> None:
        self.document = document
        self._kept: OrderedDict[tuple[int, int, int], QPixmap] = OrderedDict()

    def picture(self, page: int, size: QSize, ratio: float) -> QPixmap:
        """Return a page as a picture of that size."""
        key = (page, round(size.width() * ratio), round(size.height() * ratio))
        if key not in self._kept:
            self._kept[key] = self._painted(page, size, ratio)
            while len(self._kept) > _KEPT_PICTURES:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]

    def _painted(self, page: int, size: QSize, ratio: float) -> QPixmap:
        picture = QPixmap(size * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(QColor(LIGHT.surface))
        painter = QPainter(picture)
        # Hairlines are thinner than a pixel at most zooms: without smoothing every other one would be missing.
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        scale = size.width() / self.document.paper.width
        painter.scale(scale, scale)
        for _ in self.document.paint_page(painter, page):
            pass
        painter.end()
        return picture


class PageView(QWidget):
    """One page of paper."""

    accessible_role = QAccessible.Role.Document

    def __init__(self, pictures: _Pictures, page: int) -> None:
        super().__init__()
        self._pictures, self._page = pictures, page
        self.setAccessibleName(pictures.document.page_words(page))
        self.setAccessibleDescription("\n".join(pictures.document.pages[page].texts))

    def set_zoom(self, zoom: float) -> None:
        """Take the size of the paper times ``zoom``."""
        paper = self._pictures.document.paper
        self.setFixedSize(round(paper.width * zoom), round(paper.height * zoom))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._pictures.picture(self._page, self.size(), self.devicePixelRatioF()))
        painter.setPen(QColor(current_colors().border))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()
