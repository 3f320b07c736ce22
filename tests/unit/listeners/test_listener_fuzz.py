"""Whatever is sent to the listener without the secret: an answer that is no success, or a closed connection."""

from __future__ import annotations

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from smtpy_desktop.controllers.webhook_controller import WebhookAnswer
from smtpy_desktop.core.stripe_signature import judge_signature
from smtpy_desktop.listeners.guarded_connection import Limits
from smtpy_desktop.listeners.webhook_listener import WebhookListener
from smtpy_desktop.runtime.async_thread import new_selector_loop
from tests.helpers.raw_http import connected, read_answer
from tests.unit.core.test_stripe_signature import NOW

_LIMITS = Limits(head_seconds=0.1, body_seconds=0.1)
_TOKENS = st.text(st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=30)
_NAMES = st.sampled_from(
    [
        "Content-Length",
        "Transfer-Encoding",
        "Content-Encoding",
        "Content-Type",
        "Stripe-Signature",
        "Host",
        "Expect",
        "Connection",
        "Upgrade",
        "Accept-Language",
        "X",
    ]
)
_VALUES = st.one_of(
    _TOKENS,
    st.sampled_from(
        ["0", "5", "-1", "99999999", "chunked", "gzip", "identity", "application/json", "t=1,v1=" + "0" * 64, "{host}"]
    ),
)
_METHODS = st.sampled_from(["POST", "post", "PUT", "CONNECT", "TRACE", "M-SEARCH", "PRI", ""])
_PATHS = st.one_of(_TOKENS, st.just("/webhooks/stripe"), st.just("*"), st.just("//"), st.just("http://{host}/health"))


class SecretKeeper:
    """Judges as the program does; nobody here knows the secret."""

    async def receive(self, body: bytes, signature: str | None) -> WebhookAnswer:
        verdict = judge_signature(body, signature, ["whsec_unknown"], NOW)
        return WebhookAnswer(200 if verdict.is_genuine else 400, verdict.value)


async def _health() -> dict[str, object]:
    return {"status": "ok"}


async def _statuses(requests: list[bytes]) -> list[int | None]:
    listener = WebhookListener(SecretKeeper(), _health, limits=_LIMITS)
    address = await listener.start(0)
    try:
        return [await _status(address, sent.replace(b"{host}", address[7:].encode())) for sent in requests]
    finally:
        await listener.stop()


async def _status(address: str, sent: bytes) -> int | None:
    reader, writer = await connected(address)
    try:
        writer.write(sent)
        async with asyncio.timeout(5):
            answer = await read_answer(reader)
        return answer.status if answer is not None else None
    finally:
        writer.close()


def _run(requests: list[bytes]) -> list[int | None]:
    with asyncio.Runner(loop_factory=new_selector_loop) as runner:
        return runner.run(_statuses(requests))


@settings(max_examples=60)
@given(st.lists(st.binary(min_size=1, max_size=300).map(lambda junk: junk + b"\r\n\r\n"), min_size=1, max_size=5))
def test_noise_is_never_a_success(requests: list[bytes]) -> None:
    statuses = _run(requests)

    assert all(status is None or 400 <= status < 500 for status in statuses)


@settings(max_examples=100)
@given(_METHODS, _PATHS, st.lists(st.tuples(_NAMES, _VALUES), max_size=8), st.binary(max_size=200), st.booleans())
def test_requests_of_any_kind_are_never_a_success(
    method: str, path: str, lines: list[tuple[str, str]], body: bytes, has_host: bool
) -> None:
    given_lines = [("Host", "{host}"), ("Content-Type", "application/json"), *lines] if has_host else lines
    head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in given_lines)

    statuses = _run([head.encode("latin-1") + b"\r\n" + body])

    assert all(status is None or 400 <= status < 500 for status in statuses)


@settings(max_examples=60)
@given(st.binary(max_size=500), _TOKENS)
def test_any_body_with_any_signature_is_refused(body: bytes, signature: str) -> None:
    head = (
        "POST /webhooks/stripe HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        f"Stripe-Signature: {signature}\r\nContent-Length: {len(body)}\r\n\r\n"
    )

    statuses = _run([head.encode("latin-1") + body])

    assert statuses == [400]
