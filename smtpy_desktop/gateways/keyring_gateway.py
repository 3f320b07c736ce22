"""The operating system's keyring: one item per secret of a profile.

Nothing here ever waits for a prompt, wipes anything that it was not told to delete, or falls back to a plain file. The
functions block for a few seconds at most; controllers call them through ``asyncio.to_thread``.
"""

from __future__ import annotations

import functools
import platform
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from smtpy_desktop.core.keyring_errors import (
    KeyringDenied,
    KeyringLocked,
    KeyringMissing,
    KeyringUnavailable,
    check_secret,
    keyring_silent,
)
from smtpy_desktop.gateways.secret_service import DEFAULT_COLLECTION, check_secret_service, translate_bus_error
from smtpy_desktop.gateways.serial_calls import CallTimedOut, SerialCalls
from smtpy_desktop.schemas.secrets import KeyringState, SecretName
from smtpy_desktop.schemas.text import text

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE_NAME = "smtpy-desktop"
DEADLINE_SECONDS = 5.0

Result = TypeVar("Result")

_CALLS = SerialCalls()
"""One for the process: the libraries below keep state of their own and are not thread-safe."""

_UNSAFE_MODULES = ("keyring.backends.fail", "keyring.backends.null", "keyrings.alt")
"""Backends that keep nothing, or keep it in files that anybody can read."""

_MACOS_USER_CANCELED = -128
_MACOS_INTERACTION_NOT_ALLOWED = -25308  # nobody is there to unlock it, as in a session over SSH

_SECRET_SERVICE_MODULES = ("keyring.backends.SecretService", "keyring.backends.libsecret")


class KeyringGateway:
    """The items of one profile in the keyring."""

    def __init__(self, profile_id: str, *, deadline_seconds: float = DEADLINE_SECONDS) -> None:
        self._service = f"{SERVICE_NAME}/{profile_id}"
        self._deadline = deadline_seconds

    def state(self) -> KeyringState:
        """Find out what can be done with the keyring now."""
        problem = self.problem()
        return KeyringState.AVAILABLE if problem is None else problem.state

    def problem(self) -> KeyringUnavailable | None:
        """Return why the keyring cannot be used now, ready to be shown; None when it can."""
        try:
            self._run(type)
        except KeyringUnavailable as problem:
            return problem
        return None

    def description(self) -> str:
        """Return the name of the backend in use, for support; raise KeyringUnavailable."""
        return self._run(lambda backend: f"{type(backend).__module__}.{type(backend).__qualname__}")

    def read(self, name: SecretName) -> str | None:
        """Return a secret, None when it was never stored; raise KeyringLocked, KeyringMissing or KeyringDenied."""
        return self._run(lambda backend: backend.get_password(self._service, name.value))

    def write(self, name: SecretName, value: str) -> None:
        """Store a secret in place of the earlier one and read it back.

        Raises KeyringLocked, KeyringMissing, KeyringDenied, and UserFacingError for a value that cannot be stored.
        """
        check_secret(name, value)

        def store(backend: KeyringBackend) -> bool:
            backend.set_password(self._service, name.value, value)
            return backend.get_password(self._service, name.value) == value

        if not self._run(store):
            raise KeyringDenied(text("It took {secret}, but gave something else back.", secret=name.label))

    def delete(self, name: SecretName) -> None:
        """Delete one secret (done when there is none); raise KeyringLocked, KeyringMissing or KeyringDenied."""

        def remove(backend: KeyringBackend) -> None:
            if backend.get_password(self._service, name.value) is not None:
                backend.delete_password(self._service, name.value)

        self._run(remove)

    def _run(self, action: Callable[[KeyringBackend], Result]) -> Result:
        try:
            return _CALLS.run(lambda: _with_backend(action), seconds=self._deadline)
        except CallTimedOut:
            raise keyring_silent(self._deadline) from None


def _with_backend(action: Callable[[KeyringBackend], Result]) -> Result:
    """Do something with a usable backend, and translate every failure."""
    try:
        return action(_usable_backend())
    except Exception as error:
        known = translate_keyring_error(error)
        if known is None:
            raise
        raise known from error


def _usable_backend() -> KeyringBackend:
    """Return the backend to use, unlocked; raise KeyringUnavailable.

    The library chooses once per process. This choice is made anew each time, so that a keyring that is started or
    unlocked later is found.
    """
    backend = _chosen_backend() or _detected_backend()
    if _is_secret_service(type(backend)):
        check_secret_service(getattr(backend, "preferred_collection", DEFAULT_COLLECTION))
    return backend


def _chosen_backend() -> KeyringBackend | None:
    """Return the backend that the user named in PYTHON_KEYRING_BACKEND or keyringrc.cfg; None when there is none."""
    from keyring.backends.chainer import ChainerBackend
    from keyring.core import load_env

    try:
        backend = load_env() or _configured_backend()
    except (ImportError, AttributeError, TypeError, ValueError, RuntimeError) as error:
        reason = text("The backend chosen for it cannot be used: {reason}.", reason=str(error).rstrip("."))
        raise KeyringMissing(reason) from error
    if backend is None or isinstance(backend, ChainerBackend):
        return None  # a chain would fall through to plain files: its first safe part is what detection finds
    if is_unsafe(type(backend)):
        raise KeyringMissing(text("The backend chosen for it keeps nothing, or keeps it readable for others."))
    return backend


@functools.cache  # every reading of the file would lengthen sys.path
def _configured_backend() -> KeyringBackend | None:
    from keyring.core import load_config

    return load_config()


def _detected_backend() -> KeyringBackend:
    """Return the Secret Service where it is usable, else what else there is; raise KeyringUnavailable."""
    missing = KeyringMissing()
    if platform.system() not in ("Windows", "Darwin"):
        from keyring.backends import SecretService

        try:
            check_secret_service()
            return SecretService.Keyring()  # type: ignore[no-untyped-call]
        except KeyringMissing as error:
            missing = error
    other = _other_backend()
    if other is None:
        raise missing
    return other


def _other_backend() -> KeyringBackend | None:
    """Return the best recommended backend besides the Secret Service: the system's own, or one that was installed."""
    from keyring.backend import get_all_keyring
    from keyring.backends.chainer import ChainerBackend
    from keyring.core import recommended

    usable = [
        backend
        for backend in get_all_keyring()
        if not isinstance(backend, ChainerBackend)
        and not is_unsafe(type(backend))
        and not _is_secret_service(type(backend))
        and recommended(backend)
    ]
    return max(usable, key=lambda backend: backend.priority, default=None)


def is_unsafe(backend: type) -> bool:
    """Tell whether a backend keeps nothing, or keeps secrets in files that others can read."""
    return any(f"{base.__module__}.".startswith(f"{module}.") for base in backend.__mro__ for module in _UNSAFE_MODULES)


def _is_secret_service(backend: type) -> bool:
    return any(base.__module__ in _SECRET_SERVICE_MODULES for base in backend.__mro__)


def translate_keyring_error(error: Exception) -> KeyringUnavailable | None:
    """Return what an error of the keyring library or its backends means; None when it is a bug of ours."""
    from keyring import errors

    if isinstance(error, KeyringUnavailable):
        return error
    if isinstance(error, errors.NoKeyringError):
        return KeyringMissing()
    status = error.__cause__.args[0] if error.__cause__ is not None and error.__cause__.args else None
    if status == _MACOS_INTERACTION_NOT_ALLOWED or (
        isinstance(error, errors.KeyringLocked) and status != _MACOS_USER_CANCELED
    ):
        return KeyringLocked()
    if isinstance(error, UnicodeDecodeError):
        return KeyringDenied(text("What is stored there is not text."))
    # Windows' errors come from one of two libraries and have this attribute in common.
    if isinstance(error, errors.KeyringError) or hasattr(error, "winerror"):
        return KeyringDenied(text("{reason}.", reason=str(error).rstrip(".")))
    try:
        return translate_bus_error(error)
    except ImportError:
        return None  # no D-Bus on this system
