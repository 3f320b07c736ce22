"""The configuration file: whole or not at all, never lost, and no secret in it."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smtpy_desktop.config import Config, load_config, save_config, with_server
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.paths import Profile
from smtpy_desktop.schemas.connection import ServerAddress, TlsMode

SERVER = ServerAddress("db.example.net", 5433, "smtpy", "admin", TlsMode.VERIFY_CA, "/etc/authorities.pem")
OLD = Config(theme="dark", first_run_done=True)
NEW = Config(SERVER, first_run_done=True, language="fr")


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    made = Profile(tmp_path / "profile")
    made.create()
    return made


def names(profile: Profile) -> set[str]:
    return {path.name for path in profile.directory.iterdir()} - {"logs"}


def test_without_a_file_everything_is_as_at_first(profile: Profile) -> None:
    assert load_config(profile) == Config()
    assert names(profile) == set()


@pytest.mark.parametrize("config", [Config(), OLD, NEW, Config(extra={"of tomorrow": [1, {"a": None}]})])
def test_what_is_saved_reads_back(profile: Profile, config: Config) -> None:
    save_config(profile, config)

    assert load_config(profile) == config


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.builds(Config, theme=st.text(), language=st.text(), first_run_done=st.booleans()))
def test_every_choice_reads_back(profile: Profile, config: Config) -> None:
    save_config(profile, config)

    assert load_config(profile) == config


def test_choosing_a_database_ends_the_first_run_and_keeps_the_rest() -> None:
    assert with_server(Config(theme="dark"), SERVER) == Config(SERVER, first_run_done=True, theme="dark")
    assert with_server(NEW, None) == Config(None, first_run_done=True, language="fr")


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"{",
        b'{"theme": "da',
        b"null",
        b"[]",
        b'"text"',
        b"7",
        b"\xff\xfe{}",
        b'{"theme": 5}',
        b'{"first_run_done": "yes"}',
        b'{"server": {"host": "h"}}',
        b'{"server": []}',
        b'{"server": {"host": "h", "port": "5432", "tls_mode": "require"}}',
        b'{"server": {"host": 5, "port": 5432, "tls_mode": "require"}}',
        b'{"server": {"host": "h", "port": 5432, "tls_mode": "maybe"}}',
        b'{"server": {"host": "h", "tls_mode": "require", "password": "x"}}',
        b"[" * 100_000,
    ],
)
def test_a_damaged_file_is_replaced_by_its_last_good_copy_and_kept(profile: Profile, damaged: bytes) -> None:
    save_config(profile, OLD)
    save_config(profile, NEW)
    profile.config_file.write_bytes(damaged)

    loaded = load_config(profile)

    assert loaded == OLD
    assert profile.config_file.read_bytes() == damaged


def test_a_damaged_file_never_becomes_the_copy(profile: Profile) -> None:
    save_config(profile, OLD)
    save_config(profile, OLD)
    profile.config_file.write_text("5")

    save_config(profile, NEW)
    profile.config_file.write_text("5")

    assert load_config(profile) == OLD


def test_without_a_good_copy_the_damage_is_told_and_nothing_is_touched(profile: Profile) -> None:
    profile.config_file.write_text("{")

    with pytest.raises(UserFacingError) as failure:
        load_config(profile)

    assert failure.value.code == "CONFIG_DAMAGED"
    assert str(profile.config_file) in str(failure.value)
    assert profile.config_file.read_text() == "{"


def test_a_file_that_was_taken_away_means_a_new_beginning(profile: Profile) -> None:
    save_config(profile, OLD)
    save_config(profile, NEW)
    profile.config_file.unlink()

    assert load_config(profile) == Config()


@pytest.mark.parametrize("moment", ["fsync", "replace"])
def test_a_failure_while_saving_leaves_the_old_one_and_no_remains(
    profile: Profile, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    save_config(profile, OLD)

    def fail(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(*((os, "fsync") if moment == "fsync" else (Path, "replace")), fail)
    with pytest.raises(UserFacingError) as failure:
        save_config(profile, NEW)
    monkeypatch.undo()

    assert failure.value.code == "CONFIG_NOT_SAVED"
    assert "No space left" in str(failure.value.detail)
    assert load_config(profile) == OLD
    assert names(profile) == {"config.json"}


def test_the_files_are_for_their_owner_alone_and_hold_no_password(profile: Profile) -> None:
    save_config(profile, OLD)
    save_config(profile, NEW)

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in profile.directory.glob("config*")}
    assert modes == {"config.json": 0o600, "config.json.bak": 0o600}
    written = json.loads(profile.config_file.read_text(encoding="utf-8"))
    assert written["server"].keys() == {"host", "port", "database", "user", "tls_mode", "ca_file"}
