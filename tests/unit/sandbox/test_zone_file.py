"""Keeping zones: whole or not at all, and never in the way of a start."""

from __future__ import annotations

import pytest

from smtpy_desktop.sandbox.dns_zones import Zones
from smtpy_desktop.sandbox.zone_file import FILE_NAME, load_zones, save_zones


def test_zones_come_back_as_they_were_saved(tmp_path):
    zones = Zones()
    zones.add_zone("example.com")
    zones.set_records("example.com", "TXT", ["“curly” text"])

    save_zones(tmp_path / "profile", {"is_filled": True, "zones": zones.dump()})
    loaded = load_zones(tmp_path / "profile")

    assert (loaded.zones.dump(), loaded.is_filled) == (zones.dump(), True)
    assert [path.name for path in (tmp_path / "profile").iterdir()] == [FILE_NAME]


def test_without_a_file_there_is_nothing_and_it_was_not_filled(tmp_path):
    loaded = load_zones(tmp_path)

    assert (loaded.zones.dump(), loaded.is_filled) == (Zones().dump(), False)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"zones": {}}', '{"is_filled": 1, "zones": {"a.b": {}}}'])
def test_a_damaged_file_is_put_aside(tmp_path, content):
    (tmp_path / FILE_NAME).write_text(content, encoding="utf-8")

    loaded = load_zones(tmp_path)

    assert (loaded.zones.dump(), loaded.is_filled) == (Zones().dump(), False)
    assert [path.read_text(encoding="utf-8") for path in tmp_path.iterdir()] == [content]


def test_a_save_that_fails_leaves_the_old_file(tmp_path):
    save_zones(tmp_path, {"is_filled": True, "zones": {}})
    before = (tmp_path / FILE_NAME).read_bytes()

    with pytest.raises(TypeError):
        save_zones(tmp_path, {"is_filled": object()})

    assert [path.read_bytes() for path in tmp_path.iterdir()] == [before]


def test_a_profile_from_before_there_were_messages_is_given_them_once(tmp_path):
    save_zones(tmp_path, {"is_filled": True, "zones": {}})
    before = load_zones(tmp_path)
    save_zones(tmp_path, {"is_filled": True, "has_messages": True, "zones": {}})

    after = load_zones(tmp_path)

    assert (before.has_messages, after.has_messages) == (False, True)
