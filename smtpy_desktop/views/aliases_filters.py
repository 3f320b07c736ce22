"""The filters above the list of aliases: text, domain, activity."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QWidget

from smtpy_desktop.schemas.aliases import AliasQuery
from smtpy_desktop.schemas.identifiers import DomainId, OrganizationId
from smtpy_desktop.views.icons import icon
from smtpy_desktop.views.overview_domain_button import OneDomain, OverviewDomainButton
from smtpy_desktop.views.shortcuts import Shortcut, key_text
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.chip import Chip
from smtpy_desktop.views.widgets.label import set_tooltip
from smtpy_desktop.views.widgets.texts import tr

_SEARCH_AFTER_MILLISECONDS = 120
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
        self._apply_soon = QTimer(self)
        self._apply_soon.setSingleShot(True)
        self._apply_soon.setInterval(_SEARCH_AFTER_MILLISECONDS)
        self._apply_soon.timeout.connect(self._apply_text)
        self.box = self._build_box()
        self.domain_button = OverviewDomainButton(context, self, question=tr("Aliases of a domain"))
        self.domain_button.chosen.connect(self._on_domain)
        self.active_chip = Chip("", self)
        self._active_actions = self._build_active_menu()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        row.addWidget(self.box, 1)
        row.addWidget(self.domain_button)
        row.addWidget(self.active_chip)
        row.addStretch(0)
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
        return self._apply_soon.isActive()

    def set_filters(self, filters: AliasFilters) -> None:
        """Let other filters hold; a domain is chosen by ``show_domain``."""
        self._apply_soon.stop()
        if filters == self._filters:
            return
        self._filters = filters
        if filters.domain_id is None:
            self.domain_button.forget()
        self._show()
        self.changed.emit()

    def show_domain(self, domain: OneDomain) -> None:
        """List one domain's aliases and nothing else."""
        self._apply_soon.stop()
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
        self.box.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if text is None:
            self.box.selectAll()
        else:
            self.box.insert(text)
            self._apply_soon.start()

    def _build_box(self) -> QLineEdit:
        box = QLineEdit(self)
        box.setPlaceholderText(tr("Filter by address"))
        box.setAccessibleName(tr("Filter by address"))
        key = key_text(Shortcut.FIND.keys)
        set_tooltip(box, tr("Aliases whose address, targets or note contain this text ({key})", key=key))
        box.addAction(icon("filter", Tone.MUTED), QLineEdit.ActionPosition.LeadingPosition)
        box.setClearButtonEnabled(True)
        box.setMinimumWidth(_BOX_WIDTH[0])
        box.setMaximumWidth(_BOX_WIDTH[1])
        box.textChanged.connect(self._apply_soon.start)
        box.returnPressed.connect(self._on_return)
        return box

    def _build_active_menu(self) -> dict[bool | None, QAction]:
        menu = QMenu(self)
        menu.setAccessibleName(tr("Active or inactive"))
        titles = {None: tr("Active and inactive"), True: tr("Only active"), False: tr("Only inactive")}
        actions: dict[bool | None, QAction] = {}
        for value, title in titles.items():
            actions[value] = menu.addAction(title)
            actions[value].setCheckable(True)
            actions[value].triggered.connect(lambda _checked, value=value: self._on_active(value))
        self.active_chip.set_menu(menu)
        return actions

    def _apply_text(self) -> None:
        self.set_filters(replace(self._filters, text=self.box.text()))

    def _on_return(self) -> None:
        self._apply_text()
        self.left.emit()

    def _on_domain(self) -> None:
        domain = self.domain_button.domain
        self.set_filters(replace(self._filters, domain_id=None if domain is None else domain.id))

    def _on_active(self, value: bool | None) -> None:
        self.set_filters(replace(self._filters, active=value))
        self._show()

    def _show(self) -> None:
        """Let every control show the filters that hold."""
        filters = self._filters
        if self.box.text().strip() != filters.text.strip():
            self.box.setText(filters.text)
            self._apply_soon.stop()  # it holds already
        words = {None: tr("Active: any"), True: tr("Active: yes"), False: tr("Active: no")}
        self.active_chip.set_label(words[filters.active])
        self.active_chip.set_applied(filters.active is not None)
        for value, action in self._active_actions.items():
            action.setChecked(value == filters.active)
