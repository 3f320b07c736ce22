"""What the search at the top offers for forwarding."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from smtpy_desktop.schemas.queue import QueueAction
from smtpy_desktop.views.command_palette import PaletteEntry
from smtpy_desktop.views.forwarder_actions import everything_target
from smtpy_desktop.views.forwarder_lists import PROCESSES
from smtpy_desktop.views.forwarder_words import action_icon
from smtpy_desktop.views.widgets.texts import tr

if TYPE_CHECKING:
    from smtpy_desktop.views.forwarder_view import ForwarderView

Act = Callable[["ForwarderView"], object]


def forwarder_palette(view: Callable[[], ForwarderView], *, is_read_only: bool) -> tuple[PaletteEntry, ...]:
    """Return the commands that may be given; ``view`` gives the page, which is made when it is first needed."""

    def on_page(act: Act) -> None:
        page = view()
        page.page_wanted.emit()
        act(page)

    def entry(title: str, icon: str, act: Act, keywords: str = "") -> PaletteEntry:
        return PaletteEntry(title, partial(on_page, act), icon, tr("Action"), keywords)

    def on_queue(title: str, action: QueueAction) -> PaletteEntry:
        return entry(title, action_icon(action), lambda page: page.act(action, everything_target()), tr("queue"))

    changing = (
        on_queue(tr("Retry everything in the queue now"), QueueAction.RETRY),
        on_queue(tr("Hold everything in the queue"), QueueAction.HOLD),
        on_queue(tr("Release everything that is held"), QueueAction.RELEASE),
        entry(tr("Run or stop the forwarder in this window"), "power", lambda page: page.toggle_here()),
    )
    return (
        *(() if is_read_only else changing),
        entry(tr("Books of accepted mail"), "file-text", lambda page: page.show_books(), tr("difference")),
        entry(tr("Forwarder processes"), "server-2", lambda page: page.lists.tabs.setCurrentIndex(PROCESSES)),
    )
