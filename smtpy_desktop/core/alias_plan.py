"""Decide line by line what an import of aliases adds, changes and refuses."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from smtpy_desktop.core.alias_loops import fault_words, find_fault
from smtpy_desktop.schemas.aliases import (
    AliasLine,
    AliasRow,
    Forwarding,
    ImportPlan,
    LineAction,
    LineFault,
    PlannedLine,
    ServedAlias,
    Target,
)
from smtpy_desktop.schemas.text import text


def plan_import(
    lines: Sequence[AliasLine], forwarding: Forwarding, existing: Mapping[str, AliasRow], domain_names: Iterable[str]
) -> ImportPlan:
    """Return what becomes of each line, as if all that are accepted were saved together.

    ``forwarding`` knows everything that the lines' addresses and targets lead to, ``existing`` the aliases by key.
    What leads to a refused line is looked at again, until nothing more is refused.
    """
    names = tuple(domain_names)
    planned = _first_look(lines, forwarding, existing, names)
    while True:
        changed = {one.line.key: _served(one.line) for one in planned if _is_written(one)}
        known = Forwarding(forwarding.domains, {**forwarding.aliases, **changed})
        checked = [_checked(one, known) if _is_written(one) else one for one in planned]
        if checked == planned:
            return ImportPlan(tuple(planned))
        planned = checked


def _first_look(
    lines: Sequence[AliasLine], forwarding: Forwarding, existing: Mapping[str, AliasRow], names: tuple[str, ...]
) -> list[PlannedLine]:
    seen: dict[str, int] = {}
    planned = []
    for line in lines:
        fault = line.fault or _unknown_domain(line, forwarding, names) or _repeated(line, seen)
        before = existing.get(line.key)
        if fault is not None:
            planned.append(PlannedLine(line, LineAction.REFUSE, before, fault))
            continue
        seen[line.key] = line.number
        planned.append(PlannedLine(line, _action(line, before), before))
    return planned


def _action(line: AliasLine, before: AliasRow | None) -> LineAction:
    if before is None:
        return LineAction.ADD
    is_same = (
        line.targets == before.targets
        and line.is_active in (None, before.is_active)
        and line.note in (None, before.note)
    )
    return LineAction.SAME if is_same else LineAction.CHANGE


def _checked(planned: PlannedLine, known: Forwarding) -> PlannedLine:
    line = planned.line
    fault = find_fault(known, Target(f"{line.local_part}@{line.domain}", line.key))
    if fault is None:
        return planned
    message, hint = fault_words(fault)
    return replace(planned, action=LineAction.REFUSE, fault=LineFault(fault.problem.value, message, hint))


def _is_written(planned: PlannedLine) -> bool:
    return planned.action in (LineAction.ADD, LineAction.CHANGE)


def _served(line: AliasLine) -> ServedAlias:
    return ServedAlias(line.key, f"{line.local_part}@{line.domain}", line.targets)


def _repeated(line: AliasLine, seen: Mapping[str, int]) -> LineFault | None:
    if line.key not in seen:
        return None
    return LineFault(
        "ALIAS_LINE_TWICE",
        text("{address} stands on line {number} already.", address=_address(line), number=seen[line.key]),
        text("Put all its targets on one line."),
    )


def _unknown_domain(line: AliasLine, forwarding: Forwarding, names: tuple[str, ...]) -> LineFault | None:
    if line.domain in forwarding.domains:
        return None
    nearest = difflib.get_close_matches(line.domain, names, 1, cutoff=0.8)
    return LineFault(
        "ALIAS_DOMAIN_UNKNOWN",
        text("{domain} is not one of your domains.", domain=line.domain),
        text("Add the domain first."),
        f"{line.local_part}@{nearest[0]}" if nearest else None,
    )


def _address(line: AliasLine) -> str:
    return f"{line.local_part}@{line.domain}"
