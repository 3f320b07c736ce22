"""How Stripe is set up: which key is used and where from, and the addresses that Stripe sends people back to."""

from __future__ import annotations

import enum
from dataclasses import dataclass

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
    """How Stripe is set up, without any secret; ``problem`` is what keeps the keyring from telling."""

    mode: KeyMode
    api_key: SourcedValue | None
    webhook_secrets: int
    webhook_secret_source: ValueSource | None
    listener_port: SourcedValue
    success_url: SourcedValue
    cancel_url: SourcedValue
    portal_return_url: SourcedValue
    api_base: SourcedValue | None
    problem: Text | None = None
