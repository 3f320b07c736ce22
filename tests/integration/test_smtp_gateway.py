"""Handing mail to mail servers over real sockets: faults at every verb, encryption, connections that are kept."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpy_desktop.gateways.smtp_connection import SmtpDeadlines
from smtpy_desktop.gateways.smtp_connection_pool import PoolLimits
from smtpy_desktop.gateways.smtp_gateway import SmtpGateway
from smtpy_desktop.sandbox.mail_sink import EXTENSIONS, MailSink
from smtpy_desktop.sandbox.mail_sink_faults import SinkFault, SinkVerb
from smtpy_desktop.schemas.messages import DeliveryState
from smtpy_desktop.schemas.outgoing_mail import MailServer, OutgoingMail, SendResult
from tests.helpers.delivery_world import BRIEF
from tests.helpers.recording_server import RecordingServer, begin_tls, talking
from tests.integration.certificates import Authority, self_signed, server_context

MAIL = OutgoingMail("a@sender.example", "b@target.example", b"Received: x\r\n", b"Subject: Hi\r\n\r\n.dot\r\n")
SENT, DEFERRED, FAILED, UNCERTAIN = (
    DeliveryState.SENT,
    DeliveryState.DEFERRED,
    DeliveryState.FAILED,
    DeliveryState.UNCERTAIN,
)
PATIENT = SmtpDeadlines(quit=0.3)
BEFORE = (SinkVerb.CONNECT, SinkVerb.HELO, SinkVerb.MAIL, SinkVerb.RCPT, SinkVerb.DATA)


@asynccontextmanager
async def gateway(**options) -> AsyncIterator[SmtpGateway]:
    made = SmtpGateway("mx.example", **{"deadlines": PATIENT, **options})
    try:
        yield made
    finally:
        await made.close()


async def send(made: SmtpGateway, *ports: int, mail: OutgoingMail = MAIL, require_tls: bool = False) -> SendResult:
    servers = [MailServer("server.example", "127.0.0.1", port) for port in ports]
    async with asyncio.timeout(10):
        return await made.send(mail, servers, require_tls=require_tls)


def deadlines(fault: SinkFault) -> SmtpDeadlines:
    """Wait briefly only where nothing comes, so that a busy machine makes no difference elsewhere."""
    return BRIEF if fault in (SinkFault.HANG, SinkFault.HANG_STORED) else PATIENT


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("verb", BEFORE)
@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (SinkFault.TEMPORARY, DEFERRED),
        (SinkFault.PERMANENT, FAILED),
        (SinkFault.CLOSING, DEFERRED),
        (SinkFault.HANG, DEFERRED),
        (SinkFault.HALF_CLOSE, DEFERRED),
        (SinkFault.CUT, DEFERRED),
    ],
)
@pytest.mark.parametrize("extensions", [EXTENSIONS, ()])
async def test_before_the_final_dot_it_is_always_known_that_nothing_was_taken(
    verb: SinkVerb, fault: SinkFault, outcome: DeliveryState, extensions: tuple[str, ...]
) -> None:
    async with MailSink(extensions=extensions) as sink, gateway(deadlines=deadlines(fault)) as made:
        sink.faults.verbs[verb] = fault

        result = await send(made, sink.port)

        # Who does not greet us has not said anything about the message.
        is_unheard = fault is SinkFault.PERMANENT and verb in (SinkVerb.CONNECT, SinkVerb.HELO)
        assert (result.outcome, sink.received) == (DEFERRED if is_unheard else outcome, 0)
        assert (result.code is None) == (fault in (SinkFault.HANG, SinkFault.HALF_CLOSE, SinkFault.CUT))
        assert result.bounce_class
        assert result.reply
        sink.faults.clear()
        async with gateway() as patient:
            assert (await send(patient, sink.port)).outcome is SENT


@pytest.mark.parametrize(
    ("extensions", "mail", "enhanced"),
    [
        (("PIPELINING", "8BITMIME"), replace(MAIL, recipient="bö@target.example"), "5.6.7"),
        (("SIZE 20",), MAIL, "5.3.4"),
        (EXTENSIONS, replace(MAIL, recipient="b c@target.example"), "5.1.3"),
    ],
)
async def test_what_a_server_cannot_take_is_refused_without_asking_it_and_the_connection_goes_on(
    extensions: tuple[str, ...], mail: OutgoingMail, enhanced: str
) -> None:
    short = OutgoingMail("", "b@target.example", b"", b"A: b\r\n")
    async with MailSink(extensions=extensions) as sink, gateway() as made:
        result = await send(made, sink.port, mail=mail)

        assert (result.outcome, result.code, result.enhanced) == (FAILED, None, enhanced)
        assert sink.received == 0
        assert (await send(made, sink.port, mail=short)).outcome is SENT
        assert made.open_connections == 1


@pytest.mark.parametrize(
    ("fault", "outcome", "is_there"),
    [
        (SinkFault.TEMPORARY, DEFERRED, False),
        (SinkFault.PERMANENT, FAILED, False),
        (SinkFault.CLOSING, DEFERRED, False),
        (SinkFault.HANG, UNCERTAIN, False),
        (SinkFault.HANG_STORED, UNCERTAIN, True),
        (SinkFault.HALF_CLOSE, UNCERTAIN, False),
        (SinkFault.CUT, UNCERTAIN, False),
        (SinkFault.CUT_STORED, UNCERTAIN, True),
    ],
)
async def test_silence_after_the_final_dot_is_uncertain(
    fault: SinkFault, outcome: DeliveryState, is_there: bool
) -> None:
    async with MailSink() as sink, gateway(deadlines=deadlines(fault)) as made:
        sink.faults.verbs[SinkVerb.CONTENT] = fault

        result = await send(made, sink.port, closed_port())

    assert (result.outcome, sink.received) == (outcome, int(is_there))


async def test_a_large_message_that_breaks_off_before_its_dot_has_left_is_not_uncertain() -> None:
    large = OutgoingMail("a@x.example", "b@y.example", b"", b"x" * 998 * 1000 * 20)

    async def take_some(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        for answer in (b"250 hello\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n"):
            await reader.readline()
            writer.write(answer)
        await reader.readexactly(100_000)
        writer.transport.abort()

    async with talking(take_some) as port, gateway() as made:
        result = await send(made, port, mail=large)

    assert result.outcome is DEFERRED


async def test_a_refusal_in_the_middle_of_the_message_is_the_answer() -> None:
    large = OutgoingMail("a@x.example", "b@y.example", b"", (b"x" * 998 + b"\r\n") * 20_000)

    async def refuse_early(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        for answer in (b"250 hello\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n"):
            await reader.readline()
            writer.write(answer)
        await reader.readexactly(1000)
        writer.write(b"552 5.3.4 too much\r\n")
        await reader.read()

    async with talking(refuse_early) as port, gateway() as made:
        result = await send(made, port, mail=large)

    assert (result.outcome, result.code, result.bounce_class) == (FAILED, 552, "too_large")


async def test_a_result_tells_who_said_what_and_how_long_it_took() -> None:
    async with MailSink() as sink, gateway() as made:
        sink.faults.reply = "550-5.1.1 \x1b[31mnobody\r\n550 5.1.1 here"
        sink.faults.verbs[SinkVerb.RCPT] = SinkFault.PERMANENT
        sink.faults.delay_seconds = 0.02

        result = await send(made, sink.port)

    assert (result.code, result.enhanced, result.bounce_class) == (550, "5.1.1", "unknown_user")
    assert result.host == f"server.example [127.0.0.1]:{sink.port}"
    assert result.milliseconds >= 60
    assert result.reply.isprintable()


async def test_a_server_out_of_reach_leads_to_the_next_one() -> None:
    async with MailSink() as sink, gateway() as made:
        result = await send(made, closed_port(), sink.port)

    assert result.outcome is SENT


@pytest.mark.parametrize(
    ("first", "outcome"),
    [(SinkFault.CLOSING, SENT), (SinkFault.PERMANENT, SENT), (SinkFault.HANG, SENT)],
)
async def test_a_server_that_will_not_talk_leads_to_the_next_one(first: SinkFault, outcome: DeliveryState) -> None:
    brief_greeting = replace(PATIENT, greeting=0.3) if first is SinkFault.HANG else PATIENT
    async with MailSink() as bad, MailSink() as good, gateway(deadlines=brief_greeting) as made:
        bad.faults.verbs[SinkVerb.CONNECT] = first

        assert (await send(made, bad.port, good.port)).outcome is outcome


@pytest.mark.parametrize(
    ("greeting", "outcome"),
    [(b"554 5.7.1 Your address is on a list\r\n", DEFERRED), (b"521 5.3.2 No mail here, ever\r\n", FAILED)],
)
async def test_only_a_server_that_never_takes_mail_ends_it_by_its_greeting(
    greeting: bytes, outcome: DeliveryState
) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        await reader.read()

    async with talking(refuse) as port, gateway() as made:
        result = await send(made, port)

    assert result.outcome is outcome


async def test_the_word_of_one_server_about_a_recipient_is_not_asked_of_another() -> None:
    async with MailSink() as first, MailSink() as second, gateway() as made:
        first.faults.verbs[SinkVerb.RCPT] = SinkFault.PERMANENT

        result = await send(made, first.port, second.port)

    assert (result.outcome, second.received) == (FAILED, 0)


async def test_when_nobody_is_there_the_mail_waits() -> None:
    async with gateway() as made:
        result = await send(made, closed_port(), closed_port())
        nobody = await send(made)

    assert (result.outcome, result.enhanced, result.bounce_class) == (DEFERRED, "4.4.1", "connection_refused")
    assert nobody.outcome is DEFERRED


# Smuggling: whatever is stored, the wire has CRLF alone.

PIECES = st.lists(
    st.sampled_from([b"a", b".", b"\r", b"\n", b"\r\n", b"\n.\n", b"\r\n.\r", b"MAIL FROM:<x@y.example>"])
)


async def test_no_mix_of_line_ends_reaches_the_wire_but_crlf() -> None:
    samples: list[bytes] = []

    @given(st.lists(PIECES.map(b"".join), min_size=1))
    @settings(max_examples=40)
    def collect(pieces: list[bytes]) -> None:
        samples.extend(pieces)

    collect()
    async with RecordingServer() as server, gateway(limits=PoolLimits(mails_per_connection=10_000)) as made:
        for raw in set(samples):
            result = await send(made, server.port, mail=OutgoingMail("a@x.example", "b@y.example", b"X: 1\r\n", raw))
            assert result.outcome is SENT

    (wire,) = server.received
    assert re.search(rb"(?<!\r)\n|\r(?!\n)", bytes(wire)) is None
    assert wire.count(b"\r\n.\r\n") == len(set(samples)) == wire.count(b"\r\nDATA\r\n")


# Encryption


async def test_encryption_is_used_where_it_is_offered_whoever_vouches_for_it(tmp_path: Path) -> None:
    tls = server_context(self_signed("somebody.example"), tmp_path)
    async with MailSink(tls=tls) as sink, gateway() as made:
        result = await send(made, sink.port)

    (mail,) = sink.inbox
    assert result.outcome is SENT
    assert mail.tls == "TLSv1.3"
    assert result.tls
    assert re.fullmatch(r"TLS 1\.3 TLS_\w+", result.tls)


async def test_where_encryption_is_required_the_certificate_has_to_be_the_servers(tmp_path: Path) -> None:
    authority = Authority()
    file = tmp_path / "authority.pem"
    file.write_bytes(authority.certificate)
    for number, (certificate, outcome) in enumerate(
        [
            (authority.issue("server.example"), SENT),
            (authority.issue("other.example"), DEFERRED),
            (authority.issue("server.example", valid_days=2, starts_in_days=-5), DEFERRED),
            (self_signed("server.example"), DEFERRED),
        ]
    ):
        place = tmp_path / str(number)
        place.mkdir()
        async with MailSink(tls=server_context(certificate, place)) as sink, gateway(authorities=str(file)) as made:
            result = await send(made, sink.port, require_tls=True)

        assert (result.outcome, sink.received) == (outcome, int(outcome is SENT)), number
        assert result.bounce_class == (None if outcome is SENT else "tls_required")


async def test_required_encryption_is_not_given_up_because_somebody_strips_the_offer() -> None:
    async with MailSink() as sink, gateway() as made:
        result = await send(made, sink.port, require_tls=True)

    assert (result.outcome, result.enhanced, sink.received) == (DEFERRED, "4.7.10", 0)


@pytest.mark.parametrize("fault", [SinkFault.TEMPORARY, SinkFault.PERMANENT])
async def test_a_refused_starttls_goes_on_in_clear_unless_it_is_required(tmp_path: Path, fault: SinkFault) -> None:
    async with MailSink(tls=server_context(self_signed("x.example"), tmp_path)) as sink, gateway() as made:
        sink.faults.verbs[SinkVerb.STARTTLS] = fault

        required = await send(made, sink.port, require_tls=True)
        result = await send(made, sink.port)

    assert (required.outcome, result.outcome, result.tls) == (DEFERRED, SENT, None)


async def test_a_failed_handshake_is_followed_by_a_connection_in_clear_unless_it_is_required() -> None:
    def answering(line: bytes) -> bytes | None:
        if line.startswith(b"EHLO"):
            return b"250-server.example\r\n250 STARTTLS\r\n"
        return b"220 go\r\nthis is no TLS\r\n" if line.startswith(b"STARTTLS") else None

    async with RecordingServer(answering) as server, gateway() as made:
        required = await send(made, server.port, require_tls=True)
        result = await send(made, server.port)

    assert (required.outcome, result.outcome, result.tls) == (DEFERRED, SENT, None)
    assert b"MAIL FROM" not in server.received[0] + server.received[1]
    assert b"MAIL FROM" in server.received[-1]


@pytest.mark.parametrize("name", ["a..example", ".example", "x" * 70 + ".example", "mx_1.example", ""])
async def test_a_server_with_an_odd_name_gets_its_mail_all_the_same(tmp_path: Path, name: str) -> None:
    tls = server_context(self_signed("x.example"), tmp_path)
    async with MailSink(tls=tls) as sink, gateway() as made:
        result = await made.send(MAIL, [MailServer(name, "127.0.0.1", sink.port)], require_tls=False)
        required = await made.send(MAIL, [MailServer(name, "127.0.0.1", sink.port)], require_tls=True)

    assert (result.outcome, required.outcome, sink.received) == (SENT, DEFERRED, 1)


async def test_what_is_said_before_the_handshake_counts_for_nothing_after_it(tmp_path: Path) -> None:
    context = server_context(self_signed("server.example"), tmp_path)
    seen: list[bytes] = []

    async def inject(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        injected = b"250 injected.example\r\n250 ok\r\n250 ok\r\n"
        seen.append(await begin_tls(reader, writer, context, b"250-SMTPUTF8\r\n", injected=injected))
        writer.write(b"250 server.example\r\n")
        for answer in (b"550 5.1.1 the true answer\r\n",):
            seen.append(await reader.readline())
            writer.write(answer)
        await reader.read()

    async with talking(inject) as port, gateway() as made:
        result = await send(made, port)

    assert [line[:4] for line in seen] == [b"EHLO", b"MAIL"]
    assert (result.outcome, result.reply) == (FAILED, "the true answer")


# Connections that are kept


async def test_one_connection_carries_many_messages_and_then_a_fresh_one() -> None:
    async with RecordingServer() as server, gateway(limits=PoolLimits(mails_per_connection=3)) as made:
        for _ in range(7):
            await send(made, server.port)

    assert [wire.count(b"MAIL FROM") for wire in server.received] == [3, 3, 1]


async def test_no_more_connections_than_allowed_are_open_to_one_server() -> None:
    async with RecordingServer() as server, gateway(limits=PoolLimits(per_server=2)) as made:
        results = await asyncio.gather(*(send(made, server.port) for _ in range(20)))
        assert made.open_connections == 2

    assert {result.outcome for result in results} == {SENT}
    assert len(server.received) == 2


async def test_a_connection_that_idles_is_closed_with_a_good_bye() -> None:
    async with RecordingServer() as server, gateway(limits=PoolLimits(idle_seconds=0.05)) as made:
        await send(made, server.port)
        async with asyncio.timeout(5):
            while made.open_connections:  # noqa: ASYNC110 - closed by a timer
                await asyncio.sleep(0.01)

    assert server.received[0].endswith(b"QUIT\r\n")


@pytest.mark.parametrize("verb", [SinkVerb.MAIL, SinkVerb.RCPT, SinkVerb.DATA])
@pytest.mark.parametrize("fault", [SinkFault.CUT, SinkFault.CLOSING, SinkFault.HALF_CLOSE])
async def test_a_kept_connection_that_has_died_costs_nothing(verb: SinkVerb, fault: SinkFault) -> None:
    async with MailSink() as sink, gateway() as made:
        await send(made, sink.port)
        sink.faults.verbs[verb], sink.faults.times = fault, 1

        result = await send(made, sink.port)

    assert (result.outcome, sink.received) == (SENT, 2)


async def test_a_kept_connection_that_breaks_after_the_dot_is_uncertain_and_not_tried_again() -> None:
    async with MailSink() as sink, gateway() as made:
        await send(made, sink.port)
        sink.faults.verbs[SinkVerb.CONTENT] = SinkFault.CUT_STORED

        result = await send(made, sink.port)

    assert (result.outcome, sink.received) == (UNCERTAIN, 2)


async def test_a_server_that_was_restarted_is_reached_again_at_once() -> None:
    async with MailSink() as sink, gateway() as made:
        await send(made, sink.port)
        await sink.go_down()
        down = await send(made, sink.port)
        await sink.start()
        up = await send(made, sink.port)

    assert (down.outcome, up.outcome) == (DEFERRED, SENT)


@pytest.mark.parametrize("fault", [SinkFault.TEMPORARY, SinkFault.HANG, SinkFault.CUT, SinkFault.CLOSING])
async def test_after_a_refused_recipient_the_next_mail_goes_out_whatever_rset_does(fault: SinkFault) -> None:
    async with MailSink() as sink, gateway(deadlines=replace(PATIENT, reset=0.3)) as made:
        sink.faults.verbs[SinkVerb.RCPT] = SinkFault.PERMANENT
        await send(made, sink.port)
        del sink.faults.verbs[SinkVerb.RCPT]
        sink.faults.verbs[SinkVerb.RSET] = fault

        result = await send(made, sink.port)

    assert (result.outcome, sink.received) == (SENT, 1)


async def test_more_answers_than_questions_end_the_connection() -> None:
    def answering(line: bytes) -> bytes | None:
        return b"250 ok\r\n250 and more\r\n" if line.startswith(b"MAIL") else None

    async with RecordingServer(answering) as server, gateway() as made:
        result = await send(made, server.port)

    assert result.outcome is DEFERRED
    assert b"RCPT" not in server.received[0]


async def test_a_server_that_drips_its_answer_is_not_waited_for_for_ever() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for byte in b"220-" + b"x" * 10_000:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.01)

    async with talking(drip) as port, gateway(deadlines=BRIEF) as made:
        result = await send(made, port)

    assert result.outcome is DEFERRED
    assert result.milliseconds < 5000


async def test_a_cancelled_delivery_leaves_no_connection_behind() -> None:
    async with MailSink() as sink, gateway(deadlines=SmtpDeadlines()) as made:
        sink.faults.verbs[SinkVerb.RCPT] = SinkFault.HANG
        task = asyncio.create_task(send(made, sink.port))
        async with asyncio.timeout(5):
            while not sink.connections:  # noqa: ASYNC110 - the server's side
                await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

        assert made.open_connections == 0
