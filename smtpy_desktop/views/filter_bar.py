"""What the filters above lists have in common: a box for text, and controls that show what holds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from smtpy_desktop.views.widgets.filter_box import FilterBox
from smtpy_desktop.views.widgets.texts import tr


@dataclass(frozen=True, slots=True)
class ListFilters:
    """What a list is narrowed down to; as it is made, everything is let through."""

    text: str = ""


Filters = TypeVar("Filters", bound=ListFilters)


class FilterBar(QWidget, Generic[Filters]):
    """``changed``: other filters hold now. ``left``: Return was pressed in the text box.

    What derives from it adds its controls, and lets them show the filters in ``_show``.
    """

    changed = Signal()
    left = Signal()

    def __init__(self, everything: Filters, box: tuple[str, str, tuple[int, int]], parent: QWidget | None) -> None:
        """Make the text box of its name, tooltip, and least and most width."""
        super().__init__(parent)
        self.setAccessibleName(tr("Filters"))
        self._everything = self._filters = everything
        self.box = FilterBox(*box, self)
        self.box.applied.connect(lambda text: self.set_filters(replace(self._filters, text=text)))
        self.box.left.connect(self.left)

    @property
    def filters(self) -> Filters:
        """What holds now."""
        return self._filters

    @property
    def is_applied(self) -> bool:
        """Whether anything is filtered out."""
        return self._filters != self._everything

    @property
    def is_about_to_change(self) -> bool:
        """Whether something typed is still to be applied."""
        return self.box.is_about_to_apply

    def set_filters(self, filters: Filters) -> None:
        """Let other filters hold."""
        is_other = filters != self._filters
        self.box.settle()
        self._filters = filters
        self._show()  # also where they are the same: a control shows at once what was pressed
        if is_other:
            self.changed.emit()

    def clear(self) -> None:
        """Let everything through."""
        self.set_filters(self._everything)

    def focus_box(self, text: str | None = None) -> None:
        """Give the text box the keyboard; a text given is typed at the end."""
        self.box.take_focus(text)

    def _show(self) -> None:
        """Let every control show the filters that hold."""
        self.box.show_text(self._filters.text)
