"""Delivers the events of the sandbox's Stripe as signed webhooks: at least once, and not always in order."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import random
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from smtpy_desktop.core.stripe_signature import sign
from smtpy_desktop.sandbox.stripe_faults import StripeFaults
from smtpy_desktop.sandbox.stripe_shapes import Object

if TYPE_CHECKING:
    import aiohttp

GAPS_SECONDS = (1, 2, 4, 8, 15, 30, 60, 60, 60, 60, 60, 60)
"""The gaps between attempts; Stripe's own grow from minutes to hours, over three days (docs.stripe.com/webhooks)."""

_ANSWER_SECONDS = 10.0
_GATHERING_SECONDS = 0.25
"""How long events are gathered before a shuffled batch of them goes out."""

_AT_ONCE = 8
_log = logging.getLogger(__name__)


class WebhookSender:
    """Posts every event to every address, and again with growing gaps until it is taken (2xx).

    ``offer`` returns at once; everything else happens in tasks of the loop that ``start`` was called on.
    """

    def __init__(self, secret: str, faults: StripeFaults) -> None:
        self._secret, self._faults = secret, faults
        self._addresses: tuple[str, ...] = ()
        self._offered: asyncio.Queue[Object] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._session: aiohttp.ClientSession | None = None
        self._rng = random.Random()  # noqa: S311 - an order, no secret

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where the events go."""
        return self._addresses

    @property
    def is_idle(self) -> bool:
        """Whether nothing is on its way, and nothing waits for another attempt."""
        return self._offered.empty() and len(self._tasks) <= 1

    def deliver_to(self, *addresses: str) -> None:
        """Send events here from now on, those that wait for another attempt too."""
        self._addresses = addresses

    async def start(self) -> None:
        """Begin to send."""
        import aiohttp

        timeout = aiohttp.ClientTimeout(total=_ANSWER_SECONDS)
        self._session = aiohttp.ClientSession(timeout=timeout)
        self._begin(self._send_all())

    async def stop(self) -> None:
        """Give up everything that is on its way; events keep how many deliveries they lack."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def offer(self, event: Object) -> None:
        """Send an event soon."""
        if self._addresses:
            self._offered.put_nowait(event)

    async def _send_all(self) -> None:
        while True:
            batch = [await self._offered.get()]
            if self._faults.are_webhooks_shuffled:
                await asyncio.sleep(_GATHERING_SECONDS)
                while not self._offered.empty():
                    batch.append(self._offered.get_nowait())
                self._shuffle(batch)
            for event in batch:
                self._send(event)

    def _shuffle(self, batch: list[Object]) -> None:
        """Change the order for certain, as far as there is one."""
        before = list(batch)
        self._rng.shuffle(batch)
        if batch == before:
            batch.reverse()

    def _send(self, event: Object) -> None:
        if self._faults.are_webhooks_lost:
            event["pending_webhooks"] = 0  # as far as Stripe knows it went well
            return
        for number in range(len(self._addresses)):
            self._begin(self._deliver(event, number))
            if self._faults.are_webhooks_doubled:
                self._begin(self._deliver(event, number, counts=False))

    async def _deliver(self, event: Object, number: int, *, counts: bool = True) -> None:
        """Post one event to one of the addresses until it is taken."""
        await asyncio.sleep(self._faults.webhook_delay_seconds)
        for gap in (*GAPS_SECONDS, None):
            if number >= len(self._addresses):
                return
            async with self._places:
                is_taken = await self._post(self._addresses[number], event)
            if is_taken:
                event["pending_webhooks"] -= 1 if counts and event["pending_webhooks"] else 0
                return
            if gap is not None:
                await asyncio.sleep(gap)

    async def _post(self, address: str, event: Object) -> bool:
        import aiohttp

        body = json.dumps(event, indent=2).encode()
        # Signed anew at each attempt, with the time of it: a listener refuses what is older than five minutes.
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": sign(body, self._secret, datetime.now(UTC)),
            "User-Agent": "Stripe/1.0 (SMTPy sandbox)",
        }
        assert self._session is not None  # noqa: S101 - tasks live between start and stop
        with contextlib.suppress(aiohttp.ClientError, TimeoutError, ValueError):
            async with self._session.post(address, data=body, headers=headers, allow_redirects=False) as answer:
                return 200 <= answer.status < 300
        _log.debug("the sandbox's webhook %s was not answered", event["id"])
        return False

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
