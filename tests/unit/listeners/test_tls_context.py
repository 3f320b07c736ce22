"""The listeners' certificate: renewed while they run, and never replaced by one that cannot be used."""

from __future__ import annotations

import ssl
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from smtpy_desktop.core.certificate_end import certificate_end
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.listeners.tls_context import TlsCertificate
from tests.integration.certificates import Authority, Certificate, self_signed


def written(directory: Path, made: Certificate) -> tuple[Path, Path]:
    certificate, key = directory / "certificate.pem", directory / "key.pem"
    certificate.write_bytes(made.certificate)
    key.write_bytes(made.key)
    return certificate, key


def shown_by(context: ssl.SSLContext) -> bytes:
    """Return the certificate that a server with this context shows, without a network."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    client = trusting.wrap_bio(to_client, to_server)
    server = context.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(3):
        for side in (client, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return client.getpeercert(binary_form=True) or b""


def test_the_same_context_shows_a_renewed_certificate(tmp_path):
    files = written(tmp_path, self_signed("mx1.example.net"))
    certificate = TlsCertificate(*files)
    context, before = certificate.context, shown_by(certificate.context)

    written(tmp_path, self_signed("mx1.example.net"))
    certificate.reload()

    assert certificate.context is context
    assert before
    assert shown_by(context) not in (b"", before)


def test_it_tells_when_it_ends_also_once_it_was_renewed(tmp_path):
    authority = Authority()
    files = written(tmp_path, authority.issue("mx1.example.net", valid_days=3))
    certificate = TlsCertificate(*files)
    before = certificate.ends_at

    written(tmp_path, authority.issue("mx1.example.net", valid_days=90))
    certificate.reload()

    assert before is not None
    assert certificate.ends_at is not None
    assert timedelta(days=86) < certificate.ends_at - before < timedelta(days=88)
    assert certificate_end(b"no certificate") is None


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda certificate, key: key.unlink(), "TLS_FILE_MISSING"),
        (lambda certificate, key: certificate.write_text("no certificate"), "TLS_FILE_WRONG"),
        (lambda certificate, key: key.write_bytes(self_signed("other.example").key), "TLS_FILE_WRONG"),
        (lambda certificate, key: key.write_bytes(encrypted_key()), "TLS_FILE_WRONG"),
    ],
)
def test_a_certificate_that_cannot_be_used_is_refused_and_the_old_one_stays(tmp_path, spoil, code):
    files = written(tmp_path, self_signed("mx1.example.net"))
    certificate = TlsCertificate(*files)
    before = shown_by(certificate.context)
    spoil(*files)

    with pytest.raises(UserFacingError) as refused:
        certificate.reload()

    assert refused.value.code == code
    assert str(tmp_path) in str(refused.value)
    assert shown_by(certificate.context) == before
    with pytest.raises(UserFacingError):
        TlsCertificate(*files)


def encrypted_key() -> bytes:
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"a password"),
    )
