"""How the last backup went is kept as text, and a damaged memory counts as none."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from smtpy_desktop.core.backup_setting_keys import EVERY_KEY
from smtpy_desktop.core.backup_state import STATE_KEY, state_of, state_text
from smtpy_desktop.schemas.backups import BackupState
from smtpy_desktop.schemas.text import text

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "state",
    [
        BackupState(),
        BackupState(NOW, Path("/srv/x.dump"), None, NOW, host="here"),
        BackupState(NOW, None, text("{path} is damaged.", path="/x"), None, host="here", hint=text("Look at it.")),
        BackupState(NOW, problem=text("It failed."), detail=text("It is no file."), host="here"),
    ],
)
def test_a_state_is_read_back_as_it_was_written(state: BackupState) -> None:
    assert state_of({STATE_KEY: state_text(state)}, NOW) == state


@pytest.mark.parametrize("written", ["", "{}", "[]", "null", '{"last_at": "yesterday"}'])
def test_a_damaged_memory_counts_as_none(written: str) -> None:
    assert state_of({STATE_KEY: written}, NOW) == BackupState()


def test_what_is_next_follows_from_the_schedule() -> None:
    written = state_text(BackupState(NOW, good_at=NOW))

    found = state_of({STATE_KEY: written, EVERY_KEY: "daily"}, NOW)

    assert found.next_at is not None
    assert found.next_at > NOW
    assert replace(found, next_at=None) == BackupState(NOW, good_at=NOW)
