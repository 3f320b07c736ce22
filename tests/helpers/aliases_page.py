"""The page of the aliases over a real database with two domains, and hands to use it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtWidgets import QDialog, QWidget
from pytestqt.qtbot import QtBot

from smtpy_desktop.controllers import aliases_controller, organizations_controller
from smtpy_desktop.gateways.memory_keyring import MemoryKeyring
from smtpy_desktop.schemas.aliases import AliasQuery, AliasRow
from smtpy_desktop.schemas.identifiers import DomainId
from smtpy_desktop.schemas.paging import Position
from smtpy_desktop.schemas.secrets import KeyringState
from smtpy_desktop.views.aliases_view import AliasesView
from smtpy_desktop.views.widgets.message_bar import Message
from tests.helpers.page_world import PageWorld, page_world, wait_until_calm
from tests.helpers.stored_domains import insert_domains


@dataclass
class AliasesPage:
    """``domains`` are a.example and b.example; ``asked_for`` what the page wants the window to show."""

    bot: QtBot
    view: AliasesView
    world: PageWorld
    domains: list[DomainId]
    asked_for: list[int] = field(default_factory=list)

    def add(self, address: str, *targets: str, is_active: bool = True) -> AliasRow:
        services = self.world.context.services
        row: AliasRow = self.world.run(
            aliases_controller.create_alias(
                services.sessions,
                address,
                targets,
                is_active=is_active,
                actor=services.actor,
                publish=services.publish,
            )
        )
        return row

    def stored(self) -> list[tuple[str, list[str], bool]]:
        page = self.world.run(
            aliases_controller.list_aliases(self.world.context.services.sessions, AliasQuery(), Position.start(), 1000)
        )
        return [(row.address, [one.address for one in row.targets], row.is_active) for row in page.rows]

    def settle(self) -> None:
        """Wait until nothing runs and nothing is about to."""
        self.world.settle(self.bot, lambda: not self.view.is_calm)

    def listed(self) -> list[str]:
        return [row.address for _, row in self.view.list.model.loaded_rows(0, 1000)]

    def select(self, *addresses: str) -> None:
        table = self.view.list.table
        table.clearSelection()
        for address in addresses:
            table.selectRow(self.listed().index(address))
        self.settle()

    def dialog(self) -> QDialog:
        return next(one for one in self.view.findChildren(QDialog) if one.isVisible())

    def texts(self, within: QWidget | None = None) -> str:
        seen = [widget for widget in (within or self.view).findChildren(QWidget) if widget.isVisible()]
        return "\n".join(text for one in seen for text in (one.accessibleName(), one.accessibleDescription()) if text)

    def told(self) -> Message:
        return self.world.last_message

    def press_undo(self) -> None:
        action = self.told().action
        assert action is not None
        action()
        self.settle()


@contextmanager
def open_aliases_page(bot: QtBot, url: str, profile: Path, *, has_domains: bool = True) -> Iterator[AliasesPage]:
    """Open the page."""
    with page_world(url, profile, MemoryKeyring(state=KeyringState.AVAILABLE)) as world:
        services, domains = world.context.services, []
        if has_domains:
            owner = world.run(
                organizations_controller.create_organization(
                    services.sessions, "Example", "admin@out.example", actor=services.actor, publish=services.publish
                )
            )
            domains = world.run(insert_domains(world.database, owner.id, ["a.example", "b.example"]))
        view = AliasesView(world.context)
        page = AliasesPage(bot, view, world, domains)
        view.domain_wanted.connect(page.asked_for.append)
        bot.addWidget(view)
        view.resize(1240, 800)
        view.show()
        page.settle()
        yield page
        view.hide()
        wait_until_calm(bot, lambda: world.context.runner.running)
