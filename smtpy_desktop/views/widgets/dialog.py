"""The frame of every dialog: icon, heading, text, content, buttons; opened without a nested event loop."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from smtpy_desktop.schemas.profiles import ProfileEntry
from smtpy_desktop.views.help_request import ask_for_help
from smtpy_desktop.views.icons import status_icon_name
from smtpy_desktop.views.shortcuts import Shortcut, bind
from smtpy_desktop.views.theme_dress import dress
from smtpy_desktop.views.theme_tokens import Metric, Space, Tone
from smtpy_desktop.views.widgets.buttons import Button, IconButton
from smtpy_desktop.views.widgets.icon_label import IconLabel
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.profile_mark import ProfileMark
from smtpy_desktop.views.widgets.tab_order import go_on
from smtpy_desktop.views.widgets.texts import tr

_ICON_SIZE = 24


class Dialog(QDialog):
    """A window-modal dialog that is shown by ``open()``, never by ``exec()``, and deletes itself when closed.

    ``help_topic``: what Shift+F1 opens the guide at (``help_topics.TOPICS``); empty: what belongs to the page below.
    """

    help_topic = ""

    def __init__(self, parent: QWidget | None, title: str, text: str = "", tone: Tone | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dress(self)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(Space.XXL, Space.XXL, Space.XXL, Space.XL)
        outer.setSpacing(Space.XL)
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        self.icon = IconLabel("", Tone.MUTED, self, size=_ICON_SIZE)
        row.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignTop)
        self.show_tone(tone)
        self.content = QVBoxLayout()
        self.content.setSpacing(Space.S)
        row.addLayout(self.content, 1)
        outer.addLayout(row)
        outer.addStretch(1)
        self.heading = PlainLabel(title, self, size="heading", wrap=True)
        self._head = QHBoxLayout()
        self._head.addWidget(self.heading, 1)
        self.content.addLayout(self._head)
        self.text = PlainLabel(text, self, wrap=True, selectable=True)
        self.text.setVisible(bool(text))
        self.content.addWidget(self.text)
        self._outer = outer
        self.ask_for_width(Metric.DIALOG_WIDTH)
        bind(self, Shortcut.GUIDE.keys, self._on_help)

    def mark_profile(self, entry: ProfileEntry | None) -> None:
        """Say which installation it is about, where something is destroyed or paid for; None says nothing."""
        if entry is not None:
            self.setWindowTitle(f"{self.windowTitle()} · {entry.name}")
            self.content.insertWidget(0, ProfileMark(entry, self))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self.testAttribute(Qt.WidgetAttribute.WA_Resized):
            # Qt's own guess does not know how high wrapped texts become.
            self.fit_height()

    def show_tone(self, tone: Tone | None) -> None:
        """Show by the icon what kind of thing the dialog says; None takes the icon away."""
        self.icon.setVisible(tone is not None)
        if tone is not None:
            self.icon.set_icon(status_icon_name(tone) if tone is not Tone.BAD else "alert-triangle", tone)

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: A002 - Qt's name
        return go_on(self, forward=next) or super().focusNextPrevChild(next)

    def fit_height(self) -> None:
        """Take the height that the content needs at the present width."""
        self._outer.activate()
        self.resize(self.width(), self._outer.totalHeightForWidth(self.width()))

    def ask_for_width(self, width: int) -> None:
        """Be at least so wide; longer texts and buttons may need more, which a fixed minimum would not give them."""
        self._outer.addStrut(width - 2 * Space.XXL)

    def let_content_grow(self) -> None:
        """Give the content all the height there is, instead of keeping it at the top."""
        self._outer.setStretch(0, 1)
        self._outer.setStretch(1, 0)

    def offer_help(self, topic: str) -> None:
        """Show a button beside the heading that opens the guide at a topic."""
        self.help_topic = topic
        button = IconButton("help-circle", tr("Open the guide"), self, action=self._on_help)
        self._head.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)

    def _on_help(self) -> None:
        ask_for_help(self, self.help_topic)

    def set_buttons(self, *buttons: Button, leading: tuple[Button, ...] = ()) -> None:
        """Put the buttons at the end of the dialog, the last one outermost; ``leading`` ones at the other side."""
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        for button in leading:
            row.addWidget(button)
        row.addStretch(1)
        for button in buttons:
            row.addWidget(button)
        self._outer.addLayout(row)
