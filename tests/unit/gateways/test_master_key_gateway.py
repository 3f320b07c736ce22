"""Rules of the master key: found in one order, made at most once, never replaced, never in a file by stealth."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.master_key_text import format_master_key, parse_master_key
from smtpy_desktop.core.sealing import key_id
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.gateways.master_key_gateway import MasterKeyGateway
from smtpy_desktop.gateways.memory_keyring import MemoryKeyring
from smtpy_desktop.schemas.secrets import KeyringState, MasterKeySource, SecretName

KEY = bytes(range(32))
OTHER = bytes(range(1, 33))


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    directory = tmp_path / "profile"
    directory.mkdir(mode=0o700)
    return directory


def gateway(
    profile: Path, state: KeyringState = KeyringState.MISSING, *, stored: bytes | None = None, named: Path | None = None
) -> MasterKeyGateway:
    keyring = MemoryKeyring()
    if stored is not None:
        keyring.write(SecretName.MASTER_KEY, format_master_key(stored))
    keyring.set_state(state)
    environment = {} if named is None else {"SMTPY_MASTER_KEY_FILE": str(named)}
    return MasterKeyGateway(keyring, profile, environment)


def key_file(path: Path, key: bytes = KEY, mode: int = 0o600) -> Path:
    path.write_text(format_master_key(key) + "\n")
    path.chmod(mode)
    return path


def code_of(error: pytest.ExceptionInfo[UserFacingError]) -> str:
    return error.value.code


def names(profile: Path) -> set[str]:
    return {path.name for path in profile.iterdir()} - {"master.key.lock"}


@given(st.binary(min_size=32, max_size=32), st.sampled_from(["", "\n", "\r\n", " \t"]))
def test_a_written_key_reads_back(key: bytes, ending: str) -> None:
    assert parse_master_key(format_master_key(key) + ending) == key
    assert parse_master_key(format_master_key(key).upper() + ending) == key


@pytest.mark.parametrize("written", ["", "a" * 63, "a" * 65, "g" * 64, "a" * 32 + "\n" + "a" * 32, "\u0661" * 64])
def test_anything_else_is_no_key(written: str) -> None:
    assert parse_master_key(written) is None


def test_the_named_file_comes_before_everything(profile: Path, tmp_path: Path) -> None:
    key_file(profile / "master.key", OTHER)

    key = gateway(profile, KeyringState.LOCKED, named=key_file(tmp_path / "named")).master_key(known_key_id=key_id(KEY))

    assert (key.value, key.source, key.warnings) == (KEY, MasterKeySource.KEY_FILE, ())


def test_a_missing_named_file_is_an_error_and_nothing_is_made(profile: Path, tmp_path: Path) -> None:
    with pytest.raises(UserFacingError) as error:
        gateway(profile, KeyringState.AVAILABLE, named=tmp_path / "absent").master_key(known_key_id=None)

    assert code_of(error) == "MASTER_KEY_FILE_UNREADABLE"
    assert "SMTPY_MASTER_KEY_FILE" in str(error.value)
    assert names(profile) == set()


@pytest.mark.parametrize("content", [b"", b"secret", b"\xff" * 64, b"a" * 5000])
def test_a_named_file_with_something_else_in_it_is_told_without_showing_it(
    profile: Path, tmp_path: Path, content: bytes
) -> None:
    named = tmp_path / "named"
    named.write_bytes(content)

    with pytest.raises(UserFacingError) as error:
        gateway(profile, named=named).master_key(known_key_id=None)

    assert code_of(error) == "MASTER_KEY_MALFORMED"
    assert "secret" not in str(error.value)


def test_a_directory_as_named_file_is_told(profile: Path, tmp_path: Path) -> None:
    with pytest.raises(UserFacingError) as error:
        gateway(profile, named=tmp_path).master_key(known_key_id=None)

    assert code_of(error) == "MASTER_KEY_FILE_UNREADABLE"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_file_that_others_can_read_works_with_a_warning(profile: Path, tmp_path: Path, mode: int) -> None:
    key = gateway(profile, named=key_file(tmp_path / "named", mode=mode)).master_key(known_key_id=None)

    assert key.value == KEY
    assert ["0600" in str(warning) for warning in key.warnings] == [True]


def test_an_available_keyring_gets_a_new_key_and_no_file_is_made(profile: Path) -> None:
    keyring = MemoryKeyring(state=KeyringState.AVAILABLE)

    first = MasterKeyGateway(keyring, profile, {}).master_key(known_key_id=None)
    second = MasterKeyGateway(keyring, profile, {}).master_key(known_key_id=key_id(first.value))

    assert first == second
    assert (first.source, first.warnings, len(first.value)) == (MasterKeySource.KEYRING, (), 32)
    assert names(profile) == set()


@pytest.mark.parametrize(
    ("state", "code"), [(KeyringState.LOCKED, "KEYRING_LOCKED"), (KeyringState.DENIED, "KEYRING_DENIED")]
)
@pytest.mark.parametrize("known", [None, key_id(KEY)])
def test_a_locked_or_refusing_keyring_never_leads_to_a_file(
    profile: Path, state: KeyringState, code: str, known: str | None
) -> None:
    with pytest.raises(UserFacingError) as error:
        gateway(profile, state).master_key(known_key_id=known)

    assert code_of(error) == code
    assert names(profile) == set()


def test_without_any_keyring_the_key_lives_in_a_private_file_and_that_is_said(profile: Path) -> None:
    first = gateway(profile).master_key(known_key_id=None)
    second = gateway(profile).master_key(known_key_id=key_id(first.value))

    assert first == second
    assert first.source is MasterKeySource.PROFILE_FILE
    assert ["plain file" in str(warning) for warning in first.warnings] == [True]
    assert names(profile) == {"master.key"}
    assert stat.S_IMODE((profile / "master.key").stat().st_mode) == 0o600


def test_the_file_stays_in_use_when_a_keyring_appears(profile: Path) -> None:
    first = gateway(profile).master_key(known_key_id=None)

    second = gateway(profile, KeyringState.AVAILABLE).master_key(known_key_id=key_id(first.value))

    assert second.value == first.value
    assert second.source is MasterKeySource.PROFILE_FILE
    assert "Move it to the keyring" in str(second.warnings[0])


def test_the_file_stays_in_use_while_the_keyring_is_locked(profile: Path) -> None:
    first = gateway(profile).master_key(known_key_id=None)

    assert gateway(profile, KeyringState.LOCKED).master_key(known_key_id=None).value == first.value


@pytest.mark.parametrize("state", [KeyringState.AVAILABLE, KeyringState.MISSING])
def test_a_key_that_was_in_use_is_missed_and_not_replaced(profile: Path, state: KeyringState) -> None:
    with pytest.raises(UserFacingError) as error:
        gateway(profile, state).master_key(known_key_id=key_id(KEY))

    assert code_of(error) == "MASTER_KEY_LOST"
    assert names(profile) == set()


def test_the_keyring_is_left_alone_when_its_key_is_another(profile: Path) -> None:
    keyring = MemoryKeyring(state=KeyringState.AVAILABLE)
    keyring.write(SecretName.MASTER_KEY, format_master_key(OTHER))

    with pytest.raises(UserFacingError) as error:
        MasterKeyGateway(keyring, profile, {}).master_key(known_key_id=key_id(KEY))

    assert code_of(error) == "MASTER_KEY_MISMATCH"
    assert keyring.read(SecretName.MASTER_KEY) == format_master_key(OTHER)
    assert names(profile) == set()


def test_rubbish_in_the_keyring_is_told_and_left_alone(profile: Path) -> None:
    keyring = MemoryKeyring(state=KeyringState.AVAILABLE)
    keyring.write(SecretName.MASTER_KEY, "rubbish")

    with pytest.raises(UserFacingError) as error:
        MasterKeyGateway(keyring, profile, {}).master_key(known_key_id=None)

    assert code_of(error) == "MASTER_KEY_MALFORMED"
    assert keyring.read(SecretName.MASTER_KEY) == "rubbish"


def test_a_damaged_file_is_told_and_left_alone(profile: Path) -> None:
    (profile / "master.key").write_text("")

    with pytest.raises(UserFacingError) as error:
        gateway(profile).master_key(known_key_id=None)

    assert code_of(error) == "MASTER_KEY_MALFORMED"
    assert (profile / "master.key").read_text() == ""


def test_another_key_in_the_file_is_told(profile: Path) -> None:
    key_file(profile / "master.key", OTHER)

    with pytest.raises(UserFacingError) as error:
        gateway(profile).master_key(known_key_id=key_id(KEY))

    assert code_of(error) == "MASTER_KEY_MISMATCH"
    assert key_id(OTHER) in str(error.value)


def test_a_stray_file_does_not_hide_the_right_key_in_the_keyring(profile: Path) -> None:
    key_file(profile / "master.key", OTHER)

    key = gateway(profile, KeyringState.AVAILABLE, stored=KEY).master_key(known_key_id=key_id(KEY))

    assert (key.value, key.source) == (KEY, MasterKeySource.KEYRING)


@pytest.mark.parametrize("stored", [None, KEY])
def test_moving_puts_the_key_into_the_keyring_and_removes_the_file(profile: Path, stored: bytes | None) -> None:
    key_file(profile / "master.key")
    keys = gateway(profile, KeyringState.AVAILABLE, stored=stored)

    moved = keys.move_to_keyring()

    assert (moved.value, moved.source) == (KEY, MasterKeySource.KEYRING)
    assert names(profile) == set()
    assert keys.master_key(known_key_id=key_id(KEY)) == moved


@pytest.mark.parametrize(
    ("state", "stored", "code"),
    [
        (KeyringState.LOCKED, None, "KEYRING_LOCKED"),
        (KeyringState.DENIED, None, "KEYRING_DENIED"),
        (KeyringState.MISSING, None, "KEYRING_MISSING"),
        (KeyringState.AVAILABLE, OTHER, "MASTER_KEY_CONFLICT"),
    ],
)
def test_a_move_that_fails_changes_nothing(profile: Path, state: KeyringState, stored: bytes | None, code: str) -> None:
    key_file(profile / "master.key")
    keys = gateway(profile, state, stored=stored)

    with pytest.raises(UserFacingError) as error:
        keys.move_to_keyring()

    assert code_of(error) == code
    assert keys.master_key(known_key_id=key_id(KEY)).value == KEY


def test_moving_without_a_file_is_told(profile: Path) -> None:
    with pytest.raises(UserFacingError) as error:
        gateway(profile, KeyringState.AVAILABLE).move_to_keyring()

    assert code_of(error) == "MASTER_KEY_NOT_IN_FILE"


def test_a_process_that_died_while_making_the_file_does_no_harm(profile: Path) -> None:
    (profile / "master.key.new").write_text("half a k")

    key = gateway(profile).master_key(known_key_id=None)

    assert parse_master_key((profile / "master.key").read_text()) == key.value
    assert names(profile) == {"master.key"}


def test_a_profile_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(UserFacingError) as error:
        gateway(tmp_path / "file" / "profile").master_key(known_key_id=None)

    assert code_of(error) == "MASTER_KEY_NOT_CREATED"


def test_a_full_disk_leaves_no_half_made_key(profile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_space(descriptor: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", no_space)

    with pytest.raises(UserFacingError) as error:
        gateway(profile).master_key(known_key_id=None)

    assert code_of(error) == "MASTER_KEY_NOT_CREATED"
    assert names(profile) == set()


def test_threads_that_start_together_get_one_key(profile: Path) -> None:
    keyring = MemoryKeyring(state=KeyringState.AVAILABLE)

    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: MasterKeyGateway(keyring, profile, {}).master_key(known_key_id=None), range(16)))

    assert len({key.value for key in keys}) == 1


def test_processes_that_start_together_get_one_key(profile: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from smtpy_desktop.gateways.master_key_gateway import MasterKeyGateway\n"
        "from smtpy_desktop.gateways.memory_keyring import MemoryKeyring\n"
        "print('ready', flush=True); sys.stdin.read()\n"
        "print(MasterKeyGateway(MemoryKeyring(), Path(sys.argv[1]), {}).master_key(known_key_id=None).value.hex())\n"
    )
    starts = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(profile)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    for process in starts:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"

    for process in starts:
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
    keys = {process.communicate(timeout=60)[0] for process in starts}

    assert len(keys) == 1
    assert parse_master_key(keys.pop()) is not None


def test_the_key_does_not_show_when_it_is_printed(profile: Path) -> None:
    key = gateway(profile).master_key(known_key_id=None)

    assert key.value.hex() not in repr(key)
    assert repr(key.value) not in repr(key)
