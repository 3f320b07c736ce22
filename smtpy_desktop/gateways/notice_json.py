"""What is remembered of notices as JSON; what is damaged is left out, as all it costs is a notice told twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from smtpy_desktop.core.notice_catalogue import notice_of
from smtpy_desktop.schemas.notice_kinds import NoticeId, NoticeKind, Severity
from smtpy_desktop.schemas.notices import Condition, NoticeState, Observation, Told
from smtpy_desktop.schemas.text import Text


def state_to_json(state: NoticeState) -> dict[str, Any]:
    """Return what outlives a run: the conditions that were raised, and what was told.

    What had not held for long enough begins anew, since nobody has looked between two runs.
    """
    raised = [one for one in state.conditions.values() if one.raised_at is not None]
    return {
        "conditions": [_condition_to_json(one) for one in raised],
        "told": [
            {"kind": kind.value, "key": key, "at": told.at.isoformat(), "severity": told.severity.value}
            for (kind, key), told in state.told.items()
        ],
    }


def state_from_json(data: Mapping[str, Any]) -> NoticeState:
    """Read what ``state_to_json`` wrote, as far as it can be read."""
    conditions = {one.id: one for one in _readable(data.get("conditions"), _condition_from_json)}
    return NoticeState(conditions, dict(_readable(data.get("told"), _told_from_json)))


def _readable(items: object, read: Any) -> Iterator[Any]:
    for item in items if isinstance(items, list) else ():
        try:
            yield read(item)
        except (KeyError, IndexError, TypeError, ValueError, AttributeError, RecursionError):
            continue


def _condition_to_json(condition: Condition) -> dict[str, Any]:
    seen = condition.seen
    return {
        "kind": seen.kind.value,
        "key": seen.key,
        "values": {name: _value_to_json(value) for name, value in seen.values.items()},
        "severity": seen.severity.value if seen.severity is not None else None,
        "hint": _value_to_json(seen.hint),
        "argument": seen.argument,
        "since": condition.since.isoformat(),
        "raised_at": _moment_to_json(condition.raised_at),
        "fine_since": _moment_to_json(condition.fine_since),
        "snoozed_until": _moment_to_json(condition.snoozed_until),
    }


def _condition_from_json(item: Mapping[str, Any]) -> Condition:
    argument = item.get("argument")
    hint = _value_from_json(item.get("hint"))
    seen = Observation(
        kind=NoticeKind(item["kind"]),
        key=str(item["key"]),
        values={str(name): _value_from_json(value) for name, value in item["values"].items()},
        severity=Severity(item["severity"]) if item.get("severity") else None,
        hint=hint if isinstance(hint, Text) else None,
        argument=argument if isinstance(argument, (int, str)) else None,
    )
    condition = Condition(
        seen,
        _moment(item["since"]),
        _moment(item["raised_at"]),
        raised_at=_moment(item["raised_at"]),
        fine_since=_moment(item["fine_since"]) if item.get("fine_since") else None,
        snoozed_until=_moment(item["snoozed_until"]) if item.get("snoozed_until") else None,
    )
    notice = notice_of(condition)
    str(notice.message), str(notice.hint)  # raises where another version of the program filled in other values
    return condition


def _told_from_json(item: Mapping[str, Any]) -> tuple[NoticeId, Told]:
    return (NoticeKind(item["kind"]), str(item["key"])), Told(_moment(item["at"]), Severity(item["severity"]))


def _moment(value: str) -> datetime:
    found = datetime.fromisoformat(value)
    if found.tzinfo is None:
        raise ValueError("a time without its zone")
    return found


def _moment_to_json(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None


def _value_to_json(value: object) -> object:
    if isinstance(value, Text):
        return {"template": value.template, "values": {name: _value_to_json(one) for name, one in value.values.items()}}
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


def _value_from_json(value: object) -> object:
    if isinstance(value, Mapping):
        return Text(str(value["template"]), {str(name): _value_from_json(one) for name, one in value["values"].items()})
    return value
