"""The box above a list that narrows it down to what contains a text."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from smtpy_desktop.views.icons import icon
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.label import set_tooltip
from smtpy_desktop.views.widgets.single_shot import single_shot

_APPLY_AFTER_MILLISECONDS = 60


class FilterBox(QLineEdit):
    """``applied(str)``: this text holds now. ``left``: Return was pressed. ``widths``: the least and the most."""

    applied = Signal(str)
    left = Signal()

    def __init__(self, name: str, tooltip: str, widths: tuple[int, int], parent: QWidget) -> None:
        super().__init__(parent)
        self._apply_soon = single_shot(self, self._apply, _APPLY_AFTER_MILLISECONDS)
        self.setPlaceholderText(name)
        self.setAccessibleName(name)
        set_tooltip(self, tooltip)
        self.addAction(icon("filter", Tone.MUTED), QLineEdit.ActionPosition.LeadingPosition)
        self.setClearButtonEnabled(True)
        self.setMinimumWidth(widths[0])
        self.setMaximumWidth(widths[1])
        self.textChanged.connect(self._on_changed)
        self.returnPressed.connect(self._on_return)

    @property
    def is_about_to_apply(self) -> bool:
        """Whether something typed is still to be applied."""
        return self._apply_soon.isActive()

    def settle(self) -> None:
        """Forget what was typed and not yet applied: something else holds."""
        self._apply_soon.stop()

    def show_text(self, text: str) -> None:
        """Show a text that holds already; what is being typed, or has blanks around it, stays."""
        if not self.is_about_to_apply and self.text().strip() != text.strip():
            with QSignalBlocker(self):
                self.setText(text)

    def take_focus(self, text: str | None = None) -> None:
        """Take the keyboard; a text given is typed at the end."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if text is None:
            self.selectAll()
        else:
            self.insert(text)

    def _on_changed(self, text: str) -> None:
        if text:
            self._apply_soon.start()
        else:
            self._apply()  # the clear button, and Esc, need not wait

    def _on_return(self) -> None:
        self._apply()
        self.left.emit()

    def _apply(self) -> None:
        self._apply_soon.stop()
        self.applied.emit(self.text())
