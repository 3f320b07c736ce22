"""Connects the chooser in the top bar with the choice that every page follows, and opens its dialogs."""

from __future__ import annotations

from PySide6.QtCore import QObject

from smtpy_desktop.schemas.organizations import OrganizationRow
from smtpy_desktop.views.organization_chooser import OrganizationChooser
from smtpy_desktop.views.organization_dialog import OrganizationDialog
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.texts import tr

ORGANIZATION_KEY = "window/organization"


class OrganizationsMenu(QObject):
    """The choice is remembered for the next start; a new organization is chosen at once."""

    def __init__(self, context: ViewContext, chooser: OrganizationChooser, parent: QObject | None = None) -> None:
        super().__init__(parent or chooser)
        self._context, self._chooser = context, chooser
        chooser.chosen.connect(self._on_chosen)
        chooser.new_wanted.connect(self.create)
        chooser.rename_wanted.connect(self.rename)
        context.choice.changed.connect(self._show_choice)
        self._show_choice()

    def create(self) -> OrganizationDialog:
        """Ask for a new organization."""
        dialog = OrganizationDialog(self._context, self._chooser.window())
        dialog.saved.connect(self._on_created)
        dialog.open()
        return dialog

    def rename(self) -> OrganizationDialog | None:
        """Ask for another name and address of the chosen organization; None when all are shown."""
        row = self._context.choice.chosen_row
        if row is None:
            return None
        dialog = OrganizationDialog(self._context, self._chooser.window(), row=row)
        dialog.saved.connect(self._on_renamed)
        dialog.open()
        return dialog

    def _on_chosen(self, organization: object) -> None:
        known = next((row.id for row in self._context.choice.organizations if row.id == organization), None)
        self._context.memory.setValue(ORGANIZATION_KEY, "" if known is None else str(known))
        self._context.choice.choose(known)

    def _on_created(self, row: OrganizationRow) -> None:
        self._take(row)
        self._on_chosen(row.id)
        self._context.tell(Message(tr("{name} is created. Add its first domain.", name=row.name)))

    def _on_renamed(self, row: OrganizationRow) -> None:
        self._take(row)
        self._context.tell(Message(tr("{name} is saved.", name=row.name)))

    def _take(self, row: OrganizationRow) -> None:
        """Show the row at once; the list is read again by itself."""
        choice = self._context.choice
        others = [each for each in choice.organizations if each.id != row.id]
        choice.set_organizations(tuple(sorted([*others, row], key=lambda each: each.name.casefold())))

    def _show_choice(self) -> None:
        choice = self._context.choice
        self._chooser.set_organizations([(row.id, row.name) for row in choice.organizations], choice.chosen)
