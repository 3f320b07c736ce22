"""A calm sentence in a details pane that would be blank otherwise, because its list is empty or cannot be read."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QLabel, QWidget

from smtpy_desktop.views.widgets.single_shot import single_shot
from smtpy_desktop.views.widgets.texts import tr

_MOMENT_MILLISECONDS = 200
"""A pane is blank for a moment while what is selected is being read; nothing flashes up then."""
_CHANGES = (QEvent.Type.LayoutRequest, QEvent.Type.Show)


class BlankHint(QObject):
    """Lies over a pane while nothing is shown in it; ``content`` is what scrolls there."""

    def __init__(self, pane: QWidget, content: QWidget) -> None:
        super().__init__(pane)
        self._pane, self._content = pane, content
        self._hint: QWidget | None = None
        self._soon = single_shot(self, self._look, _MOMENT_MILLISECONDS)
        for widget in (pane, content):
            widget.installEventFilter(self)

    @property
    def is_shown(self) -> bool:
        """Whether the sentence stands in the pane."""
        return self._hint is not None and not self._hint.isHidden()

    @property
    def is_blank(self) -> bool:
        """Whether the pane shows nothing else."""
        others = (child for child in _seen_in(self._pane) if child is not self._hint)
        return _shows_nothing(self._content) and not any(
            _has_something(child) for child in others if not child.isAncestorOf(self._content)
        )

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


def _seen_in(widget: QWidget) -> Iterator[QWidget]:
    """Give what lies in a widget and is not hidden.

    Its layout is not asked for its items: PySide keeps what it makes for them beyond their end (see tab_order).
    """
    for child in widget.children():
        if isinstance(child, QWidget) and not child.isHidden() and not child.isWindow():
            yield child


def _shows_nothing(widget: QWidget) -> bool:
    return not any(_has_something(child) for child in _seen_in(widget))


def _has_something(widget: QWidget) -> bool:
    """Tell whether something can be seen of it: a container has what is in it, a label its words or its picture."""
    if widget.layout() is not None:
        return not _shows_nothing(widget)
    return not isinstance(widget, QLabel) or bool(widget.text()) or not widget.pixmap().isNull()
