"""The settings of notices: what they take, and that damaged ones count as not set."""

from __future__ import annotations

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.notice_settings import format_kinds, parse_notice_settings
from smtpy_desktop.core.setting_keys import normalise_setting
from smtpy_desktop.errors import FieldError
from smtpy_desktop.schemas.notice_kinds import NoticeKind, NoticeSettings, QuietHours


@pytest.mark.parametrize(
    ("key", "typed", "stored"),
    [
        ("notices.quiet_from", " 22:00 ", "22:00"),
        ("notices.quiet_to", "7:05", "07:05"),
        ("notices.quiet_to", "", ""),
        ("notices.desktop", "Off", "no"),
        ("notices.muted", "queue-old; DOMAIN_BROKEN,queue_old", "domain_broken, queue_old"),
    ],
)
def test_values_are_stored_in_one_form(key: str, typed: str, stored: str) -> None:
    assert normalise_setting(key, typed) == stored


@pytest.mark.parametrize(
    ("key", "typed"),
    [
        ("notices.quiet_from", "24:00"),
        ("notices.quiet_from", "7"),
        ("notices.quiet_to", "noon"),
        ("notices.desktop", "maybe"),
        ("notices.muted", "domain_broken, weather"),
    ],
)
def test_what_means_nothing_is_refused_by_name(key: str, typed: str) -> None:
    with pytest.raises(FieldError) as raised:
        normalise_setting(key, typed)

    assert raised.value.field == key


def test_a_value_of_any_length_is_refused_in_one_line() -> None:
    with pytest.raises(FieldError) as raised:
        normalise_setting("notices.muted", "x" * 100_000)

    assert len(str(raised.value.message)) < 100


@pytest.mark.parametrize(
    "stored",
    [
        {},
        {"notices.quiet_from": "22:00"},
        {"notices.quiet_to": "07:00"},
        {"notices.quiet_from": "22:00", "notices.quiet_to": "22:00"},
        {"notices.quiet_from": "late", "notices.quiet_to": "07:00"},
    ],
)
def test_quiet_hours_need_two_ends(stored: dict[str, str]) -> None:
    assert parse_notice_settings(stored) == NoticeSettings()


def test_settings_are_read() -> None:
    stored = {
        "notices.quiet_from": "22:00",
        "notices.quiet_to": "07:00",
        "notices.desktop": "no",
        "notices.muted": "queue_old, of_a_newer_program",
    }

    found = parse_notice_settings(stored)

    quiet = QuietHours(time(22), time(7))
    assert found == NoticeSettings(quiet, frozenset({NoticeKind.QUEUE_OLD}), tells_desktop=False)


@given(st.sets(st.sampled_from(NoticeKind)))
def test_kinds_are_read_as_they_were_written(kinds: set[NoticeKind]) -> None:
    written = format_kinds(kinds)

    assert parse_notice_settings({"notices.muted": written}).muted == kinds
    assert normalise_setting("notices.muted", written) == written
