"""Decide when a domain's state changes: at once for the better, only after repeated definite failures for the worse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from smtpy_desktop.schemas.dns import RecordKind, Verdict
from smtpy_desktop.schemas.domains import DomainStatus
from smtpy_desktop.schemas.text import Text, text

WRONG_ANSWERS_NEEDED = 3
"""A flag falls at this many definite wrong answers in a row …"""

SHORTEST_FAILURE = timedelta(minutes=30)
"""… and not before this time after the first of them."""


@dataclass(frozen=True, slots=True)
class KindState:
    """Where one record of a domain stands: its flag, and the wrong answers in a row while the flag is still up."""

    verified: bool = False
    wrong_count: int = 0
    first_wrong_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DomainCheckState:
    """What checks have made of a domain so far; ``kinds`` without an entry count as never verified."""

    status: DomainStatus = DomainStatus.PENDING
    kinds: Mapping[RecordKind, KindState] = field(default_factory=dict)

    def kind(self, kind: RecordKind) -> KindState:
        """Where one record stands."""
        return self.kinds.get(kind, KindState())

    @property
    def all_verified(self) -> bool:
        """Whether the flags of all five records are up."""
        return all(self.kind(kind).verified for kind in RecordKind)


@dataclass(frozen=True, slots=True)
class StateChange:
    """One thing to tell: the flag of ``kind`` went up or down, or the status changed because of that record.

    ``verified`` is the flag now; the statuses are the domain's before and after the check.
    """

    kind: RecordKind
    verified: bool
    old_status: DomainStatus
    new_status: DomainStatus


def next_state(
    state: DomainCheckState, verdicts: Mapping[RecordKind, Verdict], now: datetime
) -> tuple[DomainCheckState, tuple[StateChange, ...]]:
    """Return the state after one check and what changed, in the order of the records.

    Unknown verdicts (and absent ones) change nothing; a flag falls only after ``WRONG_ANSWERS_NEEDED`` definite wrong
    answers over ``SHORTEST_FAILURE``. Whether the domain is active is a person's decision and no part of this.
    """
    definite = {kind: verdict for kind in RecordKind if (verdict := verdicts.get(kind)) not in (None, Verdict.UNKNOWN)}
    if not definite:
        return state, ()
    kinds = {kind: state.kind(kind) for kind in RecordKind}
    for kind, verdict in definite.items():
        kinds[kind] = _after_ok() if verdict is Verdict.OK else _after_wrong(kinds[kind], now)
    wrong = [kind for kind, verdict in definite.items() if verdict is Verdict.WRONG]
    status = _status(state.status, kinds, wrong)
    flipped = [kind for kind in RecordKind if kinds[kind].verified != state.kind(kind).verified]
    if not flipped and status is not state.status:
        flipped = wrong[:1] or list(definite)[:1]
    changes = tuple(StateChange(kind, kinds[kind].verified, state.status, status) for kind in flipped)
    return DomainCheckState(status, kinds), changes


def wrong_in_a_row(state: DomainCheckState) -> int:
    """Return how many checks in a row some record of a verified domain was wrong; 0 for any other domain."""
    if state.status is not DomainStatus.VERIFIED:
        return 0
    return max(state.kind(kind).wrong_count for kind in RecordKind)


def patience_words(count: int) -> Text | None:
    """Say why a domain still counts as verified after so many wrong checks in a row; None when there was none."""
    if not count:
        return None
    needed, minutes = WRONG_ANSWERS_NEEDED, SHORTEST_FAILURE // timedelta(minutes=1)
    if count < needed:
        return text(
            "Still counted as verified: wrong {n} of {needed} times; "
            "it falls after {needed} wrong checks over {minutes} minutes.",
            n=count,
            needed=needed,
            minutes=minutes,
        )
    return text(
        "Still counted as verified: wrong {n} times within {minutes} minutes; "
        "it falls when it is still wrong after that.",
        n=count,
        minutes=minutes,
    )


def _after_ok() -> KindState:
    return KindState(verified=True)


def _after_wrong(before: KindState, now: datetime) -> KindState:
    if not before.verified:
        return KindState()
    first = before.first_wrong_at or now
    count = before.wrong_count + 1
    if count >= WRONG_ANSWERS_NEEDED and now - first >= SHORTEST_FAILURE:
        return KindState()
    return KindState(verified=True, wrong_count=count, first_wrong_at=first)


def _status(before: DomainStatus, kinds: Mapping[RecordKind, KindState], wrong: list[RecordKind]) -> DomainStatus:
    if all(state.verified for state in kinds.values()):
        return DomainStatus.VERIFIED
    if before is DomainStatus.PENDING and wrong:
        return DomainStatus.FAILED
    if before is DomainStatus.VERIFIED and any(not kinds[kind].verified for kind in wrong):
        return DomainStatus.FAILED
    return before
