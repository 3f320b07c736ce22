"""What has to be kept besides a backup, so that everything in it can be used again."""

from __future__ import annotations

import asyncio

from smtpy_desktop.controllers.domains_controller import MasterKeys
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.backups import BackupFile
from smtpy_desktop.schemas.text import Text, text


async def kept_apart(backup: BackupFile, keys: MasterKeys) -> tuple[Text, ...]:
    """Return what is not in a backup, where it is, and that it has to be kept, too."""
    secrets = text(
        "The database password and Stripe's keys are not in it: they are in the keyring or the environment, or are"
        " typed in anew."
    )
    if backup.master_key_id is None:
        return (secrets,)
    try:
        key = await asyncio.to_thread(keys.master_key, known_key_id=backup.master_key_id)
    except UserFacingError:
        missing = text(
            "The master key {id} is not in it, nor at hand now. Without it the DKIM keys in the backup cannot be used:"
            " new ones would have to be published for every domain.",
            id=backup.master_key_id,
        )
        return (missing, secrets)
    where = text(
        "The master key is not in it. It is kept in {place}: keep a copy of it, apart from the backups. Without it the"
        " DKIM keys in them cannot be used, and new ones would have to be published for every domain.",
        place=key.location,
    )
    return (where, secrets)
