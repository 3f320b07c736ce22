"""Rules of the keyring against a real GNOME Keyring: distinct states, no prompts, no hangs, nothing lost or leaked."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from smtpy_desktop import named_profiles
from smtpy_desktop.core.keyring_errors import KeyringUnavailable
from smtpy_desktop.core.profile_registry import add_entry, change_entry
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.gateways.keyring_gateway import KeyringGateway
from smtpy_desktop.gateways.master_key_gateway import MasterKeyGateway
from smtpy_desktop.schemas.profiles import ProfileEntry
from smtpy_desktop.schemas.secrets import KeyringState, MasterKeySource, SecretName
from tests.system.session_bus import Session, wait_until

pytestmark = pytest.mark.system("dbus-daemon", "gnome-keyring-daemon")

CANARY = "canary-of-the-keyring-4711"
DEADLINE = 1.5
"""Of calls that are expected to get no answer."""

StartSession = Callable[..., Session]


@pytest.fixture
def start_session(monkeypatch: pytest.MonkeyPatch) -> Iterator[StartSession]:
    sessions: list[Session] = []

    def start(*, activates: bool = False, denies: bool = False) -> Session:
        session = Session(activates=activates, denies=denies)
        sessions.append(session)
        session.start_bus()
        for name, value in session.environment.items():
            monkeypatch.setenv(name, value)
        return session

    monkeypatch.delenv("PYTHON_KEYRING_BACKEND")
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    yield start
    for session in sessions:
        session.end()


@pytest.fixture
def keyring() -> KeyringGateway:
    return KeyringGateway("0123456789abcdef")


@pytest.fixture
def session(start_session: StartSession, keyring: KeyringGateway) -> Session:
    """Give an open, empty keyring; nothing starts it again once it is gone."""
    session = start_session()
    session.start_keyring()
    wait_until(lambda: keyring.state() is KeyringState.AVAILABLE)
    return session


def refusals(keyring: KeyringGateway) -> list[str]:
    """Try everything and return the codes of the refusals."""
    codes = []
    for action in (
        lambda: keyring.read(SecretName.DATABASE_PASSWORD),
        lambda: keyring.write(SecretName.DATABASE_PASSWORD, "overwritten"),
        lambda: keyring.delete(SecretName.DATABASE_PASSWORD),
    ):
        with pytest.raises(KeyringUnavailable) as refusal:
            action()
        codes.append(refusal.value.code)
    return codes


def test_an_open_keyring_keeps_secrets_in_its_own_encrypted_file(session: Session, keyring: KeyringGateway) -> None:
    keyring.write(SecretName.DATABASE_PASSWORD, CANARY)

    assert keyring.read(SecretName.DATABASE_PASSWORD) == CANARY
    assert KeyringGateway("another profile").read(SecretName.DATABASE_PASSWORD) is None
    assert keyring.description() == "keyring.backends.SecretService.Keyring"
    assert session.files_with(CANARY) == []


def test_an_empty_keyring_is_available_and_has_nothing(session: Session, keyring: KeyringGateway) -> None:
    assert keyring.state() is KeyringState.AVAILABLE
    assert {keyring.read(name) for name in SecretName} == {None}


def test_a_secret_is_deleted_only_when_that_is_asked_for(session: Session, keyring: KeyringGateway) -> None:
    keyring.write(SecretName.DATABASE_PASSWORD, CANARY)
    keyring.write(SecretName.MASTER_KEY, "stays")

    keyring.delete(SecretName.DATABASE_PASSWORD)

    assert keyring.read(SecretName.DATABASE_PASSWORD) is None
    assert keyring.read(SecretName.MASTER_KEY) == "stays"


def test_a_locked_keyring_is_told_at_once_and_loses_nothing(session: Session, keyring: KeyringGateway) -> None:
    keyring.write(SecretName.DATABASE_PASSWORD, CANARY)
    session.lock()

    started = time.monotonic()
    state = keyring.state()
    codes = refusals(keyring)
    took = time.monotonic() - started
    session.unlock()

    assert state is KeyringState.LOCKED
    assert codes == ["KEYRING_LOCKED"] * 3
    assert took < 4  # nobody waited for a prompt
    assert keyring.read(SecretName.DATABASE_PASSWORD) == CANARY


def test_a_keyring_that_waits_for_its_password_since_the_start_is_locked(
    start_session: StartSession, keyring: KeyringGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = start_session(activates=True)
    session.start_keyring()
    wait_until(lambda: keyring.state() is KeyringState.AVAILABLE)
    keyring.write(SecretName.DATABASE_PASSWORD, CANARY)

    session.stop_keyring()  # the bus starts a new one for the next question
    state = keyring.state()
    session.unlock()

    assert state is KeyringState.LOCKED
    assert keyring.read(SecretName.DATABASE_PASSWORD) == CANARY


def test_a_keyring_service_in_which_none_was_set_up_is_no_keyring(
    start_session: StartSession, keyring: KeyringGateway
) -> None:
    start_session(activates=True)

    assert keyring.state() is KeyringState.MISSING
    assert "set up" in str(keyring.problem())


def test_a_killed_daemon_is_missing_and_its_secrets_come_back_with_it(
    session: Session, keyring: KeyringGateway
) -> None:
    keyring.write(SecretName.DATABASE_PASSWORD, CANARY)

    session.stop_keyring()
    state = keyring.state()
    codes = refusals(keyring)
    session.start_keyring()
    wait_until(lambda: keyring.state() is KeyringState.AVAILABLE)

    assert state is KeyringState.MISSING
    assert codes == ["KEYRING_MISSING"] * 3
    assert keyring.read(SecretName.DATABASE_PASSWORD) == CANARY
    assert session.files_with(CANARY) == []


def test_a_bus_that_lets_nobody_ask_the_keyring_is_a_denial(
    start_session: StartSession, keyring: KeyringGateway
) -> None:
    session = start_session(denies=True)
    session.start_keyring()
    wait_until(lambda: keyring.state() is not KeyringState.MISSING)

    assert keyring.state() is KeyringState.DENIED
    assert refusals(keyring) == ["KEYRING_DENIED"] * 3


@pytest.mark.parametrize("address", [None, "", "rubbish", "unix:path=/nowhere/bus", "tcp:host=127.0.0.1,port=1"])
def test_without_a_session_bus_there_is_no_keyring(
    address: str | None, keyring: KeyringGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND")
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    if address is not None:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)

    assert keyring.state() is KeyringState.MISSING
    assert refusals(keyring) == ["KEYRING_MISSING"] * 3


@pytest.mark.parametrize("backend", ["keyring.backends.fail.Keyring", "keyring.backends.null.Keyring"])
def test_a_backend_that_keeps_nothing_is_no_keyring_even_beside_a_real_one(
    session: Session, keyring: KeyringGateway, monkeypatch: pytest.MonkeyPatch, backend: str
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", backend)

    assert keyring.state() is KeyringState.MISSING
    assert refusals(keyring) == ["KEYRING_MISSING"] * 3


def test_a_chain_of_backends_is_resolved_to_the_real_keyring(
    session: Session, keyring: KeyringGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.chainer.ChainerBackend")

    assert keyring.description() == "keyring.backends.SecretService.Keyring"


@pytest.mark.parametrize("hung", ["keyring", "bus"])
def test_a_hung_process_is_told_within_the_deadline_and_works_again_afterwards(session: Session, hung: str) -> None:
    keyring = KeyringGateway("0123456789abcdef", deadline_seconds=DEADLINE)
    keyring.write(SecretName.DATABASE_PASSWORD, CANARY)
    process = getattr(session, hung)

    process.send_signal(signal.SIGSTOP)
    started = time.monotonic()
    problem = keyring.problem()
    codes = refusals(keyring)
    took = time.monotonic() - started
    process.send_signal(signal.SIGCONT)
    wait_until(lambda: keyring.state() is KeyringState.AVAILABLE)

    assert problem is not None
    assert (problem.state, problem.code) == (KeyringState.DENIED, "KEYRING_SILENT")
    assert codes == ["KEYRING_SILENT"] * 3
    assert took < 5 * DEADLINE
    assert keyring.read(SecretName.DATABASE_PASSWORD) == CANARY


def test_a_bus_that_never_answers_is_a_denial(
    tmp_path: Path, keyring: KeyringGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bus"
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(path))
        silent.listen()
        monkeypatch.delenv("PYTHON_KEYRING_BACKEND")
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={path}")

        problem = keyring.problem()

    assert problem is not None
    assert (problem.state, problem.code) == (KeyringState.DENIED, "KEYRING_SILENT")


def test_the_states_have_distinct_texts(session: Session, keyring: KeyringGateway) -> None:
    session.lock()
    locked = keyring.problem()
    session.keyring.send_signal(signal.SIGSTOP)  # type: ignore[union-attr]
    denied = KeyringGateway("0123456789abcdef", deadline_seconds=DEADLINE).problem()
    session.keyring.send_signal(signal.SIGCONT)  # type: ignore[union-attr]
    session.stop_keyring()
    wait_until(lambda: keyring.state() is KeyringState.MISSING)
    missing = keyring.problem()

    assert len({str(locked), str(denied), str(missing)}) == 3


def test_the_master_key_outlives_the_run_in_the_keyring(
    session: Session, keyring: KeyringGateway, tmp_path: Path
) -> None:
    first = MasterKeyGateway(keyring, tmp_path, {}).master_key(known_key_id=None)
    second = MasterKeyGateway(keyring, tmp_path, {}).master_key(known_key_id=None)

    assert first == second
    assert first.source is MasterKeySource.KEYRING
    assert not (tmp_path / "master.key").exists()
    assert session.files_with(first.value.hex()) == []


def test_no_master_key_is_made_while_the_keyring_is_locked(
    session: Session, keyring: KeyringGateway, tmp_path: Path
) -> None:
    first = MasterKeyGateway(keyring, tmp_path, {}).master_key(known_key_id=None)
    session.lock()

    with pytest.raises(UserFacingError) as refusal:
        MasterKeyGateway(keyring, tmp_path, {}).master_key(known_key_id=None)
    session.unlock()

    assert refusal.value.code == "KEYRING_LOCKED"
    assert not (tmp_path / "master.key").exists()
    assert MasterKeyGateway(keyring, tmp_path, {}).master_key(known_key_id=None) == first


def test_a_master_key_file_moves_to_a_keyring_that_appears(
    start_session: StartSession, keyring: KeyringGateway, tmp_path: Path
) -> None:
    session = start_session()
    keys = MasterKeyGateway(keyring, tmp_path, {})
    before = keys.master_key(known_key_id=None)
    session.start_keyring()
    wait_until(lambda: keyring.state() is KeyringState.AVAILABLE)

    moved = keys.move_to_keyring()

    assert (before.source, moved.source) == (MasterKeySource.PROFILE_FILE, MasterKeySource.KEYRING)
    assert moved.value == before.value
    assert not (tmp_path / "master.key").exists()
    assert keys.master_key(known_key_id=None) == moved


def test_the_secrets_of_two_named_profiles_never_meet(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    files = named_profiles.profile_files()
    for name in ("Production", "Test"):
        files.change(add_entry(ProfileEntry(name, tmp_path / name.lower())))
    production, test = (
        KeyringGateway(named_profiles.chosen_profile(name).profile_id) for name in ("Production", "Test")
    )
    for secret in SecretName:
        production.write(secret, f"{CANARY}-production")

    unseen = {test.read(secret) for secret in SecretName}
    for secret in SecretName:
        test.write(secret, f"{CANARY}-test")
    files.change(change_entry("Production", lambda entry: replace(entry, name="Live")))
    named_profiles.delete_secrets(tmp_path / "test", keeps_key=False)

    assert unseen == {None}
    renamed = KeyringGateway(named_profiles.chosen_profile("Live").profile_id)
    assert {renamed.read(secret) for secret in SecretName} == {f"{CANARY}-production"}
    assert {test.read(secret) for secret in SecretName} == {None}
    assert session.files_with(CANARY) == []
