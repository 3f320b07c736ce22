"""When a domain's state changes: at once for the better, after repeated definite failures for the worse."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.domain_state import (
    DomainCheckState,
    KindState,
    StateChange,
    next_state,
    patience_words,
    wrong_in_a_row,
)
from smtpy_desktop.schemas.dns import RecordKind, Verdict
from smtpy_desktop.schemas.domains import DomainStatus

NOW = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
OK, WRONG, UNKNOWN = Verdict.OK, Verdict.WRONG, Verdict.UNKNOWN
PENDING, VERIFIED, FAILED = DomainStatus.PENDING, DomainStatus.VERIFIED, DomainStatus.FAILED
MX, SPF, DKIM = RecordKind.MX, RecordKind.SPF, RecordKind.DKIM
ALL_OK = dict.fromkeys(RecordKind, OK)
ALL_VERIFIED = DomainCheckState(VERIFIED, dict.fromkeys(RecordKind, KindState(verified=True)))

Step = tuple[Mapping[RecordKind, Verdict], int]


def run(state: DomainCheckState, *steps: Step) -> tuple[DomainCheckState, list[StateChange]]:
    """Check after check; each step gives the verdicts and the minute of the check."""
    changes: list[StateChange] = []
    for verdicts, minute in steps:
        state, new = next_state(state, verdicts, NOW + timedelta(minutes=minute))
        changes += new
    return state, changes


def test_a_new_domain_is_verified_when_all_five_are_right() -> None:
    state, changes = run(DomainCheckState(), (ALL_OK, 0))

    assert (state.status, state.all_verified) == (VERIFIED, True)
    assert changes == [StateChange(kind, True, PENDING, VERIFIED) for kind in RecordKind]


def test_records_may_become_right_one_after_the_other() -> None:
    steps: list[Step] = [({kind: OK}, minute) for minute, kind in enumerate(RecordKind)]

    state, changes = run(DomainCheckState(), *steps)

    assert state.status is VERIFIED
    assert [change.new_status for change in changes] == [PENDING, PENDING, PENDING, PENDING, VERIFIED]


@pytest.mark.parametrize("verdict", [OK, UNKNOWN])
def test_a_pending_domain_stays_pending_until_something_is_wrong(verdict: Verdict) -> None:
    state, _ = run(DomainCheckState(), ({MX: OK, SPF: verdict}, 0))

    assert state.status is PENDING


def test_a_pending_domain_with_a_wrong_record_has_failed_and_says_which() -> None:
    state, changes = run(DomainCheckState(), ({MX: UNKNOWN, SPF: WRONG, DKIM: WRONG}, 0))

    assert state.status is FAILED
    assert changes == [StateChange(SPF, False, PENDING, FAILED)]


def test_a_failed_domain_stays_failed_until_all_are_right() -> None:
    failed, _ = run(DomainCheckState(), ({SPF: WRONG}, 0))

    better, _ = run(failed, ({MX: OK, SPF: OK}, 1))
    right, changes = run(better, (ALL_OK, 2))

    assert (better.status, right.status) == (FAILED, VERIFIED)
    assert all(change.new_status is VERIFIED for change in changes)


def test_a_flag_falls_at_the_third_wrong_answer_after_half_an_hour() -> None:
    state, changes = run(ALL_VERIFIED, ({DKIM: WRONG}, 0), ({DKIM: WRONG}, 15), ({DKIM: WRONG}, 30))

    assert state.status is FAILED
    assert not state.kind(DKIM).verified
    assert changes == [StateChange(DKIM, False, VERIFIED, FAILED)]


@pytest.mark.parametrize(
    "steps",
    [
        [({DKIM: WRONG}, 0), ({DKIM: WRONG}, 600)],
        [({DKIM: WRONG}, minute) for minute in range(30)],
        [({DKIM: WRONG}, 0), ({DKIM: WRONG}, 20), ({DKIM: OK}, 25), ({DKIM: WRONG}, 40), ({DKIM: WRONG}, 80)],
        [({DKIM: WRONG}, 40), ({DKIM: WRONG}, 20), ({DKIM: WRONG}, 0)],
    ],
    ids=["only two", "too soon", "an ok in between", "clock set back"],
)
def test_a_flag_does_not_fall_before_that(steps: list[Step]) -> None:
    state, changes = run(ALL_VERIFIED, *steps)

    assert (state.status, changes) == (VERIFIED, [])
    assert state.kind(DKIM).verified


def test_unknown_in_between_neither_counts_nor_resets() -> None:
    wrong, unknown = {DKIM: WRONG}, {DKIM: UNKNOWN}

    state, _ = run(ALL_VERIFIED, (wrong, 0), (unknown, 10), (wrong, 20), (unknown, 30), (unknown, 40), (wrong, 50))

    assert state.status is FAILED


def test_a_fallen_flag_is_told_once() -> None:
    wrong = {DKIM: WRONG}

    _, changes = run(ALL_VERIFIED, *((wrong, minute) for minute in range(0, 300, 15)))

    assert len(changes) == 1


def test_flags_that_fall_together_are_told_one_by_one() -> None:
    wrong = {MX: WRONG, DKIM: WRONG}

    _, changes = run(ALL_VERIFIED, (wrong, 0), (wrong, 15), (wrong, 30))

    assert changes == [StateChange(kind, False, VERIFIED, FAILED) for kind in (MX, DKIM)]


VERDICTS = st.dictionaries(st.sampled_from(RecordKind), st.sampled_from(Verdict))
STEPS = st.lists(st.tuples(VERDICTS, st.integers(0, 25)), max_size=12)
STATES = st.builds(
    DomainCheckState,
    st.sampled_from(DomainStatus),
    st.dictionaries(
        st.sampled_from(RecordKind),
        st.builds(KindState, st.booleans(), st.integers(0, 5), st.none() | st.just(NOW)),
    ),
)


@given(STATES, st.lists(st.dictionaries(st.sampled_from(RecordKind), st.just(UNKNOWN)), max_size=6))
def test_checks_that_could_not_ask_change_nothing(
    state: DomainCheckState, checks: list[dict[RecordKind, Verdict]]
) -> None:
    after, changes = run(state, *((verdicts, 60 * number) for number, verdicts in enumerate(checks)))

    assert (after, changes) == (state, [])


@given(STEPS)
def test_a_verified_domain_falls_only_by_the_rule(steps: list[Step]) -> None:
    state, minute = ALL_VERIFIED, 0
    wrong_at: dict[RecordKind, list[int]] = {kind: [] for kind in RecordKind}
    for verdicts, gap in steps:
        minute += gap
        before = state
        state, changes = next_state(state, verdicts, NOW + timedelta(minutes=minute))
        for kind, verdict in verdicts.items():
            if verdict is OK:
                wrong_at[kind].clear()
            elif verdict is WRONG:
                wrong_at[kind].append(minute)
        for kind in RecordKind:
            fell = before.kind(kind).verified and not state.kind(kind).verified
            due = len(wrong_at[kind]) >= 3 and wrong_at[kind][-1] - wrong_at[kind][0] >= 30
            assert fell <= due
            assert (kind in {change.kind for change in changes}) >= fell


@given(STATES, STEPS)
def test_verified_means_that_all_flags_are_up_after_any_definite_check(
    state: DomainCheckState, steps: list[Step]
) -> None:
    after, _ = run(state, ({MX: OK}, 0), *steps)

    if after.all_verified:
        assert after.status is VERIFIED


@given(STATES, VERDICTS)
def test_no_change_is_told_when_nothing_changed(state: DomainCheckState, verdicts: dict[RecordKind, Verdict]) -> None:
    after, changes = next_state(state, verdicts, NOW)

    flags = [(state.kind(kind).verified, after.kind(kind).verified) for kind in RecordKind]
    moved = after.status is not state.status or any(before != now for before, now in flags)
    assert bool(changes) is moved
    assert len({change.kind for change in changes}) == len(changes)


def test_the_patience_with_a_verified_domain_says_how_far_it_goes() -> None:
    states = [run(ALL_VERIFIED, *(({SPF: WRONG}, minute) for minute in range(checks)))[0] for checks in range(5)]

    words = [str(patience_words(wrong_in_a_row(state))) for state in states]

    assert words[0] == "None"
    assert words[1].startswith("Still counted as verified: wrong 1 of 3 times; it falls after 3 wrong checks over 30 ")
    assert "wrong 2 of 3 times" in words[2]
    assert "wrong 4 times within 30 minutes" in words[4]


@pytest.mark.parametrize("status", [PENDING, FAILED])
def test_there_is_no_patience_with_a_domain_that_is_not_verified(status: DomainStatus) -> None:
    state = DomainCheckState(status, {MX: KindState(verified=True, wrong_count=2, first_wrong_at=NOW)})

    assert wrong_in_a_row(state) == 0
