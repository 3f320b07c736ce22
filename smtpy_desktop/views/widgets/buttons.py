"""Buttons in the five kinds that the window uses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QMenu, QPushButton, QSizePolicy, QToolButton, QWidget

from smtpy_desktop.core.visible_text import with_visible_overrides
from smtpy_desktop.views import icons
from smtpy_desktop.views.theme_tokens import Metric, Tone
from smtpy_desktop.views.widgets.label import menu_text, set_tooltip, text_width, without_mnemonic
from smtpy_desktop.views.widgets.mirroring import is_mirrored

ButtonKind = Literal["primary", "secondary", "ghost", "danger", "link"]

_ICON_TONES: dict[ButtonKind, Tone] = {
    "primary": Tone.ON_ACCENT,
    "secondary": Tone.TEXT,
    "ghost": Tone.MUTED,
    "danger": Tone.ON_BAD,
    "link": Tone.ACCENT,
}
_ICON_TEXT_GAP = 2
_LINK_PADDING = 5
_LEAST_LINK = 48


def on_click(button: QAbstractButton, action: Callable[[], object]) -> None:
    """Call ``action`` at each click, without the ``checked`` flag that Qt would pass along."""

    def forward() -> None:
        action()

    button.clicked.connect(forward)


def press_by_return(button: QAbstractButton, event: QKeyEvent) -> bool:
    """Click the button that has the focus by Return or Enter, as by Space, and say whether the key was one of them.

    Qt leaves the two keys to the desktop's theme, and in a dialog to the default button, whichever has the focus. A key
    that is held down clicks once: what it opens would be answered by it otherwise.
    """
    if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
        return False
    if not event.isAutoRepeat():
        button.click()
    return True


class Button(QPushButton):
    """A push button; ``text`` may mark a mnemonic by ``&``."""

    def __init__(
        self,
        text: str,
        parent: QWidget | None = None,
        *,
        kind: ButtonKind = "secondary",
        icon: str | None = None,
        action: Callable[[], object] | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._kind: ButtonKind = kind
        self.setProperty("kind", kind)
        self.setAccessibleName(without_mnemonic(text))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setAutoDefault(False)
        if icon is not None:
            self.set_icon(icon)
        if action is not None:
            on_click(self, action)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not press_by_return(self, event):
            super().keyPressEvent(event)

    def set_icon(self, name: str) -> None:
        """Show an icon before the text."""
        # The icon's rectangle is wider than the icon: the difference is the gap before the text.
        self.setIconSize(QSize(Metric.ICON + _ICON_TEXT_GAP, Metric.ICON))
        self.setIcon(icons.icon(name, _ICON_TONES[self._kind]))

    def put_icon_behind(self) -> None:
        """Show the icon behind the text: Qt has it on the leading side only."""
        directions = Qt.LayoutDirection
        self.setLayoutDirection(directions.LeftToRight if is_mirrored() else directions.RightToLeft)

    def set_text(self, text: str) -> None:
        """Change the caption and with it the accessible name."""
        self.setText(text)
        self.setAccessibleName(without_mnemonic(text))


class LinkLine(Button):
    """A link of data on one line, shortened where it does not fit; the tooltip has the whole then."""

    def __init__(self, words: str, parent: QWidget | None = None, *, action: Callable[[], object]) -> None:
        super().__init__("", parent, kind="link", action=action)
        self._words = with_visible_overrides(words)
        self.setAccessibleName(words)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._show_words()

    def sizeHint(self) -> QSize:
        return QSize(text_width(self.font(), self._words) + 2 * _LINK_PADDING, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(min(_LEAST_LINK, self.sizeHint().width()), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_words()

    def _show_words(self) -> None:
        shown = self._shown()
        self.setText(menu_text(shown))
        set_tooltip(self, self._words if shown != self._words else "")

    def _shown(self) -> str:
        room = self.width() - 2 * _LINK_PADDING
        return self.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideRight, room)


class MenuButton(Button):
    """A button that opens a menu and shows it by an arrow."""

    def __init__(self, text: str, menu: QMenu, parent: QWidget | None = None, *, icon: str | None = None) -> None:
        super().__init__(text, parent, icon=icon or "chevron-down")
        if icon is None:
            self.put_icon_behind()
        menu.setParent(self, menu.windowFlags())
        self.setMenu(menu)


class IconButton(QToolButton):
    """A small button that has only an icon; its name is its tooltip and what a screen reader says."""

    def __init__(
        self,
        icon: str,
        name: str,
        parent: QWidget | None = None,
        *,
        tone: Tone = Tone.MUTED,
        action: Callable[[], object] | None = None,
    ) -> None:
        super().__init__(parent)
        self.setIconSize(QSize(Metric.ICON, Metric.ICON))
        self.setFixedSize(Metric.ICON_BUTTON, Metric.ICON_BUTTON)
        self.setIcon(icons.icon(icon, tone))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.set_name(name)
        if action is not None:
            on_click(self, action)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not press_by_return(self, event):
            super().keyPressEvent(event)

    def set_name(self, name: str) -> None:
        """Change what the button is called."""
        self.setAccessibleName(name)
        set_tooltip(self, name)

    def set_icon(self, icon: str, tone: Tone = Tone.MUTED) -> None:
        """Change the icon."""
        self.setIcon(icons.icon(icon, tone))
