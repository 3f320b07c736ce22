"""The sandbox's Stripe on loopback: its calls with keys, idempotency and faults, its hosted pages, its webhooks."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from aiohttp import web

from smtpy_desktop.sandbox import stripe_shapes
from smtpy_desktop.sandbox.stripe_book import StripeBook
from smtpy_desktop.sandbox.stripe_calls import find_call
from smtpy_desktop.sandbox.stripe_faults import CallFault, StripeFaults
from smtpy_desktop.sandbox.stripe_idempotency import IdempotencyKeys
from smtpy_desktop.sandbox.stripe_ledger import StripeBookError
from smtpy_desktop.sandbox.stripe_pages import StripePages
from smtpy_desktop.sandbox.stripe_params import nested_parameters
from smtpy_desktop.sandbox.stripe_webhooks import WebhookSender

SANDBOX_KEY = "sk_test_sandbox0000000000000000"
SANDBOX_WEBHOOK_SECRET = "whsec_sandbox0000000000000000"  # noqa: S105 - signs nothing but the sandbox's own events
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_MOST_CALLS_KEPT = 1000
_MISDIRECTED = 421


@dataclass(slots=True)
class SandboxStripe:
    """A Stripe account on this machine; ``book`` is what it knows, ``faults`` what goes wrong, ``calls`` what came.

    ``on_changed`` is awaited after every change, before it is answered: so what was answered can be kept.
    """

    book: StripeBook = field(default_factory=StripeBook)
    faults: StripeFaults = field(default_factory=StripeFaults)
    api_key: str = SANDBOX_KEY
    webhook_secret: str = SANDBOX_WEBHOOK_SECRET
    calls: list[tuple[str, str]] = field(default_factory=list)
    on_changed: Callable[[], Awaitable[None]] | None = None
    keys: IdempotencyKeys = field(init=False)
    webhooks: WebhookSender = field(init=False)
    _runner: web.AppRunner | None = None

    def __post_init__(self) -> None:
        self.keys = IdempotencyKeys(lambda: self.book.now)
        self.webhooks = WebhookSender(self.webhook_secret, self.faults)
        self.book.followers.append(self.webhooks.offer)

    @property
    def base(self) -> str:
        """Its address, known once it was started."""
        return self.book.base

    async def start(self, port: int = 0) -> None:
        """Listen on loopback; raise OSError when the port is taken."""
        app = web.Application(middlewares=[self._guard])
        app.router.add_route("*", "/v1/{path:.*}", self._call)
        StripePages(self.book, self.changed).add_to(app)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", port).start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner
        host, bound = runner.addresses[0][:2]
        self.book.move_to(f"http://{host}:{bound}")
        await self.webhooks.start()

    async def stop(self) -> None:
        """Stop listening; connections are cut."""
        await self.webhooks.stop()
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    def deliver_to(self, *addresses: str) -> None:
        """Send webhooks to these addresses from now on, first those that were not taken before the last stop."""
        is_first = not self.webhooks.addresses
        self.webhooks.deliver_to(*addresses)
        self.book.webhooks = len(addresses)
        if is_first:
            for event in self.book.listed_events()[::-1]:
                if event["pending_webhooks"]:
                    self.webhooks.offer(event)

    async def changed(self) -> None:
        """Tell the one who keeps the book that it has changed."""
        if self.on_changed is not None:
            await self.on_changed()

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer to our own names alone, so that no web page can reach us under a name of its own (DNS rebinding)."""
        port = urlsplit(self.base).port
        if request.headers.get("Host") not in (f"127.0.0.1:{port}", f"localhost:{port}"):
            return web.Response(status=_MISDIRECTED, text="This address is not served here.")
        return await handler(request)

    async def _call(self, request: web.Request) -> web.StreamResponse:
        body = await request.text()
        is_change = request.method in ("POST", "DELETE")
        self.calls.append((request.method, request.path))
        del self.calls[:-_MOST_CALLS_KEPT]
        fault = self.faults.take(is_change=is_change)
        if fault is CallFault.CUT_BEFORE:
            return _cut(request)
        refused = self._refusal_of_key(request)
        if refused is not None:
            return refused
        if fault is CallFault.RATE_LIMIT:
            await self._wait()
            return _error(429, "Request rate limit exceeded.", code="rate_limit")
        if fault is CallFault.SERVER_ERROR:
            await self._wait()
            return _error(500, "An unknown error occurred", kind="api_error")
        self.book.settle()
        key = request.headers.get("Idempotency-Key")
        if is_change and key:
            answer = await self._answer_once(request, body, key, fault)
        else:
            await self._wait()
            answer, _ = self._answer(request, body, fault)
            if is_change:
                await self.changed()
        return _cut(request) if fault is CallFault.CUT_AFTER else answer

    async def _wait(self) -> None:
        if self.faults.delay_seconds:
            await asyncio.sleep(self.faults.delay_seconds)

    async def _answer_once(self, request: web.Request, body: str, key: str, fault: CallFault) -> web.Response:
        """Answer a change; with a key that was seen before, as before (docs.stripe.com/api/idempotent_requests)."""
        try:
            known = self.keys.begin(key, (request.method, request.path_qs, body))
        except StripeBookError as error:
            return _refusal(error)
        if known is not None:
            return _sent(*known, {"Idempotent-Replayed": "true"})
        with contextlib.ExitStack() as stack:
            stack.callback(self.keys.release, key)
            await self._wait()
            self.book.request_key = key
            try:
                answer, is_begun = self._answer(request, body, fault)
            finally:
                self.book.request_key = None
            if is_begun:
                self.keys.end(key, (answer.status, _content(answer)))
                stack.pop_all()
        await self.changed()
        return answer

    def _answer(self, request: web.Request, body: str, fault: CallFault) -> tuple[web.Response, bool]:
        """Return the answer, and whether the call was begun: parameters that are no good keep no idempotency key."""
        if fault is CallFault.SERVER_ERROR_KEPT:
            return _error(500, "An unknown error occurred", kind="api_error"), True
        found = find_call(request.method, request.match_info["path"])
        if found is None:
            return _error(404, f"Unrecognized request URL ({request.method}: {request.path})."), False
        call, ids = found
        pairs = parse_qsl(body, keep_blank_values=True) if body else list(request.query.items())
        try:
            return _json(call.answer(self.book, nested_parameters(pairs), ids)), True
        except StripeBookError as error:
            return _refusal(error), not (error.code or "").startswith("parameter_")

    def _refusal_of_key(self, request: web.Request) -> web.Response | None:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if given == self.api_key:
            return None
        if not given:
            return _error(401, "You did not provide an API key.")
        return _error(401, f"Invalid API Key provided: {given[:8]}***{given[-4:]}")


def _cut(request: web.Request) -> web.Response:
    """End the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


def _sent(status: int, content: bytes, headers: dict[str, str] | None = None) -> web.Response:
    told = {"Request-Id": stripe_shapes.new_id("req", 14)} | (headers or {})
    return web.Response(status=status, body=content, content_type="application/json", headers=told)


def _content(answer: web.Response) -> bytes:
    return answer.body if isinstance(answer.body, bytes) else b""


def _json(content: Any, status: int = 200) -> web.Response:
    return _sent(status, json.dumps(content).encode())


def _refusal(error: StripeBookError) -> web.Response:
    return _error(error.status, str(error), kind=error.kind, code=error.code, param=error.param)


def _error(
    status: int, message: str, *, kind: str = "invalid_request_error", code: str | None = None, param: str | None = None
) -> web.Response:
    error = {"type": kind, "message": message} | ({"code": code} if code else {}) | ({"param": param} if param else {})
    return _json({"error": error}, status)
