"""Asking a PostgreSQL server for TLS, and saying what is wrong with its certificate.

PostgreSQL documentation, "SSL Session Encryption": the client sends an SSLRequest, the server answers with one byte.
"""

from __future__ import annotations

import asyncio
import ssl
import struct
from enum import IntEnum

from smtpy_desktop.core.connection_url import is_this_machine
from smtpy_desktop.core.probe_findings import Finding, failed, ok, warning
from smtpy_desktop.gateways.trusted_certificates import LIBPQ_DEFAULT
from smtpy_desktop.schemas.connection import ServerAddress, TlsMode
from smtpy_desktop.schemas.text import Text, text

_SSL_REQUEST = struct.pack("!II", 8, 80877103)


class _VerifyError(IntEnum):
    """OpenSSL's codes (X509_V_ERR_…) that get a text of their own."""

    NOT_YET_VALID = 9
    EXPIRED = 10
    SELF_SIGNED = 18
    SELF_SIGNED_IN_CHAIN = 19
    NO_ISSUER = 20
    NO_LEAF_SIGNATURE = 21
    WRONG_NAME = 62
    WRONG_ADDRESS = 64


async def negotiate_tls(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: ServerAddress, root_certificates: str
) -> Finding:
    """Bring the connection under TLS as the address's mode asks; the streams go on encrypted after it.

    Raises TimeoutError never by itself: the caller sets the deadline.
    """
    if address.tls_mode is TlsMode.DISABLE:
        return _without_tls(address)
    try:
        context = await asyncio.to_thread(_context, address, root_certificates)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        return _unusable_ca_file(address, error)
    writer.write(_SSL_REQUEST)
    await writer.drain()
    # One byte is the answer. More would have been slipped in before the encryption (CVE-2021-23222).
    answer = await reader.read(2)
    if answer == b"N":
        return _not_offered(address)
    if answer != b"S":
        return _not_postgresql(answer)
    try:
        await writer.start_tls(context, server_hostname=address.host)
    except ssl.SSLCertVerificationError as error:
        return _bad_certificate(error, address)
    except (ssl.SSLError, ConnectionError) as error:
        return failed(
            "TLS_FAILED",
            text("Server and program could not agree on an encryption: {reason}.", reason=_reason(error)),
            text("Check the server's TLS settings (ssl_min_protocol_version, ssl_ciphers, its key file)."),
        )
    return _encrypted(writer, address)


def lost_in_tls(error: Exception) -> Finding | None:
    """Return what an encryption error after the handshake means; None when it is none.

    With TLS 1.3 a server that wants a certificate from the client says so only then.
    """
    if not isinstance(error, ssl.SSLError):
        return None
    if "CERTIFICATE_REQUIRED" in str(error.reason):
        return failed(
            "CLIENT_CERTIFICATE_REQUIRED",
            text("The server asks this program for a certificate of its own, which is not supported."),
            text("Have the server's administrator allow sign-in with a password (scram-sha-256) in pg_hba.conf."),
        )
    return failed("TLS_FAILED", text("The encrypted connection broke: {reason}.", reason=_reason(error)))


def _context(address: ServerAddress, root_certificates: str) -> ssl.SSLContext:
    """Return the rules of one handshake. Raises OSError for a file of authorities that cannot be used."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = address.tls_mode is TlsMode.VERIFY_FULL
    if not address.tls_mode.checks_certificate:
        context.verify_mode = ssl.CERT_NONE
        return context
    trusted = address.ca_file or root_certificates
    if trusted == LIBPQ_DEFAULT:
        context.load_default_certs()
    else:
        context.load_verify_locations(cafile=trusted)
    return context


def _without_tls(address: ServerAddress) -> Finding:
    if is_this_machine(address.host):
        return ok("TLS_OFF", text("Not encrypted; the data does not leave this machine."))
    return warning("TLS_OFF", _weakness(address), text("Choose verify-full if the server offers TLS."))


def _not_offered(address: ServerAddress) -> Finding:
    if address.tls_mode is not TlsMode.PREFER:
        return failed(
            "TLS_NOT_OFFERED",
            text("The server offers no encryption."),
            text(
                "Have TLS switched on there (ssl = on in postgresql.conf). Connect without it (prefer or disable) only "
                "where nobody can listen."
            ),
        )
    if is_this_machine(address.host):
        return ok("TLS_NOT_OFFERED", text("Not encrypted; the data does not leave this machine."))
    return warning(
        "TLS_NOT_OFFERED",
        text("The server offers no encryption: everybody on the way can read the data."),
        text("Have TLS switched on there (ssl = on in postgresql.conf) and choose verify-full."),
    )


def _not_postgresql(answer: bytes) -> Finding:
    if not answer:
        return failed(
            "SERVER_CLOSED",
            text("The server closed the connection at once."),
            text("Check that the port is PostgreSQL's and that it accepts connections from this machine."),
        )
    return failed(
        "NOT_POSTGRESQL",
        text("Something answers there, but it is no PostgreSQL server."),
        text("Check host and port; PostgreSQL's port is usually 5432."),
    )


def _encrypted(writer: asyncio.StreamWriter, address: ServerAddress) -> Finding:
    version = str(writer.get_extra_info("ssl_object").version())
    if address.tls_mode is TlsMode.VERIFY_FULL:
        return ok(
            "TLS_VERIFIED",
            text("Encrypted ({version}), and the server is {host}.", version=version, host=address.host),
        )
    if is_this_machine(address.host):
        return ok("TLS_UNVERIFIED", text("Encrypted ({version}).", version=version))
    return warning("TLS_UNVERIFIED", _weakness(address), text("Choose verify-full to be certain of the server."))


def _bad_certificate(error: ssl.SSLCertVerificationError, address: ServerAddress) -> Finding:
    match error.verify_code:
        case _VerifyError.WRONG_NAME | _VerifyError.WRONG_ADDRESS:
            return failed(
                "CERTIFICATE_WRONG_NAME",
                text("The server's certificate is not for {host}.", host=address.host),
                text(
                    "Type the name that the certificate was made for, or have one made for this name. If neither is "
                    "possible and you trust its authority, choose verify-ca."
                ),
            )
        case _VerifyError.EXPIRED:
            return failed(
                "CERTIFICATE_EXPIRED",
                text("The server's certificate has expired."),
                text("Have it renewed on the server; check this machine's clock, too."),
            )
        case _VerifyError.NOT_YET_VALID:
            return failed(
                "CERTIFICATE_NOT_YET_VALID",
                text("The server's certificate is not valid yet."),
                text("Check this machine's clock and the server's."),
            )
        case (
            _VerifyError.SELF_SIGNED
            | _VerifyError.SELF_SIGNED_IN_CHAIN
            | _VerifyError.NO_ISSUER
            | _VerifyError.NO_LEAF_SIGNATURE
        ):
            return _untrusted(address)
    return failed(
        "CERTIFICATE_INVALID",
        text("The server's certificate is refused: {reason}.", reason=error.verify_message),
        text("Have a proper certificate installed on the server."),
    )


def _untrusted(address: ServerAddress) -> Finding:
    if address.ca_file:
        return failed(
            "CERTIFICATE_UNTRUSTED",
            text("The server's certificate was not made by the authorities in {path}.", path=address.ca_file),
            text("Choose the file with the certificate of the server's own authority."),
        )
    return failed(
        "CERTIFICATE_UNTRUSTED",
        text("The server's certificate was made by nobody this machine trusts."),
        text(
            "Ask the server's administrator for the certificate of its authority (a .crt or .pem file; for a "
            "self-signed certificate that certificate itself) and choose it here."
        ),
    )


def _unusable_ca_file(address: ServerAddress, error: Exception) -> Finding:
    if isinstance(error, ssl.SSLError) or not isinstance(error, OSError):
        reason: Text | str = text("it holds no certificate in PEM form")
    else:
        reason = error.strerror or str(error)
    return failed(
        "CA_FILE_UNUSABLE",
        text("The file of authorities {path} cannot be used: {reason}.", path=address.ca_file or "", reason=reason),
        text("Choose a PEM file that holds the certificate of the server's authority."),
    )


def _weakness(address: ServerAddress) -> Text:
    return address.tls_mode.weakness or text("Encrypted.")


def _reason(error: Exception) -> str:
    reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or type(error).__name__
    return str(reason).replace("_", " ").lower()
