"""The webhook listener over real sockets: genuine events come in, everything else stays out, nobody can block it."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from smtpy_desktop.controllers.event_intake import EventIntake
from smtpy_desktop.controllers.webhook_controller import WebhookAnswer, WebhookReceiver
from smtpy_desktop.core.listener_errors import CannotListen, PortInUse
from smtpy_desktop.core.stripe_signature import sign
from smtpy_desktop.gateways.memory_keyring import MemoryKeyring
from smtpy_desktop.gateways.stripe_access import StripeAccessGateway, StripeKeys
from smtpy_desktop.listeners.guarded_connection import Limits
from smtpy_desktop.listeners.webhook_listener import WebhookListener
from tests.helpers.raw_http import connected, exchange, read_answer, request
from tests.helpers.stripe_account import stripe_trial

NEW_SECRET, OLD_SECRET = "whsec_new000000000000000000", "whsec_old000000000000000000"
SHORT = Limits(head_seconds=0.4, body_seconds=0.6)


class Trial:
    """A listener on a database and a Stripe of its own."""

    def __init__(self, listener: WebhookListener, address: str, visits: list[str]) -> None:
        self.listener, self.address, self.visits = listener, address, visits
        self.events = 0

    def event(self, **changes: object) -> bytes:
        """Return the body of an event that nobody saw yet."""
        self.events += 1
        event = {
            "id": f"evt_{self.events}",
            "object": "event",
            "type": "product.created",
            "created": 1_790_000_000,
            "livemode": False,
            "data": {"object": {"id": "prod_1", "object": "product"}},
        }
        return json.dumps(event | changes).encode()

    def signed(self, body: bytes, secret: str = NEW_SECRET, *, age: int = 0, **lines: str | None) -> bytes:
        """Return a request as Stripe would send it."""
        header = sign(body, secret, datetime.now(UTC) - timedelta(seconds=age))
        return request(self.address, body=body, **{"Stripe_Signature": header, **lines})


@asynccontextmanager
async def listening(database, limits: Limits) -> AsyncIterator[Trial]:
    async with stripe_trial(database) as made:
        environment = {
            "STRIPE_API_KEY": made.stripe.api_key,
            "STRIPE_API_BASE": made.stripe.base,
            "STRIPE_WEBHOOK_SECRET": f"{NEW_SECRET} {OLD_SECRET}",
        }
        access = StripeAccessGateway(StripeKeys(environment, MemoryKeyring(), MemoryKeyring()))
        intake = EventIntake(database, access, lambda change: None)
        receiver = WebhookReceiver(database, access, intake, lambda change: None)
        visits: list[str] = []

        async def health() -> dict[str, object]:
            return {"status": "ok"}

        listener = WebhookListener(receiver, health, on_success=lambda: visits.append("success"), limits=limits)
        yield Trial(listener, await listener.start(0), visits)
        await listener.stop()
        await intake.close()
        await access.close()


class UnreachedReceiver:
    """Stands where no request may get to."""

    async def receive(self, body: bytes, signature: str | None) -> WebhookAnswer:
        raise AssertionError("a request came through")


@pytest.fixture
async def bare() -> AsyncIterator[Trial]:
    """Give a listener that nothing may get through, for which it needs no database."""
    visits: list[str] = []

    async def health() -> dict[str, object]:
        return {"status": "ok"}

    listener = WebhookListener(UnreachedReceiver(), health, on_success=lambda: visits.append("success"), limits=SHORT)
    yield Trial(listener, await listener.start(0), visits)
    await listener.stop()


@pytest.fixture
async def trial(database) -> AsyncIterator[Trial]:
    async with listening(database, SHORT) as made:
        yield made


# What is taken


async def test_a_genuine_event_is_taken_and_its_replay_has_no_second_effect(trial: Trial) -> None:
    genuine = trial.signed(trial.event())

    first = await exchange(trial.address, genuine)
    again = await exchange(trial.address, genuine)

    assert (first.status, first.body) == (200, b"not ours\n")
    assert (again.status, again.body) == (200, b"repeated\n")


async def test_events_come_one_after_the_other_on_one_connection(trial: Trial) -> None:
    reader, writer = await connected(trial.address)

    statuses = []
    for _ in range(3):
        writer.write(trial.signed(trial.event()))
        statuses.append((await read_answer(reader)).status)
    writer.close()

    assert statuses == [200, 200, 200]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
async def test_every_name_of_this_machine_with_the_port_is_the_listener(trial: Trial, host: str) -> None:
    port = trial.address.rpartition(":")[2]

    answer = await exchange(trial.address, trial.signed(trial.event(), Host=f"{host}:{port}"))

    assert answer.status == 200


async def test_a_body_in_chunks_is_taken(trial: Trial) -> None:
    body = trial.event()
    head = trial.signed(body, Content_Length=None, Transfer_Encoding="chunked").removesuffix(body)

    answer = await exchange(trial.address, head + f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n")

    assert answer.status == 200


@pytest.mark.parametrize("age", [-299, 299])
async def test_a_signature_holds_for_five_minutes_in_both_directions(trial: Trial, age: int) -> None:
    answer = await exchange(trial.address, trial.signed(trial.event(), age=age))

    assert answer.status == 200


async def test_the_old_secret_and_the_new_one_hold_during_a_rotation(trial: Trial) -> None:
    answers = [
        await exchange(trial.address, trial.signed(trial.event(), secret)) for secret in (NEW_SECRET, OLD_SECRET)
    ]

    assert [answer.status for answer in answers] == [200, 200]


# What is refused for its signature


@pytest.mark.parametrize("age", [-302, 301])
async def test_a_signature_beyond_five_minutes_is_refused(trial: Trial, age: int) -> None:
    answer = await exchange(trial.address, trial.signed(trial.event(), age=age))

    assert (answer.status, answer.body) == (400, f"signature: {'too_new' if age < 0 else 'too_old'}\n".encode())


async def test_what_stripe_did_not_sign_is_refused(trial: Trial) -> None:
    body = trial.event()
    genuine = trial.signed(body)
    header = sign(body, NEW_SECRET, datetime.now(UTC))
    forged = {
        "wrong secret": trial.signed(body, "whsec_foreign00000000000000"),
        "altered byte": genuine.replace(b"evt_", b"evl_"),
        "re-encoded JSON": trial.signed(body).removesuffix(body) + json.dumps(json.loads(body), indent=0).encode(),
        "missing header": request(trial.address, body=body),
        "doubled header": genuine.replace(b"Host:", f"Stripe-Signature: {header}\r\nHost:".encode()),
        "twice in one line": trial.signed(body, Stripe_Signature=f"{header},{header}"),
    }
    length = len(json.dumps(json.loads(body), indent=0))
    forged["re-encoded JSON"] = forged["re-encoded JSON"].replace(
        f"Content-Length: {len(body)}".encode(), f"Content-Length: {length}".encode()
    )

    statuses = {name: (await exchange(trial.address, sent)).status for name, sent in forged.items()}

    assert statuses == dict.fromkeys(forged, 400)


@pytest.mark.parametrize(
    "body",
    [
        b'{"id": "evt_1", "object": "v2.core.event", "type": "v1.billing.meter.no_meter_found"}',
        b'{"id": "evt_1", "object": "event"}',
        b"[]",
        b"\xff\xfe",
        b"",
        b"[" * 100_000,
    ],
    ids=["thin", "no object", "list", "no text", "empty", "deep"],
)
async def test_what_is_signed_but_no_event_is_answered_400(trial: Trial, body: bytes) -> None:
    answer = await exchange(trial.address, trial.signed(body))

    assert answer.status == 400


# What is refused before its body is read: the body never comes, and the answer does


@pytest.mark.parametrize(
    ("method", "path", "lines", "status"),
    [
        ("POST", "/webhooks/stripe", {"Host": "rebound.example.com"}, 403),
        ("POST", "/webhooks/stripe", {"Host": "127.0.0.1"}, 403),
        ("POST", "/webhooks/stripe", {"Host": "127.0.0.1:1"}, 403),
        ("POST", "/webhooks/stripe", {"Host": "127.0.0.1.example.com:{port}"}, 403),
        ("GET", "/", {"Host": "rebound.example.com:{port}"}, 403),
        ("POST", "/webhooks/stripe", {"Origin": "https://example.com"}, 403),
        ("POST", "/webhooks/stripe", {"Origin": "null"}, 403),
        ("POST", "/webhooks/stripe", {"Sec_Fetch_Site": "cross-site"}, 403),
        ("POST", "/webhooks/stripe", {"Sec_Fetch_Site": "none"}, 403),
        ("POST", "/webhooks", {}, 404),
        ("POST", "/webhooks/stripe/", {}, 404),
        ("POST", "//webhooks/stripe", {}, 404),
        ("POST", "/webhooks%2Fstripe", {}, 404),
        ("POST", "/webhooks/../webhooks/stripe", {}, 404),
        ("POST", "http://{host}/webhooks/stripe", {}, 404),
        ("GET", "/webhooks/stripe", {}, 405),
        ("PUT", "/webhooks/stripe", {}, 405),
        ("OPTIONS", "/webhooks/stripe", {}, 405),
        ("POST", "/", {}, 405),
        ("POST", "/health", {}, 405),
        ("DELETE", "/billing/success", {}, 405),
        ("POST", "/webhooks/stripe", {"Content_Type": "text/plain"}, 415),
        ("POST", "/webhooks/stripe", {"Content_Type": None}, 415),
        ("POST", "/webhooks/stripe", {"Content_Type": "application/x-www-form-urlencoded"}, 415),
        ("POST", "/webhooks/stripe", {"Content_Encoding": "gzip"}, 415),
        ("POST", "/webhooks/stripe", {"Content_Encoding": "identity, br"}, 415),
        ("POST", "/webhooks/stripe", {"Content_Length": str(2 * 1024 * 1024)}, 413),
        ("POST", "/webhooks/stripe", {"Content_Length": "262145"}, 413),
        ("POST", "/webhooks/stripe", {"Content_Length": "9" * 18}, 413),
    ],
)
async def test_a_wrong_request_is_refused_before_its_body(
    bare: Trial, method: str, path: str, lines: dict[str, str | None], status: int
) -> None:
    host = bare.address.removeprefix("http://")
    port = host.rpartition(":")[2]
    given = {"Content_Length": "1000"} | {
        name: value.format(port=port) if value is not None else None for name, value in lines.items()
    }
    sent = request(bare.address, method, path.format(host=host), **given)

    answer = await exchange(bare.address, sent, seconds=0.5)

    assert answer.status == status
    assert answer.headers["connection"] == "close"
    assert "access-control-allow-origin" not in answer.headers
    assert "example.com" not in answer.body.decode()


async def test_two_hosts_are_none(bare: Trial) -> None:
    sent = bare.signed(bare.event()).replace(b"Host:", b"Host: example.com\r\nHost:", 1)

    answer = await exchange(bare.address, sent)

    assert answer.status in (400, 403)


async def test_what_is_allowed_is_said_of_a_wrong_method(bare: Trial) -> None:
    answer = await exchange(bare.address, request(bare.address, "GET"))

    assert answer.headers["allow"] == "POST"


async def test_a_bomb_in_gzip_is_refused_and_never_unpacked(bare: Trial) -> None:
    bomb = gzip.compress(bytes(50 * 1024 * 1024))

    answer = await exchange(bare.address, bare.signed(bomb, Content_Encoding="gzip"))

    assert answer.status == 415


async def test_two_megabytes_are_refused_however_they_are_sent(bare: Trial) -> None:
    body = bytes(2 * 1024 * 1024)
    chunks = b"".join(b"10000\r\n" + body[:65536] + b"\r\n" for _ in range(32)) + b"0\r\n\r\n"

    whole = await exchange(bare.address, bare.signed(body))
    chunked = await exchange(
        bare.address, request(bare.address, Content_Length=None, Transfer_Encoding="chunked") + chunks
    )

    assert (whole.status, chunked.status) == (413, 413)


async def test_a_body_of_the_largest_size_is_taken(trial: Trial) -> None:
    short = trial.event(padding="")
    body = short.replace(b'"padding": ""', b'"padding": "' + b"x" * (256 * 1024 - len(short)) + b'"')

    answer = await exchange(trial.address, trial.signed(body))

    assert (len(body), answer.status) == (256 * 1024, 200)


# Slow and many


async def _ends_after(reader: asyncio.StreamReader) -> tuple[float, bytes]:
    began = asyncio.get_running_loop().time()
    try:
        rest = await reader.read()
    except ConnectionError:
        rest = b""
    return asyncio.get_running_loop().time() - began, rest


@pytest.mark.parametrize("begun", [b"", b"P", b"POST /webhooks/stripe HTTP/1.1\r\nHost: 127.0"])
async def test_a_head_that_does_not_come_ends_the_connection(bare: Trial, begun: bytes) -> None:
    reader, writer = await connected(bare.address)

    writer.write(begun)
    seconds, rest = await _ends_after(reader)
    writer.close()

    assert rest == b""
    assert 0.2 < seconds < 1.5


async def test_a_head_that_trickles_in_ends_the_connection(bare: Trial) -> None:
    reader, writer = await connected(bare.address)

    async def trickle() -> None:
        for byte in request(bare.address, X_Long="x" * 1000):
            writer.write(bytes([byte]))
            await asyncio.sleep(0.02)

    trickling = asyncio.ensure_future(trickle())
    seconds, rest = await _ends_after(reader)
    trickling.cancel()
    writer.close()

    assert rest == b""
    assert seconds < 1.5


async def test_the_second_head_on_a_connection_has_its_deadline_too(trial: Trial) -> None:
    reader, writer = await connected(trial.address)
    writer.write(trial.signed(trial.event()))
    assert (await read_answer(reader)).status == 200

    writer.write(b"POST /webh")
    seconds, _ = await _ends_after(reader)
    writer.close()

    assert seconds < 1.5


async def test_a_body_that_does_not_come_is_answered_and_ends(bare: Trial) -> None:
    sent = bare.signed(bare.event())

    answer = await exchange(bare.address, sent[:-10])

    assert answer.status == 408


async def test_limits_are_those_that_are_promised() -> None:
    assert Limits() == Limits(
        head_seconds=5, body_seconds=10, answer_seconds=30, idle_seconds=15, waiting=64, connections=256
    )


async def test_500_idle_connections_do_not_keep_a_genuine_event_waiting(database) -> None:
    async with listening(database, Limits()) as trial:
        idle = [await connected(trial.address) for _ in range(250)]
        for begun in range(250):
            idle.append(await connected(trial.address))
            idle[-1][1].write(b"POST /webhooks/stripe HTTP/1.1\r\nHost:"[: begun % 40])

        async with asyncio.timeout(1.0):
            answer = await exchange(trial.address, trial.signed(trial.event()))

        ended = [asyncio.ensure_future(_ends_after(reader)) for reader, _ in idle]
        done, left = await asyncio.wait(ended, timeout=0.5)
        for task in left:
            task.cancel()
        for _, writer in idle:
            writer.close()
        assert answer.status == 200
        assert len(left) <= 64
        assert len(done) >= 436


async def test_half_bodies_do_not_keep_a_genuine_event_waiting(database) -> None:
    async with listening(database, Limits()) as trial:
        half = request(trial.address, Content_Length="1000") + b"{"
        writers = []
        for _ in range(200):
            _, writer = await connected(trial.address)
            writer.write(half)
            writers.append(writer)

        async with asyncio.timeout(1.0):
            answer = await exchange(trial.address, trial.signed(trial.event()))

        for writer in writers:
            writer.close()
        assert answer.status == 200


async def test_a_hundred_events_at_once_are_all_taken(database) -> None:
    # Their senders are in this loop, too: on a busy machine they have not said a word when the next ones come.
    async with listening(database, Limits(waiting=100)) as trial:
        sent = [trial.signed(trial.event()) for _ in range(100)]

        answers = await asyncio.gather(*(exchange(trial.address, one) for one in sent))

        assert [answer.status for answer in answers] == [200] * 100


async def test_the_listener_stops_at_once_with_connections_open(trial: Trial) -> None:
    held = [await connected(trial.address) for _ in range(5)]
    held[0][1].write(trial.signed(trial.event())[:-5])
    held[1][1].write(trial.signed(trial.event()))
    await read_answer(held[1][0])

    async with asyncio.timeout(2.0):
        await trial.listener.stop()

    for reader, writer in held:
        await reader.read()
        writer.close()
    with pytest.raises(OSError, match="Connect call failed"):
        await connected(trial.address)


# Where it listens


async def test_a_port_that_is_taken_is_said_to_be(bare: Trial) -> None:
    port = int(bare.address.rpartition(":")[2])
    other = WebhookListener(bare.listener._receiver, bare.listener._health)

    with pytest.raises(PortInUse):
        await other.start(port)


async def test_a_port_that_does_not_exist_is_refused() -> None:
    other = WebhookListener(None, None)  # type: ignore[arg-type]

    with pytest.raises(CannotListen):
        await other.start(70_000)


async def test_it_listens_on_loopback_alone(bare: Trial) -> None:
    addresses = {socket.getsockname()[0] for server in bare.listener._sockets for socket in server.sockets}

    assert addresses <= {"127.0.0.1", "::1"}


# Pages


@pytest.mark.parametrize("path", ["/", "/billing/success", "/billing/cancel"])
async def test_pages_are_plain_and_repeat_nothing_of_the_request(bare: Trial, path: str) -> None:
    sent = request(bare.address, "GET", f"{path}?session_id=<script>cs_1</script>", Accept_Language="de")

    answer = await exchange(bare.address, sent)

    page = answer.body.decode()
    assert answer.status == 200
    assert '<html lang="en">' in page
    assert "<script" not in page
    assert "cs_1" not in page
    assert "prefers-color-scheme: dark" in page
    assert answer.headers["content-security-policy"] == "default-src 'none'; style-src 'unsafe-inline'"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "server" not in answer.headers


async def test_the_visit_of_the_success_page_is_told_and_that_of_others_is_not(bare: Trial) -> None:
    for path in ("/", "/billing/cancel", "/health"):
        await exchange(bare.address, request(bare.address, "GET", path))
    await exchange(bare.address, request(bare.address, "HEAD", "/billing/success"))
    assert bare.visits == []

    await exchange(bare.address, request(bare.address, "GET", "/billing/success?session_id=cs_1"))

    assert bare.visits == ["success"]


async def test_stripe_may_send_people_back_from_its_own_page(bare: Trial) -> None:
    sent = request(bare.address, "GET", "/billing/success", Sec_Fetch_Site="cross-site", Content_Length=None)

    answer = await exchange(bare.address, sent)

    assert answer.status == 200


async def test_what_is_no_http_is_answered_without_a_word_of_it(bare: Trial) -> None:
    answer = await exchange(bare.address, b"\x16\x03\x01\x02\x00\x01secret\r\n\r\n")

    assert answer is None or (answer.status == 400 and b"secret" not in answer.body and "server" not in answer.headers)
