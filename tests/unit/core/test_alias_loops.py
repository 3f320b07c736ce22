"""Ways through aliases: which are refused, held against a walker that simply tries them all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.alias_loops import RouteProblem, fault_words, find_fault
from smtpy_desktop.core.alias_matching import MOST_STEPS, find_destination, match_address
from smtpy_desktop.schemas.aliases import Forwarding, MatchKind, ServedAlias, ServedDomain, Target

OWN = ("a.example", "b.example")
LOCALS = ("info", "sales", "info+x", "postmaster")
OURS = st.builds(lambda local, domain: f"{local}@{domain}", st.sampled_from(LOCALS), st.sampled_from(OWN))
ADDRESSES = st.builds(
    lambda local, domain: f"{local}@{domain}", st.sampled_from(LOCALS), st.sampled_from((*OWN, "out.example"))
)


def target(address: str) -> Target:
    return Target(address, address)


def world(aliases: dict[str, list[str]], catch_alls: dict[str, str] | None = None) -> Forwarding:
    catch_alls = catch_alls or {}
    domains = {
        name: ServedDomain(
            number,
            name,
            name,
            is_active=True,
            catch_all=target(catch_alls[name]) if name in catch_alls else None,
            owner=target("admin@out.example"),
        )
        for number, name in enumerate(OWN)
    }
    served = {key: ServedAlias(key, key, tuple(map(target, targets))) for key, targets in aliases.items()}
    return Forwarding(domains, served)


def brute(forwarding: Forwarding, key: str, passed: tuple[str, ...] = ()) -> set[RouteProblem]:
    """Try every way and return every problem that is met."""
    match = match_address(forwarding, key)
    if match.kind is MatchKind.ELSEWHERE:
        return set()
    if match.kind is MatchKind.NONE:
        return {RouteProblem.NOWHERE}
    if match.source in passed:
        return {RouteProblem.SELF if passed[-1] == match.source else RouteProblem.CYCLE}
    if len(passed) == MOST_STEPS:
        return {RouteProblem.TOO_DEEP}
    found: set[RouteProblem] = set()
    for onward in match.targets:
        found |= brute(forwarding, onward.key, (*passed, match.source))
    return found


WORLDS = st.builds(
    world,
    st.dictionaries(OURS, st.lists(ADDRESSES, min_size=1, max_size=3)),
    st.dictionaries(st.sampled_from(OWN), ADDRESSES),
)


@given(WORLDS, ADDRESSES)
def test_property_a_way_is_refused_exactly_when_a_walker_meets_a_problem(forwarding: Forwarding, address: str) -> None:
    fault = find_fault(forwarding, target(address))

    problems = brute(forwarding, address)
    assert (fault is None) == (not problems)
    assert fault is None or fault.problem in problems


@given(WORLDS, ADDRESSES)
def test_property_what_is_accepted_ends_outside_and_every_target_comes_once(
    forwarding: Forwarding, address: str
) -> None:
    found = find_destination(forwarding, target(address))

    keys = [one.key for one in found.targets]
    assert len(keys) == len(set(keys))
    assert all(key.endswith("@out.example") for key in keys)
    if find_fault(forwarding, target(address)) is None and found.match.kind is not MatchKind.ELSEWHERE:
        assert keys


@pytest.mark.parametrize(
    ("aliases", "catch_alls", "problem", "words"),
    [
        ({"info@a.example": ["info+x@a.example"]}, {}, RouteProblem.SELF, "would forward to itself"),
        (
            {"info@a.example": ["info@b.example"], "info@b.example": ["info@a.example"]},
            {},
            RouteProblem.CYCLE,
            "info@a.example → info@b.example → info@a.example",
        ),
        ({"info@a.example": ["x@b.example"]}, {"b.example": "info@a.example"}, RouteProblem.CYCLE, "x@b.example"),
        ({"info@a.example": ["x@b.example"]}, {}, RouteProblem.NOWHERE, "x@b.example leads nowhere"),
    ],
)
def test_a_problem_is_named_with_the_way_that_shows_it(
    aliases: dict[str, list[str]], catch_alls: dict[str, str], problem: RouteProblem, words: str
) -> None:
    fault = find_fault(world(aliases, catch_alls), target("info@a.example"))

    assert fault is not None
    assert fault.problem is problem
    assert words in str(fault_words(fault)[0])


@pytest.mark.parametrize("length", [MOST_STEPS, MOST_STEPS + 1])
def test_only_as_many_aliases_as_are_followed_may_stand_in_a_row(length: int) -> None:
    chain = {f"n{number}@a.example": [f"n{number + 1}@a.example"] for number in range(length - 1)}
    chain[f"n{length - 1}@a.example"] = ["end@out.example"]

    fault = find_fault(world(chain), target("n0@a.example"))

    assert (fault is None) == (length <= MOST_STEPS)
    assert fault is None or fault.problem is RouteProblem.TOO_DEEP


def test_two_ways_to_the_same_target_are_no_circle() -> None:
    aliases = {
        "info@a.example": ["x@a.example", "y@a.example"],
        "x@a.example": ["end@out.example"],
        "y@a.example": ["end@out.example"],
    }

    found = find_destination(world(aliases), target("info@a.example"))

    assert find_fault(world(aliases), target("info@a.example")) is None
    assert [one.address for one in found.targets] == ["end@out.example"]
