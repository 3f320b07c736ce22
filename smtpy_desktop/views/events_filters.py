"""The filters above the list of events: text, outcome, way, mode; and the switch to refused deliveries."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QWidget

from smtpy_desktop.schemas.identifiers import OrganizationId
from smtpy_desktop.schemas.webhook_events import EventOutcome, EventQuery, ReceivedVia
from smtpy_desktop.views.events_words import outcome_word, via_word
from smtpy_desktop.views.shortcuts import Shortcut, key_text
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.chip import Chip
from smtpy_desktop.views.widgets.choice_chip import ChoiceChip
from smtpy_desktop.views.widgets.filter_box import FilterBox
from smtpy_desktop.views.widgets.flow_layout import FlowLayout
from smtpy_desktop.views.widgets.texts import tr

_BOX_WIDTH = 190

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class EventFilters:
    """What the list is narrowed down to; ``refused``: the refused deliveries are listed instead."""

    text: str = ""
    outcomes: frozenset[EventOutcome] = frozenset()
    via: ReceivedVia | None = None
    livemode: bool | None = None
    refused: bool = False

    def query(self, organization_id: OrganizationId | None) -> EventQuery:
        """Return what is to be read; a character that no text can hold is left out."""
        text = self.text.replace("\0", "").strip()
        return EventQuery(text, self.outcomes, self.via, organization_id, self.livemode)


class EventsFilterBar(QWidget):
    """``changed``: other filters hold now. ``left``: Return was pressed in the text box."""

    changed = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Filters"))
        self._filters = EventFilters()
        self._failed = self._refused = 0
        self.box = self._build_box()
        self.failed_chip = Chip(
            tr("Failed"), self, tone=Tone.BAD, icon="alert-triangle", checkable=True, action=self._on_failed
        )
        self.outcome_chip, self._outcome_actions = self._build_outcomes()
        self.via_chip = ChoiceChip(tr("Received via"), _via_titles(), self._on_via, self)
        self.mode_chip = ChoiceChip(tr("Mode"), _mode_titles(), self._on_mode, self)
        self.refused_chip = Chip(
            tr("Refused deliveries"), self, tone=Tone.MUTED, icon="lock", checkable=True, action=self._on_refused
        )
        self._lay_out()
        self._show()

    @property
    def filters(self) -> EventFilters:
        """What holds now."""
        return self._filters

    @property
    def is_applied(self) -> bool:
        """Whether anything is filtered out."""
        return self._filters != EventFilters()

    def set_filters(self, filters: EventFilters) -> None:
        """Let other filters hold."""
        self.box.settle()
        if filters == self._filters:
            self._show()
            return
        self._filters = filters
        self._show()
        self.changed.emit()

    def clear(self) -> None:
        """Let everything through."""
        self.set_filters(EventFilters())

    def set_counts(self, *, failed: int, refused: int) -> None:
        """Show how many events failed, and how many deliveries were refused."""
        self._failed, self._refused = failed, refused
        self._show()

    def focus_box(self, text: str | None = None) -> None:
        """Give the text box the keyboard; a text given is typed at the end."""
        if self._filters.refused:
            self.clear()
        self.box.take_focus(text)

    @property
    def is_about_to_change(self) -> bool:
        """Whether something typed is still to be applied."""
        return self.box.is_about_to_apply

    # Building

    def _lay_out(self) -> None:
        """Put the box before the chips, which go on in a second line where there is no room for all."""
        holder = QWidget(self)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        holder.setSizePolicy(policy)
        flow = FlowLayout(holder, spacing=Space.S)
        for chip in (self.failed_chip, self.outcome_chip, self.via_chip, self.mode_chip, self.refused_chip):
            flow.addWidget(chip)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        row.addWidget(self.box)
        row.addWidget(holder, 1, Qt.AlignmentFlag.AlignVCenter)

    def _build_box(self) -> FilterBox:
        key = key_text(Shortcut.FIND.keys)
        tooltip = tr("Events whose id, type, object or customer contains this text ({key})", key=key)
        box = FilterBox(tr("Filter by id or type"), tooltip, (_BOX_WIDTH, _BOX_WIDTH), self)
        box.applied.connect(lambda text: self.set_filters(replace(self._filters, text=text)))
        box.left.connect(self.left)
        return box

    def _build_outcomes(self) -> tuple[Chip, dict[EventOutcome, QAction]]:
        chip, menu = Chip("", self), QMenu(self)
        menu.setAccessibleName(tr("Outcome"))
        actions = {}
        for outcome in EventOutcome:
            actions[outcome] = _checkable(menu, outcome_word(outcome))
            actions[outcome].triggered.connect(self._on_outcome)
        menu.addSeparator()
        menu.addAction(tr("Any outcome"), lambda: self.set_filters(replace(self._filters, outcomes=frozenset())))
        chip.set_menu(menu)
        return chip, actions

    # What happens

    def _on_failed(self) -> None:
        wanted = frozenset({EventOutcome.FAILED}) if self.failed_chip.isChecked() else frozenset[EventOutcome]()
        self.set_filters(replace(self._filters, outcomes=wanted))

    def _on_outcome(self) -> None:
        chosen = frozenset(outcome for outcome, action in self._outcome_actions.items() if action.isChecked())
        self.set_filters(replace(self._filters, outcomes=chosen if len(chosen) < len(EventOutcome) else frozenset()))

    def _on_via(self, via: ReceivedVia | None) -> None:
        self.set_filters(replace(self._filters, via=via))

    def _on_mode(self, livemode: bool | None) -> None:
        self.set_filters(replace(self._filters, livemode=livemode))

    def _on_refused(self) -> None:
        self.set_filters(EventFilters(refused=self.refused_chip.isChecked()))

    def _show(self) -> None:
        """Let every control show the filters that hold."""
        filters = self._filters
        self.box.show_text(filters.text)
        only_failed = filters.outcomes == frozenset({EventOutcome.FAILED})
        self.failed_chip.setChecked(only_failed)
        self.failed_chip.set_label(tr("Failed"), count=self._failed)
        self.failed_chip.setVisible(not filters.refused and (only_failed or self._failed > 0))
        words = ", ".join(outcome_word(outcome) for outcome in EventOutcome if outcome in filters.outcomes)
        self.outcome_chip.set_label(tr("Outcome: {outcomes}", outcomes=words or tr("any")))
        self.outcome_chip.set_applied(bool(filters.outcomes))
        via = tr("Via: {way}", way=tr("any") if filters.via is None else via_word(filters.via))
        self.via_chip.show_choice(filters.via, via, is_applied=filters.via is not None)
        mode = _mode_titles()[filters.livemode]
        self.mode_chip.show_choice(filters.livemode, mode, is_applied=filters.livemode is not None)
        self.refused_chip.setChecked(filters.refused)
        self.refused_chip.set_label(tr("Refused deliveries"), count=self._refused)
        self.refused_chip.setVisible(filters.refused or self._refused > 0)
        for widget in (self.box, self.outcome_chip, self.via_chip, self.mode_chip):
            widget.setVisible(not filters.refused)
        for outcome, action in self._outcome_actions.items():
            action.setChecked(outcome in filters.outcomes)


def _via_titles() -> dict[ReceivedVia | None, str]:
    return {None: tr("Any way"), **{via: via_word(via) for via in ReceivedVia}}


def _mode_titles() -> dict[bool | None, str]:
    return {None: tr("Live and test"), True: tr("Only live"), False: tr("Only test")}


def _checkable(menu: QMenu, title: str) -> QAction:
    action = menu.addAction(title)
    action.setCheckable(True)
    return action
