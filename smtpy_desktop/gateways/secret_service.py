"""What state Linux's Secret Service (GNOME Keyring, KWallet, KeePassXC) is in, found out without any prompt.

The keyring library would ask the user to unlock a locked collection and wait for the answer without end, and would
offer to create one where there is none: both are found out here first.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from smtpy_desktop.core.keyring_errors import KeyringDenied, KeyringLocked, KeyringMissing, KeyringUnavailable
from smtpy_desktop.schemas.text import text

if TYPE_CHECKING:
    from jeepney.io.blocking import DBusConnection  # type: ignore[import-untyped]

DEFAULT_COLLECTION = "/org/freedesktop/secrets/aliases/default"

_LOCKED_ERROR = "org.freedesktop.Secret.Error.IsLocked"
_ABSENT_ERRORS = (
    "org.freedesktop.DBus.Error.ServiceUnknown",
    "org.freedesktop.DBus.Error.NameHasNoOwner",
    "org.freedesktop.DBus.Error.Disconnected",
)


def check_secret_service(collection: str = DEFAULT_COLLECTION) -> None:
    """Return when the collection can be read and written; raise KeyringLocked, KeyringMissing or KeyringDenied.

    A bus or service that hangs makes this hang, too: the caller sets the deadline.
    """
    try:
        with closing(_connect()) as connection:
            _check_collection(connection, collection)
    except Exception as error:
        known = translate_bus_error(error)
        if known is None:
            raise
        raise known from error


def translate_bus_error(error: Exception) -> KeyringUnavailable | None:
    """Return what an error of the D-Bus libraries means for the keyring; None when it is none of theirs."""
    from jeepney import DBusErrorResponse  # type: ignore[import-untyped]
    from secretstorage import LockedException, SecretStorageException

    if isinstance(error, KeyringUnavailable):
        return error
    for cause in (error, error.__cause__, error.__context__):
        if isinstance(cause, DBusErrorResponse):
            return _from_bus_name(str(cause.name))
    if isinstance(error, LockedException):
        return KeyringLocked()
    if isinstance(error, TimeoutError):
        return _silent_bus()
    if isinstance(error, ConnectionError):
        return KeyringMissing(text("The session bus (D-Bus) has gone."))
    if isinstance(error, SecretStorageException):
        return KeyringDenied(text("{reason}.", reason=str(error).rstrip(".")))
    return None


def _connect() -> DBusConnection:
    """Connect to the session bus; raise KeyringMissing when there is none, KeyringDenied when it refuses us."""
    import secretstorage
    from jeepney.auth import AuthenticationError  # type: ignore[import-untyped]

    try:
        return secretstorage.dbus_init()
    except (secretstorage.SecretStorageException, OSError, ValueError, RuntimeError) as error:
        if isinstance(error, TimeoutError):
            raise _silent_bus() from error
        if isinstance(error, PermissionError) or isinstance(error.__cause__, AuthenticationError):
            raise KeyringDenied(text("The session bus (D-Bus) belongs to somebody else.")) from error
        # No address in the environment, one that is not understood, no socket there, or nobody at its other end.
        raise KeyringMissing(
            text("There is no session bus (D-Bus) that a keyring could be reached through.")
        ) from error


def _check_collection(connection: DBusConnection, path: str) -> None:
    import secretstorage

    if not secretstorage.check_service_availability(connection):
        raise KeyringMissing(text("No keyring service runs in this session."))
    try:
        locked = secretstorage.Collection(connection, path).is_locked()
    except secretstorage.ItemNotFoundException:
        # GNOME Keyring always shows its session collection; a KeePassXC without an open database shows none.
        if any(True for _ in secretstorage.get_all_collections(connection)):
            raise KeyringMissing(text("The keyring service runs, but no keyring has been set up in it.")) from None
        raise KeyringLocked(text("The keyring service runs, but no keyring is open in it.")) from None
    if locked:
        raise KeyringLocked


def _silent_bus() -> KeyringDenied:
    return KeyringDenied(text("The session bus (D-Bus) does not answer."), code="KEYRING_SILENT")


def _from_bus_name(name: str) -> KeyringUnavailable:
    if name == _LOCKED_ERROR:
        return KeyringLocked()
    if name in _ABSENT_ERRORS:
        return KeyringMissing(text("No keyring service runs in this session."))
    return KeyringDenied(text("The keyring service answered with the error {name}.", name=name))
