"""The button in the top bar that says whose domains are shown, and its menu."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QFontMetrics, QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from smtpy_desktop.schemas.identifiers import OrganizationId
from smtpy_desktop.views.icons import icon
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.label import menu_text, set_tooltip
from smtpy_desktop.views.widgets.texts import tr

_TEXT_WIDTH = 200
_MENU_TEXT_WIDTH = 320
_MENU_GAP = 4


class OrganizationChooser(Button):
    """``chosen(OrganizationId or None)``: None stands for all organizations."""

    chosen = Signal(object)
    new_wanted = Signal()
    rename_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent, icon="chevron-down", action=self.open_menu)
        self.put_icon_behind()
        self._organizations: Sequence[tuple[OrganizationId, str]] = ()
        self._current: OrganizationId | None = None
        self._show_current()

    @property
    def current(self) -> OrganizationId | None:
        """The organization whose domains are shown, None for all."""
        return self._current

    def set_organizations(
        self, organizations: Sequence[tuple[OrganizationId, str]], current: OrganizationId | None
    ) -> None:
        """Show which organizations there are, and which of them is chosen."""
        self._organizations = tuple(organizations)
        self._current = current if any(known == current for known, _ in self._organizations) else None
        self._show_current()

    def choose(self, organization: OrganizationId | None) -> None:
        """Choose as the user would."""
        if organization != self._current:
            self._current = organization
            self._show_current()
            self.chosen.emit(organization)

    def build_menu(self) -> QMenu:
        """Return the menu with everything that can be chosen or done."""
        menu = QMenu(self)
        menu.setLayoutDirection(QGuiApplication.layoutDirection())
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setAccessibleName(tr("Organizations"))
        self._add_choice(menu, None, tr("All organizations"))
        menu.addSeparator()
        for organization, name in self._organizations:
            self._add_choice(menu, organization, name)
        menu.addSeparator()
        menu.addAction(icon("plus", Tone.MUTED), tr("&New organization…"), self.new_wanted.emit)
        rename = menu.addAction(icon("pencil", Tone.MUTED), tr("&Rename…"), self.rename_wanted.emit)
        rename.setEnabled(self._current is not None)
        return menu

    def open_menu(self) -> None:
        """Open the menu under the button."""
        self.build_menu().popup(self.mapToGlobal(QPoint(0, self.height() + _MENU_GAP)))

    def _add_choice(self, menu: QMenu, organization: OrganizationId | None, name: str) -> None:
        shown = QFontMetrics(menu.font()).elidedText(name, Qt.TextElideMode.ElideRight, _MENU_TEXT_WIDTH)
        action = menu.addAction(menu_text(shown), partial(self.choose, organization))
        if organization == self._current:
            action.setIcon(icon("check", Tone.ACCENT))

    def _show_current(self) -> None:
        name = dict(self._organizations).get(self._current) if self._current is not None else None
        full = name or tr("All organizations")
        self.setText(menu_text(self.fontMetrics().elidedText(full, Qt.TextElideMode.ElideRight, _TEXT_WIDTH)))
        self.setAccessibleName(tr("Organization: {name}", name=full))
        set_tooltip(self, full)
