"""Scenes of the messages and what is asked about them."""

from __future__ import annotations

from functools import partial

from PySide6.QtTest import QTest

from smtpy_desktop.sandbox.gallery_stage import Script, Sketch, Stage, dialog_over, page_scene
from smtpy_desktop.sandbox.tour_hands import Until
from smtpy_desktop.schemas.message_search import SearchKey
from smtpy_desktop.views.widgets.label import without_mnemonic
from smtpy_desktop.views.widgets.texts import tr

_FAILED = "status:failed"


def _searched(stage: Stage, search: str, *, selects: int | None = 0, hides_details: bool = False) -> Script:
    """Search, select one row (or none), show the page, and put the search back."""
    yield from stage.page("messages")
    page = stage.pages.messages
    page.bar.set_text(search)
    yield from stage.calm()
    if selects is not None:
        page.list.table.selectRow(selects)
        page.split.show_details(not hides_details)
    else:
        page.list.table.clearSelection()
    yield from stage.calm()
    yield stage.window
    page.split.show_details(True)
    page.bar.set_text("")


def _asked(stage: Stage, which: str, *, of_all: bool = False) -> Script:
    """Select failed messages and ask something about them."""
    yield from stage.page("messages")
    page = stage.pages.messages
    page.bar.set_text("" if of_all else _FAILED)
    yield from stage.calm()
    if of_all:
        page.list.table.selectAll()
    else:
        page.list.table.selectRow(0)
    yield from stage.calm()
    asks = {
        "status": page.details.parts.status_button.click,
        "headers": page.details.show_headers,
        "source": page.details.show_source,
        "delete": page.selection.delete,
        "retry": page.selection.retry,
        "status-of-all": page.selection.update_status,
        "save-view": page.views.open_save,
        "export": page.export,
        "report": page.report,
    }
    asks[which]()
    yield (yield from stage.dialog())
    page.bar.set_text("")


def _completed(stage: Stage) -> Script:
    yield from stage.page("messages")
    box = stage.pages.messages.bar.box
    box.setFocus()
    QTest.keyClicks(box, "sta")
    yield from stage.calm()
    yield stage.window
    stage.pages.messages.bar.set_text("")


def _recent(stage: Stage) -> Script:
    yield from stage.page("messages")
    page = stage.pages.messages
    page.recent_button.click()
    page.pause_button.click()
    yield from stage.calm()
    yield stage.window
    page.recent_button.click()
    page.pause_button.click()


def _thread(stage: Stage) -> Script:
    yield from stage.page("messages")
    page = stage.pages.messages
    yield from stage.select(page.list.table, "Re: ")
    page.details.thread_button.click()
    yield from stage.calm()
    yield stage.window
    page.details.thread_button.click()


def _ask_for_value(stage: Stage) -> object:
    explanation = tr("An address, a domain or a part of them")
    return stage.pages.messages.filter_menu.ask_for_value(
        SearchKey.FROM, without_mnemonic(tr("S&ender…")).rstrip("…"), explanation
    )


def _going(stage: Stage) -> Script:
    """One message is about to be deleted, and can still be kept."""
    yield from stage.page("messages")
    page = stage.pages.messages
    page.bar.set_text(_FAILED)
    yield from stage.calm()
    page.list.table.selectRow(1)
    yield from stage.calm()
    page.selection.delete()
    yield Until("the deletion is told", lambda: bool(page.commands.going))
    yield from stage.calm()
    yield stage.window
    for message_id in page.commands.going:
        page.commands.undo(message_id)
    page.bar.set_text("")


MESSAGES_SCENES = (
    Sketch("messages", "Messages", page_scene("messages")),
    Sketch("messages-failed", "Why a message was not delivered", partial(_searched, search=_FAILED)),
    Sketch("messages-pending", "A message that waits", partial(_searched, search="status:pending")),
    Sketch("messages-no-match", "No message matches", partial(_searched, search="zzzz qqqq", selects=None)),
    Sketch(
        "messages-bad-search", "A search that is not understood", partial(_searched, search="larger:much", selects=None)
    ),
    Sketch("messages-list", "The list alone", partial(_searched, search="from:example", hides_details=True)),
    Sketch("messages-recent", "The newest messages, paused", _recent),
    Sketch("messages-thread", "A thread", _thread),
    Sketch("messages-going", "A message is about to be deleted", _going),
    Sketch("messages-completion", "What a search can look for", _completed),
    Sketch("message-status", "Another status", partial(_asked, which="status")),
    Sketch("message-headers", "Headers of a message", partial(_asked, which="headers")),
    Sketch("message-source", "Source of a message", partial(_asked, which="source")),
    Sketch("messages-delete-all", "Delete all that were found?", partial(_asked, which="delete", of_all=True)),
    Sketch("messages-retry-all", "Try all that were found again?", partial(_asked, which="retry", of_all=True)),
    Sketch("messages-status-all", "Another status for all", partial(_asked, which="status-of-all", of_all=True)),
    Sketch("messages-save-view", "Save a search as a view", partial(_asked, which="save-view")),
    Sketch("messages-export", "Export messages", partial(_asked, which="export")),
    Sketch("messages-report", "A report on a search", partial(_asked, which="report")),
    Sketch("messages-sender", "Ask for a sender", dialog_over("messages", _ask_for_value)),
    Sketch(
        "messages-dates",
        "Ask for two days",
        dialog_over("messages", lambda stage: stage.pages.messages.filter_menu.ask_for_dates()),
    ),
)
