"""What every page is given: the services, the runner, the bus, and where to tell and to remember things."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from smtpy_desktop.controllers.services import Services
from smtpy_desktop.runtime.change_bus import ChangeBus
from smtpy_desktop.runtime.task_runner import TaskRunner
from smtpy_desktop.schemas.identifiers import OrganizationId
from smtpy_desktop.schemas.organizations import OrganizationRow
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.remembered import Store


class OrganizationChoice(QObject):
    """Whose things are shown: one organization's, or (None) those of all.

    ``chosen_changed``: it is another one now; ``changed``, after that: another one, or another list of organizations.
    """

    chosen_changed = Signal()
    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._organizations: tuple[OrganizationRow, ...] = ()
        self._chosen: OrganizationId | None = None

    @property
    def organizations(self) -> tuple[OrganizationRow, ...]:
        """All organizations there are, by name."""
        return self._organizations

    @property
    def chosen(self) -> OrganizationId | None:
        """The chosen organization's id; None for all."""
        return self._chosen

    @property
    def chosen_row(self) -> OrganizationRow | None:
        """The chosen organization, None for all."""
        return next((row for row in self._organizations if row.id == self._chosen), None)

    def set_organizations(self, rows: tuple[OrganizationRow, ...]) -> None:
        """Take the present list; a choice that is gone becomes "all"."""
        self._organizations = rows
        if self._chosen is not None and self.chosen_row is None:
            self.choose(None)
        else:
            self.changed.emit()

    def choose(self, organization_id: OrganizationId | None) -> None:
        """Show one organization's things, or everybody's."""
        if organization_id != self._chosen:
            self._chosen = organization_id
            self.chosen_changed.emit()
            self.changed.emit()


@dataclass(frozen=True, slots=True)
class ViewContext:
    """Handed to every page; nothing of it is global."""

    services: Services
    runner: TaskRunner
    bus: ChangeBus
    choice: OrganizationChoice
    memory: Store
    tell: Callable[[Message], None]
