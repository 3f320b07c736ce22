"""The tiles of the overview: figures of a period against the one before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from smtpy_desktop.schemas.message_statistics import MessageStatistics, Queue
from smtpy_desktop.schemas.messages import MessageStatus, MessageTotals
from smtpy_desktop.views.message_words import size_words
from smtpy_desktop.views.overview_tile import OverviewTile
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.texts import decimal, number, tr, tr_n

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86_400.0
_SMALLEST_CHANGE = 0.05
_SHARES = (11, 11, 9, 9, 9, 13, 10)  # of the width, as long as the names are


class OverviewFigures(QWidget):
    """``opened(str)``: the messages behind a figure are wanted; what its search adds to that of the period.

    ``queue_opened``: those that wait, whenever they came.
    """

    opened = Signal(str)
    queue_opened = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.messages = self._tile(tr("Messages"), "")
        self.delivered = self._tile(tr("Delivered"), "status:delivered")
        self.failed = self._tile(tr("Failed"), "status:failed")
        self.bounced = self._tile(tr("Bounced"), "status:bounced")
        self.rejected = self._tile(tr("Rejected"), "status:rejected")
        self.median = self._tile(tr("Median time to delivery"), "status:delivered")
        self.queue = OverviewTile(tr("In queue"), self)
        self.queue.opened.connect(self.queue_opened)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        for tile, share in zip(self.tiles, _SHARES, strict=True):
            row.addWidget(tile, share)

    @property
    def tiles(self) -> tuple[OverviewTile, ...]:
        """All tiles, from the left."""
        return (self.messages, self.delivered, self.failed, self.bounced, self.rejected, self.median, self.queue)

    def show_statistics(self, statistics: MessageStatistics, now: datetime) -> None:
        """Show the figures of a period."""
        totals, before = statistics.totals, statistics.before
        if before is not None and before.total == 0:
            before = None
        self.messages.show_figure(
            number(totals.total),
            _share(totals.total, before.total) if before is not None else "",
            Tone.MUTED,
            _was(before, lambda one: number(one.total)),
            detail=size_words(totals.size_bytes) if totals.total else "",
        )
        self.delivered.show_figure(
            percent_words(totals.delivery_rate),
            *_rate_change(totals, before),
            _was(before, lambda one: percent_words(one.delivery_rate)),
            detail=number(totals.delivered) if totals.total else "",
        )
        _show_count(self.failed, totals, before, MessageStatus.FAILED)
        _show_count(self.bounced, totals, before, MessageStatus.BOUNCED)
        _show_count(self.rejected, totals, before, MessageStatus.REJECTED)
        self.median.show_figure(
            seconds_words(totals.median_delivery_seconds),
            *_median_change(totals, before),
            _was(before, lambda one: seconds_words(one.median_delivery_seconds)),
        )
        self._show_queue(statistics.queue, now)

    def _tile(self, name: str, terms: str) -> OverviewTile:
        tile = OverviewTile(name, self)
        tile.opened.connect(lambda: self.opened.emit(terms))
        return tile

    def _show_queue(self, queue: Queue, now: datetime) -> None:
        words = tr("nothing waits")
        if queue.count:
            words = tr("waiting or being sent now")
        if queue.count and queue.oldest is not None:
            words = tr("oldest {age}", age=age_words((now - queue.oldest).total_seconds()))
        self.queue.show_figure(number(queue.count), explanation=words)


def age_words(seconds: float) -> str:
    """Return for how long something has waited: "22 min", "3 h", "2 days"."""
    if seconds < _HOUR:
        return tr("{n} min", n=number(max(0, int(seconds / _MINUTE))))
    if seconds < 2 * _DAY:
        return tr("{n} h", n=number(int(seconds / _HOUR)))
    return tr_n("{n} day", "{n} days", int(seconds / _DAY))


def percent_words(rate: float | None) -> str:
    """Return a rate from 0 to 1 as people write it: "97.9 %"."""
    if rate is None:
        return "—"
    # 99.96 % must not become 100 %, which would say that nothing failed.
    shown = min(rate * 100, 99.9) if rate < 1 else 100.0
    return tr("{n} %", n=decimal(shown))


def seconds_words(seconds: float | None) -> str:
    """Return a duration with one unit: "1.3 s", "12.0 min"."""
    if seconds is None:
        return "—"
    if seconds < _MINUTE:
        return tr("{seconds} s", seconds=decimal(seconds))
    if seconds < _HOUR:
        return tr("{n} min", n=decimal(seconds / _MINUTE))
    return tr("{n} h", n=decimal(seconds / _HOUR))


def _share(now: int, before: int) -> str:
    return _with_sign((now - before) / before * 100, tr("{n} %", n="{n}")) if before else ""


def _rate_change(now: MessageTotals, before: MessageTotals | None) -> tuple[str, Tone]:
    if before is None or now.delivery_rate is None or before.delivery_rate is None:
        return "", Tone.MUTED
    points = (now.delivery_rate - before.delivery_rate) * 100
    return _with_sign(points, tr("{n} pt", n="{n}")), _tone(round(points, 1))


def _median_change(now: MessageTotals, before: MessageTotals | None) -> tuple[str, Tone]:
    if before is None or now.median_delivery_seconds is None or before.median_delivery_seconds is None:
        return "", Tone.MUTED
    seconds = now.median_delivery_seconds - before.median_delivery_seconds
    if abs(seconds) < _SMALLEST_CHANGE:
        return _unchanged(), Tone.MUTED
    longer = seconds > 0
    return f"{'+' if longer else _MINUS}{seconds_words(abs(seconds))}", Tone.WARN if longer else Tone.OK


def _show_count(tile: OverviewTile, now: MessageTotals, before: MessageTotals | None, status: MessageStatus) -> None:
    count = int(getattr(now, status.value))
    if before is None:
        tile.show_figure(number(count))
        return
    old = int(getattr(before, status.value))
    # To refuse more mail is neither good nor bad: it depends on the mail.
    tone = Tone.MUTED if status is MessageStatus.REJECTED else _tone(old - count)
    tile.show_figure(number(count), _signed(count - old), tone, _was(before, lambda one: number(old)))


def _was(before: MessageTotals | None, figure: Callable[[MessageTotals], str]) -> str:
    return "" if before is None else tr("was {figure}", figure=figure(before))


def _unchanged() -> str:
    return f"±{number(0)}"


def _with_sign(value: float, template: str) -> str:
    shown = decimal(abs(value))
    sign = "" if round(abs(value), 1) == 0 else "+" if value > 0 else _MINUS
    return f"{sign}{template.replace('{n}', shown)}"


def _signed(value: int) -> str:
    sign = "+" if value > 0 else _MINUS if value < 0 else "±"
    return f"{sign}{number(abs(value))}"


def _tone(better: float) -> Tone:
    return Tone.OK if better > 0 else Tone.BAD if better < 0 else Tone.MUTED


_MINUS = "\N{MINUS SIGN}"
