"""Settings as a file: what is written is read back, and every fault is told with its line."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.setting_keys import SETTINGS
from smtpy_desktop.core.settings_file import LARGEST_FILE, VERSION, read_settings, write_settings
from smtpy_desktop.errors import UserFacingError

DEFAULTS = {key: setting.default for key, setting in SETTINGS.items()}


def file_of(settings: object, **other: object) -> bytes:
    """Return a file as an exporter writes it."""
    content = {"format": "smtpy-desktop-settings", "version": VERSION, "settings": settings, **other}
    return json.dumps(content, indent=2).encode()


def test_what_is_written_is_read_back_and_defaults_are_not_pinned():
    values = DEFAULTS | {"dns.recheck_minutes": "15", "mail.mx": "10 mx1.example.net"}

    lines = read_settings(write_settings(values).encode())

    assert {line.key: line.value for line in lines if line.value} == {
        "dns.recheck_minutes": "15",
        "mail.mx": "10 mx1.example.net",
    }
    assert [line.key for line in lines] == list(SETTINGS)
    assert not any(line.fault for line in lines)


def test_each_fault_is_told_with_its_line():
    content = file_of(
        {
            "dns.recheck_minutes": "often",
            "no.such": "x",
            "mail.hostname": "mx1.example.net",
            "dns.history_days": None,
            "mail.spf": "a\0b",
        }
    )

    lines = read_settings(content)

    written = content.decode().splitlines()
    assert all(line.key in written[line.line - 1] for line in lines)
    assert [line.key for line in lines if line.fault is None] == ["mail.hostname"]


def test_a_key_that_stands_there_twice_is_refused_the_second_time():
    content = file_of({"mail.hostname": "mx1.example.net"}).decode()
    twice = content.replace('.net"', '.net",\n"mail.hostname": "mx2.example.net"').encode()

    first, second = read_settings(twice)

    assert first.fault is None
    assert str(second.fault) == f"mail.hostname stands in line {first.line} already."
    assert second.line == first.line + 1


def test_numbers_and_yes_or_no_are_taken_as_json_has_them():
    lines = read_settings(file_of({"dns.recheck_minutes": 15, "forwarder.arc": False}))

    assert [(line.value, line.fault) for line in lines] == [("15", None), ("no", None)]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "SETTINGS_FILE_DAMAGED"),
        (b"{", "SETTINGS_FILE_DAMAGED"),
        (b"[" * 100_000, "SETTINGS_FILE_DAMAGED"),
        (b'{"format": ' + b"9" * 5000 + b"}", "SETTINGS_FILE_DAMAGED"),
        (file_of({}) + b"x", "SETTINGS_FILE_DAMAGED"),
        (b"[]", "SETTINGS_FILE_DAMAGED"),
        (b"{}", "SETTINGS_FILE_FOREIGN"),
        (file_of([]), "SETTINGS_FILE_FOREIGN"),
        (file_of({}, format="something-else"), "SETTINGS_FILE_FOREIGN"),
        (file_of({}, version=VERSION + 1), "SETTINGS_FILE_NEWER"),
        (b"\xff\xfe\x00", "SETTINGS_FILE_NO_TEXT"),
        (b" " * (LARGEST_FILE + 1), "SETTINGS_FILE_TOO_LARGE"),
    ],
)
def test_a_file_that_holds_no_settings_is_refused_as_a_whole(content: bytes, code: str):
    with pytest.raises(UserFacingError) as refused:
        read_settings(content)

    assert refused.value.code == code


def test_the_line_of_damage_is_told():
    broken = file_of({"mail.hostname": "mx1.example.net"}).replace(b'.net"', b".net")

    with pytest.raises(UserFacingError, match="Line 5"):
        read_settings(broken)


@given(st.binary(max_size=200) | st.builds(lambda cut: write_settings(DEFAULTS).encode()[:cut], st.integers(0, 900)))
def test_garbage_and_truncated_files_end_in_an_explanation(content: bytes):
    with contextlib.suppress(UserFacingError):
        read_settings(content)


@given(st.dictionaries(st.text() | st.sampled_from(list(SETTINGS)), st.text() | st.integers() | st.booleans()))
def test_any_value_is_either_stored_as_it_is_checked_or_refused(settings: dict[str, object]):
    lines = read_settings(file_of(settings))

    assert len(lines) == len(settings)
    for line in lines:
        if line.fault is None:
            assert line.key in SETTINGS
            assert line.value == SETTINGS[line.key].normalise(line.value) if line.value else True
