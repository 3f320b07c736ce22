"""The button that says whose messages are counted: those of all domains or of one, and its menu."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QMenu, QWidget

from smtpy_desktop.controllers import domains_controller
from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.runtime.task_runner import say_nothing
from smtpy_desktop.schemas.domains import DomainDetails, DomainQuery, DomainRow, DomainSort
from smtpy_desktop.schemas.paging import Page, Position
from smtpy_desktop.views.icons import icon
from smtpy_desktop.views.messages_filter_menu import ValueDialog
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import MenuButton
from smtpy_desktop.views.widgets.label import menu_text, set_tooltip
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.texts import tr

_MOST_LISTED = 20
_TEXT_WIDTH = 200
_MENU_TEXT_WIDTH = 320

OneDomain = DomainRow | DomainDetails


class DomainChoiceButton(MenuButton):
    """``chosen``: another domain, or all, is to be shown. ``question`` is the title of the dialog for other domains."""

    chosen = Signal()

    def __init__(self, context: ViewContext, parent: QWidget | None = None, *, question: str = "") -> None:
        self._domains = QMenu(parent)
        super().__init__("", self._domains, parent)
        self._context = context
        self._question = question or tr("Statistics of a domain")
        self._domain: OneDomain | None = None
        self._domains.setAccessibleName(tr("Domain"))
        self._domains.aboutToShow.connect(self.fill)
        self._show()

    @property
    def domain(self) -> OneDomain | None:
        """The domain whose messages are counted, None for all."""
        return self._domain

    def choose(self, domain: OneDomain | None) -> None:
        """Choose as the user would."""
        if (domain and domain.id) != (self._domain and self._domain.id):
            self._domain = domain
            self._show()
            self.chosen.emit()

    def forget(self) -> None:
        """Go back to all domains without a word."""
        self._domain = None
        self._show()

    def fill(self) -> None:
        """Build the menu anew and read the domains for it."""
        self._add_choices(())
        query = DomainQuery(self._context.choice.chosen, sort=DomainSort.NAME)
        self._context.runner.run(
            domains_controller.list_domains(self._context.services.sessions, query, Position.start(), _MOST_LISTED),
            owner=self,
            on_success=self._take,
            on_error=say_nothing,
            replaces="overview/domain-menu",
        )

    def ask(self) -> ValueDialog:
        """Ask for the name of a domain."""
        dialog = ValueDialog(self.window(), self._question, tr("The whole name of the domain"))
        dialog.search_button.set_text(tr("Show"))
        dialog.chosen.connect(self._find)
        dialog.open()
        return dialog

    def _find(self, name: str) -> None:
        self._context.runner.run(
            domains_controller.find_domain(self._context.services.sessions, name),
            owner=self,
            on_success=self._take_found,
            replaces="overview/domain",
        )

    def _take_found(self, found: DomainDetails) -> None:
        organization = self._context.choice.chosen
        if organization is not None and found.organization_id != organization:
            words = tr(
                "{name} belongs to {organization}. Choose that organization first.",
                name=visible_line(found.unicode_name),
                organization=visible_line(found.organization_name),
            )
            self._context.tell(Message(words, Tone.WARN, key="overview-domain"))
        else:
            self.choose(found)

    def _take(self, page: Page[DomainRow]) -> None:
        self._add_choices(page.rows)

    def _add_choices(self, rows: tuple[DomainRow, ...]) -> None:
        menu = self._domains
        menu.clear()
        self._add(None, tr("All domains"))
        menu.addSeparator()
        if self._domain is not None and all(row.id != self._domain.id for row in rows):
            self._add(self._domain, self._domain.unicode_name)
        for row in rows:
            self._add(row, row.unicode_name)
        menu.addSeparator()
        menu.addAction(tr("&Other…"), self.ask)

    def _add(self, domain: OneDomain | None, name: str) -> None:
        shown = _elided(self._domains, visible_line(name), _MENU_TEXT_WIDTH)
        action = self._domains.addAction(menu_text(shown), partial(self.choose, domain))
        if (domain and domain.id) == (self._domain and self._domain.id):
            action.setIcon(icon("check", Tone.ACCENT))

    def _show(self) -> None:
        name = tr("All domains") if self._domain is None else visible_line(self._domain.unicode_name)
        self.setText(menu_text(_elided(self, name, _TEXT_WIDTH)))
        self.setAccessibleName(tr("Domain: {name}", name=name))
        set_tooltip(self, name)


def _elided(widget: QWidget, name: str, width: int) -> str:
    """Return a name with its middle left out where it is long: both ends tell domains apart."""
    return QFontMetrics(widget.font()).elidedText(name, Qt.TextElideMode.ElideMiddle, width)
