"""How an action on many messages is told: how many, which ones, and how far it has come."""

from __future__ import annotations

from smtpy_desktop.core.message_search import format_search
from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.schemas.message_bulk import BulkPreview
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.views.widgets.texts import number, tr

_LONGEST_QUERY = 120


def count_words(preview: BulkPreview) -> str:
    """Return how many messages an action would reach, exactly or about."""
    shown = number(preview.count.count)
    return shown if preview.count.is_exact else tr("about {n}", n=shown)


def which_words(preview: BulkPreview) -> list[str]:
    """Say which messages these are, as nobody sees all of them."""
    selection = preview.selection
    typed = visible_line(format_search(selection.query.search), _LONGEST_QUERY)
    if selection.ids is not None:
        return [tr("These are the selected messages.")]
    if selection.spans:
        which = tr("These are the selected rows of the list.")
    elif typed:
        which = tr("These are all messages that match: {query}", query=typed)
    elif selection.query.organization_id is not None:
        which = tr("These are all messages of this organization: no search is set.")
    else:
        which = tr("These are all messages there are: no search is set.")
    return [which, tr("Messages that arrive from now on are left alone.")]


def done_words(progress: Progress) -> str:
    """Return how far an action has come that has ended early."""
    parts = {"done": number(progress.done), "total": number(progress.total or progress.done)}
    return tr("{done} of {total} messages are done; the others are as they were.", **parts)
