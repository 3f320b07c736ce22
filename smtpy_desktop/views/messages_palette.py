"""What the search at the top offers for messages."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from smtpy_desktop.views.command_palette import PaletteEntry
from smtpy_desktop.views.widgets.texts import tr

if TYPE_CHECKING:
    from smtpy_desktop.views.messages_view import MessagesView

Choose = Callable[["MessagesView"], Callable[[], object]]


def messages_palette(view: Callable[[], MessagesView]) -> tuple[PaletteEntry, ...]:
    """Return the commands; ``view`` gives the page, which is made when it is first needed."""

    def on_page(choose: Choose) -> None:
        page = view()
        page.run_on_page(choose(page))

    def entry(title: str, icon: str, choose: Choose) -> PaletteEntry:
        return PaletteEntry(title, partial(on_page, choose), icon, tr("Action"))

    return (
        entry(tr("Search messages"), "search", lambda page: page.bar.focus_box),
        entry(tr("Show failed messages"), "mail", lambda page: partial(page.show_search, "status:failed")),
        entry(tr("Show the newest messages"), "mail", lambda page: page.show_recent),
        entry(tr("Export messages"), "download", lambda page: page.export),
        entry(tr("Report on messages (PDF)"), "file-text", lambda page: page.report),
    )
