"""The web server on this machine that Stripe's events come to, and that checkouts return to.

Loopback is no boundary: every web page in a browser on this machine can reach it. So what is not exactly a request of
Stripe's, or the visit of one of the few pages, is refused before any of its body is read.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from aiohttp import web

from smtpy_desktop.controllers.webhook_controller import WebhookAnswer
from smtpy_desktop.core.listener_errors import CannotListen, PortInUse
from smtpy_desktop.listeners.checkout_pages import PAGE_HEADERS, Translate, language_for, page
from smtpy_desktop.listeners.guarded_connection import Answer, GuardedServer, Limits, connection_of
from smtpy_desktop.listeners.open_server import open_server
from smtpy_desktop.listeners.request_rules import (
    LARGEST_BODY,
    SUCCESS_PATH,
    WEBHOOK_PATH,
    Refusal,
    judge_request,
    known_hosts,
    path_of,
)

_log = logging.getLogger(__name__)

_IN_USE = (48, 98, 10048)  # EADDRINUSE of macOS, Linux and Windows
_BACKLOG = 512
_STOP_SECONDS = 0.7
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class Receiver(Protocol):
    """What a request to the webhook is handed to (controllers/webhook_controller.py)."""

    async def receive(self, body: bytes, signature: str | None) -> WebhookAnswer:
        """Take in a request and say what is to be answered."""
        ...


Health = Callable[[], Awaitable[Mapping[str, Any]]]
"""Returns what /health answers, ready for JSON; nothing in it is secret."""


class WebhookListener:
    """Listens on loopback from ``start`` to ``stop``; ``on_success`` is called when a success page was visited."""

    def __init__(
        self,
        receiver: Receiver,
        health: Health,
        *,
        translate: Translate = lambda words, language: str(words),
        on_success: Callable[[], object] = lambda: None,
        limits: Limits | None = None,
    ) -> None:
        self._receiver, self._health = receiver, health
        self._translate, self._on_success = translate, on_success
        self._limits = limits or Limits()
        self._hosts: frozenset[str] = frozenset()
        self._server: GuardedServer | None = None
        self._sockets: list[asyncio.Server] = []

    async def start(self, port: int) -> str:
        """Listen and return the address; with port 0 at any that is free. Raises PortInUse or CannotListen."""
        self._server = GuardedServer(self._answer, self._limits)
        try:
            first = await open_server(self._server, "127.0.0.1", port, backlog=_BACKLOG)
        except (OSError, OverflowError) as error:
            if isinstance(error, OSError) and error.errno in _IN_USE:
                raise PortInUse(port) from error
            raise CannotListen(port, getattr(error, "strerror", None) or str(error)) from error
        bound = int(first.sockets[0].getsockname()[1])
        self._sockets = [first]
        with contextlib.suppress(OSError):  # a machine without IPv6, or the port is taken there: 127.0.0.1 is enough
            self._sockets.append(await open_server(self._server, "::1", bound, backlog=_BACKLOG))
        self._hosts = known_hosts(bound)
        return f"http://127.0.0.1:{bound}"

    async def stop(self) -> None:
        """Stop listening; what is being answered gets a moment to end. Connections are closed."""
        sockets, self._sockets = self._sockets, []
        for listening in sockets:
            listening.close()
        server, self._server = self._server, None
        if server is not None:
            await server.end(_STOP_SECONDS)

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        refusal = judge_request(request.method, request.raw_path, request.headers, self._hosts)
        if refusal is not None:
            return _refused(refusal)
        path = path_of(request.raw_path)
        try:
            async with asyncio.timeout(self._limits.answer_seconds):
                if path == WEBHOOK_PATH:
                    return await self._take_event(request)
                if path == "/health":
                    return await self._tell_health()
                return self._show(path, request)
        except TimeoutError:
            return _refused(Refusal(503, "this took too long: try again later"))
        except Exception:  # noqa: BLE001 - a fault of ours: Stripe is to send the event again
            _log.exception("a request to the listener failed unexpectedly")
            return _refused(Refusal(500, "the program has a fault"))

    async def _take_event(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await self._read(request)
        if isinstance(body, Refusal):
            return _refused(body)
        signatures = request.headers.getall("Stripe-Signature", [])
        # Two lines could mean either: such a header is as good as none that can be read.
        signature = ",".join(signatures) if signatures else None
        told = await self._receiver.receive(body, signature)
        return Answer(status=told.status, text=f"{told.text}\n", headers=_HEADERS)

    async def _read(self, request: web.BaseRequest) -> bytes | Refusal:
        """Read the body, as long as it may be and as quickly as it must come."""
        body = bytearray()
        try:
            async with asyncio.timeout(self._limits.body_seconds):
                async for part in request.content.iter_any():
                    body += part
                    if len(body) > LARGEST_BODY:
                        return Refusal(413, "the body is too long")
        except TimeoutError:
            return Refusal(408, "the body did not come in time")
        except Exception:  # noqa: BLE001 - whatever is wrong with how the body is sent, or its sender has gone
            return Refusal(400, "the body is not sent as it should be")
        connection_of(request).work()
        return bytes(body)

    async def _tell_health(self) -> web.StreamResponse:
        told = await self._health()
        status = 503 if told.get("status") == "failed" else 200
        content = json.dumps(told, ensure_ascii=False, indent=2) + "\n"
        return Answer(status=status, text=content, content_type="application/json", headers=_HEADERS)

    def _show(self, path: str, request: web.BaseRequest) -> web.StreamResponse:
        language = language_for(request.headers.get("Accept-Language", ""))
        if path == SUCCESS_PATH and request.method == "GET":
            self._on_success()
        headers = {**_HEADERS, **PAGE_HEADERS, "Content-Language": language, "Vary": "Accept-Language"}
        return Answer(text=page(path, language, self._translate), content_type="text/html", headers=headers)


def _refused(refusal: Refusal) -> web.Response:
    answer = Answer(status=refusal.status, text=f"{refusal.text}\n", headers={**_HEADERS, **refusal.headers})
    answer.force_close()
    return answer
