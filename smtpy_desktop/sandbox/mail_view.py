"""The page of the sandbox's mail server: what the forwarder has handed over, and what goes wrong there."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from smtpy_desktop.changes import Topic
from smtpy_desktop.core.stripe_pages import may_be_opened
from smtpy_desktop.sandbox.mail_details_view import MailDetails
from smtpy_desktop.sandbox.mail_faults_view import MailFaultsCard
from smtpy_desktop.sandbox.mail_playing import MailPlay, MailRow, MailSight
from smtpy_desktop.sandbox.mail_sink_faults import SinkFault, SinkVerb
from smtpy_desktop.sandbox.mail_view_words import mail_columns
from smtpy_desktop.sandbox.stand_in_page import StandInPage
from smtpy_desktop.sandbox.world import SandboxWorld
from smtpy_desktop.views.browser import open_in_browser
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import button_row
from smtpy_desktop.views.widgets.empty_state import EmptyState
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.texts import tr, tr_n

_PAGE = "sandbox-mail"
_LIST_WIDTH, _DETAILS_WIDTH = 620, 520
_LOOK_MILLISECONDS = 1000


class MailView(StandInPage[MailRow]):
    """Lists what the sandbox's mail server has taken, with the chosen message and the faults beside the list."""

    def __init__(self, context: ViewContext, world: SandboxWorld, parent: QWidget | None = None) -> None:
        super().__init__(_PAGE, context, (Topic.MESSAGES,), parent)
        self._play = MailPlay(world)
        self._sight: MailSight | None = None
        self._build_list()
        self.details_view = MailDetails(self)
        self.details_view.hide()
        self.faults_card = MailFaultsCard(self)
        self._connect_faults()
        self.details.setSpacing(Space.L)
        self.details.addWidget(self.faults_card)
        self.details.addWidget(self.details_view, 1)
        self.details.addStretch(0)
        # What arrives there changes nothing in the database that would tell of it at that moment.
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MILLISECONDS)
        self._timer.timeout.connect(self.refresh)

    def refresh(self) -> None:
        """Look into the inbox again."""
        self._is_stale = False
        self._context.runner.run(self._play.sight(), owner=self, on_success=self._show, replaces=_PAGE)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()
        self._is_stale = True

    def _build_list(self) -> None:
        sentence = tr(
            "No mail leaves this machine: a mail server of the sandbox on 127.0.0.1 stands for every target, "
            "and what the forwarder hands over is kept here."
        )
        empty = EmptyState(
            "mail-forward",
            tr("Nothing has been delivered yet"),
            tr("Send a test message to one of your aliases, and what its target receives is here."),
        )
        titles = (tr("Sandbox mail"), sentence, tr("Inbox of the sandbox"))
        self.build_list(titles, mail_columns(), empty, (_LIST_WIDTH, _DETAILS_WIDTH))
        self._browse = Button(tr("Open the inbox in the &browser"), self, icon="external-link", action=self._open)
        self._clear = Button(tr("&Empty the inbox"), self, icon="trash", action=self._on_empty)
        self.main.addLayout(button_row(self._browse, self._clear))

    def _connect_faults(self) -> None:
        card = self.faults_card
        card.fault_wanted.connect(self._fail_at)
        card.delay_wanted.connect(lambda seconds: self.play(self._play.delay(seconds)))
        card.only_for_wanted.connect(lambda who: self.play(self._play.spare_others(who)))
        card.down_wanted.connect(lambda is_down: self.play(self._play.set_down(is_down=is_down)))
        card.heal_wanted.connect(
            lambda: self.play(self._play.heal(), tr("Everything works again at the sandbox's mail server."))
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
        self.show_rows(sight.rows)

    def show_row(self, row: MailRow) -> None:
        """Show the chosen message, and read its source where it is another one."""
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

    def hide_row(self) -> None:
        """Show no message."""
        self.details_view.row = None
        self.details_view.hide()

    def _fail_at(self, verb: SinkVerb, fault: SinkFault) -> None:
        self.play(self._play.fail_at(verb, fault))

    def _on_empty(self) -> None:
        self.play(self._play.empty(), tr("The inbox of the sandbox is empty."))

    def _open(self) -> None:
        address = self._sight.inbox_address if self._sight is not None else ""
        if not (may_be_opened(address, is_sandbox=True) and open_in_browser(address)):
            told = tr("No browser can be opened here. The inbox is at {address}.", address=address)
            self._context.tell(Message(told, Tone.WARN, key=_PAGE))
