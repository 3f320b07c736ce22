"""What needs attention: domains with wrong records, news about billing, and messages that wait."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.schemas.billing_account import BillingNotice
from smtpy_desktop.schemas.dns import Verdict
from smtpy_desktop.schemas.domains import DomainRow
from smtpy_desktop.views.billing_notice_words import notice_icon, notice_tone, notice_words
from smtpy_desktop.views.domain_words import kind_name
from smtpy_desktop.views.theme_tokens import Metric, Space, Tone
from smtpy_desktop.views.widgets.buttons import IconButton
from smtpy_desktop.views.widgets.card import Card, clear_layout
from smtpy_desktop.views.widgets.icon_label import IconLabel
from smtpy_desktop.views.widgets.label import PlainLabel, set_tooltip
from smtpy_desktop.views.widgets.texts import tr, tr_n

_MOST_NOTICES = 2


class OverviewAttention(Card):
    """``domain_wanted(DomainId)`` and ``billing_wanted(OrganizationId)``: one is to be shown.

    ``queue_wanted``: the messages that wait.
    """

    domain_wanted = Signal(object)
    billing_wanted = Signal(object)
    queue_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Needs attention"), "", parent)
        self.set_roomy()
        self.title.setMinimumHeight(Metric.ICON_BUTTON)  # in line with the cards beside it
        self._lines = QVBoxLayout()
        self._lines.setSpacing(Space.XS)
        self.body.addLayout(self._lines)
        self.body.addStretch(1)
        self._shown: tuple[object, ...] = ()

    def show_state(self, rows: Sequence[DomainRow], queued: int, notices: Sequence[BillingNotice] = ()) -> None:
        """Show the domains that need attention, unread notices about billing, and how many messages wait."""
        if (tuple(rows), queued, tuple(notices)) == self._shown:
            return
        self._shown = (tuple(rows), queued, tuple(notices))
        clear_layout(self._lines)
        for row in rows:
            self._add("x", Tone.BAD, _domain_words(row), partial(self.domain_wanted.emit, row.id))
        for notice in notices[:_MOST_NOTICES]:
            show = partial(self.billing_wanted.emit, notice.organization_id)
            self._add(notice_icon(notice), notice_tone(notice), notice_words(notice), show)
        if queued:
            words = tr_n("{n} message waits to be delivered", "{n} messages wait to be delivered", queued)
            self._add("clock", Tone.MUTED, words, self.queue_wanted.emit)
        if not rows and not queued and not notices:
            line = QHBoxLayout()
            line.setSpacing(Space.S)
            line.addWidget(IconLabel("circle-check", Tone.OK, self))
            line.addWidget(PlainLabel(tr("Nothing: all is well."), self), 1)
            self._lines.addLayout(line)

    def _add(self, icon: str, tone: Tone, words: str, show: Callable[[], object]) -> None:
        line = QHBoxLayout()
        line.setSpacing(Space.S)
        line.addWidget(IconLabel(icon, tone, self))
        label = PlainLabel(words, self, elide=Qt.TextElideMode.ElideRight)
        set_tooltip(label, words)
        line.addWidget(label, 1)
        name = tr("Show: {what}", what=words)
        button = IconButton("chevron-right", name, self, tone=Tone.ACCENT, action=show)
        line.addWidget(button)
        self._lines.addLayout(line)


def _domain_words(row: DomainRow) -> str:
    wrong = ", ".join(kind_name(kind) for kind, verdict in row.records.items() if verdict is Verdict.WRONG)
    name = visible_line(row.unicode_name)
    return tr("{name} fails {records}", name=name, records=wrong) if wrong else name
