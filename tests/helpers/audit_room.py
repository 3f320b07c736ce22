"""Whether every text of a window has the room that it takes: nothing cut off, nothing over something else.

Text may be shortened where its whole is told in a tooltip. Everything is measured with the fonts that are used.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from typing import Any

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QCheckBox,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QStyle,
    QStyleOptionButton,
    QStyleOptionComboBox,
    QStyleOptionViewItem,
    QTabBar,
    QWidget,
)

from smtpy_desktop.core.visible_text import LINE_BREAK
from smtpy_desktop.views.tables.cell_delegate import CellDelegate
from smtpy_desktop.views.tables.data_table import DataTable
from smtpy_desktop.views.tables.sort_header import SortHeader
from smtpy_desktop.views.theme_tokens import Metric, Space
from smtpy_desktop.views.widgets.label import PlainLabel, text_width, without_mnemonic
from smtpy_desktop.views.widgets.mono_text import MonoText
from smtpy_desktop.views.widgets.nav_item import NavItem
from smtpy_desktop.views.widgets.pill import Pill
from tests.helpers.audit_literal import shown_of
from tests.helpers.seen_widgets import is_inner, owner_of, path_of, seen_widgets

_SLACK = 1.5
"""Pixels by which Qt's measures of the same text differ."""
_CELL_SLACK = 2
_LINE_SLACK = 2
"""Letters with two accents stand a little higher than the line that Qt gives them."""
_ROWS = 12
_TEXTS = (QLabel, QAbstractButton, MonoText, Pill)


def cut_off(top: QWidget) -> Iterator[str]:
    """Yield every text of a window that does not fit and is not told elsewhere."""
    for widget in seen_widgets(top):
        if is_inner(widget) or widget.width() == 0 or widget.height() == 0:
            continue
        for fault in _faults_of(widget):
            yield f"{path_of(widget)}: {fault}"
        if isinstance(widget, _TEXTS) and _has_words(widget):
            hidden = _hidden_part(widget, top)
            if hidden:
                yield f"{path_of(widget)}: {hidden}"


def overlapping(top: QWidget) -> Iterator[str]:
    """Yield texts that lie over each other."""
    by_owner: dict[QWidget, list[QWidget]] = {}
    for widget in seen_widgets(top):
        owner = owner_of(widget)
        if isinstance(widget, _TEXTS) and _has_words(widget) and owner is not None and not is_inner(widget):
            by_owner.setdefault(owner, []).append(widget)
    for parts in by_owner.values():
        for number, one in enumerate(parts):
            for other in parts[number + 1 :]:
                common = one.geometry() & other.geometry()
                if common.width() > _SLACK and common.height() > _SLACK:
                    yield f"{path_of(one)} lies over “{other.accessibleName()[:40]}”"


def too_large(top: QWidget, width: int, height: int) -> Iterator[str]:
    """Yield that a dialog does not fit on a screen."""
    if top.width() > width or top.height() > height:
        yield f"{path_of(top)} takes {top.width()}x{top.height()} of {width}x{height}"


def _faults_of(widget: QWidget) -> Iterator[str]:
    for kinds, faults in _MEASURES:
        if isinstance(widget, kinds):
            yield from faults(widget)
            return


def _label_faults(label: PlainLabel) -> Iterator[str]:
    text, shown = label.text(), QLabel.text(label)
    if not text or label.height() == 0:
        return
    room = label.contentsRect()
    if label.wordWrap():
        needed = label.heightForWidth(label.width())
        if needed > label.height() + _LINE_SLACK:
            yield f"is {label.height()} high, needs {needed}"
        words = shown.replace(LINE_BREAK, " ").split()
        widest = max((text_width(label.font(), word) for word in words), default=0)
        if widest > room.width() + _SLACK and not _is_told(label, text):
            yield f"is {room.width()} wide, its longest word {widest}"
    elif shown in (text, text.replace("\n", " ")) or "&" in shown:
        needed = max(text_width(label.font(), line) for line in text.split("\n")) - 1
        if needed > room.width() + _SLACK and not _is_told(label, text):
            yield f"is {room.width()} wide, needs {needed}"
    elif not _is_told(label, text):
        yield "is shortened, and nothing tells the whole"


def _button_faults(button: QAbstractButton) -> Iterator[str]:
    words = without_mnemonic(button.text())
    if not words:
        return
    if isinstance(button, QPushButton):
        option = QStyleOptionButton()
        button.initStyleOption(option)
        room = button.style().subElementRect(QStyle.SubElement.SE_PushButtonContents, option, button).width()
        icon = 0 if button.icon().isNull() else button.iconSize().width() + 4
        needed = QFontMetricsF(button.font()).horizontalAdvance(words) + icon
        if needed > room + _SLACK and not _is_told(button, words):
            yield f"has {room} for words and icon, they take {needed:.0f}"
    elif button.sizeHint().width() > button.width() + _SLACK and not _is_told(button, words):
        yield f"is {button.width()} wide, wants {button.sizeHint().width()}"
    if button.minimumSizeHint().height() > button.height() + _SLACK:
        yield f"is {button.height()} high, wants {button.minimumSizeHint().height()}"


def _nav_item_faults(item: NavItem) -> Iterator[str]:
    room = item.words_room()
    needed = text_width(item.words_font(), item.text())
    if room is not None and needed > room + _SLACK and not _is_told(item, item.text()):
        yield f"has {room} for its words, they take {needed}"


def _mono_faults(text: MonoText) -> Iterator[str]:
    if text.heightForWidth(text.width()) > text.height() + _SLACK:
        yield f"is {text.height()} high, needs {text.heightForWidth(text.width())}"


def _painted_faults(widget: QAbstractButton | Pill) -> Iterator[str]:
    if widget.sizeHint().width() > widget.width() + _SLACK and not _is_told(widget, _words(widget)):
        yield f"is {widget.width()} wide, wants {widget.sizeHint().width()}"


def _tab_faults(bar: QTabBar) -> Iterator[str]:
    needed = sum(bar.tabRect(tab).width() for tab in range(bar.count()))
    if needed > bar.width() + _SLACK and not bar.usesScrollButtons():
        yield f"is {bar.width()} wide, its tabs {needed}"


def _combo_faults(box: QComboBox) -> Iterator[str]:
    option = QStyleOptionComboBox()
    box.initStyleOption(option)
    style, field = box.style(), QStyle.SubControl.SC_ComboBoxEditField
    room = style.subControlRect(QStyle.ComplexControl.CC_ComboBox, option, field, box).width()
    needed = text_width(box.font(), box.currentText())
    if needed > room + _SLACK and not _is_told(box, box.currentText()):
        yield f"has {room} for “{box.currentText()[:40]}”, which takes {needed}"


def _placeholder_faults(line: QLineEdit) -> Iterator[str]:
    words = line.placeholderText()
    if not words or line.text():
        return
    margins, actions = (
        line.textMargins(),
        [button for button in line.findChildren(QAbstractButton) if button.isVisible()],
    )
    room = line.contentsRect().width() - margins.left() - margins.right() - 2 * Space.S
    room -= sum(button.width() + Space.XS for button in actions)
    needed = text_width(line.font(), words)
    if needed > room + 2 * _SLACK and not line.toolTip():
        yield f"has {room} for its hint “{words[:60]}”, which takes {needed}"


def _header_faults(header: SortHeader) -> Iterator[str]:
    model = header.model()
    for section in range(header.count()):
        if header.isSectionHidden(section) or model is None:
            continue
        title = str(model.headerData(section, Qt.Orientation.Horizontal))
        room = header.sectionSize(section) - Metric.CELL_PADDING - Space.S
        told = shown_of(str(model.headerData(section, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole) or ""))
        if text_width(header.title_font(section), title) > room + _CELL_SLACK and title not in told:
            yield f"the column “{title}” has {room}, its title takes {text_width(header.title_font(section), title)}"


def _cell_faults(table: DataTable[Any]) -> Iterator[str]:
    model, header, delegate = table.model(), table.horizontalHeader(), table.itemDelegate()
    assert isinstance(delegate, CellDelegate)
    for row in range(min(model.rowCount(), _ROWS)):
        for column in range(model.columnCount()):
            index, width = model.index(row, column), header.sectionSize(column)
            words = str(index.data() or "")
            if header.isSectionHidden(column) or not words:
                continue
            needed = delegate.sizeHint(QStyleOptionViewItem(), index).width() - Space.M + Space.S
            if needed > width + _CELL_SLACK and not _is_whole(words, delegate.tooltip(index, width)):
                title = model.headerData(column, Qt.Orientation.Horizontal)
                yield f"cell {row} of “{title}” shows a part of “{words[:40]}”"


def _is_told(widget: QWidget, words: str) -> bool:
    return _is_whole(words, shown_of(widget.toolTip()))


def _is_whole(words: str, told: str) -> bool:
    return "".join(words.split()) in "".join(html.unescape(told).split())


def _words(widget: QWidget) -> str:
    return without_mnemonic(widget.text()) if isinstance(widget, QAbstractButton) else widget.accessibleName()


def _has_words(widget: QWidget) -> bool:
    if isinstance(widget, (QLabel, QAbstractButton)):
        return bool(widget.text())
    return bool(widget.accessibleName())


def _hidden_part(widget: QWidget, top: QWidget) -> str:
    """Return what of a widget lies outside of what it stands in, unless it can be scrolled there."""
    part, owner = widget.rect(), widget
    while owner is not top:
        parent = owner_of(owner)
        if parent is None:
            break
        part = QRect(owner.mapTo(parent, QPoint(part.left(), part.top())), part.size())
        seen = part & parent.rect()
        area = owner_of(parent)
        if isinstance(area, QAbstractScrollArea) and area.viewport() is parent:
            off = Qt.ScrollBarPolicy.ScrollBarAlwaysOff
            if area.horizontalScrollBarPolicy() is off and seen.width() < part.width() - _SLACK and seen.height() > 0:
                return f"{part.width() - seen.width()} pixels lie beside {path_of(area)}"
            return ""  # the rest is a matter of scrolling
        if isinstance(parent, QHeaderView):
            return ""
        if seen.width() < part.width() - _SLACK or seen.height() < part.height() - _SLACK:
            return f"{part.width()}x{part.height()}, of which {seen.width()}x{seen.height()} lie in {path_of(parent)}"
        owner = parent
    return ""


# The first that fits measures a widget.
_MEASURES: tuple[tuple[Any, Callable[[Any], Iterator[str]]], ...] = (
    (PlainLabel, _label_faults),
    (MonoText, _mono_faults),
    ((QCheckBox, QRadioButton, QPushButton), _button_faults),
    (NavItem, _nav_item_faults),
    ((QAbstractButton, Pill), _painted_faults),
    (QComboBox, _combo_faults),
    (QLineEdit, _placeholder_faults),
    (SortHeader, _header_faults),
    (QTabBar, _tab_faults),
    (DataTable, _cell_faults),
)
