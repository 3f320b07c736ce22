"""The header of a data table: calm titles, one arrow for the order."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QHeaderView, QWidget

from smtpy_desktop.views.icons import paint_icon
from smtpy_desktop.views.theme import text_font
from smtpy_desktop.views.theme_tokens import FontSize, Metric, Space, current_colors
from smtpy_desktop.views.widgets.label import text_width
from smtpy_desktop.views.widgets.mirroring import mirrored
from smtpy_desktop.views.widgets.painting import paint_text
from smtpy_desktop.views.widgets.texts import tr

_MIN_SECTION_WIDTH = 64


class SortHeader(QHeaderView):
    """Paints titles in the muted tone, the sorted one in the text tone with an arrow."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setFixedHeight(Metric.HEADER_HEIGHT)
        self.setSectionsClickable(True)
        self.setSectionsMovable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(_MIN_SECTION_WIDTH)
        self.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setAccessibleName(tr("Columns"))

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), Metric.HEADER_HEIGHT)

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        colors = current_colors()
        sorted_by = self._is_sorted_by(logicalIndex)
        painter.save()
        painter.setPen(QColor(colors.border))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        painter.setFont(self.title_font(logicalIndex))
        painter.setPen(QColor(colors.text if sorted_by else colors.muted))
        inner = rect.adjusted(Metric.CELL_PADDING, 0, -Space.S, -Metric.BORDER)
        if sorted_by:
            inner = self._paint_arrow(painter, rect, inner, self._title(logicalIndex))
        align = self.model().headerData(logicalIndex, Qt.Orientation.Horizontal, Qt.ItemDataRole.TextAlignmentRole)
        at = Qt.AlignmentFlag(align) & ~Qt.AlignmentFlag.AlignVCenter
        paint_text(painter, mirrored(inner, rect), self._title(logicalIndex), at)
        painter.restore()

    def title_font(self, section: int) -> QFont:
        """Return the font of a title; the one that the list is sorted by stands out."""
        return text_font(FontSize.SMALL, QFont.Weight.DemiBold if self._is_sorted_by(section) else QFont.Weight.Medium)

    def _is_sorted_by(self, section: int) -> bool:
        return self.isSortIndicatorShown() and self.sortIndicatorSection() == section

    def _title(self, section: int) -> str:
        return str(self.model().headerData(section, Qt.Orientation.Horizontal))

    def _paint_arrow(self, painter: QPainter, section: QRect, rect: QRect, title: str) -> QRect:
        """Paint the arrow behind the title; return the room that is left for the title."""
        ascending = self.sortIndicatorOrder() == Qt.SortOrder.AscendingOrder
        width = text_width(painter.font(), title)
        left = min(rect.left() + width + Space.XS, rect.right() - Metric.SMALL_ICON)
        top = rect.top() + (rect.height() - Metric.SMALL_ICON) // 2
        square = QRect(left, top, Metric.SMALL_ICON, Metric.SMALL_ICON)
        name = "arrow-up" if ascending else "arrow-down"
        paint_icon(painter, name, current_colors().text, mirrored(square, section))
        return rect.adjusted(0, 0, left - rect.right() - Space.XS, 0)
