"""The bundled outline icons, tinted with the theme's colours when they are painted."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

from smtpy_desktop.views.resource_files import resource_path
from smtpy_desktop.views.theme_tokens import Tone, current_colors
from smtpy_desktop.views.widgets.mirroring import is_mirrored, mirrored

_STATUS_ICONS = {
    Tone.OK: "circle-check",
    Tone.WARN: "alert-triangle",
    Tone.BAD: "x",
    Tone.ACCENT: "info-circle",
    Tone.MUTED: "clock",
}
# They point along the line of reading, and so the other way where it runs from right to left.
_POINTING = frozenset(
    ("arrow-back-up", "chevron-left", "chevron-right", "external-link", "file-export", "list", "mail-forward", "route")
)


def status_icon_name(tone: Tone) -> str:
    """Return the icon that says the same as the tone, for those who do not see the colour."""
    return _STATUS_ICONS.get(tone, "info-circle")


def icon(name: str, tone: Tone = Tone.TEXT, *, on: Tone | None = None) -> QIcon:
    """Return an icon that follows the theme; ``on`` is the tone while its button is checked or active."""
    return QIcon(_TintedIconEngine(name, tone, on or tone))


def app_icon() -> QIcon:
    """Return the program's own icon, in its own colours."""
    result = QIcon()
    for size in (16, 24, 32, 48, 64, 128, 256):
        pixmap = QPixmap(size, size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        QSvgRenderer(str(resource_path("icons", "smtpy-desktop.svg"))).render(painter)
        painter.end()
        result.addPixmap(pixmap)
    return result


def paint_icon(painter: QPainter, name: str, color: str, rect: QRect) -> None:
    """Paint an icon in a colour of the theme, crisp on the painter's device."""
    painter.drawPixmap(rect.topLeft(), icon_pixmap(name, color, rect.width(), painter.device().devicePixelRatioF()))


def icon_pixmap(name: str, color: str, size: int, ratio: float) -> QPixmap:
    """Return an icon as a pixmap of ``size`` logical pixels for a device pixel ratio."""
    mirrors = name in _POINTING and is_mirrored()
    key = f"smtpy/{name}/{color}/{size}/{ratio}/{mirrors}"
    cached = QPixmap()
    if size <= 0 or QPixmapCache.find(key, cached):
        return cached
    pixmap = QPixmap(round(size * ratio), round(size * ratio))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    if mirrors:
        painter.translate(pixmap.width(), 0)
        painter.scale(-1, 1)
    renderer = QSvgRenderer(QByteArray(_tinted_svg(name, color).encode()))
    renderer.render(painter, QRectF(0, 0, pixmap.width(), pixmap.height()))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    QPixmapCache.insert(key, pixmap)
    return pixmap


def write_tinted_icon(name: str, color: str, path: str) -> None:
    """Write an icon in a colour to a file (a style sheet takes images from files only)."""
    Path(path).write_text(_tinted_svg(name, color), encoding="utf-8")


@cache
def _svg(name: str) -> str:
    return resource_path("icons", f"{name}.svg").read_text(encoding="utf-8")


def _tinted_svg(name: str, color: str) -> str:
    return _svg(name).replace("currentColor", color)


class _TintedIconEngine(QIconEngine):
    """Looks up the colour at paint time, so that a theme switch needs no new icons."""

    def __init__(self, name: str, tone: Tone, on: Tone) -> None:
        super().__init__()
        self._name = name
        self._tone = tone
        self._on = on
        self._clones: list[QIconEngine] = []

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Paint the icon at the leading edge of the rectangle: a wider one leaves room before the text."""
        size = min(rect.width(), rect.height())
        square = QRect(rect.left(), rect.top() + (rect.height() - size) // 2, size, size)
        paint_icon(painter, self._name, self._color(mode, state), mirrored(square, rect))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """Return the icon for a device with one pixel per point."""
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float) -> QPixmap:
        """Return the icon in ``size`` points for a device that has ``scale`` pixels to the point."""
        edge = min(size.width(), size.height())
        square = icon_pixmap(self._name, self._color(mode, state), edge, scale)
        if edge <= 0 or size.width() <= edge:
            return square
        pixmap = QPixmap(size * scale)
        pixmap.setDevicePixelRatio(scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        at = mirrored(QRect(0, 0, edge, edge), QRect(0, 0, size.width(), edge)).topLeft()
        painter.drawPixmap(at, square)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        """Return a copy; it is kept here because Qt only borrows what Python owns."""
        copy = _TintedIconEngine(self._name, self._tone, self._on)
        self._clones.append(copy)
        return copy

    def key(self) -> str:
        """Name the kind of engine."""
        return "smtpy-tinted"

    def _color(self, mode: QIcon.Mode, state: QIcon.State) -> str:
        colors = current_colors()
        if mode == QIcon.Mode.Disabled:
            return colors.disabled
        return colors.foreground(self._on if state == QIcon.State.On else self._tone)
