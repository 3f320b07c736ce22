"""What a keyring is to the rest of the program, and one that keeps secrets for this run only."""

from __future__ import annotations

import threading
from typing import Protocol

from smtpy_desktop.core.keyring_errors import (
    KeyringDenied,
    KeyringLocked,
    KeyringMissing,
    KeyringUnavailable,
    check_secret,
)
from smtpy_desktop.schemas.secrets import KeyringState, SecretName


class KeyringLike(Protocol):
    """A keeper of secrets; its functions block for a few seconds at most (call them through ``asyncio.to_thread``)."""

    def state(self) -> KeyringState:
        """Tell whether secrets can be stored so that they outlive this run."""
        ...

    def problem(self) -> KeyringUnavailable | None:
        """Return what keeps the keyring from being used, ready to be shown; None when it is available."""
        ...

    def read(self, name: SecretName) -> str | None:
        """Return a secret, None when it was never stored; raise KeyringUnavailable."""
        ...

    def write(self, name: SecretName, value: str) -> None:
        """Store a secret in place of the earlier one; raise KeyringUnavailable."""
        ...

    def delete(self, name: SecretName) -> None:
        """Forget one secret (done when there is none); raise KeyringUnavailable."""
        ...


_ERRORS: dict[KeyringState, type[KeyringLocked | KeyringDenied | KeyringMissing]] = {
    KeyringState.LOCKED: KeyringLocked,
    KeyringState.MISSING: KeyringMissing,
    KeyringState.DENIED: KeyringDenied,
}


class MemoryKeyring:
    """Secrets for this run only.

    It works in the state MISSING (the default: it stands in for a keyring that is not there) as in AVAILABLE; LOCKED
    and DENIED refuse everything. ``reason`` is the error that says why the real keyring is not used.
    """

    def __init__(self, *, state: KeyringState = KeyringState.MISSING, reason: KeyringUnavailable | None = None) -> None:
        self._state = state
        self._reason = reason
        self._secrets: dict[SecretName, str] = {}
        self._lock = threading.Lock()

    def state(self) -> KeyringState:
        """Return the state it was made with or set to."""
        return self._state

    def set_state(self, state: KeyringState) -> None:
        """Change the state, as a user does who unlocks a keyring."""
        self._state = state

    def problem(self) -> KeyringUnavailable | None:
        """Return the error of the present state; None when available."""
        if self._reason is not None and self._reason.state is self._state:
            return self._reason
        return _ERRORS[self._state]() if self._state in _ERRORS else None

    def read(self, name: SecretName) -> str | None:
        """Return a secret of this run."""
        with self._lock:
            self._refuse()
            return self._secrets.get(name)

    def write(self, name: SecretName, value: str) -> None:
        """Keep a secret until the program ends."""
        check_secret(name, value)
        with self._lock:
            self._refuse()
            self._secrets[name] = value

    def delete(self, name: SecretName) -> None:
        """Forget a secret."""
        with self._lock:
            self._refuse()
            self._secrets.pop(name, None)

    def _refuse(self) -> None:
        if self._state in (KeyringState.LOCKED, KeyringState.DENIED):
            problem = self.problem()
            if problem is not None:
                raise problem
