"""Tells that the database is away, or there again: the banner, the word in the top bar, the message bar."""

from __future__ import annotations

from smtpy_desktop.errors import UNAVAILABLE, UserFacingError
from smtpy_desktop.views.main_window import MainWindow
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.texts import tr, translated


def show_connection(window: MainWindow, error: UserFacingError | None) -> None:
    """Tell why the database is away; None: it is there again, and what failed for want of it is no longer said."""
    if error is None:
        window.banner.clear()
        window.messages.withdraw(UNAVAILABLE)
        window.set_status("database", tr("Database"), Tone.OK)
        window.show_message(Message(tr("The database is there again."), key="connection"))
        return
    reason = translated(error.detail) if error.detail is not None else ""
    window.banner.show_banner(
        tr("The database does not answer."),
        tr("Reconnecting by itself; what you have typed is kept. {reason}", reason=reason),
    )
    window.set_status("database", tr("Database"), Tone.BAD, reason)
