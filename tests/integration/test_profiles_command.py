"""Profiles at the command line: named, used by their name, and never deleted by accident."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.helpers.command_line import PROGRAM, Outcome, run_process


@pytest.fixture(autouse=True)
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the list of profiles of this test apart from the user's."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config" / "smtpy-desktop" / "profiles.json"


def test_a_name_means_the_directory_in_every_command(database_url: str, run_program, tmp_path: Path) -> None:
    place = tmp_path / "places" / "live"
    run_program("--json", "profiles", "add", "Live shop", "--directory", str(place), "--kind", "production")
    beside = ("--database-url", database_url, "--json", "settings")
    run_program("--profile", "live SHOP", *beside, "set", "mail.hostname", "mx1.example.net")

    by_name = run_program("--profile", "Live shop", *beside, "get", "mail.hostname")

    assert by_name.data["value"] == "mx1.example.net"
    assert (place / "logs").is_dir()
    assert not (Path.cwd() / "Live shop").exists()


def test_a_slip_in_a_name_makes_no_new_installation(run_program, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    run_program("profiles", "add", "Production", "--directory", str(tmp_path / "p"))

    slipped = run_program("--json", "--profile", "Prodcution", "logs")

    assert (slipped.status, slipped.failure["code"]) == (1, "PROFILE_UNKNOWN")
    assert "Production" in slipped.failure["detail"]
    assert not (tmp_path / "Prodcution").exists()


def test_a_path_is_a_directory_whatever_the_names_are(run_program, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    run_program("profiles", "add", "trial", "--directory", str(tmp_path / "elsewhere"))

    run_program("--profile", "./trial", "selftest")

    assert (tmp_path / "trial" / "logs").is_dir()


def test_removal_keeps_data_and_deletion_wants_three_words(run_program, tmp_path: Path) -> None:
    place = tmp_path / "test"
    run_program("profiles", "add", "Test", "--directory", str(place))
    (place / "config.json").write_text("{}")

    unagreed = run_program("--json", "profiles", "remove", "Test", "--delete-data")
    mistyped = run_program("--json", "profiles", "remove", "Test", "--delete-data", "--yes", "--type-name", "test")
    assert (place / "config.json").exists()
    deleted = run_program("--json", "profiles", "remove", "Test", "--delete-data", "--yes", "--type-name", "Test")

    assert (unagreed.status, unagreed.failure["code"]) == (2, "USAGE")
    assert (mistyped.status, mistyped.failure["code"]) == (1, "PROFILE_NAME_NOT_TYPED")
    assert (deleted.data["data_deleted"], place.exists()) == (True, False)


def test_the_name_can_be_typed_on_standard_input(run_program, tmp_path: Path) -> None:
    place = tmp_path / "test"
    run_program("profiles", "add", "Test", "--directory", str(place))
    command = [PROGRAM, "--json", "profiles", "remove", "Test", "--delete-data", "--yes"]

    done = subprocess.run(command, input="Test\n", capture_output=True, text=True, check=False, env={**os.environ})

    assert Outcome(done.returncode, done.stdout, done.stderr).data["data_deleted"] is True


def test_the_list_says_which_is_used_and_survives_damage(registry: Path, run_program, tmp_path: Path) -> None:
    run_program("profiles", "add", "Test", "--directory", str(tmp_path / "test"), "--kind", "test", "--color", "green")
    run_program("profiles", "rename", "Test", "Trial")
    registry.write_bytes(b"\0garbage")

    listed = run_program("--json", "profiles", "list")

    assert listed.status == 0
    assert [(row["name"], row["is_default"]) for row in listed.data["profiles"]] == [("Default", True), ("Test", False)]
    assert "damaged" in listed.errors


def test_the_help_of_profiles_is_quick_and_needs_nothing_else() -> None:
    assert "remove" in run_process(["profiles", "--help"]).output
