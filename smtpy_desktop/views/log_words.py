"""How lines of the log are put in words, icons and columns."""

from __future__ import annotations

from datetime import UTC, datetime

from smtpy_desktop.core.visible_text import visible_text
from smtpy_desktop.schemas.log_lines import LogLevel, LogLine
from smtpy_desktop.views.tables.column_kinds import time_column
from smtpy_desktop.views.tables.columns import Column
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.moments import here, is_today, write_day, write_time
from smtpy_desktop.views.widgets.texts import tr

_TABLE_TEXT = 600


def level_word(level: LogLevel) -> str:
    """Return a level as a word."""
    return {
        LogLevel.DEBUG: tr("Detail"),
        LogLevel.INFO: tr("Information"),
        LogLevel.WARNING: tr("Warning"),
        LogLevel.ERROR: tr("Error"),
        LogLevel.CRITICAL: tr("Critical"),
    }[level]


def level_tone(level: LogLevel) -> Tone:
    """Return what a level means for the eye."""
    if level >= LogLevel.ERROR:
        return Tone.BAD
    return Tone.WARN if level is LogLevel.WARNING else Tone.MUTED


def level_icon(level: LogLevel) -> str:
    """Return the icon of a level, which differs not by its colour alone."""
    if level >= LogLevel.ERROR:
        return "circle-x"
    return "alert-triangle" if level is LogLevel.WARNING else "info-circle"


def source_word(source: str) -> str:
    """Return whose log it is."""
    known = {
        "window": tr("Window"),
        "command": tr("Commands"),
        "forwarder": tr("Forwarder"),
        "listener": tr("Listener"),
        "database": tr("Database server"),
        "crash": tr("Crashes"),
    }
    return known.get(source, source)


def line_level(line: LogLine) -> str:
    """Return the level of a line, or that it is damaged."""
    return tr("Damaged") if line.is_damaged else level_word(line.level)


def moment_words(moment: datetime | None) -> str:
    """Return the time to the millisecond, and the day unless it is today."""
    if moment is None:
        return tr("unknown")
    clock = here(moment)
    time = write_time(clock, milliseconds=True)
    return time if is_today(moment, datetime.now(UTC)) else f"{write_day(clock.date())} {time}"


def log_columns() -> list[Column[LogLine]]:
    """Return the columns of the log."""
    return [
        time_column("at", tr("When"), lambda line: line.at, width=160, words=lambda line: moment_words(line.at)),
        Column(
            "level",
            tr("Level"),
            line_level,
            width=124,
            icon=lambda line: (level_icon(line.level), level_tone(line.level)),
            tone=lambda line: level_tone(line.level),
            value=lambda line: line.level.name.lower(),
            required=True,
        ),
        Column("source", tr("Log"), lambda line: source_word(line.source), width=128, tone=_muted),
        Column("process", tr("Process"), lambda line: line.process, width=92, tone=_muted),
        Column("logger", tr("Part"), lambda line: line.logger, width=220, hidden=True, tone=_muted),
        Column("text", tr("What happened"), _one_line, required=True, stretch=True, value=lambda line: line.text),
    ]


def _muted(line: LogLine) -> Tone:
    return Tone.MUTED


def _one_line(line: LogLine) -> str:
    facts = "".join(f"  {name}={value}" for name, value in line.facts.items())
    last = line.more.rstrip().rpartition("\n")[2].strip() if "Traceback" in line.more else ""
    words = f"{line.text}{facts}" + (f" · {last}" if last else "")
    return visible_text(" ".join(words[:_TABLE_TEXT].split()))
