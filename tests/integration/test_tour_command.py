"""The tour as a command: where it cannot begin it ends, as nobody is there who could press a button."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_a_tour_whose_database_cannot_be_opened_ends_and_says_why(tmp_path: Path) -> None:
    profile = tmp_path / "profile"
    (profile / "tour").mkdir(parents=True)
    (profile / "tour" / "postgres").write_text("in the way of the directory", encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "smtpy_desktop", "--profile", str(profile), "tour", "--output", str(tmp_path / "out")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 1
    assert "The files of the built-in database" in done.stderr
    assert "fault" not in done.stderr
