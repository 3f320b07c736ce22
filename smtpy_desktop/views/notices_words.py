"""How notices are named, coloured and put off wherever they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.schemas.notice_kinds import Severity
from smtpy_desktop.schemas.notices import Notice, NoticeBoard
from smtpy_desktop.schemas.text import Text
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.moments import day_and_time_of, is_today, time_of
from smtpy_desktop.views.widgets.texts import tr, tr_n, translated

_TONES = {Severity.INFO: Tone.ACCENT, Severity.WARNING: Tone.WARN, Severity.BAD: Tone.BAD}
_ICONS = {Severity.INFO: "info-circle", Severity.WARNING: "alert-triangle", Severity.BAD: "circle-x"}
_MORNING = time(8)
_MOST_LINES = 5
_LONGEST_LINE = 200
_NO_MARKUP = str.maketrans("<>", "\u2039\u203a")


def severity_tone(severity: Severity | None) -> Tone:
    """Return the tone of a severity; None: all is well."""
    return _TONES[severity] if severity is not None else Tone.OK


def severity_icon(severity: Severity | None) -> str:
    """Return the icon that says the same as the tone; None: all is well."""
    return _ICONS[severity] if severity is not None else "circle-check"


def severity_word(severity: Severity | None) -> str:
    """Return what a severity is called; None: all is well."""
    words = {Severity.INFO: tr("To know"), Severity.WARNING: tr("Warning"), Severity.BAD: tr("Failure")}
    return words[severity] if severity is not None else tr("All is well")


def count_words(board: NoticeBoard) -> str:
    """Return how many notices there are in a sentence."""
    count = len(board.notices)
    if not count:
        return tr("No notices: all is well.")
    words = tr_n("{n} notice", "{n} notices", count)
    return tr("{count}, the worst: {message}", count=words, message=translated(board.notices[0].message))


def silence_words(board: NoticeBoard) -> str:
    """Return why the desktop tells nothing now, empty where it does."""
    if board.silent_until is None:
        return ""
    moment = clock_words(board.silent_until)
    if board.is_paused:
        return tr("Desktop notices are paused until {time}.", time=moment)
    return tr("Quiet hours: desktop notices come again at {time}.", time=moment)


def told_words(notices: Sequence[Notice]) -> tuple[str, str]:
    """Return title and text of one desktop notice that tells of all these.

    Desktops may take what looks like markup for markup (desktop notifications specification, "body-markup"), so that
    nothing in it does.
    """
    first = notices[0]
    if len(notices) == 1:
        return _line(first.message), _line(first.hint)
    lines = [_line(one.message) for one in notices[:_MOST_LINES]]
    if len(notices) > _MOST_LINES:
        lines.append("…")
    return tr_n("{n} new notice", "{n} new notices", len(notices)), "\n".join(lines)


def without_markup(words: str) -> str:
    """Return words as one line in which a desktop finds no markup: angle brackets become quotation marks."""
    return visible_line(words).translate(_NO_MARKUP)


def clock_words(moment: datetime, now: datetime | None = None) -> str:
    """Return a moment as the clock here shows it, with its day where that is not today."""
    return time_of(moment) if is_today(moment, now or datetime.now(UTC)) else day_and_time_of(moment)


def in_an_hour(now: datetime | None = None) -> datetime:
    """Return the moment an hour from now."""
    return (now or datetime.now(UTC)) + timedelta(hours=1)


def tomorrow_morning(now: datetime | None = None) -> datetime:
    """Return eight o'clock of the next day, here."""
    today = (now or datetime.now(UTC)).astimezone().date()
    return datetime.combine(today + timedelta(days=1), _MORNING).astimezone(UTC)


def in_a_week(now: datetime | None = None) -> datetime:
    """Return the moment a week from now."""
    return (now or datetime.now(UTC)) + timedelta(days=7)


def _line(words: Text) -> str:
    line = without_markup(translated(words))
    return line if len(line) <= _LONGEST_LINE else f"{line[: _LONGEST_LINE - 1]}…"
