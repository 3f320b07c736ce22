"""When a certificate ends."""

from __future__ import annotations

from datetime import datetime

from cryptography import x509


def certificate_end(pem: bytes) -> datetime | None:
    """Return when the first certificate of a PEM file ends (UTC), None where there is none that can be read."""
    try:
        return x509.load_pem_x509_certificates(pem)[0].not_valid_after_utc
    except (ValueError, IndexError):
        return None
