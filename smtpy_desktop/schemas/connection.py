"""A PostgreSQL server: its address, how its connection is protected, and what trying it out found."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from smtpy_desktop.schemas.text import Text, text


class TlsMode(enum.StrEnum):
    """How the connection to the server is protected; names and meanings are libpq's ``sslmode``, strongest first."""

    VERIFY_FULL = "verify-full"
    VERIFY_CA = "verify-ca"
    REQUIRE = "require"
    PREFER = "prefer"
    DISABLE = "disable"

    @property
    def weakness(self) -> Text | None:
        """What is not protected, in a sentence; None for the one mode that protects everything."""
        return _WEAKNESSES.get(self)

    @property
    def checks_certificate(self) -> bool:
        """Whether the server's certificate has to come from a trusted authority."""
        return self in (TlsMode.VERIFY_FULL, TlsMode.VERIFY_CA)


_WEAKNESSES = {
    TlsMode.VERIFY_CA: text(
        "Encrypted, but any server with a certificate from the same authority could stand in for this one."
    ),
    TlsMode.REQUIRE: text("Encrypted, but whoever stands between could pretend to be the server and read everything."),
    TlsMode.PREFER: text(
        "Encrypted only if nobody interferes; whoever stands between could read and change everything."
    ),
    TlsMode.DISABLE: text("Not encrypted: everybody on the way can read the data and what is sent to sign in."),
}


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Where a database is and who signs in to it; the password is kept elsewhere.

    ``host`` is a lower-case A-label name or an IP address without brackets. ``ca_file`` is a PEM file of the
    authorities to trust instead of the system's.
    """

    host: str
    port: int = 5432
    database: str = ""
    user: str = ""
    tls_mode: TlsMode = TlsMode.VERIFY_FULL
    ca_file: str | None = None

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.user}@{host}:{self.port}/{self.database}"


class ProbeStep(enum.StrEnum):
    """What is tried, in this order."""

    DNS = "dns"
    TCP = "tcp"
    TLS = "tls"
    SIGN_IN = "sign-in"
    RIGHTS = "rights"
    SCHEMA = "schema"

    @property
    def label(self) -> Text:
        """What the step is called on the screen."""
        return _STEP_LABELS[self]


_STEP_LABELS = {
    ProbeStep.DNS: text("Host name"),
    ProbeStep.TCP: text("Network"),
    ProbeStep.TLS: text("Encryption"),
    ProbeStep.SIGN_IN: text("Sign-in"),
    ProbeStep.RIGHTS: text("Rights"),
    ProbeStep.SCHEMA: text("Tables"),
}


class StepState(enum.StrEnum):
    """How a step ended; a warning does not keep the connection from being used."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class StepResult:
    """What one step found. ``code`` is stable; ``milliseconds`` is the time that the step took."""

    step: ProbeStep
    state: StepState
    milliseconds: int
    code: str
    message: Text
    hint: Text | None = None


@dataclass(frozen=True, slots=True)
class ServerForm:
    """What was typed into the connection dialog, not checked yet (never the password)."""

    host: str = ""
    port: str = "5432"
    database: str = ""
    user: str = ""
    tls_mode: TlsMode = TlsMode.VERIFY_FULL
    ca_file: str = ""
