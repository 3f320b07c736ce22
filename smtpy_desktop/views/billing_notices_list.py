"""The notices about billing that have not been read yet, on the page."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from smtpy_desktop.schemas.billing_account import BillingNotice
from smtpy_desktop.views.billing_notice_words import notice_icon, notice_tone, notice_words
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import Card, clear_layout
from smtpy_desktop.views.widgets.icon_label import IconLabel
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.relative_time import RelativeTimeLabel
from smtpy_desktop.views.widgets.tab_order import follow
from smtpy_desktop.views.widgets.texts import tr, tr_n

_MOST_SHOWN = 4


class BillingNoticesList(Card):
    """``show_wanted(BillingNotice)``: go to what it is about. ``read_wanted(list of ids)``: they were read."""

    show_wanted = Signal(object)
    read_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Notices"), "", parent)
        self.set_roomy()
        self._notices: tuple[BillingNotice, ...] = ()
        self._has_show = True
        self.read_all_button = Button(tr("Mark all as read"), self, kind="link", action=self._on_read_all)
        self.add_action(self.read_all_button)
        self._lines = QVBoxLayout()
        self._lines.setSpacing(Space.XS)
        self.body.addLayout(self._lines)
        self.hide()

    @property
    def notices(self) -> tuple[BillingNotice, ...]:
        """What is shown, newest first."""
        return self._notices

    def show_notices(self, notices: Sequence[BillingNotice], *, may_change: bool, has_show: bool) -> None:
        """Show these; ``has_show``: the page is not about their organization alone, so each leads there."""
        self.read_all_button.setVisible(may_change)
        self.setVisible(bool(notices))
        if (tuple(notices), has_show) == (self._notices, self._has_show):
            return
        self._notices, self._has_show = tuple(notices), has_show
        self.subtitle.setText(tr_n("{n} not read", "{n} not read", len(notices)))
        clear_layout(self._lines)
        for notice in self._notices[:_MOST_SHOWN]:
            self._lines.addLayout(self._line(notice, may_change=may_change))
        left = len(notices) - _MOST_SHOWN
        if left > 0:
            self._lines.addWidget(PlainLabel(tr_n("and {n} more", "and {n} more", left), self, tone=Tone.MUTED))
        follow(self)

    def _line(self, notice: BillingNotice, *, may_change: bool) -> QHBoxLayout:
        words = notice_words(notice)
        line = QHBoxLayout()
        line.setSpacing(Space.S)
        line.addWidget(IconLabel(notice_icon(notice), notice_tone(notice), self))
        line.addWidget(PlainLabel(words, self, elide=Qt.TextElideMode.ElideRight), 1)
        line.addWidget(RelativeTimeLabel(notice.at, self))
        if self._has_show:
            line.addWidget(self._button(tr("Show"), words, partial(self.show_wanted.emit, notice)))
        if may_change:
            line.addWidget(self._button(tr("Mark as read"), words, partial(self.read_wanted.emit, [notice.id])))
        return line

    def _button(self, caption: str, words: str, action: partial[None]) -> Button:
        button = Button(caption, self, kind="link", action=action)
        button.setAccessibleDescription(words)
        return button

    def _on_read_all(self) -> None:
        self.read_wanted.emit([notice.id for notice in self._notices])
