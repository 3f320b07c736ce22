"""A calm sentence in a details pane that would be blank otherwise, because its list is empty or cannot be read."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QLabel, QLayout, QWidget

from smtpy_desktop.views.widgets.single_shot import single_shot
from smtpy_desktop.views.widgets.texts import tr

_MOMENT_MILLISECONDS = 200
"""A pane is blank for a moment while what is selected is being read; nothing flashes up then."""
_CHANGES = (QEvent.Type.LayoutRequest, QEvent.Type.Show)


class BlankHint(QObject):
    """Lies over a pane while nothing is shown in its ``parts``; ``scrolled`` is what scrolls in it."""

    def __init__(self, pane: QWidget, parts: Sequence[QLayout], scrolled: QWidget) -> None:
        super().__init__(pane)
        self._pane, self._parts = pane, tuple(parts)
        self._hint: QWidget | None = None
        self._soon = single_shot(self, self._look, _MOMENT_MILLISECONDS)
        for widget in (pane, scrolled):
            widget.installEventFilter(self)

    @property
    def is_shown(self) -> bool:
        """Whether the sentence stands in the pane."""
        return self._hint is not None and not self._hint.isHidden()

    @property
    def is_blank(self) -> bool:
        """Whether the pane shows nothing else."""
        return all(shows_nothing(part) for part in self._parts)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _CHANGES:
            if self.is_shown:
                self._look()  # what comes takes its place at once
            elif not self._soon.isActive():
                self._soon.start()
        elif event.type() is QEvent.Type.Resize and watched is self._pane:
            self._cover()
        return False

    def _look(self) -> None:
        is_blank = self.is_blank
        if is_blank and self._hint is None:
            self._hint = self._make()
        if self._hint is not None and is_blank != self.is_shown:
            self._hint.setVisible(is_blank)
            self._cover()

    def _make(self) -> QWidget:
        from smtpy_desktop.views.widgets.empty_state import EmptyState

        words = tr("What is selected in the list is shown here.")
        hint = EmptyState("list", tr("Nothing selected"), words, parent=self._pane)
        hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        hint.hide()
        return hint

    def _cover(self) -> None:
        if self._hint is not None and self.is_shown:
            self._hint.setGeometry(self._pane.rect())
            self._hint.raise_()


def shows_nothing(layout: QLayout) -> bool:
    """Return whether nothing can be seen of what is laid out: all of it is hidden, empty, or without words."""
    for number in range(layout.count()):
        item = layout.itemAt(number)
        inner, widget = (item.layout(), item.widget()) if item is not None else (None, None)
        if inner is not None and not shows_nothing(inner):
            return False
        if widget is not None and not widget.isHidden() and _has_something(widget):
            return False
    return True


def _has_something(widget: QWidget) -> bool:
    inner = widget.layout()
    if inner is not None:
        return not shows_nothing(inner)
    return not isinstance(widget, QLabel) or bool(widget.text()) or not widget.pixmap().isNull()
