"""Say which records a domain has to publish."""

from __future__ import annotations

import secrets

from smtpy_desktop.core.spf_merge import merge_mechanism, plain_record
from smtpy_desktop.core.spf_record import is_spf_record
from smtpy_desktop.schemas.dns import RecordKind, WantedRecord
from smtpy_desktop.schemas.mail_identity import MailIdentity

CHALLENGE_LABEL = "_smtpy-challenge"
CHALLENGE_PREFIX = "smtpy-verification="

_TOKEN_BYTES = 20


def wanted_records(
    name: str,
    *,
    identity: MailIdentity,
    dkim_selector: str,
    dkim_public_key: str,
    verification_token: str,
    existing_spf: str | None = None,
) -> tuple[WantedRecord, ...]:
    """Return the records for a domain in the order of RecordKind, one MX record for each of our mail servers.

    ``dkim_public_key`` is base64 of the DER form. With ``existing_spf`` (the domain's own record) the SPF value is
    that record with our mechanisms merged in. What the mail identity does not have yet is left out.
    """
    records = [
        WantedRecord(RecordKind.MX, name, "MX", f"{exchanger.host}.", priority=exchanger.priority)
        for exchanger in identity.mx
    ]
    if identity.spf:
        records.append(_spf(name, identity.spf, existing_spf))
    records.append(
        WantedRecord(RecordKind.DKIM, dkim_host(name, dkim_selector), "TXT", f"v=DKIM1; k=rsa; p={dkim_public_key}")
    )
    if identity.dmarc:
        records.append(WantedRecord(RecordKind.DMARC, f"_dmarc.{name}", "TXT", identity.dmarc))
    records.append(
        WantedRecord(RecordKind.OWNERSHIP, challenge_host(name), "TXT", f"{CHALLENGE_PREFIX}{verification_token}")
    )
    return tuple(records)


def dkim_host(name: str, selector: str) -> str:
    """Return where the DKIM key of a domain is published (RFC 6376 section 3.6.2.1)."""
    return f"{selector}._domainkey.{name}"


def challenge_host(name: str) -> str:
    """Return where the proof of ownership is published."""
    return f"{CHALLENGE_LABEL}.{name}"


def new_verification_token() -> str:
    """Return a new random token of 160 bits, in hexadecimal so that no spelling can be mistaken."""
    return secrets.token_hex(_TOKEN_BYTES)


def _spf(name: str, mechanisms: str, existing: str | None) -> WantedRecord:
    plain = plain_record(mechanisms)
    if existing is None or not is_spf_record(existing):
        return WantedRecord(RecordKind.SPF, name, "TXT", plain)
    merged = merge_mechanism(existing, mechanisms)
    return WantedRecord(RecordKind.SPF, name, "TXT", merged, merged=merged != plain)
