"""What the list of notices, the tray icon and the settings are given by the composition root."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smtpy_desktop.schemas.notice_kinds import NoticeId, NoticeKind
    from smtpy_desktop.schemas.notices import NoticeAction


@dataclass(frozen=True, slots=True)
class NoticesTools:
    """``show`` leads to what a notice is about; ``snooze`` puts it off until a moment (None: not any longer).

    ``mute`` lets nobody hear of a kind any more, ``pause`` keeps the desktop quiet until a moment (None: not any
    longer), ``show_settings`` leads to all of this. ``test`` has the desktop tell something and returns whether there
    is a tray to tell it. ``has_tray`` says that, too.
    """

    show: Callable[[NoticeAction], object]
    snooze: Callable[[NoticeId, datetime | None], object]
    mute: Callable[[NoticeKind], object]
    pause: Callable[[datetime | None], object]
    show_settings: Callable[[], object]
    test: Callable[[], bool]
    has_tray: Callable[[], bool]
