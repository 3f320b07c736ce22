"""What the search at the top offers for aliases."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from smtpy_desktop.views.command_palette import PaletteEntry
from smtpy_desktop.views.widgets.texts import tr

if TYPE_CHECKING:
    from smtpy_desktop.views.aliases_view import AliasesView


def aliases_palette(view: Callable[[], AliasesView]) -> tuple[PaletteEntry, ...]:
    """Return the commands; ``view`` gives the page, which is made when it is first needed."""

    def on_page(choose: Callable[[AliasesView], object]) -> None:
        page = view()
        page.page_wanted.emit()
        choose(page)

    def entry(title: str, icon: str, choose: Callable[[AliasesView], object]) -> PaletteEntry:
        return PaletteEntry(title, partial(on_page, choose), icon, tr("Action"))

    return (
        entry(tr("Add an alias"), "plus", lambda page: page.add()),
        entry(tr("Import aliases"), "at", lambda page: page.import_list(from_file=False)),
        entry(tr("Find an alias"), "search", lambda page: page.filters.focus_box()),
    )
