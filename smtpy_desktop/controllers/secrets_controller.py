"""Saying how the secrets of an installation are kept, and moving the master key to where it is safer."""

from __future__ import annotations

import asyncio
from typing import Protocol

from smtpy_desktop.controllers.domains_controller import MasterKeys
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.keyring_errors import KeyringUnavailable
from smtpy_desktop.database import domains_database
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.gateways.master_key_gateway import MasterKeyMover
from smtpy_desktop.schemas.secrets import KeyringState, MasterKeySource, SecretName, SecretsReport
from smtpy_desktop.schemas.text import Text, text

_PLACES = {
    MasterKeySource.KEYRING: text("The master key is in the keyring."),
    MasterKeySource.PROFILE_FILE: text("The master key is in a plain file."),
}


class SecretsKeeper(Protocol):
    """The keyring as far as it is looked at here; both methods block."""

    def problem(self) -> KeyringUnavailable | None:
        """Return why the keyring cannot be used now; None when it can."""
        ...

    def read(self, name: SecretName) -> str | None:
        """Return a secret, None when it was never stored; raise KeyringUnavailable."""
        ...


async def read_secrets(sessions: Sessions, keyring: SecretsKeeper, keys: MasterKeys) -> SecretsReport:
    """Return how the secrets are kept, without any of them."""
    async with sessions.read() as db:
        known = await domains_database.master_key_id(db)
    return await asyncio.to_thread(_report, keyring, keys, known)


async def move_master_key(
    sessions: Sessions, keyring: SecretsKeeper, keys: MasterKeys, mover: MasterKeyMover
) -> SecretsReport:
    """Move the master key from the profile's file into the keyring; raise UserFacingError when that is not possible."""
    await asyncio.to_thread(mover.move_to_keyring)
    return await read_secrets(sessions, keyring, keys)


def _report(keyring: SecretsKeeper, keys: MasterKeys, known_key_id: str | None) -> SecretsReport:
    source, key_text, key_hint = _master_key(keys, known_key_id)
    problem = keyring.problem()
    stored: frozenset[SecretName] = frozenset()
    try:
        if problem is None:
            stored = frozenset(name for name in SecretName if keyring.read(name) is not None)
    except KeyringUnavailable as met_meanwhile:
        problem = met_meanwhile
    if problem is not None:
        why = problem.message if problem.detail is None else _joined(problem.message, problem.detail)
        return SecretsReport(problem.state, why, problem.hint, frozenset(), source, key_text, key_hint)
    words = (
        text("The keyring works and keeps your secrets.")
        if stored
        else text("The keyring works; nothing of this program is stored in it yet.")
    )
    return SecretsReport(KeyringState.AVAILABLE, words, None, stored, source, key_text, key_hint)


def _master_key(keys: MasterKeys, known_key_id: str | None) -> tuple[MasterKeySource | None, Text, Text | None]:
    try:
        key = keys.master_key(known_key_id=known_key_id)
    except UserFacingError as error:
        why = error.message if error.detail is None else _joined(error.message, error.detail)
        return None, why, error.hint
    named = text("The master key is in the file {path}, which SMTPY_MASTER_KEY_FILE names.", path=key.location)
    return key.source, _PLACES.get(key.source, named), key.warnings[0] if key.warnings else None


def _joined(first: Text, second: Text) -> Text:
    return text("{first} {second}", first=first, second=second)
