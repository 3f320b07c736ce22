"""The JSON shapes of aliases, of where mail goes and of what an import does."""

from __future__ import annotations

from typing import Any

from smtpy_desktop.commands.json_shapes import time_shape
from smtpy_desktop.schemas.aliases import AliasRow, Destination, ImportPlan, LineAction, PlannedLine

_DONE = {LineAction.ADD: "added", LineAction.CHANGE: "changed", LineAction.SAME: "unchanged"}


def alias_shape(row: AliasRow) -> dict[str, Any]:
    """One alias."""
    return {
        "id": row.id,
        "address": row.address,
        "unicode_address": row.unicode_address,
        "domain_id": row.domain_id,
        "domain": row.domain,
        "targets": [target.address for target in row.targets],
        "is_active": row.is_active,
        "note": row.note,
        "created_at": time_shape(row.created_at),
        "updated_at": time_shape(row.updated_at),
    }


def destination_shape(found: Destination) -> dict[str, Any]:
    """Where mail to an address goes: ``matched`` says by what, no ``targets`` that it is refused."""
    return {
        "address": found.address,
        "matched": found.match.kind.value,
        "is_accepted": bool(found.targets),
        "targets": [target.address for target in found.targets],
        "reason": str(found.reason),
    }


def plan_shape(plan: ImportPlan, *, dry_run: bool, written: bool) -> dict[str, Any]:
    """What an import does, or would do, with every line of a list."""
    return {
        "dry_run": dry_run,
        "imported": written,
        "added": plan.count(LineAction.ADD),
        "changed": plan.count(LineAction.CHANGE),
        "unchanged": plan.count(LineAction.SAME),
        "refused": plan.count(LineAction.REFUSE),
        "lines": [_line_shape(line) for line in plan.lines],
    }


def plan_lines(plan: ImportPlan) -> str:
    """Say for people what an import does, each refused line with its reason."""
    counts = [f"{plan.count(action)} {word}" for action, word in _DONE.items()]
    lines = [", ".join([*counts, f"{plan.count(LineAction.REFUSE)} refused"])]
    for planned in plan.lines:
        if planned.fault is not None:
            words = [str(part) for part in (planned.fault.message, planned.fault.hint) if part is not None]
            if planned.fault.suggestion is not None:
                words.append(f"Probably meant: {' '.join(planned.fault.suggestion.split())}")
            lines.append(f"Line {planned.line.number}: {' '.join(words)}")
    return "\n".join(lines)


def _line_shape(planned: PlannedLine) -> dict[str, Any]:
    line, fault = planned.line, planned.fault
    shape: dict[str, Any] = {
        "line": line.number,
        "address": f"{line.local_part}@{line.domain}" if line.key else line.typed,
        "targets": [target.address for target in line.targets],
        "action": planned.action.value,
    }
    if fault is not None:
        shape |= {
            "code": fault.code,
            "error": str(fault.message),
            "detail": str(fault.hint) if fault.hint is not None else None,
            "suggestion": fault.suggestion,
        }
    return shape
