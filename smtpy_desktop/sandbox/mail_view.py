"""The page of the sandbox's mail server: what the forwarder has handed over, and what goes wrong there."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.core.stripe_pages import may_be_opened
from smtpy_desktop.sandbox.mail_details_view import MailDetails
from smtpy_desktop.sandbox.mail_faults_view import MailFaultsCard
from smtpy_desktop.sandbox.mail_playing import MailPlay, MailRow, MailSight
from smtpy_desktop.sandbox.mail_sink_faults import SinkFault, SinkVerb
from smtpy_desktop.sandbox.mail_view_words import mail_columns
from smtpy_desktop.sandbox.world import SandboxWorld
from smtpy_desktop.views.browser import open_in_browser
from smtpy_desktop.views.main_window import PageActions
from smtpy_desktop.views.tables.data_table import DataTable
from smtpy_desktop.views.tables.keyed_table_model import KeyedTableModel
from smtpy_desktop.views.tables.list_reader import fixed_reader
from smtpy_desktop.views.tables.table_frame import TableFrame
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import button_row
from smtpy_desktop.views.widgets.empty_state import EmptyState
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.split_page import SplitPage
from smtpy_desktop.views.widgets.texts import tr, tr_n

_PAGE = "sandbox-mail"
_LIST_WIDTH, _DETAILS_WIDTH = 620, 520
_LOOK_MILLISECONDS = 1000


class MailView(SplitPage):
    """Lists what the sandbox's mail server has taken, with the chosen message and the faults beside the list."""

    def __init__(self, context: ViewContext, world: SandboxWorld, parent: QWidget | None = None) -> None:
        super().__init__(_PAGE, context.memory, parent)
        self._context, self._play = context, MailPlay(world)
        self._rows: tuple[MailRow, ...] = ()
        self._sight: MailSight | None = None
        self._is_stale = True
        self._build_list()
        self.details_view = MailDetails(self)
        self.details_view.hide()
        self.faults_card = MailFaultsCard(self)
        self._connect_faults()
        self.details.setSpacing(Space.L)
        self.details.addWidget(self.faults_card)
        self.details.addWidget(self.details_view)
        self.details.addStretch(1)
        if context.memory.value(f"pages/{_PAGE}/splitter") is None:
            self.setSizes([_LIST_WIDTH, _DETAILS_WIDTH])
        context.bus.changed.connect(self._on_changed)
        # What arrives there changes nothing in the database that would tell of it at that moment.
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MILLISECONDS)
        self._timer.timeout.connect(self.refresh)
        self.setFocusProxy(self.table)

    @property
    def page_actions(self) -> PageActions:
        """What the window's keys do here."""
        return PageActions(refresh=self.refresh)

    def refresh(self) -> None:
        """Look into the inbox again."""
        self._is_stale = False
        self._context.runner.run(self._play.sight(), owner=self, on_success=self._show, replaces=_PAGE)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()
        if self._is_stale:
            self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()
        self._is_stale = True

    def _build_list(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(Space.S)
        head.addWidget(PlainLabel(tr("Sandbox mail"), self, size="title"))
        self._count = PlainLabel("", self, tone=Tone.MUTED, elide=Qt.TextElideMode.ElideRight)
        head.addWidget(self._count, 1)
        self.main.addLayout(head)
        sentence = tr(
            "No mail leaves this machine: a mail server of the sandbox on 127.0.0.1 stands for every target, "
            "and what the forwarder hands over is kept here."
        )
        self.main.addWidget(PlainLabel(sentence, self, tone=Tone.MUTED, wrap=True))
        self._model = KeyedTableModel(mail_columns(), fixed_reader(()), self)
        self.table = DataTable(self._model, tr("Inbox of the sandbox"), _PAGE, self._context.memory, self)
        self.table.selection_changed.connect(self._on_selected)
        self._model.loaded.connect(self._on_loaded)
        self._frame = TableFrame(self.table, self)
        self._empty = EmptyState(
            "mail-forward",
            tr("Nothing has been delivered yet"),
            tr("Send a test message to one of your aliases, and what its target receives is here."),
        )
        self.main.addWidget(self._frame, 1)
        self._browse = Button(tr("Open the inbox in the &browser"), self, icon="external-link", action=self._open)
        self._clear = Button(tr("&Empty the inbox"), self, icon="trash", action=self._on_empty)
        self.main.addLayout(button_row(self._browse, self._clear))

    def _connect_faults(self) -> None:
        card = self.faults_card
        card.fault_wanted.connect(self._fail_at)
        card.delay_wanted.connect(lambda seconds: self._run(self._play.delay(seconds)))
        card.only_for_wanted.connect(lambda who: self._run(self._play.spare_others(who)))
        card.down_wanted.connect(lambda is_down: self._run(self._play.set_down(is_down=is_down)))
        card.heal_wanted.connect(
            lambda: self._run(self._play.heal(), tr("Everything works again at the sandbox's mail server."))
        )

    def _show(self, sight: MailSight) -> None:
        self._sight = sight
        count = tr_n("{n} message", "{n} messages", len(sight.rows))
        where = tr("not listening") if sight.is_down else tr("listening at {address}", address=sight.address)
        self._count.setText(f"{count} · {where}")
        self.faults_card.show_sight(sight)
        self._clear.setEnabled(bool(sight.rows))
        if sight.rows == self._rows and self._rows:
            return
        self._rows = sight.rows
        self._model.set_reader(fixed_reader(self._rows, lambda row: row.id))
        self._model.reload()
        if self._rows:
            self._frame.show_table()
        else:
            self._frame.show_instead(self._empty)
            self.details_view.row = None
            self.details_view.hide()

    def _on_loaded(self) -> None:
        shown = self.details_view.row
        if self._rows and not (shown is not None and self.table.select_id(shown.id)):
            self.table.select_id(self._rows[0].id)
        self._on_selected()

    def _on_selected(self) -> None:
        row = self.table.current_row()
        if row is None:
            return
        is_other = self.details_view.row is None or self.details_view.row.id != row.id
        self.details_view.show_row(row)
        self.details_view.show()
        if is_other:
            self._context.runner.run(
                self._play.source(row.id),
                owner=self,
                on_success=self.details_view.show_source,
                replaces=f"{_PAGE}-source",
            )

    def _on_changed(self, change: Change) -> None:
        if change.topic is Topic.MESSAGES and self.isVisible():
            self.refresh()

    def _fail_at(self, verb: SinkVerb, fault: SinkFault) -> None:
        self._run(self._play.fail_at(verb, fault))

    def _on_empty(self) -> None:
        self._run(self._play.empty(), tr("The inbox of the sandbox is empty."))

    def _open(self) -> None:
        address = self._sight.inbox_address if self._sight is not None else ""
        if not (may_be_opened(address, is_sandbox=True) and open_in_browser(address)):
            told = tr("No browser can be opened here. The inbox is at {address}.", address=address)
            self._context.tell(Message(told, Tone.WARN, key=_PAGE))

    def _run(self, work: Coroutine[Any, Any, None], told: str = "") -> None:
        def done(_: None) -> None:
            self.refresh()
            if told:
                self._context.tell(Message(told, Tone.OK, key=_PAGE))

        self._context.runner.run(work, owner=self, on_success=done)
