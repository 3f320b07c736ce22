"""What can be wrong with the keyring: locked, missing, denied and empty, each with its own text."""

from __future__ import annotations

import sys

from smtpy_desktop.errors import NotFoundError, UserFacingError
from smtpy_desktop.schemas.secrets import KeyringState, SecretName
from smtpy_desktop.schemas.text import Text, text

LONGEST_SECRET = 1280
"""In UTF-16 units: what one item of Windows' Credential Manager holds (2,560 bytes)."""


class KeyringUnavailable(UserFacingError):
    """The keyring cannot be used now; ``state`` tells why. Nothing was changed in it."""

    state: KeyringState


class KeyringLocked(KeyringUnavailable):
    """The keyring is there and waits for its owner to unlock it."""

    state = KeyringState.LOCKED

    def __init__(self, detail: Text | None = None) -> None:
        super().__init__(
            "KEYRING_LOCKED",
            text("The keyring is locked."),
            detail=detail or text("What is stored in it is safe and unchanged."),
            hint=_unlock_hint(),
        )


class KeyringMissing(KeyringUnavailable):
    """The machine has no keyring that keeps secrets safely."""

    state = KeyringState.MISSING

    def __init__(self, detail: Text | None = None) -> None:
        super().__init__(
            "KEYRING_MISSING",
            text("This machine has no keyring."),
            detail=detail,
            hint=text(
                "Passwords and keys are kept for this run only. Install and start a keyring (GNOME Keyring, KWallet, "
                "KeePassXC) to have them remembered."
            ),
        )


class KeyringDenied(KeyringUnavailable):
    """The keyring is there and refuses this program, or does not answer."""

    state = KeyringState.DENIED

    def __init__(self, detail: Text | None = None, *, code: str = "KEYRING_DENIED") -> None:
        super().__init__(
            code,
            text("The keyring does not let this program in."),
            detail=detail,
            hint=text("Allow the access when the system asks, or restart the keyring, then try again."),
        )


def keyring_silent(seconds: float) -> KeyringDenied:
    """Build the error for a keyring that does not answer within its deadline."""
    return KeyringDenied(
        text("It did not answer within {seconds} seconds.", seconds=f"{seconds:g}"), code="KEYRING_SILENT"
    )


def secret_not_stored(name: SecretName) -> NotFoundError:
    """Build the error for an available keyring in which a secret that is needed was never stored."""
    return NotFoundError(
        "SECRET_NOT_STORED",
        text("The keyring works, but {secret} is not stored in it yet.", secret=name.label),
        hint=text("Enter it once in Settings; it is remembered from then on."),
    )


def password_nowhere(variable: str) -> KeyringMissing:
    """Build the error for a server's password that nothing keeps, on a machine without a keyring."""
    error = KeyringMissing()
    error.message = text("The password of the database server is not known, and this machine has no keyring.")
    error.hint = text("Set {variable}, or install and start a keyring to have it remembered.", variable=variable)
    return error


def check_secret(name: SecretName, value: str) -> None:
    """Refuse what not every system's keyring can hold; raise UserFacingError (SECRET_TOO_LONG, SECRET_NOT_TEXT)."""
    try:
        length = len(value.encode("utf-16-le")) // 2
    except UnicodeEncodeError:
        raise _secret_not_text(name) from None
    if length == 0 or "\0" in value:
        raise _secret_not_text(name)
    if length > LONGEST_SECRET:
        raise _secret_too_long(name, length)


def _secret_too_long(name: SecretName, length: int) -> UserFacingError:
    """Build the error for a secret that not every system's keyring can hold; ``length`` in UTF-16 units."""
    return UserFacingError(
        "SECRET_TOO_LONG",
        text("Too long for the keyring: {secret}.", secret=name.label),
        detail=text("It has {length} characters; {limit} are possible.", length=length, limit=LONGEST_SECRET),
        hint=text("Check that nothing else was pasted with it."),
    )


def _secret_not_text(name: SecretName) -> UserFacingError:
    """Build the error for a secret that is empty or holds a character that no keyring keeps."""
    return UserFacingError(
        "SECRET_NOT_TEXT",
        text("Empty, or with a character that cannot be stored: {secret}.", secret=name.label),
        hint=text("Enter it again."),
    )


def _unlock_hint() -> Text:
    if sys.platform == "darwin":
        return text("Unlock it in Keychain Access, then try again.")
    return text('Unlock it (in "Passwords and Keys", KWallet or KeePassXC, or by signing in again), then try again.')
