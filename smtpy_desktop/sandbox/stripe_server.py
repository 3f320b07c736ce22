"""The sandbox's Stripe on loopback: the calls that the program makes, with keys, idempotency, pages and faults."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from smtpy_desktop.sandbox import stripe_shapes
from smtpy_desktop.sandbox.stripe_book import StripeBook, StripeBookError
from smtpy_desktop.sandbox.stripe_calls import STRIPE_CALLS
from smtpy_desktop.sandbox.stripe_faults import CallFault, StripeFaults
from smtpy_desktop.sandbox.stripe_params import nested_parameters

SANDBOX_KEY = "sk_test_sandbox0000000000000000"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class _Kept:
    """The answer to a call with an idempotency key; ``None`` while it is being worked on."""

    signature: tuple[str, str, str]
    answer: tuple[int, bytes] | None = None


@dataclass(slots=True)
class SandboxStripe:
    """A Stripe account on this machine; ``book`` is what it knows, ``faults`` what goes wrong, ``calls`` what came."""

    book: StripeBook = field(default_factory=StripeBook)
    faults: StripeFaults = field(default_factory=StripeFaults)
    api_key: str = SANDBOX_KEY
    calls: list[tuple[str, str]] = field(default_factory=list)
    _kept: dict[str, _Kept] = field(default_factory=dict)
    _runner: web.AppRunner | None = None

    @property
    def base(self) -> str:
        """Its address, known once it was started."""
        return self.book.base

    async def start(self, port: int = 0) -> None:
        """Listen on loopback; raise OSError when the port is taken."""
        app = web.Application()
        app.router.add_route("*", "/v1/{path:.*}", self._call)
        self.add_pages(app)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        self._runner = runner
        host, bound = runner.addresses[0][:2]
        self.book.base = f"http://{host}:{bound}"

    async def stop(self) -> None:
        """Stop listening; connections are cut."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    def add_pages(self, app: web.Application) -> None:
        """Add the hosted pages."""

    async def _call(self, request: web.Request) -> web.StreamResponse:
        body = await request.text()
        is_change = request.method in ("POST", "DELETE")
        self.calls.append((request.method, request.path))
        if self.faults.delay_seconds:
            await asyncio.sleep(self.faults.delay_seconds)
        refused = self._refusal_of_key(request)
        if refused is not None:
            return refused
        fault = self.faults.take(is_change=is_change)
        if fault is CallFault.RATE_LIMIT:
            return _error(429, "Request rate limit exceeded.", code="rate_limit")
        if fault is CallFault.SERVER_ERROR:
            return _error(500, "An unknown error occurred", kind="api_error")
        if fault is CallFault.CUT_BEFORE:
            return _cut(request)
        answer = self._answer_once(request, body) if is_change else self._answer(request, "")
        return _cut(request) if fault is CallFault.CUT_AFTER else answer

    def _answer_once(self, request: web.Request, body: str) -> web.Response:
        """Answer a change; with a key that was seen before, as before (docs.stripe.com/api/idempotent_requests)."""
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return self._answer(request, body)
        signature = (request.method, request.path, body)
        kept = self._kept.get(key)
        if kept is not None and kept.signature != signature:
            return _error(
                400,
                "Keys for idempotent requests can only be used with the same parameters they were first used with.",
                kind="idempotency_error",
            )
        if kept is not None and kept.answer is not None:
            status, content = kept.answer
            headers = {"Idempotent-Replayed": "true"}
            return web.Response(status=status, body=content, content_type="application/json", headers=headers)
        kept = self._kept[key] = _Kept(signature)
        self.book.request_key = key
        try:
            answer = self._answer(request, body)
        finally:
            self.book.request_key = None
        content_sent = answer.body if isinstance(answer.body, bytes) else b""
        kept.answer = (answer.status, content_sent)
        return answer

    def _answer(self, request: web.Request, body: str) -> web.Response:
        pairs = parse_qsl(body, keep_blank_values=True) if body else list(request.query.items())
        parts = request.match_info["path"].strip("/").split("/")
        for method, pattern, call in STRIPE_CALLS:
            names = pattern.split("/")
            if method == request.method and _fits(names, parts):
                given = [part for name, part in zip(names, parts, strict=True) if name == "*"]
                try:
                    return _json(call(self.book, nested_parameters(pairs), *given))
                except StripeBookError as error:
                    return _error(error.status, str(error), code=error.code, param=error.param)
        return _error(404, f"Unrecognized request URL ({request.method}: {request.path}).")

    def _refusal_of_key(self, request: web.Request) -> web.Response | None:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if given == self.api_key:
            return None
        return _error(401, f"Invalid API Key provided: {given[:8]}***{given[-4:]}")


def _fits(names: list[str], parts: list[str]) -> bool:
    return len(names) == len(parts) and all(name in ("*", part) for name, part in zip(names, parts, strict=True))


def _cut(request: web.Request) -> web.Response:
    """End the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


def _json(content: Any, status: int = 200) -> web.Response:
    headers = {"Request-Id": stripe_shapes.new_id("req", 14)}
    return web.Response(
        status=status, body=json.dumps(content).encode(), content_type="application/json", headers=headers
    )


def _error(
    status: int, message: str, *, kind: str = "invalid_request_error", code: str | None = None, param: str | None = None
) -> web.Response:
    error = {"type": kind, "message": message} | ({"code": code} if code else {}) | ({"param": param} if param else {})
    return _json({"error": error}, status)
