"""The filters above the list of domains: text, state, attention, activity."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from smtpy_desktop.schemas.domains import DomainQuery, DomainStatus
from smtpy_desktop.views.domain_words import status_word
from smtpy_desktop.views.shortcuts import Shortcut, key_text
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.chip import Chip
from smtpy_desktop.views.widgets.choice_chip import ChoiceChip
from smtpy_desktop.views.widgets.filter_box import FilterBox
from smtpy_desktop.views.widgets.flow_layout import HeadLayout
from smtpy_desktop.views.widgets.texts import tr

_BOX_WIDTH = (130, 260)


@dataclass(frozen=True, slots=True)
class DomainFilters:
    """What the list is narrowed down to."""

    text: str = ""
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


class DomainsFilterBar(QWidget):
    """``changed``: other filters hold now. ``left``: Down or Return was pressed in the text box."""

    changed = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Filters"))
        self._filters = DomainFilters()
        self._attention_count = 0
        self.box = self._build_box()
        self.status_chip = Chip("", self)
        self._status_actions = self._build_status_menu()
        self.attention_chip = Chip(
            tr("Needs attention"), self, tone=Tone.BAD, icon="alert-triangle", checkable=True, action=self._on_attention
        )
        titles = {None: tr("Active and inactive"), True: tr("Only active"), False: tr("Only inactive")}
        self.active_chip: ChoiceChip[bool | None] = ChoiceChip(tr("Active or inactive"), titles, self._on_active, self)
        chips = (self.status_chip, self.attention_chip, self.active_chip)
        self.setLayout(HeadLayout(self.box, *chips, spacing=Space.S))
        self._show()

    @property
    def filters(self) -> DomainFilters:
        """What holds now."""
        return self._filters

    @property
    def is_applied(self) -> bool:
        """Whether anything is filtered out."""
        return self._filters != DomainFilters()

    def set_filters(self, filters: DomainFilters) -> None:
        """Let other filters hold."""
        self.box.settle()
        if filters == self._filters:
            return
        self._filters = filters
        self._show()
        self.changed.emit()

    def clear(self) -> None:
        """Let everything through."""
        self.set_filters(DomainFilters())

    def set_attention_count(self, count: int) -> None:
        """Show how many domains need attention."""
        self._attention_count = count
        self._show()

    def focus_box(self, text: str | None = None) -> None:
        """Give the text box the keyboard; a text given is typed at the end."""
        self.box.take_focus(text)

    def _build_box(self) -> FilterBox:
        tooltip = tr("Domains whose name contains this text ({key})", key=key_text(Shortcut.FIND.keys))
        box = FilterBox(tr("Filter by name"), tooltip, _BOX_WIDTH, self)
        box.applied.connect(lambda text: self.set_filters(replace(self._filters, text=text)))
        box.left.connect(self.left)
        return box

    def _build_status_menu(self) -> dict[DomainStatus, QAction]:
        menu = QMenu(self)
        menu.setAccessibleName(tr("Status"))
        actions = {}
        for status in DomainStatus:
            actions[status] = _checkable(menu, status_word(status))
            actions[status].triggered.connect(self._on_status)
        menu.addSeparator()
        menu.addAction(tr("Any status"), lambda: self.set_filters(replace(self._filters, statuses=frozenset())))
        self.status_chip.set_menu(menu)
        return actions

    def _on_status(self) -> None:
        chosen = frozenset(status for status, action in self._status_actions.items() if action.isChecked())
        self.set_filters(replace(self._filters, statuses=chosen if len(chosen) < len(DomainStatus) else frozenset()))
        self._show()

    def _on_attention(self) -> None:
        self.set_filters(replace(self._filters, needs_attention=self.attention_chip.isChecked()))

    def _on_active(self, value: bool | None) -> None:
        self.set_filters(replace(self._filters, active=value))
        self._show()

    def _show(self) -> None:
        """Let every control show the filters that hold."""
        filters = self._filters
        self.box.show_text(filters.text)
        words = ", ".join(status_word(status) for status in DomainStatus if status in filters.statuses)
        self.status_chip.set_label(tr("Status: {statuses}", statuses=words or tr("any")))
        self.status_chip.set_applied(bool(filters.statuses))
        for status, action in self._status_actions.items():
            action.setChecked(status in filters.statuses)
        self.attention_chip.setChecked(filters.needs_attention)
        self.attention_chip.set_label(tr("Needs attention"), count=self._attention_count)
        self.attention_chip.setVisible(filters.needs_attention or self._attention_count > 0)
        active_words = {None: tr("Active: any"), True: tr("Active: yes"), False: tr("Active: no")}
        active = active_words[filters.active]
        self.active_chip.show_choice(filters.active, active, is_applied=filters.active is not None)


def _checkable(menu: QMenu, title: str) -> QAction:
    action = menu.addAction(title)
    action.setCheckable(True)
    return action
