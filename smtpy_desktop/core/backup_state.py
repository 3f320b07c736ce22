"""How the last backup went, as it is kept in the database for everybody who looks after it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

from smtpy_desktop.core.backup_schedule import BackupSchedule, next_due
from smtpy_desktop.core.backup_setting_keys import AT_KEY, BACKUP_SETTINGS, EVERY_KEY
from smtpy_desktop.core.setting_key import parse_time
from smtpy_desktop.schemas.backups import BackupState
from smtpy_desktop.schemas.text import Text

STATE_KEY = "backups.state"
"""Not in the list of settings: nobody sets it by hand."""

_DEFAULTS = {setting.key: setting.default for setting in BACKUP_SETTINGS}


def value_of(stored: Mapping[str, str], key: str) -> str:
    """Return a setting of backups, or its default."""
    return stored.get(key) or _DEFAULTS[key]


def schedule_of(stored: Mapping[str, str]) -> BackupSchedule:
    """Return when backups are wanted."""
    return BackupSchedule(value_of(stored, EVERY_KEY), parse_time(value_of(stored, AT_KEY)) or time(3))


def state_of(stored: Mapping[str, str], now: datetime) -> BackupState:
    """Return how the last backup went and when the next is due; damaged memories count as none."""
    state = _parsed(stored.get(STATE_KEY, ""))
    failed_at = state.last_at if state.problem is not None else None
    due = next_due(schedule_of(stored), now, good_at=state.good_at, failed_at=failed_at)
    return replace(state, next_at=due)


def state_text(state: BackupState) -> str:
    """Return a state as it is stored."""
    return json.dumps(
        {
            "last_at": _written(state.last_at),
            "good_at": _written(state.good_at),
            "file": str(state.file) if state.file is not None else None,
            "problem": state.problem.to_json() if state.problem is not None else None,
            "detail": state.detail.to_json() if state.detail is not None else None,
            "hint": state.hint.to_json() if state.hint is not None else None,
            "host": state.host,
        },
        ensure_ascii=False,
    )


def _parsed(written: str) -> BackupState:
    try:
        data: Mapping[str, Any] = json.loads(written)
        return BackupState(
            last_at=_moment(data["last_at"]),
            file=Path(data["file"]) if data["file"] else None,
            problem=Text.from_json(data["problem"]) if data["problem"] else None,
            good_at=_moment(data["good_at"]),
            host=str(data["host"]),
            hint=Text.from_json(data["hint"]) if data["hint"] else None,
            detail=Text.from_json(data["detail"]) if data.get("detail") else None,  # older programs wrote none
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return BackupState()


def _written(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment is not None else None


def _moment(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written).astimezone(UTC) if written else None
