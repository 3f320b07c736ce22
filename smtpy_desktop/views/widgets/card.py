"""Bordered boxes that group what belongs together, and tinted notices."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLayout, QVBoxLayout, QWidget

from smtpy_desktop.views.icons import status_icon_name
from smtpy_desktop.views.theme_tokens import Metric, Space, Tone
from smtpy_desktop.views.widgets.buttons import IconButton
from smtpy_desktop.views.widgets.flow_layout import FlowLayout
from smtpy_desktop.views.widgets.icon_label import IconLabel
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.style_property import set_style_property
from smtpy_desktop.views.widgets.texts import tr


class Card(QFrame):
    """A surface with a one-pixel border: a head line (icon, title, subtitle, buttons) above ``body``.

    ``expanded_changed(bool)`` fires when a collapsible card is opened or closed.
    """

    expanded_changed = Signal(bool)

    def __init__(
        self,
        title: str = "",
        subtitle: str = "",
        parent: QWidget | None = None,
        *,
        tone: Tone = Tone.MUTED,
        icon: str | None = None,
        icon_tone: Tone | None = None,
        icon_name: str = "",
        collapsible: bool = False,
        expanded: bool = True,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.setProperty("tone", tone.value)
        self.setAccessibleName(title)
        self._outer = outer = QVBoxLayout(self)
        outer.setContentsMargins(Space.M, Space.S - 2, Space.S, Space.S - 2)
        outer.setSpacing(Space.XS)
        self._content = QWidget(self)
        self.body = QVBoxLayout(self._content)
        self.body.setContentsMargins(0, 0, Space.XS, Space.XS + 2)
        self.body.setSpacing(Space.S)
        self._toggle: IconButton | None = None
        self._head = QHBoxLayout()
        self._head.setSpacing(Space.S)
        if icon is not None:
            self._head.addWidget(IconLabel(icon, icon_tone or tone, self, name=icon_name))
        if title:
            self._build_head(title, subtitle, collapsible)
            outer.addLayout(self._head)
        outer.addWidget(self._content)
        self.set_expanded(expanded or not collapsible)

    def set_roomy(self) -> None:
        """Leave more room around the content, as cards that stand alone on a page have it."""
        self._outer.setContentsMargins(Space.L, Space.L - 2, Space.L, Space.M)
        self._outer.setSpacing(Space.S)
        self.body.setContentsMargins(0, 0, 0, Space.XS)

    def add_action(self, widget: QWidget) -> None:
        """Put a button at the end of the head line."""
        self._head.insertWidget(self._head.count() - (1 if self._toggle is not None else 0), widget)

    @property
    def is_expanded(self) -> bool:
        """Whether the body can be seen."""
        return not self._content.isHidden()

    def set_expanded(self, expanded: bool) -> None:
        """Show or hide the body."""
        if expanded == self.is_expanded and self._toggle is None:
            return
        self._content.setVisible(expanded)
        if self._toggle is not None:
            self._toggle.set_icon("chevron-up" if expanded else "chevron-down")
            self._toggle.set_name(tr("Hide details") if expanded else tr("Show details"))
        self.expanded_changed.emit(expanded)

    def _build_head(self, title: str, subtitle: str, collapsible: bool) -> None:
        self.title = PlainLabel(title, self, size="section")
        self.subtitle = PlainLabel(subtitle, self, tone=Tone.MUTED, size="small", elide=Qt.TextElideMode.ElideRight)
        self._head.addWidget(self.title)
        self._head.addWidget(self.subtitle, 1)
        if collapsible:
            self._toggle = IconButton("chevron-down", tr("Show details"), self, action=self._on_toggle)
            self._head.addWidget(self._toggle)

    def _on_toggle(self) -> None:
        self.set_expanded(not self.is_expanded)


class Notice(QFrame):
    """A tinted box with a heading in the tone's colour: something in the page needs to be read."""

    def __init__(self, heading: str, text: str = "", tone: Tone = Tone.ACCENT, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self.setProperty("tone", tone.value)
        self.setAccessibleName(heading or text)
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.M, Space.S + 2, Space.M, Space.S + 2)
        row.setSpacing(Space.S)
        self.icon = IconLabel(status_icon_name(tone), tone, self)
        row.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignTop)
        self.body = QVBoxLayout()
        self.body.setSpacing(Space.XS)
        row.addLayout(self.body, 1)
        self.heading = PlainLabel(heading, self, tone=tone, size="section", wrap=True)
        self.text = PlainLabel(text, self, wrap=True, selectable=True)
        self.body.addWidget(self.heading)
        self.body.addWidget(self.text)
        self.heading.setVisible(bool(heading))
        self.text.setVisible(bool(text))

    def show_words(self, heading: str, text: str, tone: Tone) -> None:
        """Say something else, in another tone."""
        self.icon.set_icon(status_icon_name(tone), tone)
        self.heading.set_tone(tone)
        self.heading.setText(heading)
        self.heading.setVisible(bool(heading))
        self.text.setText(text)
        self.text.setVisible(bool(text))
        self.setAccessibleName(heading or text)
        set_style_property(self, "tone", tone.value)

    def add_actions(self, *buttons: QWidget) -> None:
        """Put buttons below the text."""
        row = button_row(*buttons)
        row.setContentsMargins(0, Space.XS, 0, 0)
        self.body.addLayout(row)


def button_row(*buttons: QWidget, centered: bool = False) -> FlowLayout:
    """Return buttons side by side at the leading edge or in the middle, in more lines where one has no room."""
    row = FlowLayout(spacing=Space.S, centered=centered, prefers_line=True)
    for button in buttons:
        row.addWidget(button)
    return row


def link_row(*links: QWidget) -> QHBoxLayout:
    """Return links side by side, the words of the first one in line with a text above it."""
    row = QHBoxLayout()
    row.setSpacing(Space.M)
    row.addSpacing(-Space.XS)  # the room that a link keeps for the ring of the focus
    for link in links:
        row.addWidget(link)
    row.addStretch(1)
    return row


def separator(parent: QWidget | None = None) -> QFrame:
    """Return a one-pixel line."""
    line = QFrame(parent)
    line.setObjectName("separator")
    line.setFixedHeight(Metric.BORDER)
    return line


def clear_layout(layout: QLayout) -> None:
    """Remove and delete everything in a layout."""
    while (item := layout.takeAt(0)) is not None:
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        elif inner is not None:
            clear_layout(inner)
