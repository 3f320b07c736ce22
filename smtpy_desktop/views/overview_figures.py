"""The five tiles of the overview: figures of a period against the one before."""

from __future__ import annotations

from PySide6.QtCore import QLocale, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from smtpy_desktop.schemas.message_statistics import MessageStatistics
from smtpy_desktop.schemas.messages import MessageTotals
from smtpy_desktop.views.message_words import size_words
from smtpy_desktop.views.overview_tile import OverviewTile
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.texts import number, tr

_MINUTE, _HOUR = 60.0, 3600.0


class OverviewFigures(QWidget):
    """``opened(str)``: the messages behind a figure are wanted; what its search adds to that of the period.

    ``queue_opened``: those that wait, whenever they came.
    """

    opened = Signal(str)
    queue_opened = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.messages = OverviewTile(tr("Messages"), self)
        self.delivered = OverviewTile(tr("Delivered"), self)
        self.failed = OverviewTile(tr("Failed or bounced"), self)
        self.median = OverviewTile(tr("Median time to delivery"), self)
        self.queue = OverviewTile(tr("In queue"), self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.M)
        for tile in (self.messages, self.delivered, self.failed, self.median, self.queue):
            row.addWidget(tile, 1)
        self.messages.opened.connect(lambda: self.opened.emit(""))
        for tile in (self.delivered, self.median):
            tile.opened.connect(lambda: self.opened.emit("status:delivered"))
        self.failed.opened.connect(lambda: self.opened.emit("status:failed,bounced"))
        self.queue.opened.connect(self.queue_opened)

    def show_statistics(self, statistics: MessageStatistics, against: str) -> None:
        """Show the figures of a period; ``against`` names what they are compared with."""
        now, before = statistics.totals, statistics.before
        has_before = before is not None and before.total > 0
        words = against if has_before else (tr("nothing before to compare with") if against else "")
        size = size_words(now.size_bytes)
        change = _share(now.total, before.total) if before is not None and has_before else ""
        self.messages.show_figure(number(now.total), change, Tone.MUTED, words or size)
        self.delivered.show_figure(percent_words(now.delivery_rate), *_rate_change(now, before), words)
        failed = now.failed + now.bounced
        if before is not None and has_before:
            difference = failed - (before.failed + before.bounced)
            self.failed.show_figure(number(failed), _signed(difference), _tone(-difference), words)
        else:
            self.failed.show_figure(number(failed), explanation=words)
        seconds = now.median_delivery_seconds
        self.median.show_figure(seconds_words(seconds), *_median_change(now, before), words)
        self.queue.show_figure(number(statistics.in_queue), explanation=tr("waiting or being sent now"))


def percent_words(rate: float | None) -> str:
    """Return a rate from 0 to 1 as people write it: "97.9 %"."""
    if rate is None:
        return "—"
    # 99.96 % must not become 100 %, which would say that nothing failed.
    shown = min(rate * 100, 99.9) if rate < 1 else 100.0
    return tr("{n} %", n=QLocale().toString(shown, "f", 1))


def seconds_words(seconds: float | None) -> str:
    """Return a duration with one unit: "1.3 s", "12.0 min"."""
    if seconds is None:
        return "—"
    if seconds < _MINUTE:
        return tr("{seconds} s", seconds=QLocale().toString(seconds, "f", 1))
    if seconds < _HOUR:
        return tr("{n} min", n=QLocale().toString(seconds / _MINUTE, "f", 1))
    return tr("{n} h", n=QLocale().toString(seconds / _HOUR, "f", 1))


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
    change = _with_sign(seconds, tr("{seconds} s", seconds="{n}"))
    return change, Tone.WARN if seconds >= 0.05 else _tone(-round(seconds, 1))


def _with_sign(value: float, template: str) -> str:
    shown = QLocale().toString(abs(value), "f", 1)
    sign = "" if round(abs(value), 1) == 0 else "+" if value > 0 else _MINUS
    return f"{sign}{template.replace('{n}', shown)}"


def _signed(value: int) -> str:
    sign = "+" if value > 0 else _MINUS if value < 0 else "±"
    return f"{sign}{number(abs(value))}"


def _tone(better: float) -> Tone:
    return Tone.OK if better > 0 else Tone.BAD if better < 0 else Tone.MUTED


_MINUS = "\N{MINUS SIGN}"
