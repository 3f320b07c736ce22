"""Labels and tooltips that show data literally, whatever is in it."""

from __future__ import annotations

import html
import math
from typing import Literal

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import (
    QAccessible,
    QContextMenuEvent,
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QResizeEvent,
)
from PySide6.QtWidgets import QLabel, QMenu, QSizePolicy, QWidget

from smtpy_desktop.core.visible_text import LINE_BREAK, with_line_breaks, with_visible_overrides
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.style_property import set_style_property
from smtpy_desktop.views.widgets.texts import tr

LabelSize = Literal["caption", "small", "base", "label", "strong", "section", "heading", "title", "figure"]

_HEADINGS = ("section", "heading", "title")
_MIN_ELIDED_WIDTH = 24
_LONG_LINE = 640
_FEW_LETTERS = 32
"""Surely not a long line, without measuring it."""


class PlainLabel(QLabel):
    """A label whose text is always plain: nothing in it is taken for markup or for a mnemonic.

    No text makes a dialog wider than it is: with ``wrap`` lines may end inside of very long words, too, and a line that
    is longer than any of ours is shortened where there is no room for it, as with ``elide``.
    """

    def __init__(
        self,
        text: str = "",
        parent: QWidget | None = None,
        *,
        tone: Tone = Tone.TEXT,
        size: LabelSize = "base",
        wrap: bool = False,
        elide: Qt.TextElideMode | None = None,
        selectable: bool = False,
        mono: bool = False,
    ) -> None:
        super().__init__(parent)
        self._full_text = ""
        self._elide = elide
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        self.setProperty("tone", tone.value)
        self.setProperty("textSize", size)  # "size" is a property that every widget has
        self.setProperty("mono", mono)
        if size in _HEADINGS:
            self.accessible_role = QAccessible.Role.Heading
        if selectable:
            flags = Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            self.setTextInteractionFlags(flags)
        if elide is not None:
            self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setText(text)

    def setText(self, text: str) -> None:
        """Show a text literally."""
        self._full_text = text
        self.setAccessibleName(text)
        self._show_text()
        self.updateGeometry()

    def text(self) -> str:
        """Return the whole text, also where only a part of it fits."""
        return self._full_text

    def set_tone(self, tone: Tone) -> None:
        """Change what the text means."""
        set_style_property(self, "tone", tone.value)

    def sizeHint(self) -> QSize:
        """Ask for room for the whole text."""
        hint = super().sizeHint()
        if self._elide is not None:
            hint.setWidth(text_width(self.font(), self._full_text) + self._extra_width())
        elif self._is_long_line():
            hint.setWidth(_LONG_LINE)
        elif LINE_BREAK in super().text():
            hint.setWidth(min(hint.width(), _LONG_LINE))
        return hint

    def minimumSizeHint(self) -> QSize:
        """Be content with very little where the text may be elided."""
        hint = super().minimumSizeHint()
        if self._elide is not None:
            hint.setWidth(min(_MIN_ELIDED_WIDTH, self.sizeHint().width()))
        elif self._is_long_line():
            hint.setWidth(_LONG_LINE // 2)
        return hint

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the text into the new width."""
        super().resizeEvent(event)
        self._show_text()

    def changeEvent(self, event: QEvent) -> None:
        """Fit the text again when the font changes."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._show_text()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy what is selected as it is."""
        if event.matches(QKeySequence.StandardKey.Copy) and self.hasSelectedText():
            self._copy()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer to copy what is selected; Qt's own menu would copy the breaks of long words along."""
        if not self.hasSelectedText() or LINE_BREAK not in self.selectedText():
            super().contextMenuEvent(event)
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setAccessibleName(without_mnemonic(tr("&Copy")))
        menu.addAction(tr("&Copy"), self._copy)
        menu.popup(event.globalPos())

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.selectedText().replace(LINE_BREAK, ""))

    def _show_text(self) -> None:
        shown = with_visible_overrides(self._full_text)
        if self.wordWrap():
            shown = with_line_breaks(shown)
        if self._elide is not None or self._is_long_line():
            one_line = shown.replace("\n", " ")
            mode = self._elide if self._elide is not None else Qt.TextElideMode.ElideRight
            shown = self.fontMetrics().elidedText(one_line, mode, max(0, self.width() - self._extra_width()))
            set_tooltip(self, self._full_text if shown != one_line else "")
        if shown != super().text():
            super().setText(shown)

    def _is_long_line(self) -> bool:
        """Return whether this is one line, and of data: nobody writes such a long one."""
        words = self._full_text
        if self.wordWrap() or self._elide is not None or len(words) < _FEW_LETTERS or "\n" in words:
            return False
        return text_width(self.font(), words) > _LONG_LINE

    def _extra_width(self) -> int:
        margins = self.contentsMargins()
        return margins.left() + margins.right() + 2 * self.margin() + 1


def text_width(font: QFont, text: str) -> int:
    """Return the pixels in which a line of text fits without being elided."""
    # Qt rounds an advance down and then finds that the text does not fit into it.
    return math.ceil(QFontMetricsF(font).horizontalAdvance(text)) + 1 if text else 0


def plain_tooltip(text: str) -> str:
    """Return a text in the form in which Qt's tooltips show it literally (they guess at markup otherwise)."""
    if not text:
        return ""
    # A wrapped paragraph: Qt never breaks lines in a tooltip that it takes for plain text.
    return f'<p style="white-space: pre-wrap; margin: 0">{html.escape(with_visible_overrides(text))}</p>'


def set_tooltip(widget: QWidget, text: str) -> None:
    """Give a widget a tooltip that is shown literally."""
    widget.setToolTip(plain_tooltip(text))


def without_mnemonic(text: str) -> str:
    """Return a caption with its mnemonic mark taken out: "&Host" gives "Host", "A && B" gives "A & B"."""
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&")


def menu_text(text: str) -> str:
    """Return data as a menu or a button shows it literally: "&" is doubled, as a single one marks a mnemonic."""
    return text.replace("&", "&&")
