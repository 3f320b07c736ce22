"""Whose turn it is: every destination, no more at once than allowed, and none that has just been out of reach."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.delivery_lanes import FIRST_PAUSE, LONGEST_PAUSE, DeliveryLanes, shares
from smtpy_desktop.schemas.identifiers import DomainId, MessageId
from smtpy_desktop.schemas.outgoing_mail import DueDelivery, OutgoingMail


def due(number: int, destination: str) -> DueDelivery:
    mail = OutgoingMail("", f"b@{destination}", b"", b"x")
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return DueDelivery(number, number, MessageId(number), DomainId(1), "a@x.example", "", False, "forward", 0, at, mail)


def started(lanes: DeliveryLanes, now: float = 0.0) -> list[str]:
    found = []
    while (one := lanes.start_next(now)) is not None:
        found.append(one.destination)
    return found


@given(st.lists(st.sampled_from("abcde"), max_size=60), st.integers(1, 4))
def test_no_destination_has_more_at_once_than_allowed_and_none_is_forgotten(names: list[str], most: int) -> None:
    lanes = DeliveryLanes(per_destination=most)
    for number, name in enumerate(names):
        lanes.add(due(number, name))
    sent: Counter[str] = Counter()

    while round_of := started(lanes):
        assert max(Counter(round_of).values()) <= most
        assert lanes.active == len(round_of)
        for name in round_of:
            lanes.finished(name)
            sent[name] += 1

    assert sent == Counter(names)
    assert (lanes.active, lanes.waiting) == (0, 0)


def test_a_crowd_for_one_destination_lets_the_others_pass() -> None:
    lanes = DeliveryLanes(per_destination=2)
    for number in range(1000):
        lanes.add(due(number, "crowded"))
    lanes.add(due(1000, "small"))

    assert started(lanes) == ["crowded", "small", "crowded"]


def test_a_destination_out_of_reach_is_left_alone_longer_each_time_and_then_tried_with_one() -> None:
    lanes = DeliveryLanes(per_destination=5)
    for number in range(20):
        lanes.add(due(number, "dead"))
    now, pauses = 0.0, []

    for _ in range(6):
        lanes.not_reached("dead", now)
        lanes.not_reached("dead", now + 1)  # the others that were under way do not make it worse
        pauses.append(lanes.pause_left("dead", now))
        assert lanes.start_next(now + 1) is None
        now += pauses[-1]
        assert started(lanes, now) == ["dead"]
        lanes.finished("dead")

    assert pauses == [FIRST_PAUSE, 60, 120, 240, LONGEST_PAUSE, LONGEST_PAUSE]
    lanes.reached("dead")
    assert started(lanes, now) == ["dead"] * 5


def test_a_destination_that_breaks_off_is_left_alone_when_it_does_so_again_and_again() -> None:
    lanes = DeliveryLanes()

    lanes.broke_off("odd", 0.0)
    lanes.broke_off("odd", 0.0)
    assert lanes.pause_left("odd", 0.0) == 0
    lanes.reached("odd")
    lanes.broke_off("odd", 0.0)
    lanes.broke_off("odd", 0.0)
    lanes.broke_off("odd", 0.0)
    assert lanes.pause_left("odd", 0.0) == FIRST_PAUSE
    lanes.broke_off("odd", FIRST_PAUSE)

    assert lanes.pause_left("odd", FIRST_PAUSE) == 2 * FIRST_PAUSE


def test_what_waits_for_a_destination_out_of_reach_can_be_given_back() -> None:
    lanes = DeliveryLanes()
    lanes.add(due(1, "dead"))
    lanes.add(due(2, "alive"))
    lanes.not_reached("dead", 0.0)

    paused = lanes.take_paused(1.0)

    assert [one.id for one in paused] == [1]
    assert [one.id for one in lanes.take_all()] == [2]
    assert lanes.waiting == 0


def test_room_for_a_destination_is_twice_what_may_be_sent_without_what_is_here() -> None:
    lanes = DeliveryLanes(per_destination=3)
    lanes.add(due(1, "a"))
    lanes.add(due(2, "a"))
    lanes.start_next(0.0)

    assert (lanes.room_for("a", 0.0), lanes.room_for("b", 0.0)) == (4, 6)
    lanes.not_reached("b", 0.0)
    assert lanes.room_for("b", 1.0) is None
    assert lanes.room_for("b", FIRST_PAUSE) == 1


@given(st.dictionaries(st.text(max_size=3), st.integers(1, 20), min_size=1, max_size=20), st.integers(1, 100))
def test_shares_use_the_room_and_favour_nobody(rooms: dict[str, int], most: int) -> None:
    divided = shares(list(rooms.items()), most)

    assert sum(divided.values()) == min(most, sum(rooms.values()))
    assert all(0 < share <= rooms[name] for name, share in divided.items())
    smallest = min((divided.get(name, 0) for name, room in rooms.items() if divided.get(name, 0) < room), default=None)
    if smallest is not None:
        assert max(divided.values()) <= smallest + 1
