"""The line across the top of the window for a condition that lasts, such as a lost database."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from smtpy_desktop.views.icons import status_icon_name
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.accessibility import announce
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.icon_label import IconLabel
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.style_property import set_style_property


class Banner(QFrame):
    """Hidden until ``show_banner``; it stays until ``clear`` because the condition does."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.PAGE, Space.S, Space.M, Space.S)
        row.setSpacing(Space.S)
        self._icon = IconLabel("alert-triangle", Tone.WARN, self)
        self._heading = PlainLabel("", self, size="strong")
        self._text = PlainLabel("", self, elide=Qt.TextElideMode.ElideRight)
        row.addWidget(self._icon)
        row.addWidget(self._heading)
        row.addWidget(self._text, 1)
        self._row = row
        self._button: Button | None = None
        self.hide()

    def show_banner(self, heading: str, text: str, tone: Tone = Tone.WARN, button: Button | None = None) -> None:
        """Show a lasting condition; a repeated call replaces what is shown."""
        changed = self.isHidden() or heading != self._heading.text()
        self._icon.set_icon(status_icon_name(tone), tone)
        self._heading.setText(heading)
        self._heading.set_tone(tone)
        self._text.setText(text)
        self._set_button(button)
        self.setAccessibleName(heading)
        self.setAccessibleDescription(text)
        set_style_property(self, "tone", tone.value)
        self.show()
        if changed:
            announce(self, f"{heading} {text}", urgent=True)

    def clear(self) -> None:
        """Take the banner away."""
        self._set_button(None)
        self.hide()

    def _set_button(self, button: Button | None) -> None:
        if self._button is not None and self._button is not button:
            self._row.removeWidget(self._button)
            self._button.deleteLater()
        if button is not None and button is not self._button:
            self._row.addWidget(button)
        self._button = button
