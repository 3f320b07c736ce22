"""Clients that go away, do not move, do not read, or come in crowds: nothing is stuck, and the others are served."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import socket
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.listeners.smtp_limits import SmtpLimits
from tests.helpers.mail_listening import Trial, client_tls, listening_for_mail, server_tls
from tests.helpers.smtp_noise import course_of, some_bytes
from tests.integration.certificates import Authority

COMMANDS = [
    b"",
    b"EHLO c\r\n",
    b"MAIL FROM:<a@example.org>\r\n",
    b"RCPT TO:<b@example.com>\r\n",
    b"DATA\r\n",
    b"Subject: x\r\n\r\nte",
    b"xt\r\n.\r\n",
]
QUICK = SmtpLimits(command_seconds=0.3, data_pause_seconds=0.3, data_seconds=0.6, farewell_seconds=0.2)


@asynccontextmanager
async def looked_after(limits: SmtpLimits, **options: object) -> AsyncIterator[Trial]:
    """Listen with a listener that looks for slow clients all the time instead of once a second."""
    async with listening_for_mail(limits=limits, **options) as trial:

        async def look() -> None:
            while True:
                await asyncio.sleep(0.01)
                trial.listener.look()

        looking = asyncio.create_task(look())
        try:
            yield trial
        finally:
            looking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await looking


def connect(trial: Trial) -> socket.socket:
    """Connect without anything in between."""
    return socket.create_connection(("127.0.0.1", trial.port), 5)


def reset(connection: socket.socket) -> None:
    """Cut a connection without a word."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@pytest.mark.parametrize("how", ["closed", "half closed", "reset"])
@pytest.mark.parametrize("steps", range(1, len(COMMANDS) + 1))
async def test_a_client_may_go_away_after_every_command(how, steps):
    async with listening_for_mail() as trial:
        client = connect(trial)
        client.sendall(b"".join(COMMANDS[:steps]))

        if how == "half closed":
            client.shutdown(socket.SHUT_WR)
        elif how == "reset":
            reset(client)
        else:
            client.close()

        await trial.until(lambda: trial.listener.counters["connections"] == 1)
        await trial.until_nobody_is_there()
        client.close()
        async with trial.talk() as talk:
            await talk.say("EHLO c")
            assert (await talk.hand_over(b"genuine\r\n"))[:3] == "250"
    contents = [raw for _, raw in trial.intake.messages]
    assert b"genuine\r\n" in contents
    assert set(contents) <= {b"genuine\r\n", b"Subject: x\r\n\r\ntext\r\n"}


@pytest.mark.parametrize("step", ["greet", "sender", "recipient", "message"])
@pytest.mark.parametrize("how", ["closed", "reset"])
async def test_a_client_may_go_away_while_the_program_is_asked(how, step):
    asked, may_go_on = asyncio.Event(), asyncio.Event()
    async with listening_for_mail() as trial:

        async def wait(name: str) -> None:
            if name == step:
                asked.set()
                await may_go_on.wait()

        trial.intake.before = wait
        client = connect(trial)
        client.sendall(b"".join(COMMANDS) + b"".join(COMMANDS[2:]))
        await asked.wait()
        reset(client) if how == "reset" else client.close()
        if how == "reset":
            await trial.until_nobody_is_there()

        may_go_on.set()

        await trial.until_nobody_is_there()
        await trial.until(lambda: trial.listener.room_taken == 0)
        # What the program was given is stored, though nobody hears of it; nothing is given to it afterwards.
        if how == "reset":
            assert len(trial.intake.messages) == (1 if step == "message" else 0)


@pytest.mark.parametrize("steps", range(1, len(COMMANDS)))
async def test_a_client_that_does_not_move_is_let_go_after_every_command(steps):
    async with looked_after(QUICK) as trial, trial.talk() as talk:
        talk.send(b"".join(COMMANDS[:steps]))

        replies = [reply async for reply in _replies(talk)]

        assert replies[-1].startswith("421 4.4.2")
        await trial.until_nobody_is_there()
        assert trial.listener.counters["timeouts"] == 1


async def _replies(talk) -> AsyncIterator[str]:
    while reply := await talk.reply():
        yield reply


async def test_a_command_that_comes_byte_by_byte_wins_no_time():
    async with looked_after(QUICK) as trial, trial.talk() as talk:

        async def trickle() -> None:
            with contextlib.suppress(ConnectionError):
                while True:
                    talk.send(b"N")
                    await asyncio.sleep(0.02)

        trickling = asyncio.create_task(trickle())

        assert (await talk.reply()).startswith("421 4.4.2")
        trickling.cancel()


async def test_a_message_that_comes_byte_by_byte_is_cut_off():
    async with looked_after(QUICK) as trial, trial.talk() as talk:
        for line in ("EHLO c", "MAIL FROM:<a@example.org>", "RCPT TO:<b@example.com>", "DATA"):
            await talk.say(line)

        async def trickle() -> None:
            with contextlib.suppress(ConnectionError):
                while True:
                    talk.send(b"x\r\n")
                    await asyncio.sleep(0.02)

        trickling = asyncio.create_task(trickle())

        assert (await talk.reply()).startswith("421 4.4.2")
        trickling.cancel()
    assert trial.intake.messages == []


async def test_a_session_does_not_last_for_ever():
    limits = SmtpLimits(session_seconds=0.3, farewell_seconds=0.2)
    async with looked_after(limits) as trial, trial.talk() as talk:
        said = 0
        while (reply := await talk.say("NOOP")) and not reply.startswith("421"):
            said += 1
            await asyncio.sleep(0.02)

        assert reply.startswith("421 4.4.2")
        assert said > 2


async def test_a_program_that_does_not_answer_costs_the_client_a_retry():
    async with looked_after(SmtpLimits(answer_seconds=0.2, farewell_seconds=0.2)) as trial, trial.talk() as talk:

        async def hang(name: str) -> None:
            if name == "message":
                await asyncio.Event().wait()

        trial.intake.before = hang
        await talk.say("EHLO c")

        assert (await talk.hand_over(b"x\r\n")).startswith("421 4.3.0")
        assert trial.listener.room_taken == 0


async def test_a_client_that_does_not_begin_tls_is_let_go(tmp_path):
    tls = server_tls(tmp_path, Authority().issue("mx.example.net"))
    limits = SmtpLimits(handshake_seconds=0.2)
    async with listening_for_mail(tls=tls, limits=limits) as trial, trial.talk() as talk:
        await talk.say("EHLO c")
        await talk.say("STARTTLS")

        assert await talk.reply() == ""
        await trial.until_nobody_is_there()
        assert trial.listener.counters["tls_failed"] == 1


async def test_five_hundred_idle_clients_keep_nobody_out():
    async with listening_for_mail(trusted=("127.0.0.1",)) as trial:
        idle = [connect(trial) for _ in range(500)]
        await trial.until(lambda: trial.listener.open_connections == 500)

        async with trial.talk() as talk:
            await talk.say("EHLO c")
            replies = [await talk.hand_over(b"x\r\n") for _ in range(20)]

        for client in idle:
            client.close()
    assert [reply[:3] for reply in replies] == ["250"] * 20


@pytest.mark.parametrize("trusted", [(), ("127.0.0.1",)])
async def test_when_all_places_are_taken_the_oldest_idle_client_makes_way(trusted):
    limits = SmtpLimits(connections=10, per_client=100)
    async with listening_for_mail(limits=limits, trusted=trusted) as trial:
        async with trial.talk() as busy:
            await busy.say("EHLO c")
            await busy.say("MAIL FROM:<a@example.org>")
            idle = [connect(trial) for _ in range(9)]
            await trial.until(lambda: trial.listener.open_connections == 10)

            async with trial.talk() as talk:
                await talk.say("EHLO c")
                assert (await talk.hand_over(b"x\r\n"))[:3] == "250"

            assert (await busy.say("RCPT TO:<b@example.com>"))[:3] == "250"
            assert trial.listener.counters["connections_evicted"] == 1
            assert trial.listener.open_connections <= 10
        for client in idle:
            client.close()


async def test_one_address_gets_so_many_connections_and_no_more():
    async with listening_for_mail(limits=SmtpLimits(per_client=3)) as trial:
        clients = [connect(trial) for _ in range(3)]
        await trial.until(lambda: trial.listener.open_connections == 3)

        async with trial.talk() as talk:
            assert talk.greeting.startswith("421 4.7.0")
        clients.pop().close()
        await trial.until(lambda: trial.listener.open_connections == 2)
        async with trial.talk() as talk:
            assert talk.greeting.startswith("220")
        for client in clients:
            client.close()


async def test_a_client_that_does_not_read_is_not_read_and_let_go():
    limits = SmtpLimits(data_pause_seconds=0.3)
    async with looked_after(limits, trusted=("127.0.0.1",)) as trial:
        client = connect(trial)
        client.setblocking(False)

        async def flood() -> int:
            sent = 0
            with contextlib.suppress(ConnectionError):
                while sent < 500_000_000:
                    try:
                        sent += client.send(b"HELP\r\n" * 10_000)
                    except BlockingIOError:
                        await asyncio.sleep(0.01)
                        if trial.listener.open_connections == 0:
                            break
            return sent

        sent = await flood()

        assert sent < 100_000_000
        await trial.until_nobody_is_there()
        client.close()


async def test_what_is_pipelined_behind_a_slow_answer_is_not_all_read():
    may_go_on = asyncio.Event()
    async with listening_for_mail(trusted=("127.0.0.1",)) as trial:

        async def wait(name: str) -> None:
            await may_go_on.wait()

        trial.intake.before = wait
        client = connect(trial)
        client.setblocking(False)
        client.send(b"EHLO c\r\nMAIL FROM:<a@example.org>\r\n")
        line = b"NOOP " + b"x" * 993 + b"\r\n"
        sent = blocked = 0
        while blocked < 20:
            try:
                sent += client.send(line * 100)
            except BlockingIOError:
                blocked += 1
                await asyncio.sleep(0.005)
        assert sent < 50_000_000  # what the system's own buffers hold

        may_go_on.set()

        asked, answered = sent // len(line), 0
        async with asyncio.timeout(20):
            while answered < asked:
                answered += (await asyncio.get_running_loop().sock_recv(client, 1 << 20)).count(b"\n")
        client.close()


async def test_messages_of_all_clients_hold_no_more_than_they_may():
    limits = SmtpLimits(receiving=300_000)
    async with listening_for_mail(limits=limits) as trial, trial.talk() as first, trial.talk() as second:
        for talk in (first, second):
            await talk.say("EHLO c")
            for line in ("MAIL FROM:<a@example.org>", "RCPT TO:<b@example.com>", "DATA"):
                await talk.say(line)
        first.send((b"x" * 98 + b"\r\n") * 2000)
        await trial.until(lambda: trial.listener.room_taken > 190_000)

        second.send((b"x" * 98 + b"\r\n") * 2000 + b".\r\n")
        assert (await second.reply()).startswith("452 4.3.1")
        first.send(b".\r\n")

        assert (await first.reply())[:3] == "250"
        assert trial.listener.room_taken == 0


@pytest.mark.expects_log("mail could not be taken in: The mail could not be stored")
async def test_random_clients_leave_nothing_behind(tmp_path):
    """``SMTP_SOCKETS`` says how many there are."""
    count = int(os.environ.get("SMTP_SOCKETS", "400"))
    tls = server_tls(tmp_path, Authority().issue("mx.example.net"))
    limits = SmtpLimits(command_seconds=1, data_pause_seconds=1, handshake_seconds=1, farewell_seconds=0.3)
    async with looked_after(limits, trusted=("127.0.0.1",), tls=tls) as trial:
        dice = random.Random(1)

        async def hesitate(name: str) -> None:
            await asyncio.sleep(dice.choice([0, 0, 0.001, 0.005]))
            if dice.random() < 0.02:
                raise UserFacingError("MAIL_NOT_STORED", "The mail could not be stored.")

        trial.intake.before = hesitate
        waiting = iter(range(count))
        await asyncio.gather(*(_random_clients(trial, dice, waiting) for _ in range(40)))

        await trial.until_nobody_is_there()
        assert trial.listener.counters["connections"] == count
        assert trial.listener.room_taken == 0
        trial.intake.before = None
        async with trial.talk() as talk:
            await talk.say("EHLO c")
            assert (await talk.hand_over(b"genuine\r\n"))[:3] == "250"


async def _random_clients(trial: Trial, dice: random.Random, waiting: Iterator[int]) -> None:
    for _ in waiting:
        reader, writer = await asyncio.open_connection("127.0.0.1", trial.port)
        course = course_of(dice)
        with contextlib.suppress(OSError):
            for _ in range(dice.randrange(12)):
                writer.write(some_bytes(dice, course))
                if dice.random() < 0.7:
                    await writer.drain()
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(reader.read(1000), 0.005)
            ending = dice.random()
            if ending < 0.3:
                writer.transport.abort()
            elif ending < 0.6 and writer.can_write_eof():
                writer.write_eof()
                await reader.read()
            elif ending > 0.97:
                await reader.read()  # the server is the first to lose patience
        writer.close()


@pytest.mark.parametrize("how", ["closed", "reset", "garbage", "silent"])
async def test_a_client_may_go_away_within_tls(tmp_path, how):
    authority = Authority()
    tls = server_tls(tmp_path, authority.issue("mx.example.net"))
    async with looked_after(QUICK, tls=tls) as trial, trial.talk() as talk:
        await talk.say("EHLO c")
        await talk.say("STARTTLS")
        await talk.writer.start_tls(client_tls(authority.certificate), server_hostname="mx.example.net")
        await talk.say("EHLO c")
        await talk.say("MAIL FROM:<a@example.org>")

        below = talk.writer.get_extra_info("socket")
        if how == "closed":
            talk.writer.close()
        elif how == "reset":
            talk.writer.transport.abort()
        elif how == "garbage":
            os.write(below.fileno(), b"\x17\x03\x03\x00\x10" + b"x" * 16)
        else:
            assert (await talk.reply()).startswith("421 4.4.2")

        await trial.until_nobody_is_there()
    assert trial.intake.messages == []
