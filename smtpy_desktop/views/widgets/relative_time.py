"""Times as people say them, with the exact time in the tooltip."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import QDateTime, QLocale, QTimer
from PySide6.QtWidgets import QWidget

from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.label import LabelSize, PlainLabel, set_tooltip
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
        return QLocale().toString(_local(moment).date(), QLocale.FormatType.ShortFormat)
    return _past(seconds) if seconds > 0 else _future(-seconds)


def exact_time(moment: datetime | None) -> str:
    """Return the time here to the second on one line, such as "22 Nov 2026 15:21:53 CET", or "never"."""
    return tr("never") if moment is None else _written(_local(moment))


def full_time(moment: datetime | None) -> str:
    """Return the exact time here, and on a second line in UTC where that is another one."""
    if moment is None:
        return tr("never")
    local = _local(moment)
    if local.offsetFromUtc() == 0:
        return _written(local.toUTC())
    return f"{_written(local)}\n{_written(local.toUTC())}"


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


def _written(time: QDateTime) -> str:
    return f"{QLocale().toString(time, 'd MMM yyyy HH:mm:ss')} {time.timeZoneAbbreviation()}"


def _local(moment: datetime) -> QDateTime:
    return QDateTime.fromMSecsSinceEpoch(int(moment.timestamp() * 1000))
