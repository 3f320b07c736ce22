"""The delivery workers of one process: what is due is sent, what came of it is recorded."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Collection, Coroutine, Mapping, Sequence

from smtpy_desktop.changes import Publish, publish_nothing
from smtpy_desktop.controllers.delivery_claims import DeliveryClaims
from smtpy_desktop.controllers.delivery_recorder import DeliveryRecorder
from smtpy_desktop.controllers.mail_route_controller import RouteFinder
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.bounce_kinds import SIGN_IN_TROUBLES
from smtpy_desktop.core.delivery_lanes import BROKEN_OFF, DeliveryLanes
from smtpy_desktop.core.dns_name import NameFault, normalize_name
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.gateways.smtp_gateway import MailSender
from smtpy_desktop.schemas.forwarder import ForwarderSettings
from smtpy_desktop.schemas.messages import DeliveryState
from smtpy_desktop.schemas.outgoing_mail import DueDelivery, SendResult

log = logging.getLogger(__name__)

LEASE_SECONDS = 300.0
"""For how long a delivery belongs to the process that sends it; renewed while it is being sent."""

_LEASE_MARGIN = 0.8
_POLL_SECONDS = 1.0
_EXPIRE_SECONDS = 10.0
_READY = 2  # for each worker one delivery that is sent and one that is ready, and as many that came in just now
_MOST_BYTES = 96 * 1024 * 1024
_STOPPED = SendResult(DeliveryState.UNCERTAIN, reply="The forwarder was stopped while it was sending this")
_NO_CONTENT = SendResult(
    DeliveryState.FAILED,
    enhanced="5.3.0",
    reply="The content of the message is not kept any more",
    bounce_class="other",
)
_OUR_FAULT = SendResult(
    DeliveryState.DEFERRED, enhanced="4.3.0", reply="The forwarder could not send this for a fault of its own"
)

Wakes = Callable[[], AsyncGenerator[None]]
"""Yields whenever another process says that something is due; raises UserFacingError when the connection is lost."""


class DeliveryWorkers:
    """Sends with so many workers; for use on one event loop. ``forwarder`` names this process, and no other.

    ``noted`` hears what each attempt came to.
    """

    def __init__(
        self,
        sessions: Sessions,
        sender: MailSender,
        *,
        routes: RouteFinder,
        forwarder: str,
        settings: Callable[[], ForwarderSettings],
        publish: Publish = publish_nothing,
        wakes: Wakes | None = None,
        workers: int = 50,
        lease_seconds: float = LEASE_SECONDS,
        noted: Callable[[DueDelivery, SendResult], object] = lambda due, result: None,
    ) -> None:
        self._sender = sender
        self._routes = routes
        self._settings = settings
        self._wakes = wakes
        self._workers = workers
        self._lease_seconds = lease_seconds
        self._noted = noted
        self._lanes = DeliveryLanes()
        self._claims = DeliveryClaims(sessions, forwarder=forwarder, lease_seconds=lease_seconds)
        self._recorder = DeliveryRecorder(
            sessions,
            forwarder=forwarder,
            settings=settings,
            publish=publish,
            recorded=self._on_recorded,
            spooled=self.wake,
        )
        self._sending: dict[asyncio.Task[None], DueDelivery] = {}
        # What waits or is being sent, and since when its lease is known to be ours: nothing is sent twice.
        self._here: dict[int, float] = {}
        self._bytes = 0
        self._is_draining = False
        self._may_be_more = True
        self._wakened = asyncio.Event()
        self._counters: Counter[str] = Counter()

    @property
    def counters(self) -> Mapping[str, int]:
        """How many attempts came to what since the start, by the names of the states; ``reports``: sent to senders."""
        return {**{str(state): number for state, number in self._counters.items()}, "reports": self._recorder.reports}

    @property
    def under_way(self) -> int:
        """How many deliveries are being sent, wait to be sent here, or wait to be recorded."""
        return len(self._sending) + self._lanes.waiting + self._recorder.waiting

    def room(self) -> int:
        """Return how many more deliveries would be sent without waiting long."""
        if self._is_draining or self._recorder.is_stuck or self._bytes >= _MOST_BYTES:
            return 0
        return max(0, 2 * _READY * self._workers - self.under_way)

    def take(self, due: Sequence[DueDelivery]) -> None:
        """Send deliveries that this process has leased, each with its open attempt."""
        now = asyncio.get_running_loop().time()
        self._lanes.per_destination = max(1, self._settings().per_destination)
        for one in due:
            pause = self._pause(one, now)
            if self._is_draining or pause > 0:
                self._recorder.give_back(one, pause)
            elif one.id not in self._here and not self._recorder.holds(one.id):
                self._here[one.id] = now
                self._bytes += one.mail.size_bytes
                self._lanes.add(one)
        self._start_more()

    def wake(self) -> None:
        """Look into the queue now."""
        self._wakened.set()

    def try_again(self) -> None:
        """Let every destination that is left alone be tried now, as somebody has asked for it or mended something."""
        self._lanes.try_again(asyncio.get_running_loop().time())
        self.wake()

    async def run(self) -> None:
        """Claim, send and record until cancelled; what is being sent then is left to ``drain`` or to its lease."""
        loops = [
            self._recorder.run(),
            self._again_and_again(self._claim, "Deliveries cannot be claimed now"),
            self._again_and_again(self._renew, "Leases of deliveries cannot be renewed now"),
            self._again_and_again(self._expire, "Leases of deliveries cannot be looked at now"),
        ]
        if self._wakes is not None:
            loops.append(self._again_and_again(self._listen, "Other processes cannot be heard now"))
        async with asyncio.TaskGroup() as group:
            for one in loops:
                group.create_task(one)

    async def drain(self, seconds: float) -> None:
        """Claim nothing more, let what is being sent finish for so long, give back the rest, record everything."""
        self._is_draining = True
        deadline = asyncio.get_running_loop().time() + seconds
        for due in self._lanes.take_all():
            self._forget(due)
            self._recorder.give_back(due, 0.0)
        await self._recorder.flush()
        if self._sending:
            await asyncio.wait(tuple(self._sending), timeout=max(0.0, deadline - asyncio.get_running_loop().time()))
        left = tuple(self._sending)
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left)
        await self._recorder.flush_until(deadline)

    # Sending

    def _start_more(self) -> None:
        now = asyncio.get_running_loop().time()
        while len(self._sending) < self._workers and (due := self._lanes.start_next(now)) is not None:
            if now - self._here[due.id] > self._lease_seconds * _LEASE_MARGIN:
                self._drop(due)
                continue
            task = asyncio.create_task(self._deliver(due))
            self._sending[task] = due
            task.add_done_callback(self._on_sent)

    async def _deliver(self, due: DueDelivery) -> None:
        result = _STOPPED
        try:
            result = await self._send(due)
        except asyncio.CancelledError:
            if not self._is_draining:
                raise
        except Exception:
            log.exception("Delivery %d could not be sent", due.id)
            result = _OUR_FAULT
        self._notice_reach(due, result)
        self._counters[result.outcome] += 1
        self._noted(due, result)
        self._recorder.put(due, result)

    async def _send(self, due: DueDelivery) -> SendResult:
        route = await self._routes.find(due.mail.recipient)
        if route.failure is not None:
            return route.failure
        require_tls = _is_among(due.destination, self._settings().requires_tls)
        return await self._sender.send(due.mail, route.servers, require_tls=require_tls)

    def _on_sent(self, task: asyncio.Task[None]) -> None:
        due = self._sending.pop(task)
        self._lanes.finished(due.destination)
        self._forget(due)
        if not self._is_draining:
            self._give_back_paused()
            self._start_more()

    def _drop(self, due: DueDelivery) -> None:
        """Leave a delivery alone that waited here while the database was away: another process may have it now."""
        self._lanes.finished(due.destination)
        self._forget(due)
        self._recorder.give_back(due, 0.0)

    def _forget(self, due: DueDelivery) -> None:
        self._here.pop(due.id, None)
        self._bytes -= due.mail.size_bytes

    def _on_recorded(self) -> None:
        if self._may_be_more and self.under_way <= self._workers:
            self._wakened.set()

    # Destinations in trouble

    def _notice_reach(self, due: DueDelivery, result: SendResult) -> None:
        now = asyncio.get_running_loop().time()
        name = self._way(due.destination)
        if result is _STOPPED or result is _OUR_FAULT:
            return
        if result.outcome is DeliveryState.UNCERTAIN or result.enhanced == BROKEN_OFF:
            self._lanes.broke_off(name, now)
        elif result.outcome is DeliveryState.DEFERRED and (
            result.code in (None, 421) or result.bounce_class in SIGN_IN_TROUBLES
        ):
            self._lanes.not_reached(name, now)
        else:
            self._lanes.reached(name)

    def _way(self, destination: str) -> str:
        """Return what is in trouble when a delivery does not get through: the smart host, or the destination."""
        return self._settings().smarthost or destination

    def _pause(self, due: DueDelivery, now: float) -> float:
        return self._lanes.pause_left(self._way(due.destination), now)

    def _give_back_paused(self) -> None:
        now = asyncio.get_running_loop().time()
        smarthost = self._settings().smarthost
        if smarthost:
            paused = self._lanes.take_all() if self._lanes.pause_left(smarthost, now) > 0 else []
        else:
            paused = self._lanes.take_paused(now)
        for due in paused:
            self._forget(due)
            self._recorder.give_back(due, self._pause(due, now))

    # The queue in the database

    async def _claim(self) -> None:
        """Claim once where there is room, and wait unless something was found."""
        self._wakened.clear()
        # Half of the room is kept for mail that comes in now, so that a long queue does not hold it up.
        room = min(self.room(), _READY * self._workers - self.under_way)
        self._may_be_more = room < self._workers // 2
        if not self._may_be_more and await self._claim_some(room):
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_POLL_SECONDS):
                await self._wakened.wait()

    async def _claim_some(self, room: int) -> bool:
        """Lease what is due, and return whether there was anything."""
        now, settings = asyncio.get_running_loop().time(), self._settings()
        self._lanes.per_destination = max(1, settings.per_destination)
        if settings.smarthost:
            room = min(room, self._lanes.room_for(settings.smarthost, now, most=room) or 0)
        if room <= 0:
            return False
        claimed = await self._claims.claim(
            room, lambda name: self._lanes.room_for(name, now), most_bytes=_MOST_BYTES - self._bytes
        )
        for due in claimed.without_content:
            self._recorder.put(due, _NO_CONTENT)
        self.take(claimed.due)
        self._may_be_more = self._claims.is_limited
        return bool(claimed.due or claimed.without_content)

    async def _renew(self) -> None:
        await asyncio.sleep(self._lease_seconds / 5)
        ids = {*self._here, *self._recorder.held()}
        now = asyncio.get_running_loop().time()
        for number in await self._claims.renew(ids) if ids else ():
            if number in self._here:
                self._here[number] = now

    async def _expire(self) -> None:
        if await self._claims.mend():
            self.wake()
        await asyncio.sleep(min(_EXPIRE_SECONDS, self._lease_seconds / 5))

    async def _listen(self) -> None:
        assert self._wakes is not None  # noqa: S101 - only started with it
        async with contextlib.aclosing(self._wakes()) as wakes:
            async for _ in wakes:
                self.try_again()

    async def _again_and_again(self, work: Callable[[], Coroutine[None, None, None]], words: str) -> None:
        """Do something for ever; failures of the database are told once and waited for."""
        is_told = False
        while True:
            try:
                if self._is_draining:
                    return
                await work()
                is_told = False
            except UserFacingError as error:
                if not is_told:
                    log.warning("%s: %s", words, error)
                is_told = True
                await asyncio.sleep(_POLL_SECONDS)
            except Exception:
                log.exception("%s", words)
                await asyncio.sleep(_POLL_SECONDS)


def _is_among(destination: str, domains: Collection[str]) -> bool:
    """Tell whether a destination, however it is spelled, is one of these domains in A-labels."""
    if not domains or destination in domains:
        return bool(domains)
    try:
        return normalize_name(destination).name in domains
    except NameFault:
        return False
