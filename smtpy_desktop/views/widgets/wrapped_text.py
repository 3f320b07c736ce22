"""Text over several lines that breaks inside a word where it must: sentences that quote keys and long names."""

from __future__ import annotations

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QWidget

from smtpy_desktop.views.theme import text_font
from smtpy_desktop.views.theme_tokens import FontSize, Tone
from smtpy_desktop.views.widgets.mono_text import MonoText


class WrappedText(MonoText):
    """A sentence that never makes its column wider than the window (a label would, by its longest word)."""

    def __init__(
        self, text: str, parent: QWidget | None = None, *, tone: Tone = Tone.TEXT, is_strong: bool = False
    ) -> None:
        super().__init__(text, text, parent, tone=tone)
        self.setFont(text_font(FontSize.BASE, QFont.Weight.DemiBold if is_strong else QFont.Weight.Normal))

    def set_text(self, text: str) -> None:
        """Show another text."""
        super().set_text(text)
        self.setAccessibleName(text)
        self.setAccessibleDescription("")
