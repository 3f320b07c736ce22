"""How Stripe is set up: which key is used and where from, and the addresses that Stripe sends people back to."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from smtpy_desktop.schemas.billing import StripeAccount
from smtpy_desktop.schemas.text import Text


class KeyMode(enum.StrEnum):
    """Whether real money is moved."""

    NONE = "none"  # no key
    TEST = "test"
    LIVE = "live"


@dataclass(frozen=True, slots=True)
class StripeMode:
    """What money is, wherever it is shown: ``is_sandbox`` when the stand-in on this machine is asked, not Stripe."""

    key: KeyMode
    is_sandbox: bool = False

    @property
    def has_key(self) -> bool:
        """Whether Stripe can be asked at all."""
        return self.key is not KeyMode.NONE


class ValueSource(enum.StrEnum):
    """Where a value comes from; the environment comes first and cannot be changed in the window."""

    ENVIRONMENT = "environment"
    KEYRING = "keyring"
    THIS_RUN = "this_run"  # kept until the program ends, since there is no keyring
    SETTING = "setting"
    DEFAULT = "default"
    SANDBOX = "sandbox"

    @property
    def is_fixed(self) -> bool:
        """Whether a value from there cannot be changed by the program."""
        return self in (ValueSource.ENVIRONMENT, ValueSource.SANDBOX)


@dataclass(frozen=True, slots=True)
class ReturnUrls:
    """Where Stripe's pages send people back to."""

    success: str
    cancel: str
    portal: str


@dataclass(frozen=True, slots=True)
class SourcedValue:
    """A value as it may be shown, and where it comes from; a key is shown as its beginning and its last four."""

    shown: str
    source: ValueSource
    variable: str = ""


@dataclass(frozen=True, slots=True)
class StripeSettingsReport:
    """How Stripe is set up, without any secret.

    ``webhook_secrets`` are shown by their ends, newest first. ``problem`` and ``hint`` say what keeps the keyring from
    keeping or telling secrets, where that matters.
    """

    mode: StripeMode
    api_key: SourcedValue | None
    webhook_secrets: tuple[SourcedValue, ...]
    listener_port: SourcedValue
    success_url: SourcedValue
    cancel_url: SourcedValue
    portal_return_url: SourcedValue
    api_base: SourcedValue | None
    problem: Text | None = None
    hint: Text | None = None

    @property
    def is_key_fixed(self) -> bool:
        """Whether the key cannot be changed here, since the environment or the sandbox decides."""
        return self.api_key is not None and self.api_key.source.is_fixed

    @property
    def are_webhook_secrets_fixed(self) -> bool:
        """Whether the webhook secrets cannot be changed here."""
        return any(secret.source.is_fixed for secret in self.webhook_secrets)


@dataclass(frozen=True, slots=True)
class StripeRight:
    """A right that a restricted key needs, named as in the Stripe dashboard: resource and Read or Write."""

    resource: str
    is_write: bool = False

    def __str__(self) -> str:
        return f"{self.resource}: {'Write' if self.is_write else 'Read'}"


@dataclass(frozen=True, slots=True)
class KeyCheck:
    """What Stripe says of a key that is not stored yet, and what would change by storing it.

    ``is_other_mode`` when the present key is of the other mode, ``is_other_account`` when what is kept here in the
    key's mode was read from another Stripe account.
    """

    account: StripeAccount
    missing_rights: tuple[StripeRight, ...]
    is_other_mode: bool
    is_other_account: bool

    @property
    def needs_consent(self) -> bool:
        """Whether storing the key has to be confirmed, since it changes what is shown or leaves something undone."""
        return bool(self.missing_rights) or self.is_other_mode or self.is_other_account
