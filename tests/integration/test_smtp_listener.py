"""Mail comes in over real sockets: by the standard library's clients, with TLS, by LMTP, and byte for byte."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from dataclasses import replace
from email.message import EmailMessage

import pytest

from smtpy_desktop.core.smtp_session_parts import Dialect
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.listeners.smtp_listener import SmtpListener
from tests.helpers.mail_client import MailConversation
from tests.helpers.mail_listening import (
    NO,
    YES,
    RecordingIntake,
    client_tls,
    listening_for_mail,
    server_tls,
)
from tests.integration.certificates import Authority

AWKWARD = [
    b"",
    b"\r\n",
    b".\r\n",
    b"..\r\n...\r\n",
    b"Subject: x\r\n\r\n.\r\n.hidden\r\n\r\n.\r\n",
    b"Subject: \xe4\xf6\xfc\r\n\r\n" + bytes(byte for byte in range(256) if byte not in b"\r\n\0") + b"\r\n",
    b"Subject: long\r\n\r\n" + (b"x" * 998 + b"\r\n") * 200,
    b"Subject: dots\r\n\r\n" + b".\r\n..\r\n" * 20_000,
    b"QUIT\r\nMAIL FROM:<a@example.org>\r\nRSET\r\n",
]


def stuffed(content: bytes) -> bytes:
    """Return a message as a client has to send it."""
    return (b"\r\n" + content).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n"


async def test_smtplib_sends_a_mail():
    async with listening_for_mail() as trial:
        message = EmailMessage()
        message["Subject"] = "Hello"
        message.set_content("A line.\n.\n..dots\n")

        def send() -> None:
            with smtplib.SMTP("127.0.0.1", trial.port, local_hostname="client.example.org", timeout=10) as client:
                assert client.noop()[0] == 250
                assert client.verify("b@example.com")[0] == 252
                client.send_message(message, "a@example.org", ["b@example.com", "c@example.com"])

        await asyncio.to_thread(send)

    [(envelope, raw)] = trial.intake.messages
    assert (envelope.sender, envelope.recipients) == ("a@example.org", ("b@example.com", "c@example.com"))
    assert (envelope.client.address, envelope.client.helo) == ("127.0.0.1", "client.example.org")
    assert raw.endswith(b"\r\n\r\nA line.\r\n.\r\n..dots\r\n")


async def test_smtplib_upgrades_to_tls_with_a_certificate_that_it_checks(tmp_path):
    authority = Authority()
    async with listening_for_mail(tls=server_tls(tmp_path, authority.issue("127.0.0.1"))) as trial:

        def send() -> None:
            with smtplib.SMTP("127.0.0.1", trial.port, "client.example.org", 10) as client:
                client.starttls(context=client_tls(authority.certificate))
                client.sendmail("a@example.org", ["b@example.com"], AWKWARD[5] * 100)
                assert not client.has_extn("STARTTLS")

        await asyncio.to_thread(send)

    [(envelope, raw)] = trial.intake.messages
    assert raw == AWKWARD[5] * 100
    assert envelope.client.protocol == "ESMTPS"
    assert envelope.client.tls is not None
    assert envelope.client.tls.startswith("TLSv1.3 TLS_AES_256_GCM_SHA384")


async def test_a_big_message_arrives_through_tls_as_it_was_meant(tmp_path):
    authority = Authority()
    content = b"".join(b"%090d\r\n" % number for number in range(50_000))
    tls = server_tls(tmp_path, authority.issue("mx.example.net"))
    async with listening_for_mail(tls=tls, largest=10_000_000) as trial, trial.talk() as talk:
        await talk.say("EHLO c")
        await talk.say("STARTTLS")
        await talk.writer.start_tls(client_tls(authority.certificate), server_hostname="mx.example.net")
        await talk.say("EHLO c")

        assert (await talk.hand_over(content))[:3] == "250"

    assert trial.intake.messages[0][1] == content


async def test_a_renewed_certificate_is_shown_to_the_next_client(tmp_path):
    old, new = Authority("old"), Authority("new")

    def upgrade(port: int, authority: Authority) -> int:
        with smtplib.SMTP("127.0.0.1", port, "client.example.org", 10) as client:
            return client.starttls(context=client_tls(authority.certificate))[0]

    async with listening_for_mail(tls=server_tls(tmp_path, old.issue("127.0.0.1"))) as trial:
        assert await asyncio.to_thread(upgrade, trial.port, old) == 220

        trial.listener.reload_tls(server_tls(tmp_path, new.issue("127.0.0.1")))

        assert await asyncio.to_thread(upgrade, trial.port, new) == 220
        with pytest.raises(ssl.SSLCertVerificationError):
            await asyncio.to_thread(upgrade, trial.port, old)


async def test_commands_sent_in_clear_behind_starttls_are_not_heard(tmp_path):
    authority = Authority()
    async with (
        listening_for_mail(tls=server_tls(tmp_path, authority.issue("mx.example.net"))) as trial,
        trial.talk() as talk,
    ):
        await talk.say("EHLO before.example.org")
        talk.send(
            b"STARTTLS\r\nEHLO injected.example.org\r\nMAIL FROM:<evil@example.org>\r\nRCPT TO:<b@example.com>\r\n"
        )
        assert await talk.reply() == "220 2.0.0 Begin TLS"

        await talk.writer.start_tls(client_tls(authority.certificate), server_hostname="mx.example.net")

        assert (await talk.say("MAIL FROM:<a@example.org>"))[:3] == "503"
        assert "STARTTLS" not in await talk.say("EHLO after.example.org")
        assert (await talk.hand_over(b"x\r\n"))[:3] == "250"
    [(envelope, raw)] = trial.intake.messages
    assert (envelope.sender, envelope.client.helo, raw) == ("a@sender.example", "after.example.org", b"x\r\n")
    assert trial.intake.recipients == ["b@target.example"]


async def test_clear_text_in_place_of_a_handshake_ends_the_connection(tmp_path):
    authority = Authority()
    tls = server_tls(tmp_path, authority.issue("mx.example.net"))
    async with listening_for_mail(tls=tls) as trial, trial.talk() as talk:
        await talk.say("EHLO c")
        assert (await talk.say("STARTTLS"))[:3] == "220"

        talk.send(b"EHLO injected\r\nMAIL FROM:<evil@example.org>\r\n")

        await trial.until_nobody_is_there()
        assert trial.listener.counters["tls_failed"] == 1
    assert trial.intake.recipients == []


async def test_every_message_arrives_as_it_was_meant():
    async with listening_for_mail() as trial, trial.talk() as talk:
        await talk.say("EHLO c")
        for content in AWKWARD:
            for line in ("MAIL FROM:<a@example.org> BODY=8BITMIME", "RCPT TO:<b@example.com>", "DATA"):
                await talk.say(line)
            talk.send(stuffed(content))

            assert (await talk.reply())[:3] == "250"

    assert [raw for _, raw in trial.intake.messages] == AWKWARD
    assert all(envelope.is_8bit for envelope, _ in trial.intake.messages)


async def test_smtputf8_goes_through_smtplib():
    async with listening_for_mail() as trial:

        def send() -> None:
            with smtplib.SMTP("127.0.0.1", trial.port, "client.example.org", 10) as client:
                options = ["SMTPUTF8", "BODY=8BITMIME"]
                client.sendmail("ü@example.org", ["用户@例え.jp"], "Betreff: ä\r\n\r\n".encode(), mail_options=options)

        await asyncio.to_thread(send)

    [(envelope, raw)] = trial.intake.messages
    assert (envelope.sender, envelope.recipients, envelope.is_utf8) == ("ü@example.org", ("用户@例え.jp",), True)
    assert raw == "Betreff: ä\r\n\r\n".encode()


async def test_lmtp_answers_each_recipient():
    async with listening_for_mail(dialect=Dialect.LMTP, trusted=("127.0.0.0/8",)) as trial:

        async def message(envelope, raw):
            return tuple(NO if recipient.startswith("late-no@") else YES for recipient in envelope.recipients)

        trial.intake.message = message

        async with trial.talk() as talk:
            await talk.say("LHLO front")
            for line in (
                "MAIL FROM:<a@example.org>",
                *(f"RCPT TO:<{to}@example.com>" for to in ("b", "no", "late-no", "c")),
                "DATA",
            ):
                await talk.say(line)
            talk.send(b"x\r\n.\r\n")

            assert [(await talk.reply())[:3] for _ in range(3)] == ["250", "550", "250"]
            assert (await talk.say("NOOP"))[:3] == "250"


async def test_smtplib_speaks_lmtp():
    async with listening_for_mail(dialect=Dialect.LMTP, trusted=("127.0.0.0/8",)) as trial:

        def send() -> None:
            with smtplib.LMTP("127.0.0.1", trial.port, local_hostname="front", timeout=10) as client:
                client.sendmail("a@example.org", ["b@example.com"], b"x\r\n")

        await asyncio.to_thread(send)

    assert trial.intake.messages[0][0].client.protocol == "LMTP"


async def test_lmtp_is_closed_to_strangers():
    async with listening_for_mail(dialect=Dialect.LMTP) as trial, trial.talk() as talk:
        assert talk.greeting.startswith("554 ")
        assert await talk.reply() == ""


async def test_who_is_trusted_may_change_while_it_runs():
    async with listening_for_mail() as trial:
        async with trial.talk() as talk:
            assert "XCLIENT" not in await talk.say("EHLO c")

        trial.settings = replace(trial.settings, trusted=("127.0.0.1",), hostname="mx2.example.net")

        async with trial.talk() as talk:
            assert talk.greeting == "220 mx2.example.net ESMTP"
            assert "XCLIENT" in await talk.say("EHLO c")
            assert (await talk.say("XCLIENT ADDR=192.0.2.7 NAME=original.example.org"))[:3] == "220"
            await talk.say("EHLO original.example.org")
            assert (await talk.hand_over(b"x\r\n"))[:3] == "250"
    client = trial.intake.messages[0][0].client
    assert (client.address, client.name, client.peer) == ("192.0.2.7", "original.example.org", "127.0.0.1")
    assert [client.address for client in trial.intake.greeted] == ["127.0.0.1", "192.0.2.7"]


async def test_a_whole_session_may_come_at_once_and_its_end_with_it():
    async with listening_for_mail() as trial, trial.talk() as talk:
        talk.send(
            b"EHLO c\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.com>\r\nRCPT TO:<no@example.com>\r\nDATA\r\n"
            b"one\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<c@example.com>\r\nDATA\r\ntwo\r\n.\r\nQUIT\r\n"
        )
        talk.writer.write_eof()

        codes = [(await talk.reply())[:3] for _ in range(11)]

    assert codes == ["250", "250", "250", "550", "354", "250", "250", "250", "354", "250", "221"]
    assert [(envelope.sender, raw) for envelope, raw in trial.intake.messages] == [
        ("a@example.org", b"one\r\n"),
        ("", b"two\r\n"),
    ]


@pytest.mark.parametrize(
    "end",
    [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r", b"\n.\r", b"\r.\r\n", b"\r.\n", b"\r\r\n.\r\r\n"],
    ids=repr,
)
@pytest.mark.parametrize("is_cut", [False, True], ids=["at once", "in two"])
async def test_no_second_mail_is_smuggled_in(end, is_cut):
    second = b"MAIL FROM:<admin@example.org>\r\nRCPT TO:<c@example.com>\r\nDATA\r\nsmuggled\r\n.\r\n"
    async with listening_for_mail() as trial, trial.talk() as talk:
        await talk.say("EHLO c")
        for line in ("MAIL FROM:<a@example.org>", "RCPT TO:<b@example.com>", "DATA"):
            await talk.say(line)

        talk.send(b"Subject: first\r\n\r\nbody" + end + (b"" if is_cut else second))
        if is_cut:
            await talk.writer.drain()
            talk.send(second)

        assert (await talk.reply())[:3] == "554"
        assert (await talk.say("NOOP"))[:3] == "250"
    assert trial.intake.messages == []
    assert trial.intake.recipients == ["b@example.com"]


async def test_the_true_end_with_a_second_mail_behind_it_makes_two():
    second = b"MAIL FROM:<b@example.org>\r\nRCPT TO:<c@example.com>\r\nDATA\r\nsecond\r\n.\r\nQUIT\r\n"
    async with listening_for_mail() as trial, trial.talk() as talk:
        await talk.say("EHLO c")
        for line in ("MAIL FROM:<a@example.org>", "RCPT TO:<b@example.com>", "DATA"):
            await talk.say(line)

        talk.send(b"first\r\n.\r\n" + second)

        assert [(await talk.reply())[:3] for _ in range(6)] == ["250", "250", "250", "354", "250", "221"]
    assert [raw for _, raw in trial.intake.messages] == [b"first\r\n", b"second\r\n"]


RELAY_SPELLINGS = [
    ("<victim@evil.example>", "victim@evil.example"),
    ("<victim%evil.example@example.com>", "victim%evil.example@example.com"),
    ('<"victim@evil.example"@example.com>', '"victim@evil.example"@example.com'),
    ('<"victim%evil.example"@example.com>', '"victim%evil.example"@example.com'),
    ("<evil.example!victim@example.com>", "evil.example!victim@example.com"),
    ("<@example.com:victim@evil.example>", "victim@evil.example"),
    ("<@example.com,@evil.example:victim@evil.example>", "victim@evil.example"),
    ("<victim@[127.0.0.1]>", "victim@[127.0.0.1]"),
    ("<victim@[IPv6:::1]>", "victim@[IPv6:::1]"),
    ("<victim@evil.example@example.com>", None),
    ("<victim@evil.example.>", None),
    ("<victim@[mx.example.net]>", None),
    ("<>", None),
    ("<@example.com>", None),
    ("<victim@>", None),
    ("victim@evil.example", None),
    ("<victim@evil.example><b@example.com>", None),
    ("<b@example.com> ORCPT=rfc822;victim@evil.example", None),
    ("<victim@exämple.com>", None),
    ("<victim@example.com\0.evil.example>", None),
    ("<victim", None),
]


@pytest.mark.parametrize(("written", "heard"), RELAY_SPELLINGS)
async def test_a_recipient_reaches_the_program_as_it_is_or_is_refused(written, heard):
    async with listening_for_mail() as trial, trial.talk() as talk:
        await talk.say("EHLO c")
        await talk.say("MAIL FROM:<a@example.org>")

        reply = await talk.say(f"RCPT TO:{written}")

    assert (reply[:1], trial.intake.recipients) == (("2", [heard]) if heard else ("5", []))


@pytest.mark.expects_log("mail could not be taken in: the disk is on fire")
@pytest.mark.parametrize("step", ["sender", "recipient", "message"])
async def test_a_fault_of_the_program_is_for_later_and_logged_once(step, caplog):
    async with listening_for_mail() as trial:

        async def fail(name: str) -> None:
            if name == step:
                raise OSError("the disk is on fire")

        trial.intake.before = fail
        async with trial.talk() as talk:
            await talk.say("EHLO c")
            replies = [await talk.hand_over(b"x\r\n") for _ in range(2) if await talk.say("RSET")]
            trial.intake.before = None
            await talk.say("RSET")
            assert (await talk.hand_over(b"x\r\n"))[:3] == "250"

    assert {reply[:9] for reply in replies} == {"451 4.3.0"}
    records = [record for record in caplog.records if "on fire" in record.getMessage()]
    assert [record.exc_info is not None for record in records] == [True]
    assert trial.listener.counters["intake_faults"] == 2


async def test_a_failure_with_words_for_the_user_is_logged_without_a_traceback(caplog):
    async with listening_for_mail() as trial:

        async def fail(name: str) -> None:
            if name == "message":
                raise UserFacingError("MAIL_NOT_STORED", "The mail could not be stored.")

        trial.intake.before = fail
        async with trial.talk() as talk:
            await talk.say("EHLO c")
            assert (await talk.hand_over(b"x\r\n"))[:3] == "451"

    assert [(record.getMessage(), record.exc_info) for record in caplog.records if record.levelname == "ERROR"] == [
        ("mail could not be taken in: The mail could not be stored.", None)
    ]


async def test_a_fault_at_the_greeting_sends_the_client_away(caplog):
    async with listening_for_mail() as trial:

        async def fail(name: str) -> None:
            raise RuntimeError("no greeting")

        trial.intake.before = fail
        async with trial.talk() as talk:
            assert talk.greeting.startswith("421 4.3.0")


async def test_closing_finishes_the_mails_that_are_begun():
    async with listening_for_mail() as trial, trial.talk() as idle, trial.talk() as busy:
        await idle.say("EHLO c")
        await busy.say("EHLO c")
        for line in ("MAIL FROM:<a@example.org>", "RCPT TO:<b@example.com>", "DATA"):
            await busy.say(line)

        closing = asyncio.create_task(trial.listener.close(10))

        assert (await idle.reply())[:9] == "421 4.3.2"
        with pytest.raises(OSError):
            await asyncio.open_connection("127.0.0.1", trial.port)
        busy.send(b"x\r\n.\r\n")
        assert [(await busy.reply())[:3] for _ in range(2)] == ["250", "421"]
        idle.writer.close()
        busy.writer.close()
        await closing
    assert len(trial.intake.messages) == 1


async def test_closing_does_not_wait_longer_than_it_may():
    async with listening_for_mail() as trial, trial.talk() as busy:
        await busy.say("EHLO c")
        await busy.say("MAIL FROM:<a@example.org>")

        await trial.listener.close(0.05)

        assert (await busy.reply())[:3] in {"421", ""}
        await trial.until_nobody_is_there()


async def test_a_port_that_is_taken_is_named():
    async with listening_for_mail() as trial:
        other = SmtpListener(RecordingIntake(), lambda: trial.settings)

        with pytest.raises(UserFacingError) as taken:
            await other.start("127.0.0.1", trial.port)

    assert taken.value.code == "PORT_IN_USE"


async def test_two_listeners_may_share_a_port():
    async with listening_for_mail() as trial:
        first = SmtpListener(RecordingIntake(), lambda: trial.settings)
        second = SmtpListener(RecordingIntake(), lambda: trial.settings)
        _, port = await first.start("127.0.0.1", 0, reuse_port=True)
        await second.start("127.0.0.1", port, reuse_port=True)

        async with MailConversation(port) as talk:
            assert talk.greeting.startswith("220")
            await first.close(0)
        async with MailConversation(port) as talk:
            assert talk.greeting.startswith("220")
            await second.close(0)
