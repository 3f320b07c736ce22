"""The certificate that listeners show, read from files and read again when it is renewed."""

from __future__ import annotations

import ssl
from datetime import datetime
from pathlib import Path

from smtpy_desktop.core.certificate_end import certificate_end
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.text import text


class TlsCertificate:
    """A certificate with its key, as PEM files; ``context`` is the one that listeners keep, also when it is renewed.

    ``ends_at`` is when it expires.
    """

    def __init__(self, certificate: Path, key: Path) -> None:
        self._certificate = certificate
        self._key = key
        self.context = self._loaded()
        self.ends_at = self._end()

    def reload(self) -> None:
        """Read the files again for the sessions to come; raise UserFacingError and keep the old ones if that fails."""
        self._loaded()
        self.context.load_cert_chain(self._certificate, self._key)
        self.ends_at = self._end()

    def _end(self) -> datetime | None:
        try:
            return certificate_end(self._certificate.read_bytes())
        except OSError:
            return None  # it was read a moment ago; what is shown to others is not affected

    def _loaded(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            context.load_cert_chain(self._certificate, self._key, password=_no_password)
        except (OSError, ValueError) as error:
            raise self._failure(error) from error
        return context

    def _failure(self, error: OSError | ValueError) -> UserFacingError:
        for path in (self._certificate, self._key):
            if not path.is_file():
                return UserFacingError(
                    "TLS_FILE_MISSING",
                    text("The file {path} cannot be read.", path=path),
                    hint=text(
                        "Give the certificate with its chain and its key as PEM files that this account may read."
                    ),
                )
        if isinstance(error, ssl.SSLError):
            return UserFacingError(
                "TLS_FILE_WRONG",
                text("The certificate in {path} and its key cannot be used.", path=self._certificate),
                detail=text("{reason}.", reason=(error.reason or "no PEM").replace("_", " ").lower()),
                hint=text("Both have to be PEM files that belong together; the key must not be encrypted."),
            )
        return UserFacingError(
            "TLS_FILE_UNREADABLE",
            text("The certificate in {path} and its key cannot be read.", path=self._certificate),
            detail=text("{reason}.", reason=getattr(error, "strerror", None) or str(error)),
            hint=text("Give the certificate with its chain and its key as PEM files that this account may read."),
        )


def _no_password() -> str:
    """Keep OpenSSL from asking at the terminal for the password of an encrypted key."""
    return ""
