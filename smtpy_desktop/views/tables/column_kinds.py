"""Columns of a kind that many lists have: moments and counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from smtpy_desktop.views.tables.columns import Column
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.relative_time import full_time, relative_time
from smtpy_desktop.views.widgets.texts import number

Row = TypeVar("Row")
Moment = Callable[[Row], datetime | None]


def time_column(
    column_id: str,
    title: str,
    moment: Moment[Row],
    *,
    width: int = 92,
    words: Callable[[Row], str] | None = None,
    sortable: bool = False,
    required: bool = False,
    hidden: bool = False,
    samples: tuple[str, ...] = (),
) -> Column[Row]:
    """Return a column of moments: in short words (``words``, or how long ago), whole in the tooltip, ISO in copies.

    The longest of the ``samples`` of such words fits from the beginning.
    """
    return Column(
        column_id,
        title,
        words if words is not None else lambda row: relative_time(moment(row)),
        width=width,
        sortable=sortable,
        required=required,
        hidden=hidden,
        samples=samples if words is not None else _sample_times(),
        tooltip=lambda row: full_time(at) if (at := moment(row)) is not None else "",
        value=lambda row: _stamp(moment(row)),
    )


def count_column(
    column_id: str,
    title: str,
    value: Callable[[Row], int],
    *,
    width: int = 74,
    sortable: bool = True,
    hidden: bool = False,
) -> Column[Row]:
    """Return a column of whole numbers, in which a zero steps back."""
    return Column(
        column_id,
        title,
        lambda row: number(value(row)),
        width=width,
        sortable=sortable,
        align_end=True,
        hidden=hidden,
        value=value,
        tone=lambda row: Tone.TEXT if value(row) else Tone.MUTED,
    )


def _sample_times() -> tuple[str, ...]:
    """Return how long ago something was, where that takes the most letters."""
    now = datetime.now(UTC)
    return tuple(relative_time(now - ago) for ago in (timedelta(minutes=59), timedelta(hours=23), timedelta(days=6)))


def _stamp(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
