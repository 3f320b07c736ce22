"""Profiles: one directory, one name, and nobody else's."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.paths import Profile, default_profile, profile_at


def test_everything_lies_below_the_profile(tmp_path: Path) -> None:
    profile = Profile(tmp_path)

    places = (profile.config_file, profile.window_file, profile.logs, profile.postgres, profile.sandbox)
    assert all(place.is_relative_to(tmp_path) for place in places)
    assert len(set(places)) == len(places)


def test_a_profile_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    profile = Profile(tmp_path / "deep" / "profile")

    profile.create()
    profile.create()

    modes = [stat.S_IMODE(path.stat().st_mode) for path in (profile.directory, profile.logs)]
    assert modes == [0o700, 0o700]


def test_one_directory_is_one_profile_however_it_is_spelt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))

    spellings = ["real", "./real/", "link", "link/../real", "~/real", str(tmp_path / "real")]

    assert {profile_at(spelling).profile_id for spelling in spellings} == {Profile(tmp_path / "real").profile_id}


def test_two_directories_are_two_profiles_even_with_names_that_are_no_text(tmp_path: Path) -> None:
    odd = [os.fsdecode(os.fsencode(tmp_path) + b"/\xff"), os.fsdecode(os.fsencode(tmp_path) + b"/\xfe")]

    assert len({profile_at(name).profile_id for name in odd}) == 2


def test_a_home_of_nobody_is_a_directory_of_that_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert profile_at("~nobody-of-that-name").directory == tmp_path / "~nobody-of-that-name"


def test_the_default_profile_lies_where_the_server_may_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    of_root = default_profile()
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    of_somebody = default_profile()

    assert of_root.directory == Path("/var/lib/smtpy-desktop")
    assert of_somebody.directory == Path(os.environ["XDG_DATA_HOME"]) / "smtpy-desktop"


@pytest.mark.skipif(os.name != "posix", reason="names are text there")
def test_a_directory_whose_name_is_not_text_holds_no_profile(tmp_path: Path) -> None:
    profile = Profile(tmp_path / os.fsdecode(b"\xff\xfe"))

    with pytest.raises(UserFacingError) as refused:
        profile.create()

    assert refused.value.code == "PROFILE_NOT_WRITABLE"
    assert not profile.directory.exists()


def test_links_that_lead_in_a_circle_are_told(tmp_path: Path) -> None:
    (tmp_path / "circle").symlink_to(tmp_path / "circle")

    with pytest.raises(UserFacingError) as refused:
        profile_at(tmp_path / "circle").create()

    assert refused.value.code == "PROFILE_NOT_WRITABLE"


@pytest.mark.parametrize("name", ["file", "file/below"])
def test_a_place_that_cannot_hold_a_profile_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(UserFacingError) as refused:
        Profile(tmp_path / name).create()

    assert refused.value.code == "PROFILE_NOT_WRITABLE"
    assert name in str(refused.value)
