"""The sandbox's mail server: what it takes, what it keeps, and how it fails when told to."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest

from smtpy_desktop.sandbox.mail_sending import hand_over
from smtpy_desktop.sandbox.mail_sink import MailSink
from smtpy_desktop.sandbox.mail_sink_faults import SinkFault, SinkVerb
from smtpy_desktop.sandbox.mail_sink_mail import read_dump
from tests.helpers.mail_client import MailConversation
from tests.integration.certificates import self_signed

RAW = b"From: a@sender.example\r\nSubject: Hello\r\n there\r\n\r\n.dot\r\n..two\r\nend\r\n"


async def test_mail_is_kept_byte_for_byte_with_its_envelope(tmp_path: Path) -> None:
    async with MailSink(dump=tmp_path / "dump") as sink, MailConversation(sink.port) as client:
        await client.say("EHLO client.example")
        reply = await client.hand_over(RAW, sender="", recipients=("b@target.example", "c@target.example"))

        (kept,) = sink.inbox
    (read,) = read_dump(tmp_path / "dump")

    assert reply.startswith("250 ")
    assert (kept.raw, kept.sender, kept.recipients) == (RAW, "", ("b@target.example", "c@target.example"))
    assert kept.header("subject") == "Hello there"
    assert read == kept


async def test_pipelined_commands_are_answered_one_after_the_other() -> None:
    async with MailSink() as sink, MailConversation(sink.port) as client:
        client.send(b"EHLO c\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<x@y.example>\r\nDATA\r\nhi\r\n.\r\nQUIT\r\n")
        replies = [(await client.reply())[:3] for _ in range(6)]

    assert replies == ["250", "250", "250", "354", "250", "221"]
    assert [mail.raw for mail in sink.inbox] == [b"hi\r\n"]


@pytest.mark.parametrize("raw", [b"a\nb\r\n", b"a\rb\r\n", b"a\0b\r\n", b"a\n.\r\n"])
async def test_what_no_client_may_send_is_refused(raw: bytes) -> None:
    async with MailSink() as sink, MailConversation(sink.port) as client:
        await client.say("EHLO client.example")
        reply = await client.hand_over(raw + b"end\r\n")

    assert reply.startswith("554 5.6.0")
    assert not sink.inbox


@pytest.mark.parametrize("verb", [SinkVerb.HELO, SinkVerb.MAIL, SinkVerb.RCPT, SinkVerb.DATA, SinkVerb.CONTENT])
@pytest.mark.parametrize(
    ("fault", "code"), [(SinkFault.TEMPORARY, "4"), (SinkFault.PERMANENT, "5"), (SinkFault.CLOSING, "421")]
)
async def test_each_verb_can_be_refused(verb: SinkVerb, fault: SinkFault, code: str) -> None:
    async with MailSink() as sink, MailConversation(sink.port) as client:
        sink.faults.verbs[verb] = fault
        greeted = await client.say("EHLO client.example")
        reply = greeted if verb is SinkVerb.HELO else await client.hand_over(RAW)

    assert reply.startswith(code)
    assert not sink.inbox


@pytest.mark.parametrize(
    ("fault", "is_kept"), [(SinkFault.CUT, 0), (SinkFault.CUT_STORED, 1), (SinkFault.HALF_CLOSE, 0)]
)
async def test_the_line_can_be_lost_after_the_final_dot(fault: SinkFault, is_kept: int) -> None:
    async with MailSink() as sink, MailConversation(sink.port) as client:
        sink.faults.verbs[SinkVerb.CONTENT] = fault
        await client.say("EHLO client.example")
        reply = await client.hand_over(RAW)

        assert reply == ""
        assert len(sink.inbox) == is_kept


async def test_it_can_hang_after_the_final_dot() -> None:
    async with MailSink() as sink, MailConversation(sink.port) as client:
        sink.faults.verbs[SinkVerb.CONTENT] = SinkFault.HANG_STORED
        await client.say("EHLO client.example")
        answer = asyncio.create_task(client.hand_over(RAW))
        await sink.wait_for()

        assert not answer.done()
        answer.cancel()


async def test_a_fault_lasts_for_as_many_answers_and_recipients_as_are_meant() -> None:
    async with MailSink() as sink, MailConversation(sink.port) as client:
        sink.faults.verbs[SinkVerb.RCPT] = SinkFault.TEMPORARY
        sink.faults.times, sink.faults.only_for = 1, "full.example"
        await client.say("EHLO client.example")
        await client.say("MAIL FROM:<a@b.example>")
        replies = [
            (await client.say(f"RCPT TO:<{address}>"))[:3]
            for address in ("x@y.example", "x@full.example", "x@FULL.example")
        ]

    assert replies == ["250", "452", "250"]


async def test_a_server_that_is_down_comes_back_at_the_same_port() -> None:
    async with MailSink() as sink:
        port = sink.port
        await sink.go_down()
        with pytest.raises(OSError):
            await asyncio.open_connection("127.0.0.1", port)
        await sink.start()
        async with MailConversation(port) as client:
            assert client.greeting.startswith("220 ")


async def test_starttls_begins_anew_and_forgets_what_came_along(tmp_path: Path) -> None:
    made = self_signed("sink.example")
    (tmp_path / "pem").write_bytes(made.certificate + made.key)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tmp_path / "pem")
    client_side = ssl.create_default_context(cadata=made.certificate.decode())
    async with MailSink(tls=server) as sink, MailConversation(sink.port) as client:
        offered = await client.say("EHLO client.example")
        client.send(b"STARTTLS\r\nMAIL FROM:<injected@evil.example>\r\n")
        await client.reply()
        await client.writer.start_tls(client_side, server_hostname="sink.example")
        too_early = await client.say("MAIL FROM:<a@b.example>")
        greeted = await client.say("EHLO client.example")
        reply = await client.hand_over(RAW)

    assert "250 STARTTLS" in offered
    assert too_early.startswith("503")
    assert "STARTTLS" not in greeted
    assert reply.startswith("250")
    assert sink.inbox[0].tls is not None


async def test_moods_refuse_one_recipient_and_not_the_other() -> None:
    async with MailSink() as sink:
        sink.moods = lambda sender, recipient: "450 4.2.0 Greylisted" if recipient.startswith("grey@") else None

        refused = await hand_over(sink.port, "a@sender.example", "grey@target.example", RAW)
        taken = await hand_over(sink.port, "a@sender.example", "b@target.example", RAW)

    assert refused == "450 4.2.0 Greylisted"
    assert taken.startswith("250")
    assert [mail.raw for mail in sink.inbox] == [RAW]
