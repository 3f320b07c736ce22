"""Tries a smart host: connects, encrypts and signs in as forwarders do, and tells what was found; no mail is sent."""

from __future__ import annotations

import asyncio
from datetime import datetime

from cryptography import x509
from cryptography.x509.oid import NameOID

from smtpy_desktop.core.bounce_class import bounce_class_of_reply
from smtpy_desktop.core.bounce_kinds import BounceClass
from smtpy_desktop.core.smart_host_errors import smart_host_refused, smart_host_unreachable
from smtpy_desktop.core.smtp_reply import readable
from smtpy_desktop.core.smtp_sign_in import MECHANISMS, ask_to_send, mechanisms_offered, words_of_server
from smtpy_desktop.gateways.smtp_connection import SmtpBroken, SmtpConnection, SmtpDeadlines
from smtpy_desktop.gateways.smtp_connection_pool import TlsMode
from smtpy_desktop.gateways.smtp_opening import SmtpOpening, SmtpRefused, SmtpUnreachable
from smtpy_desktop.schemas.outgoing_mail import MailServer
from smtpy_desktop.schemas.smart_host import SmartHostFinding

DEADLINES = SmtpDeadlines(connect=10, greeting=15, hello=20, tls=10, mail=15, quit=1)
"""Somebody waits for the answer: less patience than mail has."""


async def try_smart_host(
    server: MailServer,
    hostname: str,
    password: str | None,
    *,
    authorities: str = "",
    deadlines: SmtpDeadlines = DEADLINES,
) -> SmartHostFinding:
    """Return what one connection has shown; raise UserFacingError saying what is in the way, and what to do."""

    async def known() -> str | None:
        return password

    opening = SmtpOpening(hostname, deadlines, authorities=authorities, password=known)
    try:
        connection = await opening.open(server, TlsMode.of(server, require_tls=False))
        try:
            return await _looked_at(connection, server)
        finally:
            connection.close()
            await asyncio.wait([connection.closed], timeout=deadlines.quit)
    except SmtpUnreachable as error:
        raise smart_host_unreachable(server, str(error)) from None
    except SmtpBroken as error:
        raise smart_host_unreachable(server, error.words) from None
    except SmtpRefused as error:
        answer = error.answer
        bounce = bounce_class_of_reply(answer.code, answer.enhanced, answer.words)
        told = " ".join(str(part) for part in (answer.code, answer.enhanced, words_of_server(answer.words)) if part)
        raise smart_host_refused(server, bounce, told) from None


async def _looked_at(connection: SmtpConnection, server: MailServer) -> SmartHostFinding:
    user = server.smart_host.user if server.smart_host is not None else ""
    extensions = connection.session.extensions
    if not user:
        await _expect_mail(connection, server)
    offered = mechanisms_offered(extensions)
    size = dict(extensions).get("SIZE", "")
    name, issuer, ends = _certified(connection.certificate(), server)
    return SmartHostFinding(
        host=server.name or server.address,
        address=server.address,
        tls=connection.tls,
        certificate_name=name,
        certificate_issuer=issuer,
        certificate_ends=ends,
        is_checked=TlsMode.of(server, require_tls=False).is_checked,
        signed_in_as=user,
        mechanism=next((one for one in MECHANISMS if user and one in offered), ""),
        largest_message=int(size) if size.isascii() and size.isdigit() and int(size) else None,
    )


async def _expect_mail(connection: SmtpConnection, server: MailServer) -> None:
    """Raise UserFacingError where mail is only taken from those who have signed in; nothing else matters here."""
    answer = await connection.converse(ask_to_send())
    if bounce_class_of_reply(answer.code, answer.enhanced, answer.words) is BounceClass.SIGN_IN_NEEDED:
        raise smart_host_refused(server, BounceClass.SIGN_IN_NEEDED, f"{answer.code} {answer.words}")


def _certified(certificate: bytes, server: MailServer) -> tuple[str, str, datetime | None]:
    """Return for whom a certificate is, who vouches for it, and when it ends; nothing of one that cannot be read."""
    try:
        read = x509.load_der_x509_certificate(certificate)
        known = _names(read)
    except ValueError:
        return "", "", None
    wanted = server.name or server.address
    best = wanted if wanted in known else (known or [_common_name(read.subject)])[0]
    return best, _common_name(read.issuer), read.not_valid_after_utc


def _names(certificate: x509.Certificate) -> list[str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    addresses = names.get_values_for_type(x509.IPAddress)
    return [readable(str(name)) for name in (*names.get_values_for_type(x509.DNSName), *addresses)]


def _common_name(name: x509.Name) -> str:
    for kind in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        found = name.get_attributes_for_oid(kind)
        if found:
            return readable(str(found[0].value))
    return ""
