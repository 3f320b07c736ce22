"""A button that copies a value and says that it did."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.accessibility import announce
from smtpy_desktop.views.widgets.buttons import IconButton
from smtpy_desktop.views.widgets.single_shot import single_shot
from smtpy_desktop.views.widgets.texts import tr

_SHOWN_MILLISECONDS = 1500


class CopyButton(IconButton):
    """Copies what ``value`` gives at the time of the click; ``what`` names it ("the SPF value")."""

    def __init__(self, value: str | Callable[[], str], what: str, parent: QWidget | None = None) -> None:
        super().__init__("copy", tr("Copy {what}", what=what), parent, action=self._on_copy)
        self._value = value
        self._what = what
        self._back = single_shot(self, self._show_idle, _SHOWN_MILLISECONDS)

    @property
    def shows_success(self) -> bool:
        """Whether the check mark is shown now."""
        return self._back.isActive()

    def set_value(self, value: str | Callable[[], str]) -> None:
        """Change what is copied."""
        self._value = value

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._value if isinstance(self._value, str) else self._value())
        self.set_icon("check", Tone.OK)
        self.set_name(tr("Copied"))
        announce(self, tr("Copied {what}", what=self._what))
        self._back.start()

    def _show_idle(self) -> None:
        self.set_icon("copy")
        self.set_name(tr("Copy {what}", what=self._what))
