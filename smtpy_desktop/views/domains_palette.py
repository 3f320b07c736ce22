"""What the search box at the top knows about domains: each by its name, and what can be done on their page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject

from smtpy_desktop.controllers import domains_controller
from smtpy_desktop.runtime.task_runner import say_nothing
from smtpy_desktop.schemas.domains import DomainQuery, DomainRow
from smtpy_desktop.schemas.identifiers import DomainId
from smtpy_desktop.schemas.paging import Page, Position
from smtpy_desktop.views.command_palette import DeliverEntries, PaletteEntry
from smtpy_desktop.views.domain_words import status_word
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.texts import tr

_MOST_FOUND = 8


class DomainsPalette(QObject):
    """``commands`` are offered always; ``search`` is a provider for what is typed."""

    def __init__(
        self,
        context: ViewContext,
        show_domain: Callable[[DomainId], object],
        commands: Sequence[PaletteEntry],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._context, self._show_domain = context, show_domain
        self.commands = tuple(commands)

    def search(self, typed: str, deliver: DeliverEntries) -> None:
        """Look for domains of any organization whose name contains what is typed, and deliver them later."""

        def take(page: Page[DomainRow]) -> None:
            deliver([self._entry(row) for row in page.rows])

        work = domains_controller.list_domains(
            self._context.services.sessions, DomainQuery(text=typed), Position.start(), _MOST_FOUND
        )
        self._context.runner.run(work, owner=self, on_success=take, on_error=say_nothing, replaces="domains/palette")

    def _entry(self, row: DomainRow) -> PaletteEntry:
        kind = tr("{status} · {organization}", status=status_word(row.status), organization=row.organization_name)
        return PaletteEntry(row.unicode_name, partial(self._show, row), "world", kind, row.name)

    def _show(self, row: DomainRow) -> None:
        choice = self._context.choice
        if choice.chosen not in (None, row.organization_id):
            choice.choose(row.organization_id)
        self._show_domain(row.id)
