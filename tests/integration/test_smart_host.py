"""Mail by a smart host that wants TLS and a password, over real sockets; and what it says when it does not want us."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from smtpy_desktop.gateways import smtp_sign_in
from smtpy_desktop.gateways.smtp_connection import SmtpDeadlines
from smtpy_desktop.gateways.smtp_gateway import SmtpGateway
from smtpy_desktop.sandbox.mail_sink import MailSink
from smtpy_desktop.sandbox.mail_sink_sign_in import SinkSignIn
from smtpy_desktop.schemas.messages import DeliveryState
from smtpy_desktop.schemas.outgoing_mail import MailServer, OutgoingMail, SendResult
from smtpy_desktop.schemas.smart_host import SmartHostAccess, SmartHostTls
from tests.helpers.recording_server import RecordingServer, begin_tls, talking
from tests.integration.certificates import Authority, Certificate, self_signed, server_context

MAIL = OutgoingMail("a@sender.example", "b@target.example", b"Received: x\r\n", b"Subject: Hi\r\n\r\nHi\r\n")
USER, PASSWORD = "ada@example.com", "Canary-of-the-password"
PATIENT = SmtpDeadlines(quit=0.3)
SENT, DEFERRED = DeliveryState.SENT, DeliveryState.DEFERRED
OPPORTUNISTIC, REQUIRED, IMPLICIT = SmartHostTls.OPPORTUNISTIC, SmartHostTls.REQUIRED, SmartHostTls.IMPLICIT


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def make(tmp_path: Path, authority: Authority) -> Callable[..., Any]:
    """Give a function that makes a gateway which trusts the authority and knows a password."""
    file = tmp_path / "authority.pem"
    file.write_bytes(authority.certificate)

    @asynccontextmanager
    async def gateway(password: str | None = PASSWORD) -> AsyncIterator[SmtpGateway]:
        async def read() -> str | None:
            return password

        made = SmtpGateway("mx.example", deadlines=PATIENT, authorities=str(file), password=read)
        try:
            yield made
        finally:
            await made.close()

    return gateway


@pytest.fixture
def context(tmp_path: Path, authority: Authority) -> Callable[..., ssl.SSLContext]:
    def of(certificate: Certificate | None = None) -> ssl.SSLContext:
        return server_context(certificate or authority.issue("relay.example"), tmp_path)

    return of


async def send(
    made: SmtpGateway, port: int, tls: SmartHostTls = REQUIRED, user: str = USER, name: str = "relay.example"
) -> SendResult:
    server = MailServer(name, "127.0.0.1", port, SmartHostAccess(tls, user))
    async with asyncio.timeout(10):
        return await made.send(MAIL, [server], require_tls=False)


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
@pytest.mark.parametrize("tls", list(SmartHostTls))
async def test_mail_leaves_by_a_smart_host_that_wants_a_password(
    make: Any, context: Any, tls: SmartHostTls, mechanism: str
) -> None:
    sign_in = SinkSignIn({USER: PASSWORD}, mechanisms=(mechanism,))
    async with MailSink(tls=context(), is_implicit=tls is IMPLICIT, sign_in=sign_in) as sink, make() as made:
        results = [await send(made, sink.port, tls) for _ in range(2)]

    assert [result.outcome for result in results] == [SENT, SENT]
    assert all(result.tls for result in results)
    assert sign_in.tried == [(USER, PASSWORD)]  # the second went over the same connection


@pytest.mark.parametrize("tls", list(SmartHostTls))
@pytest.mark.parametrize("kind", ["self-signed", "another name"])
async def test_a_server_that_cannot_prove_its_name_gets_no_password(
    make: Any, context: Any, authority: Authority, tls: SmartHostTls, kind: str
) -> None:
    certificate = self_signed("relay.example") if kind == "self-signed" else authority.issue("other.example")
    sign_in = SinkSignIn({USER: PASSWORD})
    tls_context = context(certificate)
    async with MailSink(tls=tls_context, is_implicit=tls is IMPLICIT, sign_in=sign_in) as sink, make() as made:
        result = await send(made, sink.port, tls)

    assert (result.outcome, result.bounce_class, sign_in.lines) == (DEFERRED, "sign_in_unsafe", [])
    assert "certificate" in result.reply


async def test_a_password_is_never_sent_in_clear(make: Any) -> None:
    def answering(line: bytes) -> bytes | None:
        return b"250-relay.example\r\n250 AUTH PLAIN LOGIN\r\n" if line.startswith(b"EHLO") else None

    async with RecordingServer(answering) as server, make() as made:
        result = await send(made, server.port, OPPORTUNISTIC)

    assert (result.outcome, result.bounce_class) == (DEFERRED, "sign_in_unsafe")
    assert "STARTTLS" in result.reply
    assert b"AUTH" not in b"".join(server.received)


async def test_what_was_offered_before_tls_does_not_say_how_to_sign_in(make: Any, context: Any) -> None:
    seen: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        injected = b"250-relay.example\r\n250 AUTH PLAIN\r\n"
        seen.append(await begin_tls(reader, writer, context(), b"250-AUTH PLAIN\r\n", injected=injected))
        writer.write(b"250-relay.example\r\n250 AUTH LOGIN\r\n")
        seen.append(await reader.readline())
        writer.write(b"535 5.7.8 no\r\n")
        await reader.read()

    async with talking(talk) as port, make() as made:
        result = await send(made, port)

    assert seen == [b"EHLO mx.example\r\n", b"AUTH LOGIN\r\n"]
    assert result.code == 535


@pytest.mark.parametrize(
    ("reply", "bounce"),
    [
        ("535 5.7.8 no", "sign_in_refused"),
        ("534 5.7.9 too weak", "sign_in_other_way"),
        ("454 4.7.0 not now", "sign_in_not_now"),
    ],
)
async def test_many_mails_at_once_try_a_bad_password_once(make: Any, context: Any, reply: str, bounce: str) -> None:
    sign_in = SinkSignIn(reply=reply)
    async with MailSink(tls=context(), sign_in=sign_in) as sink, make() as made:
        results = await asyncio.gather(*(send(made, sink.port) for _ in range(12)))

    assert {(result.outcome, result.bounce_class) for result in results} == {(DEFERRED, bounce)}
    assert len(sign_in.tried) == 1
    assert all(PASSWORD not in repr(result) for result in results)


async def test_the_next_try_of_a_bad_password_comes_later_each_time_and_a_new_one_at_once(
    make: Any, context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp_sign_in, "FIRST_PAUSE", 0.2)
    sign_in, password = SinkSignIn({USER: PASSWORD}), ["wrong"]

    async def read() -> str | None:
        return password[0]

    async with MailSink(tls=context(), sign_in=sign_in) as sink, make() as made:
        made._opening._sign_in._password = read
        started = asyncio.get_running_loop().time()
        while len(sign_in.tried) < 3:
            await send(made, sink.port)
        spent = asyncio.get_running_loop().time() - started
        await send(made, sink.port)
        password[0] = PASSWORD
        result = await send(made, sink.port)

    assert spent >= 0.6  # 0.2 seconds, then 0.4
    assert sign_in.tried == [(USER, "wrong")] * 3 + [(USER, PASSWORD)]
    assert result.outcome is SENT


@pytest.mark.parametrize("tls", [OPPORTUNISTIC, IMPLICIT])
async def test_a_smart_host_that_wants_a_password_nobody_has_set_keeps_the_mail_waiting(
    make: Any, context: Any, tls: SmartHostTls
) -> None:
    async with MailSink(tls=context(), is_implicit=tls is IMPLICIT, sign_in=SinkSignIn()) as sink, make() as made:
        result = await send(made, sink.port, tls, user="")

    assert (result.outcome, result.code, result.bounce_class) == (DEFERRED, 530, "sign_in_needed")


async def test_a_kept_connection_that_has_forgotten_us_costs_nothing(make: Any, context: Any) -> None:
    sign_in = SinkSignIn({USER: PASSWORD})
    async with MailSink(tls=context(), sign_in=sign_in) as sink, make() as made:
        await send(made, sink.port)
        for connection in sink.connections:
            connection._is_signed_in = False
        result = await send(made, sink.port)

    assert (result.outcome, sign_in.tried) == (SENT, [(USER, PASSWORD)] * 2)


async def test_without_a_password_nobody_is_even_called(make: Any) -> None:
    async with RecordingServer() as server, make(None) as made:
        result = await send(made, server.port)

    assert (result.outcome, result.bounce_class, server.received) == (DEFERRED, "sign_in_needed", [])


async def test_a_server_without_tls_from_the_first_byte_on_is_told_apart(make: Any) -> None:
    async with RecordingServer() as server, make() as made:
        result = await send(made, server.port, IMPLICIT)

    assert (result.outcome, result.bounce_class) == (DEFERRED, "sign_in_unsafe")
    assert "from the first byte" in result.reply


async def test_a_connection_that_breaks_while_signing_in_leaves_no_mail_in_doubt(make: Any, context: Any) -> None:
    tried: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await begin_tls(reader, writer, context())
        writer.write(b"250-relay.example\r\n250 AUTH PLAIN\r\n")
        tried.append(await reader.readline())
        writer.transport.abort()

    async with talking(talk) as port, make() as made:
        results = await asyncio.gather(*(send(made, port) for _ in range(6)))

    assert {(result.outcome, result.code) for result in results} == {(DEFERRED, None)}
    assert len([line for line in tried if line.startswith(b"AUTH")]) == 1
