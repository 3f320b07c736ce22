"""Secrets: which there are, what state their keeper is in, and the master key with where it came from."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from smtpy_desktop.schemas.text import Text, text


class SecretName(enum.StrEnum):
    """The secrets that are kept, one item each."""

    DATABASE_PASSWORD = "database-password"  # noqa: S105 (the name of a secret, no secret)
    MASTER_KEY = "master-key"
    STRIPE_API_KEY = "stripe-api-key"
    STRIPE_WEBHOOK_SECRET = "stripe-webhook-secret"  # noqa: S105
    SMARTHOST_PASSWORD = "smarthost-password"  # noqa: S105

    @property
    def label(self) -> Text:
        """What the secret is called in a sentence."""
        return _LABELS[self]


_LABELS = {
    SecretName.DATABASE_PASSWORD: text("the database password"),
    SecretName.MASTER_KEY: text("the master key"),
    SecretName.STRIPE_API_KEY: text("the Stripe API key"),
    SecretName.STRIPE_WEBHOOK_SECRET: text("the Stripe webhook secret"),
    SecretName.SMARTHOST_PASSWORD: text("the password of the smart host"),
}


class KeyringState(enum.StrEnum):
    """What can be done with the keyring; whether a secret is stored in an available one is another question."""

    AVAILABLE = "available"
    LOCKED = "locked"  # it is there and waits for its owner to unlock it
    MISSING = "missing"  # the machine has none
    DENIED = "denied"  # it is there and refuses, or does not answer


class MasterKeySource(enum.StrEnum):
    """Where the master key in use came from."""

    KEY_FILE = "key-file"  # named by SMTPY_MASTER_KEY_FILE
    KEYRING = "keyring"
    PROFILE_FILE = "profile-file"  # master.key in the profile, on machines without a keyring


@dataclass(frozen=True, slots=True)
class MasterKey:
    """The 32 bytes that seal private keys. ``location`` is for people; ``warnings`` are to be shown."""

    value: bytes = field(repr=False)
    source: MasterKeySource
    location: str
    warnings: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class SecretsReport:
    """How the secrets of an installation are kept; none of them is in it.

    ``keyring_hint`` and ``key_hint`` say what to do (None: nothing). ``stored`` are the secrets that the keyring holds;
    ``key_source`` is None when the master key cannot be had, and ``key_text`` then says why.
    """

    keyring: KeyringState
    keyring_text: Text
    keyring_hint: Text | None
    stored: frozenset[SecretName]
    key_source: MasterKeySource | None
    key_text: Text
    key_hint: Text | None = None

    @property
    def can_move_key(self) -> bool:
        """Whether the master key lies in a file although there is a keyring that would keep it."""
        return self.key_source is MasterKeySource.PROFILE_FILE and self.keyring is KeyringState.AVAILABLE
