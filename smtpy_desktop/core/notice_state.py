"""When a condition becomes a notice, when it ends, and when the desktop tells of it: pure, with hysteresis.

A condition is raised once it has held for a while, and ends once it has not been seen for a while; what flickers in
between is neither told again nor taken away. What could not be looked for changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo

from smtpy_desktop.core.notice_catalogue import CATALOGUE, severity_of
from smtpy_desktop.core.quiet_hours import quiet_until
from smtpy_desktop.schemas.notice_kinds import NoticeId, NoticeKind, NoticeSettings, Severity
from smtpy_desktop.schemas.notices import Condition, NoticeState, Observation, Reading, Told

REMEMBERED_FOR = timedelta(hours=1)
"""A condition that ended and comes back within this time is listed again, but not told again."""


def after_readings(state: NoticeState, readings: Iterable[Reading], now: datetime) -> NoticeState:
    """Return the state after the readings of one moment; kinds that are in none of them stay as they are."""
    kinds: set[NoticeKind] = set()
    found: dict[NoticeId, Observation] = {}
    for reading in readings:
        kinds |= reading.kinds
        # A later reading of the same kinds is the truer one.
        found = {key: one for key, one in found.items() if one.kind not in reading.kinds}
        found |= {(one.kind, one.key): one for one in reading.found}
    conditions: dict[NoticeId, Condition] = {}
    for known in state.conditions.values():
        if known.seen.kind not in kinds:
            conditions[known.id] = _awake(known, now)
        elif known.id not in found and (fading := _after_fine(known, now)) is not None:
            conditions[known.id] = _awake(fading, now)
    for key, seen in found.items():
        conditions[key] = _awake(_after_seen(state.conditions.get(key), seen, now), now)
    told = {key: one for key, one in state.told.items() if key in conditions or now - one.at < REMEMBERED_FOR}
    return NoticeState(conditions, told)


def at_once(state: NoticeState, now: datetime) -> NoticeState:
    """Return the state as one look alone shows it: what is seen is raised, what is not seen is over."""
    seen = {key: one for key, one in state.conditions.items() if one.fine_since is None}
    return NoticeState({key: replace(one, raised_at=one.raised_at or now) for key, one in seen.items()}, state.told)


def to_tell(state: NoticeState, settings: NoticeSettings) -> tuple[Condition, ...]:
    """Return the conditions that the desktop has to be told of once it may be: those that are new, or got worse."""
    return tuple(
        condition
        for condition in state.conditions.values()
        if condition.raised_at is not None
        and condition.fine_since is None
        and condition.snoozed_until is None
        and condition.seen.kind not in settings.muted
        and _is_news(severity_of(condition.seen), state.told.get(condition.id))
    )


def after_telling(state: NoticeState, conditions: Iterable[Condition], now: datetime) -> NoticeState:
    """Return the state in which these were told."""
    new = {condition.id: Told(now, severity_of(condition.seen)) for condition in conditions}
    return NoticeState(state.conditions, {**state.told, **new})


def after_snoozing(state: NoticeState, key: NoticeId, until: datetime | None) -> NoticeState:
    """Put a condition off until a moment (None: not any longer); when that has passed, it is told once more."""
    condition = state.conditions.get(key)
    if condition is None:
        return state
    told = {known: one for known, one in state.told.items() if known != key or until is None}
    return NoticeState({**state.conditions, key: replace(condition, snoozed_until=until)}, told)


def silent_until(
    settings: NoticeSettings, paused_until: datetime | None, now: datetime, zone: tzinfo | None = None
) -> datetime | None:
    """Return until when the desktop is told nothing, because of a pause or of quiet hours; None: it is told."""
    quiet = quiet_until(settings.quiet, now, zone) if settings.quiet is not None else None
    paused = paused_until if paused_until is not None and paused_until > now else None
    return max((one for one in (quiet, paused) if one is not None), default=None)


def is_same(one: NoticeState, other: NoticeState) -> bool:
    """Say whether two states look the same to a reader: what is raised, put off and told."""
    return _visible(one.conditions) == _visible(other.conditions) and one.told == other.told


def _visible(conditions: Mapping[NoticeId, Condition]) -> Mapping[NoticeId, Condition]:
    return {key: one for key, one in conditions.items() if one.raised_at is not None}


def _after_seen(known: Condition | None, seen: Observation, now: datetime) -> Condition:
    since = min(seen.since, now) if seen.since is not None else now
    watched_from = now
    if known is not None:
        # A clock that was put back must not make a condition begin in the future.
        since, watched_from = min(known.since, since), min(known.watched_from, now)
    condition = Condition(seen, since, watched_from)
    if known is not None:
        condition = replace(condition, raised_at=known.raised_at, snoozed_until=known.snoozed_until)
    entry = CATALOGUE[seen.kind]
    held = now - (watched_from if entry.must_be_watched else since)
    if condition.raised_at is None and held >= entry.raise_after:
        condition = replace(condition, raised_at=now)
    return condition


def _after_fine(known: Condition, now: datetime) -> Condition | None:
    """Return the condition when it is not seen any more, None once it is over."""
    if known.raised_at is None:
        return None
    fine_since = min(known.fine_since, now) if known.fine_since is not None else now
    if now - fine_since >= CATALOGUE[known.seen.kind].clear_after:
        return None
    return replace(known, fine_since=fine_since)


def _awake(condition: Condition, now: datetime) -> Condition:
    until = condition.snoozed_until
    return replace(condition, snoozed_until=None) if until is not None and until <= now else condition


def _is_news(severity: Severity, told: Told | None) -> bool:
    if severity is Severity.INFO:
        return False
    return told is None or severity.rank > told.severity.rank
