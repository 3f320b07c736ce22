"""The filters above the list of events: text, outcome, way, mode; and the switch to refused deliveries."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from smtpy_desktop.schemas.identifiers import OrganizationId
from smtpy_desktop.schemas.webhook_events import EventOutcome, EventQuery, ReceivedVia
from smtpy_desktop.views.events_words import outcome_word, via_word
from smtpy_desktop.views.filter_bar import FilterBar, ListFilters
from smtpy_desktop.views.shortcuts import Shortcut, key_text
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.chip import Chip
from smtpy_desktop.views.widgets.choice_chip import ChoiceChip, ChoicesChip
from smtpy_desktop.views.widgets.flow_layout import FlowLayout
from smtpy_desktop.views.widgets.texts import tr

_BOX_WIDTH = 190


@dataclass(frozen=True, slots=True)
class EventFilters(ListFilters):
    """What the list is narrowed down to; ``refused``: the refused deliveries are listed instead."""

    outcomes: frozenset[EventOutcome] = frozenset()
    via: ReceivedVia | None = None
    livemode: bool | None = None
    refused: bool = False

    def query(self, organization_id: OrganizationId | None) -> EventQuery:
        """Return what is to be read; a character that no text can hold is left out."""
        text = self.text.replace("\0", "").strip()
        return EventQuery(text, self.outcomes, self.via, organization_id, self.livemode)


class EventsFilterBar(FilterBar[EventFilters]):
    """The bar above the events."""

    def __init__(self, parent: QWidget | None = None) -> None:
        key = key_text(Shortcut.FIND.keys)
        tooltip = tr("Events whose id, type, object or customer contains this text ({key})", key=key)
        super().__init__(EventFilters(), (tr("Filter by id or type"), tooltip, (_BOX_WIDTH, _BOX_WIDTH)), parent)
        self._failed = self._refused = 0
        self.failed_chip = Chip(
            tr("Failed"), self, tone=Tone.BAD, icon="alert-triangle", checkable=True, action=self._on_failed
        )
        outcomes = {outcome: outcome_word(outcome) for outcome in EventOutcome}
        self.outcome_chip = ChoicesChip(tr("Outcome"), outcomes, tr("Any outcome"), self._on_outcomes, self)
        self.via_chip = ChoiceChip(tr("Received via"), _via_titles(), self._on_via, self)
        self.mode_chip = ChoiceChip(tr("Mode"), _mode_titles(), self._on_mode, self)
        self.refused_chip = Chip(
            tr("Refused deliveries"), self, tone=Tone.MUTED, icon="lock", checkable=True, action=self._on_refused
        )
        self._lay_out()
        self._show()

    def set_counts(self, *, failed: int, refused: int) -> None:
        """Show how many events failed, and how many deliveries were refused."""
        self._failed, self._refused = failed, refused
        self._show()

    def focus_box(self, text: str | None = None) -> None:
        """Give the text box the keyboard; a text given is typed at the end."""
        if self._filters.refused:
            self.clear()
        super().focus_box(text)

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

    # What happens

    def _on_failed(self) -> None:
        wanted = frozenset({EventOutcome.FAILED}) if self.failed_chip.isChecked() else frozenset[EventOutcome]()
        self.set_filters(replace(self._filters, outcomes=wanted))

    def _on_outcomes(self, outcomes: frozenset[EventOutcome]) -> None:
        self.set_filters(replace(self._filters, outcomes=outcomes))

    def _on_via(self, via: ReceivedVia | None) -> None:
        self.set_filters(replace(self._filters, via=via))

    def _on_mode(self, livemode: bool | None) -> None:
        self.set_filters(replace(self._filters, livemode=livemode))

    def _on_refused(self) -> None:
        self.set_filters(EventFilters(refused=self.refused_chip.isChecked()))

    def _show(self) -> None:
        super()._show()
        filters = self._filters
        only_failed = filters.outcomes == frozenset({EventOutcome.FAILED})
        self.failed_chip.setChecked(only_failed)
        self.failed_chip.set_label(tr("Failed"), count=self._failed)
        self.failed_chip.setVisible(not filters.refused and (only_failed or self._failed > 0))
        words = ", ".join(outcome_word(outcome) for outcome in EventOutcome if outcome in filters.outcomes)
        self.outcome_chip.show_choices(filters.outcomes, tr("Outcome: {outcomes}", outcomes=words or tr("any")))
        via = tr("Via: {way}", way=tr("any") if filters.via is None else via_word(filters.via))
        self.via_chip.show_choice(filters.via, via, is_applied=filters.via is not None)
        mode = _mode_titles()[filters.livemode]
        self.mode_chip.show_choice(filters.livemode, mode, is_applied=filters.livemode is not None)
        self.refused_chip.setChecked(filters.refused)
        self.refused_chip.set_label(tr("Refused deliveries"), count=self._refused)
        self.refused_chip.setVisible(filters.refused or self._refused > 0)
        for widget in (self.box, self.outcome_chip, self.via_chip, self.mode_chip):
            widget.setVisible(not filters.refused)


def _via_titles() -> dict[ReceivedVia | None, str]:
    return {None: tr("Any way"), **{via: via_word(via) for via in ReceivedVia}}


def _mode_titles() -> dict[bool | None, str]:
    return {None: tr("Live and test"), True: tr("Only live"), False: tr("Only test")}
