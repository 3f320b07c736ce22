"""A real Debian Postfix as smart host that wants TLS and a password, as relay providers run one."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.gateways.smart_host_trial import try_smart_host
from smtpy_desktop.gateways.smtp_gateway import SmtpGateway
from smtpy_desktop.sandbox.mail_sink import MailSink
from smtpy_desktop.schemas.messages import DeliveryState
from smtpy_desktop.schemas.outgoing_mail import MailServer, OutgoingMail, SendResult
from smtpy_desktop.schemas.smart_host import SmartHostAccess, SmartHostTls
from tests.helpers.recording_server import talking
from tests.integration.certificates import Authority
from tests.system.postfix import LOOPBACK, free_port, running_postfix
from tests.system.test_forwarders_and_postfix import pytestmark as needs_postfix

pytestmark = needs_postfix
USER, PASSWORD = "ada@example.com", "pässword with = and blanks "
MAIL = OutgoingMail("a@sender.example", "b@target.example", b"Received: x\r\n", b"Subject: Hi\r\n\r\nHi\r\n")


async def answer_as_dovecot(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Look at passwords for Postfix, by the protocol of Dovecot's authentication."""
    writer.write(b"VERSION\t1\t2\nMECH\tPLAIN\tplaintext\nMECH\tLOGIN\tplaintext\nSPID\t1\nCUID\t1\n")
    writer.write(b"COOKIE\t00112233445566778899aabbccddeeff\nDONE\n")
    given: list[str] = []
    while line := await reader.readline():
        word, *fields = line.decode().rstrip("\n").split("\t")
        if word not in ("AUTH", "CONT"):
            continue
        number, mechanism = fields[0], fields[1]
        if word == "AUTH":
            given = []
        response = fields[1] if word == "CONT" else next((one[5:] for one in fields if one.startswith("resp=")), "")
        if response:
            given += base64.b64decode(response).decode().split("\0")[-2:]
        if word == "AUTH" and mechanism == "LOGIN":
            writer.write(f"CONT\t{number}\t{base64.b64encode(b'Username:').decode()}\n".encode())
        elif len(given) < 2:
            writer.write(f"CONT\t{number}\t{base64.b64encode(b'Password:').decode()}\n".encode())
        else:
            told = "OK" if given == [USER, PASSWORD] else "FAIL"
            writer.write(f"{told}\t{number}\tuser={USER}\n".encode())


@dataclass
class Relay:
    """The smart host: what it handed on, and its ports for STARTTLS and for TLS from the first byte on."""

    sink: MailSink
    starttls: int
    implicit: int
    authorities: str

    def server(self, tls: SmartHostTls, user: str = USER) -> MailServer:
        port = self.implicit if tls is SmartHostTls.IMPLICIT else self.starttls
        return MailServer("relay.example", LOOPBACK, port, SmartHostAccess(tls, user))

    async def send(self, server: MailServer, password: str = PASSWORD) -> SendResult:
        async def read() -> str:
            return password

        made = SmtpGateway("mx.example", authorities=self.authorities, password=read)
        try:
            async with asyncio.timeout(30):
                return await made.send(MAIL, [server], require_tls=False)
        finally:
            await made.close()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Callable[[bytes, str], Path]:
    place = tmp_path_factory.mktemp("relay")

    def write(content: bytes, name: str) -> Path:
        file = place / name
        file.write_bytes(content)
        return file

    return write


@pytest.fixture
async def relay(written: Callable[[bytes, str], Path]) -> AsyncIterator[Relay]:
    authority = Authority()
    certificate = authority.issue("relay.example")
    starttls, implicit = free_port(), free_port()
    async with MailSink() as sink, talking(answer_as_dovecot) as dovecot:
        settings = {
            "relayhost": f"[{LOOPBACK}]:{sink.port}",
            "smtpd_tls_chain_files": str(written(certificate.key + certificate.certificate, "server.pem")),
            "smtpd_tls_security_level": "may",
            "smtpd_tls_auth_only": "yes",
            "smtpd_sasl_auth_enable": "yes",
            "smtpd_sasl_type": "dovecot",
            "smtpd_sasl_path": f"inet:{LOOPBACK}:{dovecot}",
            "smtpd_relay_restrictions": "permit_sasl_authenticated, reject_unauth_destination",
        }
        ports: dict[int, dict[str, str]] = {starttls: {}, implicit: {"smtpd_tls_wrappermode": "yes"}}
        manager = running_postfix(settings, ports)
        await asyncio.to_thread(manager.__enter__)
        yield Relay(sink, starttls, implicit, str(written(authority.certificate, "authority.pem")))
        await asyncio.to_thread(manager.__exit__, None, None, None)


async def test_mail_leaves_by_postfix_with_the_password_and_never_is_lost_without_it(relay: Relay) -> None:
    sent = [await relay.send(relay.server(tls)) for tls in SmartHostTls]
    await relay.sink.wait_for(len(sent), seconds=60)
    wrong = await relay.send(relay.server(SmartHostTls.REQUIRED), "wrong")
    nobody = await relay.send(relay.server(SmartHostTls.REQUIRED, user=""))
    found = await try_smart_host(
        relay.server(SmartHostTls.IMPLICIT), "mx.example", PASSWORD, authorities=relay.authorities
    )
    with pytest.raises(UserFacingError) as refused:
        await try_smart_host(relay.server(SmartHostTls.REQUIRED), "mx.example", "wrong", authorities=relay.authorities)

    assert [result.outcome for result in sent] == [DeliveryState.SENT] * 3, sent
    assert (wrong.outcome, wrong.code, wrong.bounce_class) == (DeliveryState.DEFERRED, 535, "sign_in_refused")
    assert (nobody.outcome, nobody.code, nobody.bounce_class) == (DeliveryState.DEFERRED, 554, "relay_denied")
    assert (found.certificate_name, found.signed_in_as, found.is_checked) == ("relay.example", USER, True)
    assert refused.value.code == "SMARTHOST_PASSWORD_REFUSED"
