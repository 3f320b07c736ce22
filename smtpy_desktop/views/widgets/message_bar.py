"""The line at the bottom of the window: what happened, what to do next, and a button for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from smtpy_desktop.views.icons import status_icon_name
from smtpy_desktop.views.theme_tokens import Metric, Space, Tone
from smtpy_desktop.views.widgets.accessibility import announce
from smtpy_desktop.views.widgets.buttons import Button, IconButton, on_click
from smtpy_desktop.views.widgets.icon_label import IconLabel
from smtpy_desktop.views.widgets.label import PlainLabel, set_tooltip
from smtpy_desktop.views.widgets.moments import zone_words
from smtpy_desktop.views.widgets.profile_mark import ProfileBadge, current_profile
from smtpy_desktop.views.widgets.single_shot import single_shot
from smtpy_desktop.views.widgets.texts import tr, tr_n

UNDO_MILLISECONDS = 12_000
"""How long a button is offered that takes back what was done."""
_SHORT_MILLISECONDS = 6_000
_MOST_KEPT = 20
_BY_TONE = -1.0


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to tell. ``key``: a later message with the same key takes this one's place.

    ``seconds``: how long it is shown; None lets it stay until it is dismissed. By default good news goes after a
    while, later when there is a button to press, and warnings and failures stay.
    """

    text: str
    tone: Tone = Tone.OK
    action_text: str = ""
    action: Callable[[], object] | None = None
    key: str = ""
    seconds: float | None = _BY_TONE

    @property
    def milliseconds(self) -> int | None:
        """How long the message is shown; None: until it is dismissed."""
        if self.seconds is None or self.seconds >= 0:
            return None if self.seconds is None else int(self.seconds * 1000)
        if self.tone in (Tone.WARN, Tone.BAD):
            return None
        return UNDO_MILLISECONDS if self.action is not None else _SHORT_MILLISECONDS


@dataclass(slots=True)
class _Waiting:
    message: Message
    left: int | None


class MessageBar(QFrame):
    """Shows the newest message; older ones that are not over come back when it goes, but for good news: it was seen.

    The time of a message runs only while it is seen. Where there is no message, the page's own line is shown.
    ``shown(Message)`` fires for every message (tests and the log read it). ``zone_pressed``: the time zone, which is
    always said at the end, is to be changed. ``profile_pressed``: other profiles are wanted before one is open.
    """

    shown = Signal(object)
    zone_pressed = Signal()
    profile_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("statusBar")
        self.setFixedHeight(Metric.STATUS_BAR_HEIGHT)
        self.setAccessibleName(tr("Messages"))
        self._stack: list[_Waiting] = []
        self._page_text = ""
        self._timer = single_shot(self, self.dismiss)
        self._build()
        self._show_top()

    @property
    def current(self) -> Message | None:
        """The message that is seen now."""
        return self._stack[-1].message if self._stack else None

    @property
    def waiting(self) -> int:
        """How many messages wait behind it."""
        return max(0, len(self._stack) - 1)

    @property
    def action_button(self) -> Button:
        """The button of the message that is seen."""
        return self._action

    def show_message(self, message: Message) -> None:
        """Show a message now, in place of an older one with the same key."""
        self._pause_top()
        self._stack = [entry for entry in self._stack if _comes_back(entry.message, after=message)]
        self._stack.append(_Waiting(message, message.milliseconds))
        del self._stack[:-_MOST_KEPT]
        self._show_top()
        announce(self, message.text, urgent=message.tone is Tone.BAD)
        self.shown.emit(message)

    def dismiss(self) -> None:
        """Take the message that is seen away."""
        if self._stack:
            self._stack.pop()
        self._show_top()

    def withdraw(self, key: str) -> None:
        """Take messages away that are no longer true."""
        self._pause_top()
        self._stack = [entry for entry in self._stack if entry.message.key != key]
        self._show_top()

    def set_page_line(self, left: str, right: str = "") -> None:
        """Set what the page has to say where there is no message, and what is seen at the end beside any."""
        self._page_text = left
        self._right.setText(right)
        self._show_top()

    def show_zone(self) -> None:
        """Say in which time zone times are shown."""
        self.zone.set_text(tr("Times in {zone}", zone=zone_words()))
        set_tooltip(self.zone, tr("Show times in UTC or in this computer's time zone"))

    def show_start(self, *, is_start: bool) -> None:
        """Lead to other profiles instead of telling the time zone, as long as nothing is open in the window."""
        entry = current_profile()
        self.zone.setVisible(not is_start)
        self.profile.show_profile(entry if is_start else None)
        self.profiles_button.setVisible(is_start and entry is None)

    def _build(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.PAGE, 0, Space.PAGE, 0)
        row.setSpacing(Space.S)
        self._icon = IconLabel("info-circle", Tone.MUTED, self)
        self._text = PlainLabel("", self, elide=Qt.TextElideMode.ElideRight)
        self._action = Button("", self, kind="link", action=self._on_action)
        self._close = IconButton("x", tr("Dismiss this message"), self, action=self.dismiss)
        self._more = PlainLabel("", self, tone=Tone.MUTED, size="small")
        self._right = PlainLabel("", self, tone=Tone.MUTED, size="small")
        for widget in (self._icon, self._text, self._action, self._close, self._more):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self._right)
        self.zone = Button("", self, kind="link", action=self.zone_pressed.emit)
        self.zone.setProperty("quiet", True)
        row.addWidget(self.zone)
        self.profiles_button = Button(tr("Profiles…"), self, kind="link", action=self.profile_pressed.emit)
        self.profiles_button.setProperty("quiet", True)
        self.profiles_button.hide()
        row.addWidget(self.profiles_button)
        self.profile = ProfileBadge(self)
        on_click(self.profile, self.profile_pressed.emit)
        row.addWidget(self.profile)
        self.show_zone()

    def _show_top(self) -> None:
        self._timer.stop()
        message = self.current
        for widget in (self._icon, self._close):
            widget.setVisible(message is not None)
        self._action.setVisible(message is not None and message.action is not None)
        self._more.setVisible(self.waiting > 0)
        self._more.setText(tr_n("and {n} more", "and {n} more", self.waiting))
        self._text.set_tone(Tone.TEXT if message is not None else Tone.MUTED)
        if message is None:
            self._text.setText(self._page_text)
            return
        self._icon.set_icon(status_icon_name(message.tone), message.tone)
        self._text.setText(message.text)
        self._action.set_text(message.action_text)
        left = self._stack[-1].left
        if left is not None:
            self._timer.start(left)

    def _pause_top(self) -> None:
        """Keep the time that the present message still has."""
        if self._timer.isActive():
            self._stack[-1].left = max(0, self._timer.remainingTime())
            self._timer.stop()

    def _on_action(self) -> None:
        message = self.current
        if message is None:
            return
        self.dismiss()
        if message.action is not None:
            message.action()


def _comes_back(message: Message, *, after: Message) -> bool:
    """Say whether a message is worth being seen again once the one ``after`` it has gone."""
    is_repeated = bool(after.key) and message.key == after.key
    return not is_repeated and (message.action is not None or message.tone in (Tone.BAD, Tone.WARN))
