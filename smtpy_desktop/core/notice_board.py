"""What is known of all conditions, in the order in which it is shown."""

from __future__ import annotations

from datetime import datetime

from smtpy_desktop.core.notice_catalogue import notice_of
from smtpy_desktop.schemas.notice_kinds import NoticeSettings
from smtpy_desktop.schemas.notices import Notice, NoticeBoard, NoticeState


def notice_board(
    state: NoticeState, settings: NoticeSettings, *, silent_until: datetime | None = None, is_paused: bool = False
) -> NoticeBoard:
    """Return the notices of a state: what counts, what is put off, and what is of a muted kind."""
    raised = sorted(
        (notice_of(condition) for condition in state.conditions.values() if condition.raised_at is not None), key=_order
    )
    heard = [notice for notice in raised if notice.kind not in settings.muted]
    return NoticeBoard(
        notices=tuple(notice for notice in heard if not notice.is_snoozed),
        snoozed=tuple(notice for notice in heard if notice.is_snoozed),
        muted=tuple(notice for notice in raised if notice.kind in settings.muted),
        silent_until=silent_until,
        is_paused=is_paused,
    )


def _order(notice: Notice) -> tuple[int, float, str, str]:
    return -notice.severity.rank, -notice.since.timestamp(), notice.kind.value, notice.key
