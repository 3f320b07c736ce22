"""The filters above the list of aliases: text, domain, activity."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QWidget

from smtpy_desktop.schemas.aliases import AliasQuery
from smtpy_desktop.schemas.identifiers import DomainId, OrganizationId
from smtpy_desktop.views.domain_choice_button import DomainChoiceButton, OneDomain
from smtpy_desktop.views.shortcuts import Shortcut, key_text
from smtpy_desktop.views.theme_tokens import Space
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.choice_chip import ChoiceChip
from smtpy_desktop.views.widgets.filter_box import FilterBox
from smtpy_desktop.views.widgets.flow_layout import HeadLayout
from smtpy_desktop.views.widgets.texts import tr

_BOX_WIDTH = (150, 280)


@dataclass(frozen=True, slots=True)
class AliasFilters:
    """What the list is narrowed down to."""

    text: str = ""
    domain_id: DomainId | None = None
    active: bool | None = None

    def query(self, organization_id: OrganizationId | None) -> AliasQuery:
        """Return what is asked for."""
        return AliasQuery(organization_id, self.domain_id, self.text.strip(), self.active)


class AliasesFilterBar(QWidget):
    """``changed``: other filters hold now. ``left``: Return was pressed in the text box."""

    changed = Signal()
    left = Signal()

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Filters"))
        self._filters = AliasFilters()
        self.box = self._build_box()
        self.domain_button = DomainChoiceButton(context, self, question=tr("Aliases of a domain"))
        self.domain_button.chosen.connect(self._on_domain)
        titles = {None: tr("Active and inactive"), True: tr("Only active"), False: tr("Only inactive")}
        self.active_chip: ChoiceChip[bool | None] = ChoiceChip(tr("Active or inactive"), titles, self._on_active, self)
        chips = (self.domain_button, self.active_chip)
        self.setLayout(HeadLayout(self.box, *chips, spacing=Space.S))
        self._show()

    @property
    def filters(self) -> AliasFilters:
        """What holds now."""
        return self._filters

    @property
    def domain(self) -> OneDomain | None:
        """The domain whose aliases are listed, None for all."""
        return self.domain_button.domain

    @property
    def is_applied(self) -> bool:
        """Whether anything is filtered out."""
        return self._filters != AliasFilters()

    @property
    def is_about_to_change(self) -> bool:
        """Whether something typed is still to be applied."""
        return self.box.is_about_to_apply

    def set_filters(self, filters: AliasFilters) -> None:
        """Let other filters hold; a domain is chosen by ``show_domain``."""
        self.box.settle()
        if filters == self._filters:
            return
        self._filters = filters
        if filters.domain_id is None:
            self.domain_button.forget()
        self._show()
        self.changed.emit()

    def show_domain(self, domain: OneDomain) -> None:
        """List one domain's aliases and nothing else."""
        self.box.settle()
        self._filters = AliasFilters(domain_id=domain.id)
        with QSignalBlocker(self.domain_button):
            self.domain_button.choose(domain)
        self._show()
        self.changed.emit()

    def clear(self) -> None:
        """Let everything through."""
        self.set_filters(AliasFilters())

    def focus_box(self, text: str | None = None) -> None:
        """Give the text box the keyboard; a text given is typed at the end."""
        self.box.take_focus(text)

    def _build_box(self) -> FilterBox:
        key = key_text(Shortcut.FIND.keys)
        tooltip = tr("Aliases whose address, targets or note contain this text ({key})", key=key)
        box = FilterBox(tr("Filter by address"), tooltip, _BOX_WIDTH, self)
        box.applied.connect(lambda text: self.set_filters(replace(self._filters, text=text)))
        box.left.connect(self.left)
        return box

    def _on_domain(self) -> None:
        domain = self.domain_button.domain
        self.set_filters(replace(self._filters, domain_id=None if domain is None else domain.id))

    def _on_active(self, value: bool | None) -> None:
        self.set_filters(replace(self._filters, active=value))
        self._show()

    def _show(self) -> None:
        """Let every control show the filters that hold."""
        filters = self._filters
        self.box.show_text(filters.text)
        words = {None: tr("Active: any"), True: tr("Active: yes"), False: tr("Active: no")}
        self.active_chip.show_choice(filters.active, words[filters.active], is_applied=filters.active is not None)
