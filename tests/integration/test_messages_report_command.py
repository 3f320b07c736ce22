"""``messages report`` on the command line: a PDF without a window."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.helpers.command_line import run_process


def test_a_report_is_written_without_a_window(database_url: str, short_directory: Path, tmp_path: Path) -> None:
    path = tmp_path / "r.pdf"
    place = ["--profile", str(short_directory / "report"), "--database-url", database_url, "--json"]

    outcome = run_process([*place, "messages", "report", "--query", "status:failed", "--output", str(path)])

    data = path.read_bytes()
    assert outcome.status == 0, outcome.errors
    assert data.startswith(b"%PDF-")
    assert (outcome.data["messages"], outcome.data["pages"], outcome.data["size_bytes"]) == (0, 1, len(data))
    assert outcome.data["query"] == "status:failed"
    assert len(re.findall(rb"/Type /Page\n", data)) == 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("--query", "size:many"), "SEARCH_NOT_UNDERSTOOD"), (("--zone", "Nowhere"), "TIME_ZONE_UNKNOWN")],
)
def test_a_refused_report_writes_nothing(
    database_url: str, short_directory: Path, tmp_path: Path, arguments: tuple[str, ...], code: str
) -> None:
    place = ["--profile", str(short_directory / "report"), "--database-url", database_url, "--json"]

    outcome = run_process([*place, "messages", "report", *arguments, "--output", str(tmp_path / "r.pdf")])

    assert (outcome.status, outcome.failure["code"]) == (1, code)
    assert not list(tmp_path.glob("r*"))
