"""A window of another profile is a process of its own."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from smtpy_desktop.window_profiles import start_apart

_WRITE = """
import json, os, pathlib, sys
whole = pathlib.Path(sys.argv[1] + ".part")
whole.write_text(json.dumps({"arguments": sys.argv[2:], "variables": sorted(os.environ)}))
whole.rename(sys.argv[1])
"""


def test_it_begins_with_its_arguments_and_without_what_was_meant_for_this_one(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMTPY_DATABASE_PASSWORD", "hunter2")
    told = tmp_path / "told.json"

    is_started = start_apart((sys.executable, "-c", _WRITE, str(told), "--profile", "Live shop"))

    assert is_started
    qtbot.waitUntil(told.exists)
    answer = json.loads(told.read_text(encoding="utf-8"))
    assert answer["arguments"] == ["--profile", "Live shop"]
    assert "SMTPY_DATABASE_PASSWORD" not in answer["variables"]


def test_a_program_that_is_not_there_is_told(qapp: object, tmp_path: Path) -> None:
    assert not start_apart((str(tmp_path / "nothing"), "gui"))
