"""Which certificate authorities are trusted for connections to database servers."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

LIBPQ_DEFAULT = "system"
"""libpq's word for "wherever OpenSSL looks by default"."""

_USUAL_FILES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora and relatives
    "/etc/ssl/ca-bundle.pem",  # openSUSE
    "/etc/ssl/cert.pem",  # macOS, Alpine
)


def system_root_certificates() -> str:
    """Return the file with the authorities that this system trusts (``SSL_CERT_FILE`` where it is set).

    libpq's own default is a file in the home directory that hardly anybody has, and its ``system`` looks where the
    machine that built it had them. Without any file of the system's, certifi's list is used.
    """
    candidates = (os.environ.get("SSL_CERT_FILE"), ssl.get_default_verify_paths().cafile, *_USUAL_FILES)
    for candidate in candidates:
        if candidate and Path(candidate).is_file():
            return candidate
    try:
        import certifi
    except ImportError:
        return LIBPQ_DEFAULT
    return certifi.where()
