"""When a condition is raised, when it is over, and when the desktop tells of it."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core import notice_state
from smtpy_desktop.core.notice_catalogue import CATALOGUE
from smtpy_desktop.schemas.notice_kinds import NoticeId, NoticeKind, NoticeSettings, QuietHours, Severity
from smtpy_desktop.schemas.notices import Condition, NoticeState, Observation, Reading

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
LATE = NoticeKind.DELIVERIES_LATE
"""Raised after five minutes, over after five minutes."""
KEY: NoticeId = (LATE, "")
ALL = NoticeSettings()

bad_or_fine = st.lists(st.sampled_from([True, False, None]), min_size=1, max_size=80)
"""Looks half a minute apart: seen, not seen, could not look."""


def reading(*seen: Observation, kind: NoticeKind = LATE) -> Reading:
    return Reading(frozenset({kind}), seen)


def run(looks: list[bool | None], state: NoticeState | None = None) -> list[NoticeState]:
    """The states after looks that are half a minute apart."""
    states, now = [], NOW
    state = state or NoticeState()
    for look in looks:
        readings = [] if look is None else [reading(Observation(LATE))] if look else [reading()]
        state = notice_state.after_readings(state, readings, now)
        states.append(state)
        now += 30 * SECOND
    return states


def is_raised(state: NoticeState) -> bool:
    return KEY in state.conditions and state.conditions[KEY].raised_at is not None


def raised(kind: NoticeKind = LATE, severity: Severity | None = None) -> NoticeState:
    seen = Observation(kind, severity=severity)
    return NoticeState({(kind, ""): Condition(seen, NOW - HOUR, NOW - HOUR, raised_at=NOW)})


def one(state: NoticeState) -> Condition:
    (condition,) = state.conditions.values()
    return condition


def test_a_condition_is_raised_once_it_has_held_for_its_time() -> None:
    states = run([True] * 11)

    assert [is_raised(state) for state in states] == [False] * 10 + [True]


def test_one_that_flickers_is_never_raised() -> None:
    states = run([*[True] * 9, False] * 5)

    assert not any(is_raised(state) for state in states)


def test_one_that_was_raised_is_over_once_it_was_fine_for_its_time() -> None:
    states = run([False] * 11, raised())

    assert [is_raised(state) for state in states] == [True] * 10 + [False]


def test_one_that_comes_back_in_time_is_still_the_same() -> None:
    before = raised()

    after = run([*[False] * 8, True], before)[-1]

    assert one(after).raised_at == one(before).raised_at
    assert one(after).fine_since is None


def test_what_could_not_be_looked_for_changes_nothing() -> None:
    before = raised()

    assert run([None] * 40, before)[-1] == before


def test_a_source_that_knows_since_when_needs_nobody_to_wait() -> None:
    kind = NoticeKind.DOMAIN_NOT_PASSING
    seen = reading(Observation(kind, since=NOW - HOUR), kind=kind)

    assert one(notice_state.after_readings(NoticeState(), [seen], NOW)).raised_at == NOW


def test_what_has_to_be_watched_is_not_raised_by_what_its_source_knows() -> None:
    seen = [reading(Observation(LATE, since=NOW - HOUR))]

    first = notice_state.after_readings(NoticeState(), seen, NOW)
    later = notice_state.after_readings(first, seen, NOW + 5 * MINUTE)

    assert not is_raised(first)
    assert one(first).since == NOW - HOUR
    assert is_raised(later)


def test_the_later_reading_of_a_kind_counts() -> None:
    seen = reading(Observation(LATE, since=NOW - HOUR))

    assert not notice_state.after_readings(NoticeState(), [seen, reading()], NOW).conditions
    assert notice_state.after_readings(NoticeState(), [reading(), seen], NOW).conditions


def test_a_clock_that_was_put_back_does_not_put_a_condition_into_the_future() -> None:
    state = raised()

    after = notice_state.after_readings(state, [reading(Observation(LATE))], NOW - 5 * HOUR)

    assert one(after).since <= NOW - 5 * HOUR


@given(bad_or_fine)
def test_nothing_is_raised_without_having_held_for_its_time(looks: list[bool | None]) -> None:
    needed = CATALOGUE[LATE].raise_after // (30 * SECOND)
    shown = [False, *(is_raised(state) for state in run(looks))]

    began = [place for place in range(len(looks)) if shown[place + 1] and not shown[place]]

    for place in began:
        held = looks[max(0, place - needed) : place + 1]
        assert len(held) == needed + 1
        assert held[-1] is True
        assert False not in held


@given(bad_or_fine)
def test_it_changes_between_told_and_gone_no_more_often_than_its_times_allow(looks: list[bool | None]) -> None:
    entry = CATALOGUE[LATE]
    shown = [is_raised(state) for state in run(looks)]

    changes = [place for place in range(1, len(shown)) if shown[place] != shown[place - 1]]

    shortest = min(entry.raise_after, entry.clear_after) // (30 * SECOND)
    assert all(later - earlier >= shortest for earlier, later in pairwise(changes))


@given(bad_or_fine)
def test_the_desktop_is_told_at_most_once_an_hour_of_one_condition(looks: list[bool | None]) -> None:
    told, state, now = [], NoticeState(), NOW
    for look in looks * 4:
        readings = [] if look is None else [reading(Observation(LATE))] if look else [reading()]
        state = notice_state.after_readings(state, readings, now)
        news = notice_state.to_tell(state, ALL)
        told += [now for _ in news]
        state = notice_state.after_telling(state, news, now)
        now += 30 * SECOND

    assert all(later - earlier >= HOUR for earlier, later in pairwise(told))


def test_the_desktop_is_told_once() -> None:
    state = raised()

    news = notice_state.to_tell(state, ALL)
    after = notice_state.after_telling(state, news, NOW)

    assert [condition.id for condition in news] == [KEY]
    assert notice_state.to_tell(after, ALL) == ()


def test_it_is_told_again_once_it_is_worse() -> None:
    kind = NoticeKind.DISK_FULL
    state = raised(kind, Severity.WARNING)
    state = notice_state.after_telling(state, notice_state.to_tell(state, ALL), NOW)

    worse = notice_state.after_readings(state, [reading(Observation(kind, severity=Severity.BAD), kind=kind)], NOW)

    assert [condition.id for condition in notice_state.to_tell(worse, ALL)] == [(kind, "")]
    told = notice_state.after_telling(worse, notice_state.to_tell(worse, ALL), NOW)
    better = notice_state.after_readings(told, [reading(Observation(kind, severity=Severity.WARNING), kind=kind)], NOW)
    assert notice_state.to_tell(better, ALL) == ()


def test_one_that_ended_and_comes_back_an_hour_later_is_told_again() -> None:
    state = raised()
    state = notice_state.after_telling(state, notice_state.to_tell(state, ALL), NOW)
    gone = notice_state.after_readings(state, [reading()], NOW)
    gone = notice_state.after_readings(gone, [reading()], NOW + HOUR)

    back = notice_state.after_readings(gone, [reading(Observation(LATE))], NOW + HOUR)
    back = notice_state.after_readings(back, [reading(Observation(LATE))], NOW + 2 * HOUR)

    assert [condition.id for condition in notice_state.to_tell(back, ALL)] == [KEY]


def test_what_is_only_to_be_known_is_never_told_by_the_desktop() -> None:
    assert notice_state.to_tell(raised(NoticeKind.DATABASE_READ_ONLY), ALL) == ()


def test_muted_kinds_are_not_told() -> None:
    assert notice_state.to_tell(raised(), NoticeSettings(muted=frozenset({LATE}))) == ()


def test_what_is_put_off_is_told_once_more_when_its_time_has_come() -> None:
    state = raised()
    state = notice_state.after_telling(state, notice_state.to_tell(state, ALL), NOW)

    put_off = notice_state.after_snoozing(state, KEY, NOW + HOUR)
    before = notice_state.after_readings(put_off, [reading(Observation(LATE))], NOW + 59 * MINUTE)
    after = notice_state.after_readings(put_off, [reading(Observation(LATE))], NOW + HOUR)

    assert one(before).snoozed_until == NOW + HOUR
    assert notice_state.to_tell(before, ALL) == ()
    assert [condition.id for condition in notice_state.to_tell(after, ALL)] == [KEY]


def test_what_is_taken_back_from_being_put_off_is_not_told_a_second_time() -> None:
    state = notice_state.after_telling(raised(), [one(raised())], NOW)

    shown = notice_state.after_snoozing(notice_state.after_snoozing(state, KEY, None), KEY, None)

    assert notice_state.to_tell(shown, ALL) == ()


def test_nothing_is_put_off_that_is_not_there() -> None:
    assert notice_state.after_snoozing(NoticeState(), KEY, NOW) == NoticeState()


def test_silence_lasts_as_long_as_the_longer_of_pause_and_quiet_hours() -> None:
    quiet = NoticeSettings(QuietHours(time(11), time(13)))

    assert notice_state.silent_until(quiet, None, NOW, UTC) == NOW + HOUR
    assert notice_state.silent_until(quiet, NOW + 2 * HOUR, NOW, UTC) == NOW + 2 * HOUR
    assert notice_state.silent_until(quiet, NOW + MINUTE, NOW, UTC) == NOW + HOUR
    assert notice_state.silent_until(ALL, NOW - MINUTE, NOW, UTC) is None


def test_one_look_alone_raises_what_it_sees_and_drops_what_it_does_not() -> None:
    flickering = notice_state.after_readings(NoticeState(), [reading(Observation(LATE))], NOW)
    fading = notice_state.after_readings(raised(), [reading()], NOW)

    assert is_raised(notice_state.at_once(flickering, NOW))
    assert not notice_state.at_once(fading, NOW).conditions
