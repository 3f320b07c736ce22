"""What can be wrong with the master key; in no case is another one put in its place."""

from __future__ import annotations

from smtpy_desktop.errors import NotFoundError, UserFacingError
from smtpy_desktop.schemas.text import Text, text


class MasterKeyError(UserFacingError):
    """The master key cannot be had."""


def key_file_unreadable(path: object, reason: str) -> MasterKeyError:
    """Build the error for a master key file that is missing or cannot be read."""
    return MasterKeyError(
        "MASTER_KEY_FILE_UNREADABLE",
        text("The master key file {path} cannot be read.", path=path),
        detail=text("{reason}.", reason=reason),
        hint=text("Correct SMTPY_MASTER_KEY_FILE or the file's rights, or bring the file back from a backup."),
    )


def key_malformed(location: str) -> MasterKeyError:
    """Build the error for something stored as the master key that is none."""
    return MasterKeyError(
        "MASTER_KEY_MALFORMED",
        text(
            "What is stored as the master key in {location} is none: 64 hexadecimal digits are needed.",
            location=location,
        ),
        hint=text("Bring the right one back from a backup. Nothing was changed."),
    )


def key_lost(known_key_id: str) -> MasterKeyError:
    """Build the error for sealed private keys whose master key is nowhere to be found."""
    return MasterKeyError(
        "MASTER_KEY_LOST",
        text(
            "The database holds private keys sealed with the master key {id}, which is not on this machine.",
            id=known_key_id,
        ),
        detail=text("A new master key could not open them, so none was made."),
        hint=text(
            "Bring the master key back (into the keyring, or as a file named by SMTPY_MASTER_KEY_FILE), or start the "
            "keyring that it is in."
        ),
    )


def key_mismatch(known_key_id: str, found_key_id: str, location: str) -> MasterKeyError:
    """Build the error for a master key that is not the one the database was sealed with."""
    return MasterKeyError(
        "MASTER_KEY_MISMATCH",
        text("The master key in {location} is not the one this database was sealed with.", location=location),
        detail=text("The database needs the key {wanted}; found was {found}.", wanted=known_key_id, found=found_key_id),
        hint=text("Bring the right key back, or connect to the database that this key belongs to."),
    )


def key_not_created(path: object, reason: str) -> MasterKeyError:
    """Build the error for a master key file that could not be written."""
    return MasterKeyError(
        "MASTER_KEY_NOT_CREATED",
        text("The master key could not be stored in {path}.", path=path),
        detail=text("{reason}.", reason=reason),
        hint=text("Make room or correct the rights of the profile directory, then try again."),
    )


def nothing_to_move(path: object) -> NotFoundError:
    """Build the error for moving a master key file that is not there."""
    return NotFoundError(
        "MASTER_KEY_NOT_IN_FILE",
        text("There is no master key file {path} to move.", path=path),
        hint=text("Nothing needs to be done: the key is elsewhere already."),
    )


def keyring_holds_another() -> MasterKeyError:
    """Build the error for a keyring that already holds another master key for this profile."""
    return MasterKeyError(
        "MASTER_KEY_CONFLICT",
        text("The keyring already holds another master key for this profile."),
        detail=text("Neither of the two was changed; the file goes on being used."),
        hint=text("Remove the one in the keyring if you know that it is not needed, then move the file again."),
    )


def file_is_open_to_others(path: object) -> Text:
    """Build the warning for a master key file that other users of the machine can read."""
    return text("Other users of this machine can read the master key file {path}. Give it the mode 0600.", path=path)


def key_is_in_plain_file(path: object) -> Text:
    """Build the sentence that is shown where the plain file is in use because there is no keyring."""
    return text(
        "This machine has no keyring, so the master key is in the plain file {path}, readable by you alone. Move it to "
        "the keyring once there is one, and keep it out of backups that others can read.",
        path=path,
    )


def key_can_be_moved(path: object) -> Text:
    """Build the sentence that is shown where the plain file is in use although there is a keyring now."""
    return text("The master key is still in the plain file {path}. Move it to the keyring.", path=path)
