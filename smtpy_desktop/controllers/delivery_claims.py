"""Fetches deliveries that are due from the database, in turn over all destinations, and keeps their leases."""

from __future__ import annotations

from collections.abc import Callable, Collection

from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.delivery_lanes import shares
from smtpy_desktop.database import deliveries_database
from smtpy_desktop.database.deliveries_database import Claimed

_DESTINATIONS_AT_ONCE = 200
_MOST_LOOKS = 25
LEFT_BEHIND = "The forwarder that was sending this has stopped; whether it arrived is not known"


class DeliveryClaims:
    """Claims for one process; it remembers at which destination it stopped, so that each has its turn."""

    def __init__(self, sessions: Sessions, *, forwarder: str, lease_seconds: float) -> None:
        self._sessions = sessions
        self._forwarder = forwarder
        self._lease_seconds = lease_seconds
        self._after = ""
        self.is_limited = False

    async def claim(self, room: int, room_for: Callable[[str], int | None], *, most_bytes: int) -> Claimed:
        """Lease at most ``room`` deliveries, of each destination as many as it has room for (None: it is left alone).

        ``is_limited`` tells afterwards whether more was due than there was room for.
        Nothing that is due and could be taken is passed over: every destination is looked at, up to 5,000 of them, and
        the next call goes on from there.
        """
        self.is_limited = False
        for _ in range(_MOST_LOOKS):
            async with self._sessions.begin() as db:
                found = await deliveries_database.waiting_destinations(
                    db, after=self._after, most=_DESTINATIONS_AT_ONCE
                )
                rooms = [(name, free) for name, is_due in found if is_due and (free := room_for(name)) is not None]
                wanted = shares([one for one in rooms if one[1] > 0][:room], room)
                self.is_limited = self.is_limited or bool(rooms)
                has_wrapped = not self._after
                self._move_on(found, wanted)
                if wanted:
                    claimed = await deliveries_database.claim(
                        db,
                        wanted,
                        forwarder=self._forwarder,
                        lease_seconds=self._lease_seconds,
                        most_bytes=most_bytes,
                    )
                    if claimed.due or claimed.without_content:
                        return claimed
            if not self._after and has_wrapped:
                break
        return Claimed()

    async def mend(self) -> int:
        """Make due again what processes that are gone have left behind, and what has no time; return how many."""
        async with self._sessions.begin() as db:
            undated = await deliveries_database.date_undated(db)
            return undated + len(await deliveries_database.expire_leases(db, words=LEFT_BEHIND))

    async def renew(self, ids: Collection[int]) -> frozenset[int]:
        """Extend the leases of deliveries that are still ours; return which."""
        async with self._sessions.begin() as db:
            return await deliveries_database.renew_leases(
                db, ids, forwarder=self._forwarder, lease_seconds=self._lease_seconds
            )

    def _move_on(self, found: tuple[tuple[str, bool], ...], wanted: Collection[str]) -> None:
        names = [name for name, _ in found]
        last = max(wanted, default="")
        if wanted and last != names[-1]:
            self._after = last
        else:
            self._after = names[-1] if len(names) == _DESTINATIONS_AT_ONCE else ""
