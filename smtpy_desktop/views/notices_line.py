"""One notice in the list: what is wrong, since when, what to do, and the buttons for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from smtpy_desktop.schemas.notices import Notice
from smtpy_desktop.views.notices_tools import NoticesTools
from smtpy_desktop.views.notices_words import (
    clock_words,
    in_a_week,
    in_an_hour,
    severity_icon,
    severity_tone,
    severity_word,
    tomorrow_morning,
)
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import link_row
from smtpy_desktop.views.widgets.icon_label import IconLabel
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.relative_time import RelativeTimeLabel
from smtpy_desktop.views.widgets.texts import tr, translated


class NoticeLine(QFrame):
    """``main_button`` leads to what the notice is about; ``later_button`` puts it off, or takes that back."""

    def __init__(self, notice: Notice, tools: NoticesTools, leave: Callable[[], object], parent: QWidget) -> None:
        """``leave`` is called before the window is led elsewhere."""
        super().__init__(parent)
        self.notice = notice
        self._tools, self._leave = tools, leave
        self._words = translated(notice.message)
        self.setAccessibleName(f"{severity_word(notice.severity)}: {self._words}")
        self.setAccessibleDescription(translated(notice.hint))
        self.main_button = self._main_button()
        self.later_button = self._later_button()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, Space.S, 0, Space.S)
        row.setSpacing(Space.S)
        mark = IconLabel(severity_icon(notice.severity), severity_tone(notice.severity), self)
        mark.setAccessibleName(severity_word(notice.severity))
        row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(self._column(), 1)

    def later_menu(self) -> QMenu:
        """Return the menu of *Snooze*."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setAccessibleName(tr("Snooze"))
        for words, moment in (
            (tr("For an &hour"), in_an_hour),
            (tr("Until &tomorrow morning"), tomorrow_morning),
            (tr("For a &week"), in_a_week),
        ):
            menu.addAction(words, partial(self._put_off, moment))
        menu.addSeparator()
        mute: QAction = menu.addAction(tr("&Never tell of this kind"), partial(self._tools.mute, self.notice.kind))
        mute.setToolTip(tr("It can be told again under Settings, Notices."))
        menu.setToolTipsVisible(True)
        return menu

    def _column(self) -> QVBoxLayout:
        head = QHBoxLayout()
        head.setSpacing(Space.S)
        head.addWidget(PlainLabel(self._words, self, size="label", wrap=True), 1)
        since = RelativeTimeLabel(self.notice.since, self)
        head.addWidget(since, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(Space.XS)
        column.addLayout(head)
        column.addWidget(PlainLabel(self._hint(), self, tone=Tone.MUTED, size="small", wrap=True))
        column.addLayout(link_row(self.main_button, self.later_button))
        return column

    def _hint(self) -> str:
        until = self.notice.snoozed_until
        return translated(self.notice.hint) if until is None else tr("Snoozed until {time}.", time=clock_words(until))

    def _main_button(self) -> Button:
        action = self.notice.action
        button = Button(translated(action.words) if action is not None else "", self, kind="link", action=self._show)
        button.setVisible(action is not None)
        button.setAccessibleDescription(self._words)
        return button

    def _later_button(self) -> Button:
        if self.notice.is_snoozed:
            button = Button(tr("Tell again"), self, kind="link", action=self._tell_again)
        else:
            button = Button(tr("Snooze"), self, kind="link", action=self._open_menu)
        button.setAccessibleDescription(self._words)
        return button

    def _show(self) -> None:
        action = self.notice.action
        if action is not None:
            self._leave()
            self._tools.show(action)

    def _open_menu(self) -> None:
        self.later_menu().popup(self.later_button.mapToGlobal(self.later_button.rect().bottomLeft()))

    def _put_off(self, moment: Callable[[], datetime]) -> None:
        self._tools.snooze(self.notice.id, moment())

    def _tell_again(self) -> None:
        self._tools.snooze(self.notice.id, None)
