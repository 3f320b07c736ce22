"""The settings of notices: what they are called, and what they mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from smtpy_desktop.core.setting_key import SettingKey, parse_time, time_of_day, yes_or_no
from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.errors import FieldError
from smtpy_desktop.schemas.notice_kinds import NoticeKind, NoticeSettings, QuietHours
from smtpy_desktop.schemas.text import text

_LONGEST_TOLD = 40

DESKTOP_KEY = "notices.desktop"
QUIET_FROM_KEY = "notices.quiet_from"
QUIET_TO_KEY = "notices.quiet_to"
MUTED_KEY = "notices.muted"


def parse_notice_settings(stored: Mapping[str, str]) -> NoticeSettings:
    """Make the settings of what is stored; what is damaged or unknown there counts as not set."""
    begin, end = (parse_time(stored.get(key, "")) for key in (QUIET_FROM_KEY, QUIET_TO_KEY))
    quiet = QuietHours(begin, end) if begin is not None and end is not None and begin != end else None
    known = {kind.value for kind in NoticeKind}
    muted = frozenset(NoticeKind(word) for word in _words(stored.get(MUTED_KEY, "")) if word in known)
    return NoticeSettings(quiet, muted, tells_desktop=stored.get(DESKTOP_KEY) != "no")


def format_kinds(kinds: Iterable[NoticeKind]) -> str:
    """Return kinds as they are stored: in the order of the catalogue, with commas between."""
    wanted = set(kinds)
    return ", ".join(kind.value for kind in NoticeKind if kind in wanted)


def _words(value: str) -> list[str]:
    return re.split(r"[\s,;]+", value.strip().lower().replace("-", "_")) if value.strip() else []


def _muted(value: str) -> str:
    known = {kind.value for kind in NoticeKind}
    words = _words(value)
    unknown = next((word for word in words if word not in known), None)
    if unknown is not None:
        raise FieldError(
            MUTED_KEY,
            "SETTING_NOTICE_KIND",
            text("There is no kind of notice {kind}.", kind=visible_line(unknown, _LONGEST_TOLD)),
            hint=text("The kinds are: {kinds}.", kinds=", ".join(sorted(known))),
        )
    return format_kinds(NoticeKind(word) for word in words)


NOTICE_SETTINGS = (
    SettingKey(
        DESKTOP_KEY,
        "yes",
        text("Whether warnings and failures are told by the desktop, too, and not in the window alone."),
        yes_or_no(DESKTOP_KEY),
    ),
    SettingKey(
        QUIET_FROM_KEY,
        "",
        text("From when on the desktop tells nothing, such as 22:00; empty: there are no quiet hours."),
        time_of_day(QUIET_FROM_KEY, "22:00"),
    ),
    SettingKey(
        QUIET_TO_KEY,
        "",
        text("Until when the desktop tells nothing, such as 07:00; what came meanwhile is told then."),
        time_of_day(QUIET_TO_KEY, "07:00"),
    ),
    SettingKey(MUTED_KEY, "", text("The kinds of notices that nobody wants to hear of."), _muted),
)
