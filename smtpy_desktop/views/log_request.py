"""How a dialog that tells a failure leads to what was written down about it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QWidget

from smtpy_desktop.views.help_request import windows_around

if TYPE_CHECKING:
    from smtpy_desktop.schemas.log_lines import LogQuery

_BEFORE = timedelta(minutes=2)
_AFTER = timedelta(seconds=10)


@runtime_checkable
class LogGiver(Protocol):
    """What can show the log: the main window."""

    log_wanted: SignalInstance


def log_giver(widget: QWidget | None) -> LogGiver | None:
    """Return the window that can show the log; None where there is none."""
    if widget is None:
        return None
    return next((window for window in windows_around(widget) if isinstance(window, LogGiver)), None)


def lines_until(moment: datetime | None = None) -> LogQuery:
    """Return the query for what was written shortly before a moment (default: now)."""
    from smtpy_desktop.schemas.log_lines import LogQuery

    at = moment if moment is not None else datetime.now(UTC)
    return LogQuery(since=at - _BEFORE, until=at + _AFTER)


def lines_between(first: datetime, last: datetime) -> LogQuery:
    """Return the query for what was written from one moment to another, and a little before and after."""
    from smtpy_desktop.schemas.log_lines import LogQuery

    return LogQuery(since=first - _AFTER, until=last + _AFTER)
