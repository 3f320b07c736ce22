"""Bringing an event to the own webhook listener, as Stripe would."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.text import text

_TIMEOUT_SECONDS = 15.0
_LONGEST_ANSWER = 500


@dataclass(frozen=True, slots=True)
class PostAnswer:
    """What was answered, and after how long."""

    status: int
    text: str
    milliseconds: float


class EventPoster(Protocol):
    """Brings events to a listener."""

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> PostAnswer:
        """Post a body and return the answer; raise UserFacingError (LISTENER_SILENT) when none comes."""
        ...


class HttpEventPoster:
    """Brings them over HTTP; no proxy is asked, since the listener is on this machine."""

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> PostAnswer:
        """Post a body and return the answer; raise UserFacingError (LISTENER_SILENT) when none comes."""
        aiohttp = await asyncio.to_thread(_library)
        started = time.perf_counter()
        try:
            timeout = aiohttp.ClientTimeout(total=_TIMEOUT_SECONDS)
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(url, data=body, headers=dict(headers), allow_redirects=False) as answer,
            ):
                told = (await answer.content.read(_LONGEST_ANSWER)).decode("utf-8", "replace").strip()
                return PostAnswer(answer.status, told, (time.perf_counter() - started) * 1000)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise UserFacingError(
                "LISTENER_SILENT",
                text("The webhook listener does not answer at {url}.", url=url),
                detail=text("{reason}.", reason=str(error).rstrip(".") or type(error).__name__),
                hint=text("See in the top bar whether it listens, or run: smtpy-desktop listener"),
            ) from error


def _library() -> Any:
    """Load what takes a while to load, off the event loop."""
    import aiohttp

    return aiohttp
