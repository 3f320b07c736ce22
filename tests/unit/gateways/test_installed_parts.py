"""Everything that is shipped is named, with the licence that it comes under and the text of that."""

from __future__ import annotations

import json
import re
import sys
from importlib import metadata
from pathlib import Path

import pytest

from smtpy_desktop.gateways.installed_parts import installed_parts
from smtpy_desktop.gateways.machine_facts import commit, machine_facts, profile_files


def test_every_part_has_its_licence_and_its_text() -> None:
    without = [part.name for part in installed_parts() if not part.licence or len(part.text) < 200]

    assert without == []


def test_what_the_program_needs_is_in_the_list_and_what_only_its_developers_need_is_not() -> None:
    names = {part.name.lower() for part in installed_parts()}

    assert {"python", "pyside6_essentials", "psycopg-binary", "stripe", "qt", "postgresql", "inter (typeface)"} <= names
    assert not names & {"pytest", "ruff", "mypy", "dkimpy", "smtpy-desktop"}


def test_versions_are_those_that_are_installed() -> None:
    versions = {part.name: part.version for part in installed_parts()}

    assert versions["click"] == metadata.version("click")


def test_a_package_tells_its_own_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part = {"name": "Qt", "version": "6", "licence": "LGPL-3.0-only", "address": "", "texts": ["LGPL-3.txt"]}
    fonts = {"name": "Tabler Icons", "version": "", "licence": "MIT", "address": "", "texts": []}
    (tmp_path / "parts.json").write_text(json.dumps([part, fonts]))
    (tmp_path / "licences").mkdir()
    (tmp_path / "licences" / "LGPL-3.txt").write_text("GNU LESSER")
    (tmp_path / "build.json").write_text('{"commit": "0123456789abcdef"}')
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)

    qt, icons = installed_parts()

    assert (qt.name, qt.version, qt.text) == ("Qt", "6", "GNU LESSER")
    assert "MIT" in icons.text
    assert commit() == "0123456789ab"


def test_a_damaged_note_of_the_commit_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    (tmp_path / "build.json").write_text("{")

    assert re.fullmatch(r"(?:[0-9a-f]{12})?", commit())  # what the clone says, where there is one


def test_facts_name_no_person(tmp_path: Path) -> None:
    facts = json.dumps(machine_facts(tmp_path))

    assert str(Path.home()) not in facts
    assert "distribution" in facts or sys.platform != "linux"


def test_of_a_databases_directory_only_its_name_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "PG_VERSION").write_text("18")
    (tmp_path / "data" / "base").mkdir()
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "window.log").write_text("x" * 7)

    told = {file["name"]: file["bytes"] for file in profile_files(tmp_path)}

    assert told == {".": None, "data": None, "logs": None, "logs/window.log": 7}
