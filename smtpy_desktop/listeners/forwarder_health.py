"""The web server that tells how one forwarder process is doing: /health for people and probes, /metrics for Prometheus.

It is read-only and tells no secret. On loopback it serves the names of loopback alone (DNS rebinding); bound to
another address, which somebody has to ask for, it serves that address and the server's own names.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import logging
from collections.abc import Awaitable, Callable, Container, Mapping
from typing import Any, Protocol

from aiohttp import web

from smtpy_desktop.core.forwarder_settings import format_endpoint
from smtpy_desktop.core.listener_errors import cannot_listen_at
from smtpy_desktop.core.prometheus_text import CONTENT_TYPE
from smtpy_desktop.listeners.guarded_connection import Answer, GuardedServer, Limits
from smtpy_desktop.listeners.open_server import open_server
from smtpy_desktop.listeners.request_rules import Refusal, judge_request, known_hosts, path_of
from smtpy_desktop.schemas.forwarding_state import Endpoint

_log = logging.getLogger(__name__)

_STOP_SECONDS = 0.5
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_METHODS: Mapping[str, tuple[str, ...]] = {"/health": ("GET", "HEAD"), "/metrics": ("GET", "HEAD")}


class HealthSource(Protocol):
    """What knows how the process is doing (controllers/forwarder_health_controller.py)."""

    async def health(self) -> Mapping[str, Any]:
        """Return what /health answers, ready for JSON; its ``status`` is ok or failed."""
        ...

    async def metrics(self) -> str:
        """Return what /metrics answers."""
        ...


class ForwarderHealthListener:
    """Listens from ``start`` to ``stop``; ``names`` are host names that it also answers to off loopback."""

    def __init__(self, source: HealthSource, *, names: tuple[str, ...] = (), limits: Limits | None = None) -> None:
        self._source = source
        self._names = names
        self._limits = limits or Limits(answer_seconds=10.0)
        self._hosts: Container[str] = frozenset()
        self._server: GuardedServer | None = None
        self._listening: asyncio.Server | None = None
        self._tells: dict[str, Callable[[], Awaitable[web.StreamResponse]]] = {
            "/health": self._tell_health,
            "/metrics": self._tell_metrics,
        }

    async def start(self, endpoint: Endpoint) -> str:
        """Listen and return the address (http://…); raise PortInUse or CannotListen."""
        host, port = endpoint
        self._server = GuardedServer(self._answer, self._limits)
        try:
            self._listening = await open_server(self._server, host, port, backlog=128)
        except (OSError, OverflowError) as error:
            raise cannot_listen_at(host, port, error) from error
        bound = int(self._listening.sockets[0].getsockname()[1])
        self._hosts = served_hosts(host, bound, self._names)
        return f"http://{format_endpoint(host, bound)}"

    async def stop(self) -> None:
        """Stop listening; what is being answered gets a moment to end."""
        listening, self._listening = self._listening, None
        if listening is not None:
            listening.close()
        server, self._server = self._server, None
        if server is not None:
            await server.end(_STOP_SECONDS)

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        refusal = judge_request(request.method, request.raw_path, request.headers, self._hosts, _METHODS)
        if refusal is not None:
            return _refused(refusal)
        try:
            async with asyncio.timeout(self._limits.answer_seconds):
                return await self._tells[path_of(request.raw_path)]()
        except TimeoutError:
            return _refused(Refusal(503, "this took too long: try again later"))
        except Exception:  # noqa: BLE001 - a fault of ours, told to the log; the mail goes on
            _log.exception("a request to the health listener failed unexpectedly")
            return _refused(Refusal(500, "the program has a fault"))

    async def _tell_health(self) -> web.StreamResponse:
        told = await self._source.health()
        content = json.dumps(told, ensure_ascii=False, indent=2) + "\n"
        status = 200 if told.get("status") == "ok" else 503
        return Answer(status=status, text=content, content_type="application/json", headers=_HEADERS)

    async def _tell_metrics(self) -> web.StreamResponse:
        return Answer(text=await self._source.metrics(), headers={**_HEADERS, "Content-Type": CONTENT_TYPE})


class _AnyAddress:
    """What the Host line may say for a listener at all addresses: some names, and any IP address.

    Only a name can be made to point here by somebody else.
    """

    def __init__(self, names: frozenset[str], port: int) -> None:
        self._names, self._port = names, port

    def __contains__(self, host: object) -> bool:
        if host in self._names:
            return True
        address, _, port = str(host).rpartition(":")
        try:
            ipaddress.ip_address(address.removeprefix("[").removesuffix("]"))
        except ValueError:
            return False
        return port == str(self._port)


def served_hosts(host: str, port: int, names: tuple[str, ...]) -> Container[str]:
    """Return what the Host line may say for a listener at an address; names are taken off loopback alone."""
    hosts = known_hosts(port)
    address = ipaddress.ip_address(host)
    if address.is_loopback:
        return hosts
    named = {*names, f"[{host}]" if ":" in host else host}
    every = hosts | {f"{name.lower()}:{port}" for name in named} | (frozenset(named) if port == 80 else frozenset())
    return _AnyAddress(every, port) if address.is_unspecified else every


def _refused(refusal: Refusal) -> web.Response:
    answer = Answer(status=refusal.status, text=f"{refusal.text}\n", headers={**_HEADERS, **refusal.headers})
    answer.force_close()
    return answer
