"""The details of what is selected on the Forwarder page: a destination with its deliveries, an hour, a process."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from smtpy_desktop.controllers import forwarder_controller
from smtpy_desktop.core.message_search_text import quoted
from smtpy_desktop.runtime.task_runner import say_nothing
from smtpy_desktop.schemas.books import Books, Suspect
from smtpy_desktop.schemas.forwarder import BookLine, ForwarderProcess, QueueLine
from smtpy_desktop.schemas.identifiers import MessageId
from smtpy_desktop.schemas.queue import QueueAction, QueueChoice, WaitingDelivery
from smtpy_desktop.views.forwarder_actions import QueueTarget
from smtpy_desktop.views.forwarder_columns import delivery_columns, hour_words, suspect_columns
from smtpy_desktop.views.forwarder_facts import amount_facts, destination_facts, line_pill, process_facts
from smtpy_desktop.views.forwarder_lists import ACTION_KEYS, add_actions
from smtpy_desktop.views.forwarder_words import (
    action_icon,
    action_title,
    fault_sentence,
    state_pill,
    state_sentence,
)
from smtpy_desktop.views.icons import icon
from smtpy_desktop.views.overview_period import search_of_span
from smtpy_desktop.views.shortcuts import bind
from smtpy_desktop.views.tables.live_list import LiveList
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import Notice
from smtpy_desktop.views.widgets.empty_state import EmptyState
from smtpy_desktop.views.widgets.flow_layout import FlowLayout
from smtpy_desktop.views.widgets.key_value import KeyValueList
from smtpy_desktop.views.widgets.label import PlainLabel, without_mnemonic
from smtpy_desktop.views.widgets.moments import local_zone
from smtpy_desktop.views.widgets.pill import Pill
from smtpy_desktop.views.widgets.texts import number, tr, tr_n
from smtpy_desktop.views.widgets.wrapped_text import WrappedText

_MOST_SEEN = 200
_MOST_ROWS = 12


class ForwarderDetails(QObject):
    """Fills ``head`` and ``body`` of a details pane.

    ``action_wanted(QueueAction, QueueTarget | None)``: something is to be done, with what is selected in the queue
    where there is no target. ``search_wanted(str)``: messages are to be shown.
    """

    action_wanted = Signal(object, object)
    search_wanted = Signal(str)

    def __init__(self, context: ViewContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._destination = self._shown_destination = ""
        self._search = ""
        self.head, self.body = QWidget(parent), QWidget(parent)
        self._build_head()
        self.deliveries = self._build_deliveries()
        self.suspects = self._build_suspects()
        self._build_body()
        self.show_nothing(has_rows=False)

    def show_destinations(self, lines: Sequence[QueueLine]) -> None:
        """Show what waits for one destination, its deliveries a moment later; of several what they have in common."""
        if len(lines) == 1:
            self._show_destination(lines[0])
            return
        title = tr_n("{n} destination selected", "{n} destinations selected", len(lines))
        self._show(title, self._buttons, self.facts)
        self._show_actions(waits=any(line.waiting for line in lines), held=any(line.held for line in lines))
        self.facts.show_facts(amount_facts(lines))

    def show_hour(self, line: BookLine, books: Books) -> None:
        """Show whether an hour balances, and the messages that are nowhere."""
        search = search_of_span(line.hour, line.hour + timedelta(hours=1), local_zone())
        self._heading.setText(tr("Messages of this hour"))
        if not line.difference:
            words = tr_n(
                "{n} message was accepted in this hour. It is accounted for.",
                "{n} messages were accepted in this hour. All of them are accounted for.",
                line.accepted,
            )
            self._show(hour_words(line.hour), self._pill, self._head_line, words=words, search=search)
            self._pill.set_state(tr("Balances"), Tone.OK, icon="check")
            return
        suspects = [one for one in books.suspects if one.hour == line.hour]
        is_part = len(suspects) < line.difference
        words = tr("The first {n} are listed.", n=number(len(suspects))) if is_part else ""
        parts = (self._pill, self._notice, self._head_line, self.suspects)
        self._show(hour_words(line.hour), *parts, words=words, search=search)
        self._pill.set_state(tr("Difference {n}", n=number(line.difference)), Tone.BAD)
        self._notice.show_words(
            tr_n(
                "{n} accepted message is not accounted for",
                "{n} accepted messages are not accounted for",
                line.difference,
            ),
            "\n\n".join(fault_sentence(kind) for kind in dict.fromkeys(one.kind for one in suspects)),
            Tone.BAD,
        )
        self.suspects.show_rows(suspects)
        self._fit_lists()

    def show_process(self, process: ForwarderProcess) -> None:
        """Show what a process tells about itself."""
        self._show(process.host, self._pill, self.facts, words=state_sentence(process))
        pill = state_pill(process.state)
        self._pill.set_state(pill.text, pill.tone, icon=pill.icon)
        self.facts.show_facts(process_facts(process))

    def show_nothing(self, *, has_rows: bool = True) -> None:
        """Show that nothing is selected; nothing at all where there is nothing to be selected."""
        self._show("", *([self._nothing] if has_rows else []))

    def read(self) -> None:
        """Read the deliveries of the destination that is shown again."""
        if self._destination:
            services = self._context.services
            self._context.runner.run(
                forwarder_controller.destination_deliveries(services.sessions, self._destination, _MOST_SEEN),
                owner=self,
                on_success=partial(self._take_deliveries, self._destination),
                on_error=say_nothing,  # the list says that the database is away
                replaces="forwarder/deliveries",
            )

    # Building

    def _build_head(self) -> None:
        self._title = PlainLabel("", self.head, size="heading", elide=Qt.TextElideMode.ElideRight)
        self._pill = Pill("", Tone.MUTED, self.head)
        self._actions = {
            action: Button(
                without_mnemonic(action_title(action)),
                self.head,
                icon=action_icon(action),
                action=partial(self.action_wanted.emit, action, None),
            )
            for action in (QueueAction.RETRY, QueueAction.HOLD, QueueAction.RELEASE, QueueAction.GIVE_UP)
        }
        self._buttons = QWidget(self.head)
        flow = FlowLayout(self._buttons, spacing=Space.S)
        for button in self._actions.values():
            flow.addWidget(button)
        line = QHBoxLayout()
        line.setSpacing(Space.S)
        line.addWidget(self._title, 1)
        line.addWidget(self._pill)
        column = QVBoxLayout(self.head)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        column.addLayout(line)
        column.addWidget(self._buttons)

    def _build_body(self) -> None:
        body = self.body
        self._notice = Notice("", "", Tone.BAD, body)
        self._words = WrappedText("", body, tone=Tone.MUTED)
        self.facts = KeyValueList(body)
        self._heading = PlainLabel("", body, size="section")
        self.search_button = Button(tr("Show in Messages"), body, kind="link", action=self._on_search)
        self._nothing = EmptyState(
            "mail-forward",
            tr("Nothing selected"),
            tr("Select a line to see what is behind it and what can be done."),
            parent=body,
        )
        self._head_line = QWidget(body)
        line = QHBoxLayout(self._head_line)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self._heading, 1)
        line.addWidget(self.search_button)
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        for widget in (self._notice, self._words, self.facts, self._head_line, self.deliveries, self.suspects):
            column.addWidget(widget)
        column.addWidget(self._nothing)
        column.addStretch(1)

    def _build_deliveries(self) -> LiveList[WaitingDelivery]:
        made: LiveList[WaitingDelivery] = LiveList(
            delivery_columns(),
            tr("Deliveries to this destination"),
            "forwarder-deliveries",
            self._context.memory,
            lambda row: row.id,
            self.body,
            on_surface=True,
        )
        made.table.set_compact(compact=True)
        made.table.set_menu_builder(self._build_menu)
        made.model.loaded.connect(self._fit_lists)
        for action, shortcut in ACTION_KEYS.items():
            act = partial(self._act_on_selected, action)
            bind(made, shortcut.keys, act, Qt.ShortcutContext.WidgetWithChildrenShortcut)
        made.table.row_opened.connect(lambda row: self.search_wanted.emit(f"id:{row.message_id}"))
        return made

    def _build_suspects(self) -> LiveList[Suspect]:
        made: LiveList[Suspect] = LiveList(
            suspect_columns(),
            tr("Messages that are not accounted for"),
            "forwarder-suspects",
            self._context.memory,
            lambda row: row.message_id,
            self.body,
            on_surface=True,
        )
        made.table.set_compact(compact=True)
        made.table.set_menu_builder(self._build_suspects_menu)
        made.model.loaded.connect(self._fit_lists)
        made.table.row_opened.connect(lambda row: self.search_wanted.emit(f"id:{row.message_id}"))
        return made

    def _build_menu(self, menu: QMenu) -> None:
        chosen, target = self.deliveries.selected, self._selected_target()
        if target is None:
            return
        waits, held = any(row.held_at is None for row in chosen), any(row.held_at is not None for row in chosen)
        add_actions(
            menu,
            {
                QueueAction.RETRY: waits,
                QueueAction.HOLD: waits,
                QueueAction.RELEASE: held,
                QueueAction.GIVE_UP: True,
            },
            self._act_on_selected,
            is_read_only=self._context.services.is_read_only,
        )
        menu.addSeparator()
        ids = tuple(dict.fromkeys(row.message_id for row in chosen))
        menu.addAction(icon("mail", Tone.MUTED), tr("Show in &Messages"), partial(self._show_messages, ids))

    def _selected_target(self) -> QueueTarget | None:
        """Return what an action on the selected deliveries is about."""
        ids = tuple(dict.fromkeys(row.message_id for row in self.deliveries.selected))
        if not ids:
            return None
        return QueueTarget(QueueChoice(destinations=(self._destination,), message_ids=ids), self._destination)

    def _act_on_selected(self, action: QueueAction) -> None:
        target = self._selected_target()
        if target is not None:
            self.action_wanted.emit(action, target)

    def _build_suspects_menu(self, menu: QMenu) -> None:
        ids = tuple(row.message_id for row in self.suspects.selected)
        if ids:
            menu.addAction(icon("mail", Tone.MUTED), tr("Show in &Messages"), partial(self._show_messages, ids))

    # Showing

    def _show(self, title: str, *wanted: QWidget, words: str = "", search: str = "") -> None:
        """Show these parts and no others; what is seen already is not touched, so that nobody loses the keyboard."""
        self._destination, self._search = "", search
        self._title.setText(title)
        self._words.set_text(words)
        parts = (self._pill, self._buttons, self._notice, self.facts, self._head_line, self.deliveries, self.suspects)
        for part in (*parts, self._nothing):
            part.setVisible(part in wanted)
        self._words.setVisible(bool(words))

    def _show_destination(self, line: QueueLine) -> None:
        if line.destination != self._shown_destination:
            self._shown_destination = line.destination
            self.deliveries.show_rows(())
        parts = [self._pill, self._buttons, self.facts, self._head_line]
        if self.deliveries.rows:
            parts.append(self.deliveries)
        search = f"forwarded:{quoted('@' + line.destination)} status:pending,processing"
        self._show(line.destination, *parts, search=search)
        self._destination = line.destination
        pill = line_pill(line)
        self._pill.set_state(pill.text, pill.tone, icon=pill.icon)
        self._show_actions(waits=line.waiting > 0, held=line.held > 0)
        self.facts.show_facts(destination_facts(line))
        self.read()

    def _show_actions(self, *, waits: bool, held: bool) -> None:
        may = not self._context.services.is_read_only
        hold, release = self._actions[QueueAction.HOLD], self._actions[QueueAction.RELEASE]
        possible = {
            QueueAction.RETRY: waits,
            QueueAction.HOLD: waits,
            QueueAction.RELEASE: held,
            QueueAction.GIVE_UP: waits or held,
        }
        # What was pressed goes: the keyboard belongs to what takes it back, not to the button that happens to be next.
        if hold.hasFocus() and held and not waits:
            _pass_focus(release)
        elif release.hasFocus() and not held:
            _pass_focus(hold)
        for action, is_possible in possible.items():
            self._actions[action].setEnabled(may and is_possible)
        hold.setVisible(waits or not held)
        release.setVisible(held)

    def _take_deliveries(self, destination: str, rows: Sequence[WaitingDelivery]) -> None:
        if destination == self._destination:
            self.deliveries.show_rows(rows)
            self._place_deliveries()

    def _place_deliveries(self) -> None:
        rows = self.deliveries.rows
        is_whole = len(rows) < _MOST_SEEN
        self._heading.setText(tr("Deliveries") if is_whole else tr("The next {n} deliveries", n=number(len(rows))))
        self._fit_lists()
        self.deliveries.setVisible(bool(rows))

    def _fit_lists(self) -> None:
        """Be as high as the rows are; the lists take over their rows a moment after they were given them."""
        for one in (self.deliveries, self.suspects):
            one.frame.fit_rows(_MOST_ROWS)

    def _on_search(self) -> None:
        self.search_wanted.emit(self._search)

    def _show_messages(self, ids: Sequence[MessageId]) -> None:
        self.search_wanted.emit(" OR ".join(f"id:{one}" for one in ids))


def _pass_focus(button: Button) -> None:
    button.setEnabled(True)
    button.show()
    button.setFocus()
