"""The keys that rewritten senders are signed with: made once, replaced when asked, sealed with the master key."""

from __future__ import annotations

import asyncio
import secrets
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.controllers.domains_controller import MasterKeys
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.sealing import key_id, seal, unseal
from smtpy_desktop.core.srs import KEY_BYTES, MAX_AGE_DAYS
from smtpy_desktop.database import audit_database, domains_database, srs_keys_database
from smtpy_desktop.schemas.audit import Actor, AuditEntry
from smtpy_desktop.schemas.secrets import MasterKey

_CONTEXT = "srs-key"

KEPT_FOR = timedelta(days=2 * MAX_AGE_DAYS)
"""How long a replaced key still opens what it signed; what it signed is refused for its age long before."""


async def load_srs_keys(sessions: Sessions, master_keys: MasterKeys) -> tuple[bytes, ...]:
    """Return the keys, the newest (which signs) first; the first one is made when there never was any.

    Several processes that start at once make one key together. Raises UserFacingError when the master key cannot be
    had or is another than the one that the keys are sealed with.
    """
    async with sessions.read() as db:
        sealed = await srs_keys_database.sealed_keys(db)
        known = await domains_database.master_key_id(db)
    master_key = await asyncio.to_thread(master_keys.master_key, known_key_id=known)
    if not sealed:
        async with sessions.begin() as db:
            await srs_keys_database.lock_keys(db)
            sealed = await srs_keys_database.sealed_keys(db)
            if not sealed:
                await _insert_key(db, master_key)
                sealed = await srs_keys_database.sealed_keys(db)
    return tuple(unseal(master_key.value, one, context=_CONTEXT) for one in sealed)


async def rotate_srs_keys(sessions: Sessions, master_keys: MasterKeys, *, actor: Actor) -> int:
    """Let a new key sign from now on and return how many earlier ones still open what they signed.

    Running forwarders take the new key within minutes. Keys replaced more than two months ago go.
    """
    async with sessions.read() as db:
        known = await domains_database.master_key_id(db)
    master_key = await asyncio.to_thread(master_keys.master_key, known_key_id=known)
    async with sessions.begin() as db:
        await srs_keys_database.lock_keys(db)
        await _insert_key(db, master_key)
        await srs_keys_database.delete_keys_replaced_before(db, KEPT_FOR)
        await audit_database.record(db, actor, AuditEntry("srs-key.rotated", "srs-key", None, "SRS"))
        return len(await srs_keys_database.sealed_keys(db)) - 1


async def _insert_key(db: AsyncSession, master_key: MasterKey) -> None:
    sealed = seal(master_key.value, secrets.token_bytes(KEY_BYTES), context=_CONTEXT)
    await srs_keys_database.insert_key(db, sealed, key_id(master_key.value))
