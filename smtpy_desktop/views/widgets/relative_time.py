"""Times as people say them, with the exact time in the tooltip."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import QEvent, QTimer
from PySide6.QtWidgets import QWidget

from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.label import LabelSize, PlainLabel, set_tooltip
from smtpy_desktop.views.widgets.moments import date_of, exact_of, exact_utc, here
from smtpy_desktop.views.widgets.texts import tr, tr_n

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_REFRESH_MILLISECONDS = 30_000


def relative_time(moment: datetime | None, now: datetime | None = None) -> str:
    """Return "38 min ago", "in 52 min", a date when it is further than a week, or "never"."""
    if moment is None:
        return tr("never")
    seconds = int(((now or datetime.now(UTC)) - moment).total_seconds())
    if abs(seconds) < _MINUTE:
        return tr("just now")
    if abs(seconds) >= 7 * _DAY:
        return date_of(moment)
    return _past(seconds) if seconds > 0 else _future(-seconds)


def exact_time(moment: datetime | None) -> str:
    """Return the time to the second and its zone on one line, such as "22 Nov 2026 15:21:53 CET", or "never"."""
    return tr("never") if moment is None else exact_of(moment)


def full_time(moment: datetime | None) -> str:
    """Return the exact time, and on a second line in UTC where that is another one."""
    if moment is None:
        return tr("never")
    if not here(moment).utcoffset():
        return exact_utc(moment)
    return f"{exact_of(moment)}\n{exact_utc(moment)}"


class RelativeTimeLabel(PlainLabel):
    """Shows how long ago something was and keeps itself up to date."""

    def __init__(
        self,
        moment: datetime | None = None,
        parent: QWidget | None = None,
        *,
        tone: Tone = Tone.MUTED,
        size: LabelSize = "small",
    ) -> None:
        super().__init__("", parent, tone=tone, size=size)
        self._moment = moment
        self._timer = QTimer(self)
        self._timer.setInterval(_REFRESH_MILLISECONDS)
        self._timer.timeout.connect(self._refresh)
        self._timer.start()
        self._refresh()

    def set_moment(self, moment: datetime | None) -> None:
        """Show another time."""
        self._moment = moment
        self._refresh()

    def changeEvent(self, event: QEvent) -> None:
        """Write the time anew when another zone is shown."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.LocaleChange:
            self._refresh()

    def _refresh(self) -> None:
        self.setText(relative_time(self._moment))
        set_tooltip(self, full_time(self._moment))


def _past(seconds: int) -> str:
    if seconds < _HOUR:
        return tr_n("{n} min ago", "{n} min ago", seconds // _MINUTE)
    if seconds < _DAY:
        return tr_n("{n} h ago", "{n} h ago", seconds // _HOUR)
    return tr_n("{n} day ago", "{n} days ago", seconds // _DAY)


def _future(seconds: int) -> str:
    if seconds < _HOUR:
        return tr_n("in {n} min", "in {n} min", seconds // _MINUTE)
    if seconds < _DAY:
        return tr_n("in {n} h", "in {n} h", seconds // _HOUR)
    return tr_n("in {n} day", "in {n} days", seconds // _DAY)
