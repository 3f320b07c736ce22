"""The filters above the list of domains: text, state, attention, activity."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtWidgets import QWidget

from smtpy_desktop.schemas.domains import DomainQuery, DomainStatus
from smtpy_desktop.views.domain_words import status_word
from smtpy_desktop.views.filter_bar import FilterBar, ListFilters
from smtpy_desktop.views.shortcuts import Shortcut, key_text
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.chip import Chip
from smtpy_desktop.views.widgets.choice_chip import ChoiceChip, ChoicesChip
from smtpy_desktop.views.widgets.flow_layout import HeadLayout
from smtpy_desktop.views.widgets.texts import tr

_BOX_WIDTH = (130, 260)


@dataclass(frozen=True, slots=True)
class DomainFilters(ListFilters):
    """What the list is narrowed down to."""

    statuses: frozenset[DomainStatus] = frozenset()
    needs_attention: bool = False
    active: bool | None = None

    def applied_to(self, query: DomainQuery) -> DomainQuery:
        """Return the query with these filters and everything else as it was."""
        return replace(
            query,
            text=self.text.strip(),
            statuses=self.statuses,
            needs_attention=self.needs_attention,
            active=self.active,
        )


class DomainsFilterBar(FilterBar[DomainFilters]):
    """The bar above the domains."""

    def __init__(self, parent: QWidget | None = None) -> None:
        tooltip = tr("Domains whose name contains this text ({key})", key=key_text(Shortcut.FIND.keys))
        super().__init__(DomainFilters(), (tr("Filter by name"), tooltip, _BOX_WIDTH), parent)
        self._attention_count = 0
        statuses = {status: status_word(status) for status in DomainStatus}
        self.status_chip = ChoicesChip(tr("Status"), statuses, tr("Any status"), self._on_status, self)
        self.attention_chip = Chip(
            tr("Needs attention"), self, tone=Tone.BAD, icon="alert-triangle", checkable=True, action=self._on_attention
        )
        titles = {None: tr("Active and inactive"), True: tr("Only active"), False: tr("Only inactive")}
        self.active_chip: ChoiceChip[bool | None] = ChoiceChip(tr("Active or inactive"), titles, self._on_active, self)
        chips = (self.status_chip, self.attention_chip, self.active_chip)
        self.setLayout(HeadLayout(self.box, *chips, spacing=Space.S))
        self._show()

    def set_attention_count(self, count: int) -> None:
        """Show how many domains need attention."""
        self._attention_count = count
        self._show()

    def _on_status(self, statuses: frozenset[DomainStatus]) -> None:
        self.set_filters(replace(self._filters, statuses=statuses))

    def _on_attention(self) -> None:
        self.set_filters(replace(self._filters, needs_attention=self.attention_chip.isChecked()))

    def _on_active(self, value: bool | None) -> None:
        self.set_filters(replace(self._filters, active=value))

    def _show(self) -> None:
        super()._show()
        filters = self._filters
        words = ", ".join(status_word(status) for status in DomainStatus if status in filters.statuses)
        self.status_chip.show_choices(filters.statuses, tr("Status: {statuses}", statuses=words or tr("any")))
        self.attention_chip.setChecked(filters.needs_attention)
        self.attention_chip.set_label(tr("Needs attention"), count=self._attention_count)
        self.attention_chip.setVisible(filters.needs_attention or self._attention_count > 0)
        active_words = {None: tr("Active: any"), True: tr("Active: yes"), False: tr("Active: no")}
        active = active_words[filters.active]
        self.active_chip.show_choice(filters.active, active, is_applied=filters.active is not None)
