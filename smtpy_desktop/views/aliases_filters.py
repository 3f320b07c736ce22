"""The filters above the list of aliases: text, domain, activity."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QWidget

from smtpy_desktop.schemas.aliases import AliasQuery
from smtpy_desktop.schemas.identifiers import DomainId, OrganizationId
from smtpy_desktop.views.domain_choice_button import DomainChoiceButton, OneDomain
from smtpy_desktop.views.filter_bar import FilterBar, ListFilters
from smtpy_desktop.views.shortcuts import Shortcut, key_text
from smtpy_desktop.views.theme_tokens import Space
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.choice_chip import ChoiceChip
from smtpy_desktop.views.widgets.flow_layout import HeadLayout
from smtpy_desktop.views.widgets.texts import tr

_BOX_WIDTH = (150, 280)


@dataclass(frozen=True, slots=True)
class AliasFilters(ListFilters):
    """What the list is narrowed down to."""

    domain_id: DomainId | None = None
    active: bool | None = None

    def query(self, organization_id: OrganizationId | None) -> AliasQuery:
        """Return what is asked for."""
        return AliasQuery(organization_id, self.domain_id, self.text.strip(), self.active)


class AliasesFilterBar(FilterBar[AliasFilters]):
    """The bar above the aliases."""

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        key = key_text(Shortcut.FIND.keys)
        tooltip = tr("Aliases whose address, targets or note contain this text ({key})", key=key)
        super().__init__(AliasFilters(), (tr("Filter by address"), tooltip, _BOX_WIDTH), parent)
        self.domain_button = DomainChoiceButton(context, self, question=tr("Aliases of a domain"))
        self.domain_button.chosen.connect(self._on_domain)
        titles = {None: tr("Active and inactive"), True: tr("Only active"), False: tr("Only inactive")}
        self.active_chip: ChoiceChip[bool | None] = ChoiceChip(tr("Active or inactive"), titles, self._on_active, self)
        chips = (self.domain_button, self.active_chip)
        self.setLayout(HeadLayout(self.box, *chips, spacing=Space.S))
        self._show()

    @property
    def domain(self) -> OneDomain | None:
        """The domain whose aliases are listed, None for all."""
        return self.domain_button.domain

    def set_filters(self, filters: AliasFilters) -> None:
        """Let other filters hold; a domain is chosen by ``show_domain``."""
        if filters.domain_id is None:
            self.domain_button.forget()
        super().set_filters(filters)

    def show_domain(self, domain: OneDomain) -> None:
        """List one domain's aliases and nothing else."""
        with QSignalBlocker(self.domain_button):
            self.domain_button.choose(domain)
        self.set_filters(AliasFilters(domain_id=domain.id))

    def _on_domain(self) -> None:
        domain = self.domain_button.domain
        self.set_filters(replace(self._filters, domain_id=None if domain is None else domain.id))

    def _on_active(self, value: bool | None) -> None:
        self.set_filters(replace(self._filters, active=value))

    def _show(self) -> None:
        super()._show()
        filters = self._filters
        words = {None: tr("Active: any"), True: tr("Active: yes"), False: tr("Active: no")}
        self.active_chip.show_choice(filters.active, words[filters.active], is_applied=filters.active is not None)
