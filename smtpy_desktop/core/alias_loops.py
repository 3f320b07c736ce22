"""Find out, before an alias is saved, whether its mail would come back, go in circles, or end nowhere."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from smtpy_desktop.core.alias_matching import MOST_STEPS, match_address
from smtpy_desktop.errors import FieldError
from smtpy_desktop.schemas.aliases import Forwarding, MatchKind, Target
from smtpy_desktop.schemas.text import Text, text


class RouteProblem(enum.StrEnum):
    """What can be wrong with a way through aliases."""

    SELF = "ALIAS_TO_ITSELF"
    CYCLE = "ALIAS_CYCLE"
    NOWHERE = "ALIAS_LEADS_NOWHERE"
    TOO_DEEP = "ALIAS_TOO_DEEP"


@dataclass(frozen=True, slots=True)
class RouteFault:
    """A problem with the addresses of the way that shows it, the last one being where it is noticed."""

    problem: RouteProblem
    way: tuple[Target, ...]


class _Fault(Exception):
    def __init__(self, problem: RouteProblem, way: tuple[Target, ...]) -> None:
        super().__init__(problem)
        self.fault = RouteFault(problem, way)


def find_fault(forwarding: Forwarding, address: Target) -> RouteFault | None:
    """Walk every way that mail to an address of ours can take; return the first problem, or None.

    Whether aliases and domains are switched off plays no part: a circle must not come to life with a switch. A change
    to one alias can only close circles that pass through its address, so that walking from there is enough.
    """
    try:
        _walk(forwarding, address, (), {}, {})
    except _Fault as found:
        return found.fault
    return None


def as_error(fault: RouteFault, field: str) -> FieldError:
    """Return a problem as what to correct in a field."""
    message, hint = fault_words(fault)
    return FieldError(field, fault.problem.value, message, hint=hint)


def fault_words(fault: RouteFault) -> tuple[Text, Text]:
    """Return what is wrong, and what to do about it."""
    way = " → ".join(target.address for target in fault.way)
    start, end = fault.way[0].address, fault.way[-1].address
    match fault.problem:
        case RouteProblem.SELF:
            return (
                text("{address} would forward to itself.", address=start),
                text("Give an address whose mailbox is elsewhere."),
            )
        case RouteProblem.CYCLE:
            return (
                text("Mail would go round in circles: {way}.", way=way),
                text("Let one of these addresses forward to a mailbox elsewhere."),
            )
        case RouteProblem.NOWHERE:
            return (
                text("{address} leads nowhere: its domain is yours, with no such alias and no catch-all.", address=end),
                text("Add that alias first, or give an address elsewhere."),
            )
        case RouteProblem.TOO_DEEP:
            return (
                text("Mail would pass through more than {most} aliases: {way}.", most=MOST_STEPS, way=way),
                text("Forward to the last of these addresses at once."),
            )


def _walk(
    forwarding: Forwarding,
    address: Target,
    way: tuple[Target, ...],
    on_way: dict[str, int],
    heights: dict[str, int],
) -> int:
    """Return how many aliases mail to an address passes through at most; ``on_way`` holds the place of each before."""
    match = match_address(forwarding, address.key)
    way = (*way, address)
    if match.kind is MatchKind.ELSEWHERE:
        return 0
    if match.kind is MatchKind.NONE:
        raise _Fault(RouteProblem.NOWHERE, way)
    if match.source in on_way:
        circle = way[on_way[match.source] :]
        raise _Fault(RouteProblem.SELF if len(circle) == 2 else RouteProblem.CYCLE, circle)
    known = heights.get(match.source)
    if len(on_way) + (known or 1) > MOST_STEPS:
        raise _Fault(RouteProblem.TOO_DEEP, way)
    if known is None:
        inner = on_way | {match.source: len(on_way)}
        known = 1 + max((_walk(forwarding, target, way, inner, heights) for target in match.targets), default=0)
        heights[match.source] = known
    return known
