"""The smart host: how it is reached, as whom we sign in there, and what a trial of it has found."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime

from smtpy_desktop.schemas.text import Text


class SmartHostTls(enum.StrEnum):
    """How much is asked of the encryption to the smart host; with a user name no less than REQUIRED is enough.

    IMPLICIT: TLS from the first byte on (port 465, RFC 8314 section 3.3), its certificate checked as with REQUIRED.
    """

    OPPORTUNISTIC = "opportunistic"
    REQUIRED = "required"
    IMPLICIT = "implicit"


@dataclass(frozen=True, slots=True)
class SmartHostAccess:
    """How the smart host is used; an empty ``user``: without signing in."""

    tls: SmartHostTls = SmartHostTls.OPPORTUNISTIC
    user: str = ""


NO_SIGN_IN = SmartHostAccess()
"""As it was before there was any setting for it: STARTTLS where it is offered, nobody is signed in."""


@dataclass(frozen=True, slots=True)
class SignInAccount:
    """A user name with its password, which no representation shows."""

    user: str
    password: str = field(repr=False)


class PasswordSource(enum.StrEnum):
    """Where the password of the smart host was found."""

    ENVIRONMENT = "environment"  # SMTPY_SMARTHOST_PASSWORD
    FILE = "file"  # named by SMTPY_SMARTHOST_PASSWORD_FILE
    THIS_RUN = "this-run"
    KEYRING = "keyring"


@dataclass(frozen=True, slots=True)
class FoundPassword:
    """The password of the smart host with where it was found."""

    value: str = field(repr=False)
    source: PasswordSource


@dataclass(frozen=True, slots=True)
class PasswordReport:
    """Whether there is a password for the smart host, without it; ``variable`` is set where the environment decides.

    ``problem`` says why it is not in the keyring or cannot be read, ``hint`` what to do.
    """

    source: PasswordSource | None
    variable: str = ""
    problem: Text | None = None
    hint: Text | None = None


@dataclass(frozen=True, slots=True)
class SmartHostFinding:
    """What one connection to the smart host has shown; empty and None: nothing of that kind.

    ``certificate_name`` is the one that the certificate is for, which was asked for where it ``is_checked``;
    ``largest_message`` is what SIZE says, in bytes.
    """

    host: str
    address: str
    tls: str | None = None
    certificate_name: str = ""
    certificate_issuer: str = ""
    certificate_ends: datetime | None = None
    is_checked: bool = False
    signed_in_as: str = ""
    mechanism: str = ""
    largest_message: int | None = None
