"""What is told when rows of a list were copied."""

from __future__ import annotations

from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.texts import number, tr, tr_n


def tell_copied(context: ViewContext, copied: int, selected: int) -> None:
    """Tell how many rows were copied; a long list gives only those of a selection that were scrolled past."""
    if copied < selected:
        words = tr(
            "Copied {copied} of {selected} rows: those that were scrolled past.",
            copied=number(copied),
            selected=number(selected),
        )
        context.tell(Message(words, Tone.WARN, key="copied"))
    else:
        context.tell(Message(tr_n("Copied {n} row.", "Copied {n} rows.", copied), key="copied"))
