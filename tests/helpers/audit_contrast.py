"""Whether what is seen stands out from what it stands on, measured in the pixels of the window itself (WCAG 2.2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QLabel, QRadioButton, QWidget

from smtpy_desktop.views.widgets.buttons import IconButton
from smtpy_desktop.views.widgets.icon_label import IconLabel
from smtpy_desktop.views.widgets.mono_text import MonoText
from smtpy_desktop.views.widgets.pill import Pill
from tests.helpers.seen_widgets import is_inner, owner_of, path_of, seen_widgets

TEXT_CONTRAST = 4.5  # WCAG 2.2, 1.4.3
ICON_CONTRAST = 3.0  # WCAG 2.2, 1.4.11
_SCALE = 3  # so that strokes have a middle that is not smoothed into the ground
_SIZE = QSize(320, 60)
_SHOWN = (QLabel, QAbstractButton, Pill, MonoText, IconLabel)


def luminance(color: QColor) -> float:
    """Return the relative luminance, from 0 to 1."""
    parts = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in color.getRgbF()[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: QColor, other: QColor) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def too_faint(top: QWidget, known: set[tuple[object, ...]]) -> Iterator[str]:
    """Yield texts and icons that hardly stand out; kinds that are ``known`` already are passed over."""
    for widget in seen_widgets(top):
        if (
            not isinstance(widget, _SHOWN)
            or is_inner(widget)
            or not widget.isEnabled()
            or widget.visibleRegion().isEmpty()
        ):
            continue
        kind = _kind_of(widget)
        if kind in known or not _shows_something(widget):
            continue
        known.add(kind)
        needed = ICON_CONTRAST if isinstance(widget, (IconLabel, IconButton)) else TEXT_CONTRAST
        seen = seen_contrast(top, QRect(widget.mapTo(top, QPoint()), widget.size().boundedTo(_SIZE)))
        if seen < needed - 0.05:
            yield f"{path_of(widget)} has a contrast of {seen:.2f}, {needed} is needed"


def seen_contrast(top: QWidget, area: QRect) -> float:
    """Return the contrast between the colour that an area has most of and the one that stands out most from it."""
    image = QImage(area.size() * _SCALE, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.scale(_SCALE, _SCALE)
    top.render(painter, QPoint(), area)
    painter.end()
    pixels = Counter(memoryview(image.constBits()).cast("I"))
    ground = QColor.fromRgb(pixels.most_common(1)[0][0])
    return max(contrast(QColor.fromRgb(pixel), ground) for pixel in pixels)


def _kind_of(widget: QWidget) -> tuple[object, ...]:
    """What the style sheet and the paint routines look at."""
    state = widget.state.tone if isinstance(widget, Pill) else getattr(widget, "_tone", None)
    surfaces = tuple(_surface(owner) for owner in _owners(widget))
    is_on = isinstance(widget, QAbstractButton) and widget.isChecked()
    names = [widget.property(name) for name in ("tone", "textSize", "kind", "quiet")]
    return (type(widget), *names, state, is_on, surfaces)


def _owners(widget: QWidget) -> Iterator[QWidget]:
    owner = owner_of(widget)
    while owner is not None:
        yield owner
        owner = owner_of(owner)


def _surface(owner: QWidget) -> tuple[str, object] | None:
    return (owner.objectName(), owner.property("tone")) if owner.objectName() else None


def _shows_something(widget: QWidget) -> bool:
    if isinstance(widget, QCheckBox | QRadioButton):
        return True
    if isinstance(widget, QLabel | QAbstractButton):
        return bool(widget.text()) or isinstance(widget, IconButton)
    return True
