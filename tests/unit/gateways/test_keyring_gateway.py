"""Rules of the keyring gateway that need no daemon: which backends count, which values pass, what errors mean."""

from __future__ import annotations

import subprocess
import sys

import pytest
from keyring import errors
from keyring.backend import KeyringBackend
from keyring.backends import chainer, fail, null

from smtpy_desktop.core.keyring_errors import LONGEST_SECRET, secret_not_stored
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.gateways import keyring_gateway
from smtpy_desktop.gateways.keyring_gateway import KeyringGateway, is_unsafe, translate_keyring_error
from smtpy_desktop.gateways.memory_keyring import KeyringLike, MemoryKeyring
from smtpy_desktop.schemas.secrets import KeyringState, SecretName


class TrialKeyring(KeyringBackend):
    """A backend that keeps secrets in this process (never chosen by itself: its priority is too low)."""

    priority = 0.1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.items: dict[tuple[str, str], str] = {}
        self.error: Exception | None = None

    def get_password(self, service: str, username: str) -> str | None:
        if self.error is not None:
            raise self.error
        return self.items.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.error is not None:
            raise self.error
        self.items[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.items[service, username]


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> TrialKeyring:
    trial = TrialKeyring()
    monkeypatch.setattr(keyring_gateway, "_chosen_backend", lambda: trial)
    return trial


def keeper(kind: str, request: pytest.FixtureRequest) -> KeyringLike:
    if kind == "memory":
        return MemoryKeyring(state=KeyringState.AVAILABLE)
    request.getfixturevalue("backend")
    return KeyringGateway("profile")


@pytest.fixture(params=["memory", "gateway"])
def keyring(request: pytest.FixtureRequest) -> KeyringLike:
    """Return each implementation in turn: what follows is the contract of both."""
    return keeper(request.param, request)


def test_a_secret_never_stored_is_none_and_no_error(keyring: KeyringLike) -> None:
    assert keyring.state() is KeyringState.AVAILABLE
    assert keyring.problem() is None
    assert keyring.read(SecretName.MASTER_KEY) is None


def test_secrets_are_kept_one_by_one(keyring: KeyringLike) -> None:
    keyring.write(SecretName.DATABASE_PASSWORD, "hunter2")
    keyring.write(SecretName.STRIPE_API_KEY, "other")
    keyring.write(SecretName.DATABASE_PASSWORD, "hunter3")

    assert keyring.read(SecretName.DATABASE_PASSWORD) == "hunter3"
    assert keyring.read(SecretName.STRIPE_API_KEY) == "other"


def test_deleting_forgets_one_secret_and_may_be_repeated(keyring: KeyringLike) -> None:
    keyring.write(SecretName.DATABASE_PASSWORD, "hunter2")
    keyring.write(SecretName.STRIPE_API_KEY, "other")

    keyring.delete(SecretName.DATABASE_PASSWORD)
    keyring.delete(SecretName.DATABASE_PASSWORD)

    assert keyring.read(SecretName.DATABASE_PASSWORD) is None
    assert keyring.read(SecretName.STRIPE_API_KEY) == "other"


@pytest.mark.parametrize("value", ["x" * LONGEST_SECRET, "\N{GRINNING FACE}" * (LONGEST_SECRET // 2), " line\nline "])
def test_whatever_every_system_can_hold_is_kept(keyring: KeyringLike, value: str) -> None:
    keyring.write(SecretName.STRIPE_API_KEY, value)

    assert keyring.read(SecretName.STRIPE_API_KEY) == value


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("x" * (LONGEST_SECRET + 1), "SECRET_TOO_LONG"),
        ("\N{GRINNING FACE}" * (LONGEST_SECRET // 2 + 1), "SECRET_TOO_LONG"),
        ("", "SECRET_NOT_TEXT"),
        ("a\0b", "SECRET_NOT_TEXT"),
        ("\ud800", "SECRET_NOT_TEXT"),
    ],
)
def test_what_a_keyring_cannot_hold_is_refused_and_changes_nothing(keyring: KeyringLike, value: str, code: str) -> None:
    keyring.write(SecretName.STRIPE_API_KEY, "before")

    with pytest.raises(UserFacingError) as refusal:
        keyring.write(SecretName.STRIPE_API_KEY, value)

    assert refusal.value.code == code
    assert value == "" or value not in str(refusal.value)
    assert keyring.read(SecretName.STRIPE_API_KEY) == "before"


def test_profiles_never_meet(backend: TrialKeyring) -> None:
    KeyringGateway("one").write(SecretName.DATABASE_PASSWORD, "hunter2")

    assert KeyringGateway("two").read(SecretName.DATABASE_PASSWORD) is None
    assert list(backend.items) == [("smtpy-desktop/one", "database-password")]


def test_a_backend_that_does_not_give_back_what_it_took_is_told(
    backend: TrialKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TrialKeyring, "set_password", lambda self, service, username, password: None)

    with pytest.raises(UserFacingError) as refusal:
        KeyringGateway("profile").write(SecretName.DATABASE_PASSWORD, "hunter2")

    assert refusal.value.code == "KEYRING_DENIED"


class Plain(KeyringBackend):
    """Stands for a plain-text backend of keyrings.alt."""

    __module__ = "keyrings.alt.file"
    priority = 0.5  # type: ignore[assignment]

    def get_password(self, service: str, username: str) -> str | None:
        raise AssertionError("a plain file was read")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise AssertionError("a plain file was written")


class PlainByAnotherName(Plain):
    """Inherits from a plain-text backend."""


@pytest.mark.parametrize("unsafe", [fail.Keyring, null.Keyring, Plain, PlainByAnotherName])
def test_backends_that_keep_nothing_or_keep_it_in_the_clear_are_no_keyring(
    unsafe: type[KeyringBackend], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("keyring.core.load_env", unsafe)
    keyring = KeyringGateway("profile")

    with pytest.raises(UserFacingError) as refusal:
        keyring.write(SecretName.DATABASE_PASSWORD, "hunter2")

    assert is_unsafe(unsafe)
    assert keyring.state() is KeyringState.MISSING
    assert refusal.value.code == "KEYRING_MISSING"


def test_a_chain_of_backends_never_ends_in_a_plain_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keyring.core.load_env", chainer.ChainerBackend)
    monkeypatch.setattr("keyring.backend.get_all_keyring", lambda: [chainer.ChainerBackend(), Plain(), null.Keyring()])
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)

    assert KeyringGateway("profile").state() is KeyringState.MISSING


def test_a_recommended_backend_that_was_installed_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    class Installed(TrialKeyring):
        priority = 3  # type: ignore[assignment]

    KeyringBackend._classes.discard(Installed)  # the library would offer it to every later test
    monkeypatch.setattr("keyring.core.load_env", lambda: None)
    monkeypatch.setattr("keyring.backend.get_all_keyring", lambda: [Plain(), Installed(), TrialKeyring()])
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)

    assert KeyringGateway("profile").description().endswith("Installed")


@pytest.mark.parametrize("name", ["", "no.such.Backend", "keyring.backends.SecretService.NoSuchClass"])
def test_a_chosen_backend_that_does_not_exist_is_told(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", name)

    problem = KeyringGateway("profile").problem()

    assert problem is not None
    assert problem.state is KeyringState.MISSING
    assert "cannot be used" in str(problem)


def _caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


class WindowsError(Exception):
    """Stands for the error of pywin32."""

    winerror = 5


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (errors.NoKeyringError("none"), KeyringState.MISSING),
        (errors.KeyringLocked("locked"), KeyringState.LOCKED),
        (_caused(errors.KeyringLocked("denied"), Exception(-128, "denied")), KeyringState.DENIED),
        (_caused(errors.KeyringError("over SSH"), Exception(-25308, "no interaction")), KeyringState.LOCKED),
        (errors.PasswordSetError("refused"), KeyringState.DENIED),
        (errors.InitError("refused"), KeyringState.DENIED),
        (WindowsError(5, "CredRead", "Access is denied."), KeyringState.DENIED),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid"), KeyringState.DENIED),
        (TimeoutError(), KeyringState.DENIED),
        (ConnectionResetError(), KeyringState.MISSING),
    ],
)
def test_every_error_of_a_backend_has_its_state(error: Exception, state: KeyringState) -> None:
    translated = translate_keyring_error(error)

    assert translated is not None
    assert translated.state is state


def test_an_error_of_our_own_stays_a_bug(backend: TrialKeyring) -> None:
    backend.error = ZeroDivisionError("ours")

    with pytest.raises(ZeroDivisionError):
        KeyringGateway("profile").read(SecretName.MASTER_KEY)


def test_the_four_states_have_four_texts() -> None:
    texts = {
        str(MemoryKeyring(state=state).problem())
        for state in (KeyringState.LOCKED, KeyringState.MISSING, KeyringState.DENIED)
    }
    texts.add(str(secret_not_stored(SecretName.DATABASE_PASSWORD)))

    assert len(texts) == 4
    assert "the database password" in str(secret_not_stored(SecretName.DATABASE_PASSWORD))


@pytest.mark.parametrize("state", [KeyringState.LOCKED, KeyringState.DENIED])
def test_a_refusing_memory_keyring_refuses_everything_and_loses_nothing(state: KeyringState) -> None:
    keyring = MemoryKeyring()
    keyring.write(SecretName.DATABASE_PASSWORD, "hunter2")

    keyring.set_state(state)
    for action in (
        lambda: keyring.read(SecretName.DATABASE_PASSWORD),
        lambda: keyring.write(SecretName.DATABASE_PASSWORD, "other"),
        lambda: keyring.delete(SecretName.DATABASE_PASSWORD),
    ):
        with pytest.raises(UserFacingError):
            action()
    keyring.set_state(KeyringState.AVAILABLE)

    assert keyring.read(SecretName.DATABASE_PASSWORD) == "hunter2"


def test_the_keyring_library_is_not_loaded_before_it_is_needed() -> None:
    program = (
        "import sys, smtpy_desktop.gateways.keyring_gateway, smtpy_desktop.gateways.memory_keyring;"
        "print(sorted({'keyring', 'secretstorage', 'jeepney', 'cryptography'} & set(sys.modules)))"
    )

    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert printed.strip() == "[]"
